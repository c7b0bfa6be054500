"""Keyset pages: every ticket once, in order, however the pages fall."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.desk.conftest import Opener, due
from tickets.calls.models import Callback
from tickets.filters import BY_KEY
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation
from tickets.views import paging

COLUMNS = ("pk", "priority", "next_due_at", "updated_at", "opened_at")


def walk(order: str, tickets: paging.Rows | None = None) -> list[int]:
    seen: list[int] = []
    after = ""
    asked = Ticket.objects.values(*COLUMNS) if tickets is None else tickets
    while True:
        rows, after = paging.turn(paging.order_for("", order), asked, after)
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
    assert walk("due") == order


@pytest.mark.parametrize("size", [1, 2, 4])
def test_what_changed_last_comes_first(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tickets = [opened() for _ in range(4)]
    for ticket, hours in zip(tickets, (1, 3, 3, 2), strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now + timedelta(hours=hours))
    monkeypatch.setattr(paging, "SIZE", size)
    assert walk("changed") == [tickets[i].pk for i in (2, 1, 3, 0)]


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

    held = BY_KEY["held"].tickets(cast.ana).values(*COLUMNS, "leaves_at")
    assert walk("leaving", held) == [tickets[i].pk for i in (3, 1, 0, 2)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_what_is_most_urgent_comes_first_and_breaks_first_among_its_like(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    given = [
        ("low", 1), ("urgent", None), ("high", 30), ("urgent", 90), ("high", None),
        ("high", 30), ("normal", None), ("normal", None), ("urgent", 10),
    ]  # fmt: skip
    tickets = [opened(priority=priority) for priority, _ in given]
    for ticket, (_, minutes) in zip(tickets, given, strict=True):
        due(ticket, None if minutes is None else now + timedelta(minutes=minutes))
    monkeypatch.setattr(paging, "SIZE", size)
    assert walk("priority") == [tickets[i].pk for i in (8, 3, 1, 2, 5, 4, 6, 7, 0)]


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize(
    ("order", "column", "places"),
    [
        ("opened", "opened_at", (2, 1, 3, 0)),
        ("oldest", "opened_at", (0, 3, 1, 2)),
        ("unchanged", "updated_at", (0, 3, 1, 2)),
    ],
)
def test_the_other_orders_go_through_all(
    opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int, order: str,
    column: str, places: tuple[int, ...],
) -> None:  # fmt: skip
    tickets = [opened() for _ in range(4)]
    for ticket, hours in zip(tickets, (1, 3, 3, 2), strict=True):
        Ticket.objects.filter(pk=ticket.pk).update(**{column: now + timedelta(hours=hours)})
    monkeypatch.setattr(paging, "SIZE", size)
    assert walk(order) == [tickets[i].pk for i in places]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_call_that_is_owed_first_comes_first(
    cast: SimpleNamespace, opened: Opener, now: datetime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tickets = [opened() for _ in range(4)]
    for ticket in tickets:
        due(ticket, None)
    for place, minutes in ((0, None), (1, 50), (2, 5), (2, 90)):
        Callback.objects.create(
            ticket=tickets[place], because="asked", promised_at=now,
            due_at=None if minutes is None else now + timedelta(minutes=minutes),
        )  # fmt: skip
    monkeypatch.setattr(paging, "SIZE", size)
    owed = BY_KEY["callbacks"].tickets(cast.ana).values(*COLUMNS, "call_at")
    assert walk("calling", owed) == [tickets[i].pk for i in (2, 1, 0)]


@pytest.mark.parametrize("most", [1, 2, 9])
@pytest.mark.parametrize("order", [*paging.ORDERS])
def test_from_any_place_one_goes_back_and_on_as_the_view_is_ordered(
    opened: Opener, now: datetime, order: str, most: int
) -> None:
    given = [
        ("low", 1), ("urgent", None), ("high", 30), ("urgent", 90), ("high", None),
        ("high", 30), ("normal", None), ("normal", None), ("urgent", 10), ("normal", 30),
    ]  # fmt: skip
    for place, (priority, minutes) in enumerate(given):
        ticket = opened(priority=priority)
        due(
            ticket,
            None if minutes is None else now + timedelta(minutes=minutes),
            opened_at=now + timedelta(hours=place // 2),
            updated_at=now - timedelta(hours=place // 3),
        )
    asked, chosen = Ticket.objects.values(*COLUMNS), paging.ORDERS[order]
    rows, _ = paging.turn(chosen, asked, "")
    everyone = [row["pk"] for row in rows]
    assert len(everyone) == len(given)
    for here, row in enumerate(rows):
        place = paging.place(paging.cursor(row, chosen), chosen)
        before = paging.before(chosen, asked, place, most)
        behind = paging.behind(chosen, asked, place, most)
        assert [each["pk"] for each in before] == everyone[max(0, here - most) : here]
        assert [each["pk"] for each in behind] == everyone[here + 1 : here + 1 + most]


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
        "7~-~1",
        "1~2026-03-03T00:00:00+00:00~",
    ],
)
def test_what_is_no_cursor_means_the_first_page(
    cast: SimpleNamespace, opened: Opener, cursor: str
) -> None:
    ticket = opened()
    for order in paging.ORDERS.values():
        rows, _ = paging.turn(order, Ticket.objects.values(*COLUMNS), cursor)
        assert [row["pk"] for row in rows] == [ticket.pk]
