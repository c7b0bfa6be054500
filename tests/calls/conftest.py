"""A ticket of Carla's to call about."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tickets.calls import services
from tickets.calls.models import Call
from tickets.models import Ticket
from tickets.services.opening import open_ticket


@pytest.fixture
def ticket(cast: SimpleNamespace, now: datetime) -> Ticket:
    return open_ticket(
        subject="The lamp flickers", body="Since yesterday.", requester=cast.carla,
        channel="email", now=now - timedelta(hours=1), acknowledge=False,
    )  # fmt: skip


@pytest.fixture
def log(cast: SimpleNamespace, ticket: Ticket, now: datetime) -> Any:
    """Logs a call of ours that reached Carla and took the last three minutes; vary any part."""

    def do(**changes: Any) -> Call:
        return services.log_call(
            **{
                "ticket": ticket, "contact": cast.carla, "direction": "outbound",
                "outcome": "reached", "started_at": now - timedelta(minutes=3), "ended_at": now,
                "summary": "Told her to change the bulb.", "actor": cast.ana, "now": now, **changes,
            }
        )  # fmt: skip

    return do
