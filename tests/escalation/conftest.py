"""An installation with its defaults, and the two things that happen to it: tickets and time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from escalation import publishing
from escalation.defaults import install_defaults
from escalation.models import Clock, Path, Policy, Step, Target
from escalation.raising import raise_next
from tickets.models import Ticket
from tickets.services.opening import open_ticket

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def desk(cast: SimpleNamespace, now: datetime) -> SimpleNamespace:
    """The cast, in an installation with the default schedules, paths and rules."""
    install_defaults(now=now)
    return cast


@pytest.fixture
def opened(cast: SimpleNamespace, now: datetime) -> Callable[..., Ticket]:
    def make(**fields: Any) -> Ticket:
        wanted = {
            "subject": "How does it work?", "body": "I cannot find the switch.",
            "requester": cast.carl, "channel": "email", "now": now,
        } | fields  # fmt: skip
        return open_ticket(**wanted)

    return make


def sweep(now: datetime) -> int:
    """Passes until idle; returns how many batches had something to do."""
    passes = 0
    while raise_next(now):
        passes += 1
        assert passes < 100, "the sweep never comes to rest"
    return passes


def clock(ticket: Ticket, metric: str, cycle: int = 1) -> Clock:
    return Clock.objects.get(ticket=ticket, metric=metric, cycle=cycle)


def path(name: str, now: datetime, *steps: dict[str, Any], **fields: Any) -> Path:
    """A published path; each step is a level, told at once unless it says otherwise."""
    made = Path.objects.create(name=name, **fields)
    for level, step in enumerate(steps, 1):
        Step.objects.create(path=made, **{"level": level, "delay": timedelta(0)} | step)
    publishing.publish_path(path=made, now=now)
    return made


def policy(name: str, now: datetime, *targets: dict[str, Any], **fields: Any) -> Policy:
    """A published policy that is asked before all others."""
    made = Policy.objects.create(name=name, **{"order": 1} | fields)
    for target in targets:
        Target.objects.create(policy=made, **target)
    publishing.publish_policy(policy=made, now=now)
    return made
