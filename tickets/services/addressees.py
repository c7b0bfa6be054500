"""Whom a mail of ours goes to, and what that means for those who wait: one matter may have two customers."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Q

from tickets import events
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox.models import Delivery
from tickets.outbox.services import is_mailable
from tickets.people.models import Contact

Kind = TicketEvent.Kind
ANSWERS = (Kind.REPLY_RELEASED, Kind.CALL_REACHED)
_BROUGHT = (Kind.MERGED_IN, Kind.STILL_WAITING)
# A participant, and since when they wait.
Wait: TypeAlias = tuple[Contact, str]


def copies_for(ticket: Ticket, given: list[str]) -> list[str]:
    """``given``, and every participant who can be reached by mail."""
    known = {_address(ticket.requester), *(each.lower() for each in given)}
    theirs = [_address(each) for each in ticket.participants.order_by("pk")]
    return [*given, *(each for each in theirs if each not in known and is_mailable(each))]


def goes_to(message: Message) -> set[str]:
    """The addresses of the mail that carries ``message``, in lower case."""
    rows = Delivery.objects.filter(mail=message.mail_id)
    return {each.lower() for each in rows.values_list("email", flat=True)}


def copied_to(messages: Iterable[Message]) -> dict[int | None, list[str]]:
    """By mail, who gets a copy of it."""
    found: dict[int | None, list[str]] = {}
    rows = Delivery.objects.filter(
        mail__in=[each.mail_id for each in messages], kind=Delivery.Kind.CC
    )
    for mail, email in rows.order_by("pk").values_list("mail", "email"):
        found.setdefault(mail, []).append(email)
    return found


def answers(ticket: Ticket, addresses: set[str]) -> bool:
    """Whether what went to ``addresses`` was said to this ticket's customer.

    A held reply goes on to whom it was written to, also where a merge has taken it along or the
    ticket's customer was changed. A mail to nobody is read elsewhere, by the customer.
    """
    return not addresses or _address(ticket.requester) in addresses


def is_answer(ticket: Ticket, contact: Contact, at: datetime) -> bool:
    """Whether a call to ``contact`` at ``at`` is one to who waits: the customer, or who wrote last.

    What is said to another ends nobody's wait; what is said to who wrote does not end the
    customer's own.
    """
    if contact.pk == ticket.requester_id:
        return True
    waiting = _waiting(ticket, at)
    return contact.pk in waiting and ticket.requester_id not in waiting


def _waiting(ticket: Ticket, at: datetime) -> set[int]:
    """The numbers of those who said something by ``at`` that nobody has answered."""
    before = ticket.events.filter(at__lte=at)
    answered = before.filter(kind__in=ANSWERS).order_by("-at").values_list("at", flat=True).first()
    asked = before.filter(kind__in=(Kind.OPENED, Kind.CUSTOMER_MESSAGE, *_BROUGHT))
    if answered:
        asked = asked.filter(Q(at__gt=answered) | Q(at=answered, kind=Kind.STILL_WAITING))
    told = asked.values_list("kind", "data", "message__contact")
    return {pk or ticket.requester_id for pk in _who_asked(told)}


def _who_asked(told: Iterable[tuple[str, dict[str, Any], int | None]]) -> Iterator[int | None]:
    """The contact of each event, or None for the ticket's customer."""
    for kind, data, wrote in told:
        if kind not in _BROUGHT:
            yield wrote if kind == Kind.CUSTOMER_MESSAGE else None
        elif data.get("wait_since"):
            yield data.get("customer_id")


def keep_waiting(ticket: Ticket, waits: Iterable[Wait], *, at: datetime, now: datetime) -> None:
    """An answer ends every wait of a ticket, so that of whom it does not reach begins with it again."""
    for contact, since in waits:
        events.record(
            ticket, Kind.STILL_WAITING, at=at, now=now, customer_id=contact.pk,
            customer=contact.display_name, wait_since=since,
        )  # fmt: skip


def unreached(ticket: Ticket, addresses: set[str], at: datetime) -> list[Wait]:
    """Of those whom a merge ``brought_along``, whom a mail to ``addresses`` does not reach.

    Ask before the answer is recorded.
    """
    return missed(brought_along(ticket, at), addresses)


def missed(waits: Iterable[Wait], addresses: set[str]) -> list[Wait]:
    """Of these, whom a mail to ``addresses`` does not reach."""
    return [each for each in waits if _address(each[0]) not in addresses]


def brought_along(ticket: Ticket, at: datetime) -> list[Wait]:
    """The participants whom a merge brought along, who wait at ``at``, and since when."""
    brought = ticket.events.filter(kind__in=_BROUGHT, data__customer_id__isnull=False)
    waits = [each for each in brought.order_by("at", "pk") if each.data["wait_since"]]
    if not waits:
        return []
    answered = ticket.events.filter(kind__in=ANSWERS, at__lte=at).order_by("-at")
    last = answered.values_list("at", flat=True).first()
    since = {each.data["customer_id"]: each.data["wait_since"] for each in waits
             if last is None or each.at >= last}  # fmt: skip
    people = ticket.participants.filter(pk__in=since).order_by("pk")
    return [(each, since[each.pk]) for each in people]


def _address(contact: Contact) -> str:
    return (contact.email or "").lower()
