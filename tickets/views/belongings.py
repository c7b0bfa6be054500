"""What belongs to a customer or a company, page by page: their tickets, open ones first; their orders;
and who changed what of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.contrib.admin.models import LogEntry
from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.safestring import SafeString

from tickets.counting import Count as Number
from tickets.counting import counted
from tickets.lifecycle import ACTIVE, Status
from tickets.models import STATUS_CHOICES
from tickets.people.models import Contact, Order, Organization
from tickets.querysets import TicketQuerySet
from tickets.services.customers import AT_THE_DESK, changes_of
from tickets.views import paging
from tickets.views.columns import badge
from tickets.views.rows import customer_of, subject_of

SIZE, ORDERS, CHANGES, MOST = 25, 20, 10, 999
_NEWEST = paging.ORDERS["opened"]
_PLACED = paging.Order("placed", "", "placed_at", descending=True)
_ASKED = (
    "pk", "reference", "subject", "status", "opened_at", "next_due_at", "next_due_metric",
    "is_paused", "escalation_level", "requester__name", "requester__email", "requester__phone",
)  # fmt: skip
_STATUSES = dict(STATUS_CHOICES)
_OPEN, _DONE = "open", "done"


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of the list."""

    reference: str
    address: str
    subject: str
    customer: str
    status: str
    status_words: str
    level: int
    opened_at: datetime
    badge: SafeString


@dataclass(frozen=True, slots=True)
class Tickets:
    """A page of what the reader sees of their tickets; ``after`` leads to the next one."""

    lines: list[Line]
    after: str
    all: Number
    open: Number


@dataclass(frozen=True, slots=True)
class Bought:
    """All orders in one currency."""

    currency: str
    number: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Orders:
    """A page of orders, and the sums of all of them; amounts of several currencies are never added."""

    rows: list[Order]
    after: str
    sums: list[Bought]


@dataclass(frozen=True, slots=True)
class Changed:
    at: datetime
    who: str
    what: str


def tickets_of(tickets: TicketQuerySet, after: str, now: datetime) -> Tickets:
    """The page after the cursor ``after`` of these tickets, which the reader may see."""
    part, _, rest = after.partition(".")
    here = paging.place(rest, _NEWEST) if part in (_OPEN, _DONE) else None
    rows: list[paging.Row] = []
    if here is None or part == _OPEN:
        rows = paging.behind(_NEWEST, tickets.active().values(*_ASKED), here, SIZE + 1)
        here = None
    if len(rows) <= SIZE:
        done = tickets.filter(status__in=[Status.SOLVED, Status.CLOSED]).values(*_ASKED)
        rows += paging.behind(_NEWEST, done, here, SIZE + 1 - len(rows))
    return Tickets(
        [_line(row, now) for row in rows[:SIZE]],
        _cursor(rows[SIZE - 1]) if len(rows) > SIZE else "",
        counted(tickets, MOST),
        counted(tickets.active(), MOST),
    )


def orders_of(whose: Q, after: str) -> Orders:
    """The page after the cursor ``after`` of these orders, the newest first."""
    found = cast(Any, Order.objects.filter(whose).values("pk", "placed_at"))
    rows = paging.behind(_PLACED, found, paging.place(after, _PLACED), ORDERS + 1)
    whole = Order.objects.select_related("contact").in_bulk([row["pk"] for row in rows[:ORDERS]])
    return Orders(
        [whole[row["pk"]] for row in rows[:ORDERS] if row["pk"] in whole],
        paging.cursor(rows[ORDERS - 1], _PLACED) if len(rows) > ORDERS else "",
        bought(whose),
    )


def bought(whose: Q) -> list[Bought]:
    """Number and sum of the orders, currency by currency."""
    sums = Order.objects.filter(whose).order_by().values("currency")
    rows = sums.annotate(number=Count("pk"), total=Sum("amount")).order_by("currency")
    return [Bought(row["currency"], row["number"], row["total"]) for row in rows]


def history_of(row: Contact | Organization) -> list[Changed]:
    """The last changes, at the desk and in the admin."""
    entries: QuerySet[LogEntry] = changes_of(row)[:CHANGES]
    return [
        Changed(
            each.action_time,
            each.user.get_full_name() or each.user.username,
            each.get_change_message().removeprefix(f"{AT_THE_DESK}: "),
        )
        for each in entries
    ]


def _line(row: paging.Row, now: datetime) -> Line:
    return Line(
        reference=row["reference"],
        address=reverse("ticket", args=[row["reference"]]),
        subject=subject_of(row),
        customer=customer_of(row),
        status=row["status"],
        status_words=_STATUSES[row["status"]],
        level=row["escalation_level"],
        opened_at=row["opened_at"],
        badge=SafeString(badge(row, now)) if row["status"] in ACTIVE else SafeString(""),
    )


def _cursor(row: paging.Row) -> str:
    part = _OPEN if row["status"] in ACTIVE else _DONE
    return f"{part}.{paging.cursor(row, _NEWEST)}"
