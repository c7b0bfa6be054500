"""What cannot be true of a call, refused at its field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import is_naive

from tickets.calls.models import Call
from tickets.errors import Invalid
from tickets.models import Message, Ticket
from tickets.people.callers import number_in
from tickets.people.models import Contact
from tickets.services import words

LONGEST_CALL = timedelta(hours=24)


@dataclass(frozen=True)
class HoldSpan:
    """While a call lasted the caller waited from ``started_at`` to ``ended_at``."""

    started_at: datetime
    ended_at: datetime
    because: str = ""


def check_span(started_at: datetime, ended_at: datetime, now: datetime) -> None:
    aware(started_at, "started_at")
    aware(ended_at, "ended_at")
    if started_at > now:
        raise Invalid("A call cannot start in the future.", "started_at")
    if ended_at > now:
        raise Invalid("A call cannot end in the future.", "ended_at")
    if ended_at < started_at:
        raise Invalid("A call cannot end before it starts.", "ended_at")
    if ended_at - started_at > LONGEST_CALL:
        raise Invalid("A call of more than 24 hours is a slip of the pen.", "ended_at")


def check_holds(call: Call, holds: Sequence[HoldSpan], ended_at: datetime) -> None:
    before = call.started_at
    for hold in holds:
        aware(hold.started_at, "holds")
        aware(hold.ended_at, "holds")
        if not before <= hold.started_at <= hold.ended_at <= ended_at:
            raise Invalid("Holds follow one another and lie within the call.", "holds")
        if hold.because:
            words.reason(hold.because, "holds")
        before = hold.ended_at


def check_customer(ticket: Ticket, contact: Contact) -> None:
    """A call to somebody else must not stop the customer's clocks."""
    if not is_customer(ticket, contact):
        raise Invalid(f"{contact.display_name} is not a customer on this ticket.", "contact")


def is_customer(ticket: Ticket, contact: Contact) -> bool:
    """Who asks, somebody of the same company, or somebody who wrote on the ticket."""
    house = ticket.requester.organization_id
    if contact.pk == ticket.requester_id or (house and contact.organization_id == house):
        return True
    return Message.objects.filter(ticket=ticket, contact=contact).exists()


def check_outcome(outcome: str, ticket: Ticket | None) -> str:
    """A number that is not the customer's reached nobody of the ticket's: not even an attempt."""
    one_of(Call.Outcome, outcome, "outcome")
    if outcome == Call.Outcome.WRONG_NUMBER and ticket is not None:
        raise Invalid("A wrong number belongs to no ticket. Say that nobody answered.", "outcome")
    return outcome


def one_of(choices: type[Call.Direction] | type[Call.Outcome], value: str, field: str) -> str:
    if value not in choices.values:
        raise Invalid(f"«{value[:40]}» is none of {', '.join(choices.values)}.", field)
    return value


def aware(at: datetime, field: str) -> None:
    if is_naive(at):
        raise Invalid("An instant needs its time zone.", field)


def number(text: str, field: str = "number") -> str:
    """A phone number as it is kept; empty where none was given. Raises Invalid."""
    try:
        return number_in(text) if text.strip() else ""
    except Invalid as refusal:
        raise Invalid(refusal.message, field) from None
