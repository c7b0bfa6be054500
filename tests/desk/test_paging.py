"""Keyset pages: every ticket once, in order, however the pages fall."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.desk.conftest import Opener, due
from tickets.filters import BY_KEY
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation
from tickets.views import paging

COLUMNS = ("pk", "next_due_at", "updated_at")
Turn = Callable[..., paging.Page]


def walk(turn: Turn) -> list[int]:
    seen: list[int] = []
    after = ""
    while True:
        rows, after = turn(Ticket.objects.values(*COLUMNS), after)
        seen += [row["pk"] for row in rows]
        if not after:
            return seen


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_what_breaks_first_comes_first_and_no_deadline_last(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    minutes = [30, None, -5, 30, None, 30, 600]
    tickets = [opened() for _ in minutes]
    for ticket, each in zip(tickets, minutes, strict=True):
        due(ticket, None if each is None else now + timedelta(minutes=each))
    monkeypatch.setattr(paging, "SIZE", size)
    order = [tickets[i].pk for i in (2, 0, 3, 5, 6, 1, 4)]
    assert walk(paging.breaking_next) == order


@pytest.mark.parametrize("size", [1, 2, 4])
def test_what_changed_last_comes_first(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tickets = [opened() for _ in range(4)]
    for ticket, hours in zip(tickets, (1, 3, 3, 2), strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now + timedelta(hours=hours))
    monkeypatch.setattr(paging, "SIZE", size)
    assert walk(paging.most_recent) == [tickets[i].pk for i in (2, 1, 3, 0)]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_what_leaves_first_comes_first(
    cast: SimpleNamespace, opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tickets = [opened() for _ in range(4)]
    for ticket, minutes in zip(tickets, (20, 5, 20, 1), strict=True):
        reply = conversation.reply(ticket=ticket, author=cast.ana, body="Soon.", now=now)
        at = now + timedelta(minutes=minutes)
        OutgoingMail.objects.filter(pk=reply.mail_id).update(release_at=at)
    monkeypatch.setattr(paging, "SIZE", size)

    def turn(_: object, after: str) -> paging.Page:
        held = BY_KEY["held"].tickets(cast.ana).values(*COLUMNS, "leaves_at")
        return paging.leaving_next(held, after)

    assert walk(turn) == [tickets[i].pk for i in (3, 1, 0, 2)]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "~",
        "x~1",
        "2026-02-31T00:00:00+00:00~4",
        "-~" + "9" * 30,
        "2026-03-03~1",
        "-~٣",
        "\x00~1",
        "0001-01-01T00:00:00+23:59~1",
        "9999-12-31T23:59:59-23:59~1",
    ],
)
def test_what_is_no_cursor_means_the_first_page(
    cast: SimpleNamespace, opened: Opener, cursor: str
) -> None:
    ticket = opened()
    rows, _ = paging.breaking_next(Ticket.objects.values(*COLUMNS), cursor)
    assert [row["pk"] for row in rows] == [ticket.pk]
