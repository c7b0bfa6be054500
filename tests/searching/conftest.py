"""What a person finds, by the subjects of the tickets."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.desk.conftest import opened
from tickets.models import Ticket
from tickets.people.models import User
from tickets.searching.finding import Found, find

__all__ = ["opened"]  # the desk's fixture, shared

Finder = Callable[..., list[str]]


def look(user: User, text: str, **more: object) -> Found:
    return find(text=text, user=user, now=timezone.now(), **more)  # type: ignore[arg-type]


@pytest.fixture
def found(db: None) -> Finder:
    """The subjects of what ``user`` finds, in the order in which it is shown."""

    def subjects(user: User, text: str) -> list[str]:
        answer = look(user, text)
        assert answer.problems == ()
        tickets = Ticket.objects.in_bulk([hit.ticket for hit in answer.hits])
        return [tickets[hit.ticket].subject for hit in answer.hits]

    return subjects
