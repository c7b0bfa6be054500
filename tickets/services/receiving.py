"""A ticket opened for a customer by one of us: the customer is found or made, nothing they say lost."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tickets.models import Ticket
from tickets.people.callers import caller, told
from tickets.people.models import User
from tickets.people.services import contact_for
from tickets.services.conversation import note
from tickets.services.opening import open_ticket


def receive(
    *, email: str, phone: str, name: str, actor: User, now: datetime, **ticket: Any
) -> tuple[Ticket, list[str]]:
    """The ticket, and what differs from what is known of the customer; that is noted on it too.

    Found by ``email``, else by ``phone``. A number is learned where none is known. ``ticket`` is
    what ``open_ticket`` takes. Raises Invalid at the field.
    """
    with transaction.atomic():
        if email:
            contact = contact_for(email=email, name=name, now=now)
            differs = told(contact, phone=phone, name=name)
        else:
            contact, differs = caller(phone=phone, name=name, now=now), []
        opened = open_ticket(requester=contact, actor=actor, now=now, **ticket)
        if differs:
            note(ticket=opened, author=actor, body="\n".join(differs), now=now)
    return opened, differs
