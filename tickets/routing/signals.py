"""What routing asks of the floors above: whether a team is on duty."""

from __future__ import annotations

from datetime import datetime

from django.dispatch import Signal

from tickets.people.models import Team

# Sent with team=, now=; a listener answers with why nobody of the team is at work, or with "".
on_duty = Signal()


def off_duty(team: Team, now: datetime) -> str:
    """Why nobody of ``team`` is at work at ``now``; empty where somebody may be."""
    answers = (str(said or "") for _, said in on_duty.send(sender=Team, team=team, now=now))
    return next(filter(None, answers), "")
