"""The views that everybody has: each a name for the tickets it shows to a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tickets.calls.models import Callback
from tickets.lifecycle import Status
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.querysets import TicketQuerySet

DONE = {Status.SOLVED.value, Status.CLOSED.value}
# Constants, as in ``active()``: both are found by indexes that hold nothing else.
_HELD = Message.objects.filter(
    Func(F("mail__state"), template="%(expressions)s = 'held'", output_field=BooleanField())
)
_OWED = Callback.objects.filter(
    Func(F("state"), template="%(expressions)s = 'open'", output_field=BooleanField())
)
# Of what is held or owed, the first so many are looked at; nobody pages further.
MOST = 5000


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the queue: what it takes of ``whose`` tickets, and their order at first."""

    key: str
    label: str
    icon: str
    whose: Callable[[User], TicketQuerySet]
    narrow: Callable[[TicketQuerySet], TicketQuerySet]
    empty: str
    is_active: bool = True
    sort: str = "due"
    is_counted: bool = True
    # The order of the index that has just these tickets: counting walks it, and stops in time.
    walk: tuple[str, ...] = ("next_due_at", "pk")

    def tickets(self, user: User) -> TicketQuerySet:
        """What it shows to ``user``."""
        return self.narrow(self.whose(user))


def _seen(user: User) -> TicketQuerySet:
    return Ticket.objects.visible_to(user)


def _own(user: User) -> TicketQuerySet:
    return Ticket.objects.assigned_to(user)


def _of_teams(user: User) -> TicketQuerySet:
    return Ticket.objects.of_teams_of(user)


def _active(tickets: TicketQuerySet) -> TicketQuerySet:
    return tickets.active()


def _aside(tickets: TicketQuerySet) -> TicketQuerySet:
    """Said twice, so that a row knows that it is in this view."""
    return tickets.put_aside().annotate(returns_at=F("comes_back_at"))


def _held(tickets: TicketQuerySet) -> TicketQuerySet:
    first = _HELD.filter(ticket=OuterRef("pk")).order_by("mail__release_at")
    leaves = Subquery(first.values("mail__release_at")[:1])
    return _among(tickets, _HELD.order_by("mail__release_at")).annotate(leaves_at=leaves)


def _callbacks(tickets: TicketQuerySet) -> TicketQuerySet:
    """By what was promised; a call owed by a schedule has the ticket's own next deadline."""
    first = _OWED.filter(ticket=OuterRef("pk")).order_by(F("due_at").asc(nulls_last=True))
    promised = Coalesce(Subquery(first.values("due_at")[:1]), "next_due_at")
    return _among(tickets, _OWED.order_by("ticket", "promised_at")).annotate(call_at=promised)


def _among(tickets: TicketQuerySet, rows: QuerySet[Any]) -> TicketQuerySet:
    """Those of ``tickets`` that have such a row, looked up first: PostgreSQL, which guesses their
    number far too high, would else go through all tickets to find the few."""
    return tickets.filter(pk__in=set(rows.values_list("ticket", flat=True)[:MOST]))


TABS = (
    Tab(
        "next", "Breaking next", "clock", _seen, _active,
        "No open ticket. Every promise is kept.",
    ),
    Tab(
        "mine", "Mine", "user", _own, _active,
        "Nothing is assigned to you. «Unassigned» has what nobody has taken yet.",
    ),
    Tab(
        "teams", "My teams", "user-group", _of_teams, _active,
        "Your teams have no open ticket.",
    ),
    Tab(
        "unassigned", "Unassigned", "inbox", _seen,
        lambda tickets: tickets.active().filter(assignee=None),
        "Every open ticket has somebody who answers for it.",
    ),
    Tab(
        "escalated", "Escalated", "arrow-trending-up", _seen,
        lambda tickets: tickets.active().filter(escalation_level__gt=0),
        "Nothing is escalated.",
    ),
    Tab(
        "waiting", "Waiting for customer", "pause-circle", _seen,
        lambda tickets: tickets.waiting_for_customer(),
        "No ticket waits for its customer.",
        sort="unchanged", walk=("updated_at", "pk"),
    ),
    Tab(
        "aside", "Put aside", "calendar-days", _seen, _aside,
        "Nothing is put aside. What is pending or on hold can say when it comes back by itself.",
        sort="returning", walk=("comes_back_at", "pk"),
    ),
    Tab(
        "held", "Held replies", "paper-airplane", _seen, _held,
        "No reply is held. What you send waits here until it leaves, and can be recalled.",
        is_active=False, sort="leaving", walk=(),
    ),
    Tab(
        "callbacks", "Callbacks due", "phone-arrow-up-right", _seen, _callbacks,
        "No call is owed. What you promise on the phone waits here until it is made.",
        is_active=False, sort="calling", walk=(),
    ),
    Tab(
        "all", "All", "rectangle-stack", _seen, lambda tickets: tickets,
        "No ticket yet. The first mail to your support address opens one.",
        is_active=False, sort="changed", is_counted=False,
    ),
)  # fmt: skip
BY_KEY = {tab.key: tab for tab in TABS}


def tab_for(key: str, status: str) -> Tab:
    """The tab named ``key``, or the first one; looking for done tickets means looking at all."""
    tab = BY_KEY.get(key, TABS[0])
    return BY_KEY["all"] if tab.is_active and status in DONE else tab
