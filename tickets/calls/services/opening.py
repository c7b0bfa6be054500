"""A ticket opened for who is on the phone, the call on it from then on."""

from datetime import datetime
from typing import Any

from tickets.calls.models import Call
from tickets.calls.services.holding import under_way
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services.opening import open_ticket
from tickets.services.receiving import receive


def open_ticket_on(
    *,
    call: Call,
    actor: User,
    now: datetime,
    email: str = "",
    phone: str = "",
    name: str = "",
    **ticket: Any,
) -> tuple[Ticket, list[str]]:
    """The ticket, and what differs from what is known of the customer, as ``receive`` says.

    For the contact of the call where they are known, else for whoever ``email`` or ``phone`` finds
    or makes. It counts as opened when the call came in (sla.md rule 5). Raises Invalid, TooLate.
    """
    with under_way(call, now):
        if call.ticket is not None:
            raise Invalid(f"This call is on {call.ticket.reference} already.", "subject")
        given: dict[str, Any] = ticket | {"channel": Ticket.Channel.PHONE, "actor": actor}
        given |= {"now": now, "received_at": call.started_at}
        differs: list[str] = []
        if call.contact is not None:
            opened = open_ticket(requester=call.contact, **given)
        else:
            opened, differs = receive(email=email, phone=phone, name=name, **given)
        call.ticket, call.contact = opened, opened.requester
        call.save(update_fields=["ticket", "contact"])
    return opened, differs
