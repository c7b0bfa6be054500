"""What we know of a customer and keep for each other: notes on the person and on their company."""

from hashlib import sha256

import structlog
from django.db import transaction

from tickets.errors import Conflict
from tickets.people.models import Contact, Organization, User

log = structlog.get_logger(__name__)
OVERTAKEN = (
    "Somebody changed these notes after you opened them. Nothing of yours was saved: look at them "
    "as they are now; what you typed is still here."
)


def seen_of(contact: Contact) -> str:
    """A word for the notes as somebody read them, whose they are included: other notes, another
    word, whoever changed them and wherever."""
    house = contact.organization
    said = (contact.pk, contact.notes, house.pk if house else 0, house.notes if house else "")
    return sha256(repr(said).encode()).hexdigest()[:16]


def keep_notes(*, contact: Contact, notes: str, of_company: str, seen: str, actor: User) -> bool:
    """Stores both notes; whether anything differed. ``seen`` is ``seen_of`` what the writer read.

    Raises Conflict where the notes are others by now.
    """
    with transaction.atomic():
        person = Contact.objects.select_for_update().get(pk=contact.pk)
        houses = Organization.objects.select_for_update().filter(pk=person.organization_id or 0)
        person.organization = house = houses.first()
        if seen_of(person) != seen:
            raise Conflict(OVERTAKEN)
        changed = False
        for row, text in ((person, notes), (house, of_company)):
            if row is not None and row.notes != text:
                row.notes, changed = text, True
                row.save(update_fields=["notes"])
    if changed:
        log.info("Notes about a customer changed", contact=contact.pk, by=actor.pk)
    return changed
