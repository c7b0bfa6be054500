"""What Northlight's people have read by the time the desk opens: all but what came just now."""

from datetime import datetime, timedelta

from tickets.telling import services

LATELY = timedelta(hours=3)


def catch_up(now: datetime) -> None:
    """Nobody begins the day with the news of ten days, nor with a mail of each."""
    services.read_before(at=now - LATELY, now=now)
