"""Who may be calling: contacts by name, number, e-mail address, order or reference, as one types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.searching.customers import SHORTEST, clean, meant

MOST, MOST_TICKETS = 8, 60


@dataclass(frozen=True, slots=True)
class Known:
    """A contact with their open tickets, as far as the reader sees them."""

    contact: Contact
    tickets: list[Ticket] = field(default_factory=list)


def callers(text: str, user: User) -> list[Known]:
    """Whom ``text`` may mean, by name; nobody where it is too short to tell. Five queries at most."""
    text = clean(text)
    if len(text) < SHORTEST:
        return []
    first = meant(text, user, MOST)
    whole = Contact.objects.select_related("organization__tier", "tier").filter(pk__in=first)
    found = {each.pk: Known(each) for each in whole.order_by("name", "pk")}
    for ticket in _open_tickets(list(found), user):
        found[ticket.requester_id].tickets.append(ticket)
    return list(found.values())


def known(contact: Contact, user: User) -> Known:
    """One contact with their open tickets."""
    return Known(contact, list(_open_tickets([contact.pk], user)))


def _open_tickets(contacts: list[int], user: User) -> Iterator[Ticket]:
    if contacts:
        rows = Ticket.objects.reachable_by(user).active().filter(requester__in=contacts)
        yield from rows.order_by("-updated_at", "-pk")[:MOST_TICKETS]
