"""Since when a ticket's customer waits for an answer."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from tickets.models import Ticket, TicketEvent
from tickets.services.addressees import ANSWERS

Kind = TicketEvent.Kind
_BROUGHT = (Kind.MERGED_IN, Kind.STILL_WAITING)
_ASKED = (Kind.OPENED, Kind.CUSTOMER_MESSAGE, *_BROUGHT)


def waiting_since(ticket: Ticket) -> datetime | None:
    """The first thing the customer said after our last answer; None when nothing is unanswered.

    Nobody waits on a solved ticket. A wait that an earlier merge brought along counts too.
    """
    return min((at for _, at in _waits([ticket])), default=None)


def waited_on(tickets: Iterable[Ticket]) -> set[int]:
    """The numbers of those whose customer waits, as ``waiting_since`` has it, in one query."""
    return {number for number, _ in _waits(tickets)}


def _waits(tickets: Iterable[Ticket]) -> Iterator[tuple[int, datetime]]:
    """Whatever is unanswered: the number of its ticket, and since when. Whom an answer did not reach
    waits on since that very instant."""
    active = [each.pk for each in tickets if each.is_active]
    answers = TicketEvent.objects.filter(ticket=OuterRef("ticket"), kind__in=ANSWERS).order_by()
    later, by_then = (
        Exists(answers.filter(**{at: OuterRef("at")})) for at in ("at__gt", "at__gte")
    )
    asked = TicketEvent.objects.filter(ticket__in=active, kind__in=_ASKED).order_by()
    asked = asked.filter(~by_then | Q(kind=Kind.STILL_WAITING) & ~later)
    rows = asked.values_list("ticket", "kind", "at", "data__wait_since")
    for number, kind, at, since in rows:
        if kind not in _BROUGHT:
            yield number, at
        elif since:
            yield number, datetime.fromisoformat(since)
