"""What we know of a customer and keep for each other: notes on the person and on their company."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from tickets.errors import Conflict
from tickets.people.models import Contact, NotesBefore, Organization, User

OVERTAKEN = (
    "Somebody changed these notes after you opened them. Nothing of yours was saved: look at them "
    "as they are now; what you typed is still here."
)
EARLIER = 20


def seen_of(contact: Contact) -> str:
    """A word for the notes as somebody read them, whose they are included: other notes, another
    word, whoever changed them and wherever."""
    house = contact.organization
    said = (contact.pk, contact.notes, house.pk if house else 0, house.notes if house else "")
    return sha256(repr(said).encode()).hexdigest()[:16]


def keep_notes(
    *, contact: Contact, notes: str, of_company: str, seen: str, actor: User, now: datetime
) -> bool:
    """Stores both notes and remembers what they were; whether anything differed. ``seen`` is
    ``seen_of`` what the writer read.

    Raises Conflict where the notes are others by now.
    """
    with transaction.atomic():
        person = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
        houses = Organization.objects.select_for_update(no_key=True).filter(
            pk=person.organization_id or 0
        )
        person.organization = house = houses.first()
        if seen_of(person) != seen:
            raise Conflict(OVERTAKEN)
        changed = False
        for row, text in ((person, notes), (house, of_company)):
            if row is not None and row.notes != text:
                remember(row=row, actor=actor, now=now)
                row.notes, changed = text, True
                row.save(update_fields=["notes", "notes_at", "notes_by"])
    return changed


def remember(*, row: Contact | Organization, actor: User, now: datetime) -> None:
    """What the notes are in the database, before ``row`` is saved with others; and who changes them.

    Call it in the transaction that saves the row.
    """
    row.notes_at, row.notes_by = now, actor
    stored = type(row)._default_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
    if stored is not None:
        whose = {"contact" if isinstance(row, Contact) else "organization": row}
        NotesBefore.objects.create(notes=stored.notes, changed_at=now, changed_by=actor, **whose)


def earlier(contact: Contact) -> list[NotesBefore]:
    """What the notes about this customer and their company were, the latest first."""
    about = Q(contact=contact)
    if contact.organization_id:
        about |= Q(organization=contact.organization_id)
    rows = NotesBefore.objects.filter(about).select_related("changed_by")
    return list(rows.order_by("-changed_at", "-pk")[:EARLIER])


def earlier_of_company(company: Organization) -> list[NotesBefore]:
    """The same of a company alone."""
    rows = NotesBefore.objects.filter(organization=company).select_related("changed_by")
    return list(rows.order_by("-changed_at", "-pk")[:EARLIER])


def seen_of_company(company: Organization) -> str:
    """The same of a company alone."""
    return sha256(repr((company.pk, company.notes)).encode()).hexdigest()[:16]


def keep_company_notes(
    *, company: Organization, notes: str, seen: str, actor: User, now: datetime
) -> bool:
    """The same for a company alone; whether they differed. ``seen`` is ``seen_of_company`` what the
    writer read. Raises Conflict where they are others by now."""
    with transaction.atomic():
        row = Organization.objects.select_for_update(no_key=True).filter(pk=company.pk).first()
        if row is None or seen_of_company(row) != seen:
            raise Conflict(OVERTAKEN)
        if row.notes == notes:
            return False
        remember(row=row, actor=actor, now=now)
        row.notes = notes
        row.save(update_fields=["notes", "notes_at", "notes_by"])
    return True
