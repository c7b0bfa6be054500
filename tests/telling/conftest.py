"""A ticket in Ana's hands, and what somebody is told."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.factories import ticket
from tickets.models import Ticket
from tickets.people.models import User
from tickets.telling.models import Notification


@pytest.fixture
def hers(cast: SimpleNamespace, now: datetime) -> Ticket:
    """Ana's; nothing has happened on it that anybody was told."""
    one = ticket(cast, now, acknowledge=False, assignee=cast.ana, actor=cast.ana)
    assert not Notification.objects.exists()
    return one


@pytest.fixture
def told() -> Callable[[User], list[str]]:
    """The kinds that somebody has not read, oldest first."""

    def of(person: User) -> list[str]:
        rows = Notification.objects.filter(person=person, read_at=None).order_by("at", "pk")
        return list(rows.values_list("kind", flat=True))

    return of
