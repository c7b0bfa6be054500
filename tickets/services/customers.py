"""What is known of a customer and their company, changed at the desk: checked, logged, nothing of
another's overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.dispatch import Signal

from tickets.errors import Conflict, Invalid
from tickets.models import Ticket
from tickets.people.callers import number_in
from tickets.people.models import Contact, Organization, User, known_zone
from tickets.people.models.customers import known_language
from tickets.people.services import checked_email
from tickets.services.triage.belonging import follow_company
from tickets.words import ago, is_blank, shown, straight

# Sent with contact=, now= after somebody came to another company: other rules may hold for them.
moved = Signal()
AT_THE_DESK = "At the desk"
AGAIN = "Nothing of yours was saved; what you typed is still here: save again if it still fits."
OF_A_CONTACT = ("name", "email", "phone", "language", "time_zone", "organization_id")
SIMILAR = 3
Row = TypeVar("Row", Contact, Organization)


class Taken(Invalid):
    """The address is another customer's."""

    def __init__(self, whose: Contact) -> None:
        super().__init__(f"This address is {shown(whose.display_name)}'s already.", "email")
        self.whose = whose


@dataclass(frozen=True, slots=True)
class Change:
    """One fact before and after, as people read it."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label}: {self.before or 'none'} → {self.after or 'none'}"


def seen_of(row: Contact | Organization) -> str:
    """A word for what somebody read: other facts, another word, whoever changed them and where."""
    names = OF_A_CONTACT if isinstance(row, Contact) else ("name",)
    said = (row.pk, *(getattr(row, name) for name in names))
    return sha256(repr(said).encode()).hexdigest()[:16]


def change_customer(
    *,
    contact: Contact,
    name: str,
    email: str,
    phone: str,
    language: str,
    time_zone: str,
    company: str,
    seen: str,
    actor: User,
    now: datetime,
    is_new_company: bool = False,
) -> list[Change]:
    """Stores what differs, and says what did. ``seen`` is ``seen_of`` what the writer read.

    ``company`` is the name of one; it is made where ``is_new_company`` and nobody has it yet. The
    open tickets that were the former company's go along. Raises Invalid at the field, Conflict.
    """
    with transaction.atomic():
        row = _held(Contact.objects.select_related("organization"), contact.pk, seen, now)
        before = Contact(**{each: getattr(row, each) for each in OF_A_CONTACT})
        before.organization = row.organization
        row.name, row.email = _name(name, row.name), _email(email, row)
        row.phone = _phone(phone, row.phone)
        row.language = _checked(known_language, language.strip(), row.language, "language")
        row.time_zone = _checked(known_zone, time_zone.strip(), row.time_zone, "time_zone")
        if not (row.name or row.email or row.phone):
            raise Invalid("A customer has a name, an e-mail address or a phone number.", "name")
        row.organization = _company(company, row.organization, is_new_company, actor, now)
        changes = [each for each in _compared(before, row) if each.before != each.after]
        going: list[Ticket] = []
        if row.organization_id != before.organization_id:
            # Tickets before the customer's own row is written: whoever holds one may wait for it.
            theirs = Ticket.objects.active().filter(requester=row)
            theirs = theirs.filter(organization=before.organization_id).order_by("pk")
            going = list(theirs.select_for_update(no_key=True, of=("self",)))
        _store(row, changes, OF_A_CONTACT, actor, now)
        for ticket in going:  # afterwards: the rules judge by the company that is stored
            follow_company(ticket=ticket, former=before.organization, actor=actor, now=now)
    if row.organization_id != before.organization_id:
        moved.send(sender=Contact, contact=row, now=now)
    return changes


def change_company(
    *, company: Organization, name: str, seen: str, actor: User, now: datetime
) -> list[Change]:
    """Another name. ``seen`` is ``seen_of`` what the writer read. Raises Invalid, Conflict."""
    with transaction.atomic():
        row = _held(Organization.objects.all(), company.pk, seen, now)
        before, row.name = row.name, _company_name(name)
        same = Organization.objects.exclude(pk=row.pk).filter(name__iexact=row.name)
        if row.name != before and same.exists():
            raise Invalid(f"There is a company called {shown(row.name)} already.", "name")
        changes = [Change("Name", before, row.name)] if row.name != before else []
        _store(row, changes, ("name",), actor, now)
    return changes


def changes_of(row: Contact | Organization) -> QuerySet[LogEntry]:
    """Who changed what of it, at the desk or in the admin; the newest first."""
    kind = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    return entries.select_related("user").order_by("-action_time", "-pk")


def _held(rows: QuerySet[Row], pk: int, seen: str, now: datetime) -> Row:
    """The row, locked, where it is still what its reader saw."""
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if row is None:
        raise Conflict("Somebody deleted this meanwhile. Nothing of yours was saved.")
    if seen_of(row) != seen:
        last = changes_of(row).first()
        who = "Somebody changed this after you opened it."
        if last:
            told = last.get_change_message().removeprefix(f"{AT_THE_DESK}: ")
            who = f"{shown(last.user.get_full_name() or last.user.username)} changed this, "
            who += f"{ago(last.action_time, now)}: {shown(told)}"
            who = f"{who.rstrip('.')}."
        raise Conflict(f"{who} {AGAIN}")
    return row


def _name(said: str, present: str) -> str:
    clean = " ".join(straight(said).split())
    return present if said == present else "" if is_blank(clean) else clean[:160]


def _email(said: str, row: Contact) -> str | None:
    said = said.strip()
    if not said:
        return None
    if said.lower() == row.email:
        return row.email
    address = checked_email(said)
    if other := Contact.objects.filter(email=address).first():
        raise Taken(other)
    return address


def _phone(said: str, present: str) -> str:
    """As callers are looked up by it."""
    said = said.strip()
    return present if said == present.strip() else number_in(said) if said else ""


def _checked(check: Any, said: str, present: str, field: str) -> str:
    """What was there stays without being asked, for it may be of another time."""
    if said and said != present:
        try:
            check(said)
        except ValidationError as refusal:
            raise Invalid(" ".join(refusal.messages), field) from None
    if not said and field == "time_zone":
        raise Invalid("Every customer has a time zone; UTC where it is not known.", field)
    return said


def _company(
    said: str, present: Organization | None, is_new: bool, actor: User, now: datetime
) -> Organization | None:
    clean = " ".join(straight(said).split())
    if is_blank(clean):
        return None
    if present and clean == " ".join(straight(present.name).split()):
        return present
    known = list(Organization.objects.filter(name__iexact=clean)[:50])
    if found := next((each for each in known if each.name == clean), known[0] if known else None):
        return found
    if not is_new:
        raise Invalid(f"No company is called {shown(clean)}. {_similar(clean)}", "company")
    return _made(_company_name(clean, "company"), actor, now)


def _similar(name: str) -> str:
    alike = Organization.objects.filter(name__icontains=name.split()[0]).order_by("name")[:SIMILAR]
    named = ", ".join(shown(each.name) for each in alike)
    how = "To make it a new one, tick the box below."
    return f"There is {named}. {how}" if named else how


def _made(name: str, actor: User, now: datetime) -> Organization:
    company, is_made = Organization.objects.get_or_create(name=name)
    if is_made:
        _log(company, ADDITION, f"{AT_THE_DESK}.", actor, now)
    return company


def _company_name(said: str, field: str = "name") -> str:
    clean = " ".join(straight(said).split())
    if is_blank(clean):
        raise Invalid("A company has a name.", field)
    if len(clean) > 160:
        raise Invalid("The name of a company has at most 160 characters.", field)
    return clean


def _compared(before: Contact, after: Contact) -> Iterator[Change]:
    for label, name in (("Name", "name"), ("E-mail", "email"), ("Phone", "phone")):
        yield Change(label, getattr(before, name) or "", getattr(after, name) or "")
    yield Change("Company", str(before.organization or ""), str(after.organization or ""))
    yield Change("Language", before.speaks or before.language, after.speaks or after.language)
    yield Change("Time zone", before.time_zone, after.time_zone)


def _store(
    row: Contact | Organization,
    changes: list[Change],
    names: tuple[str, ...],
    actor: User,
    now: datetime,
) -> None:
    if not changes:
        return
    try:
        with transaction.atomic():
            row.save(update_fields=[name.removesuffix("_id") for name in names])
    except IntegrityError:
        raise Conflict(f"Somebody took this name or address a moment ago. {AGAIN}") from None
    _log(row, CHANGE, f"{AT_THE_DESK}: {'; '.join(map(str, changes))}", actor, now)


def _log(row: Contact | Organization, flag: int, said: str, actor: User, now: datetime) -> None:
    """Into the admin's own log, so that there is one. Not heard as an entry of the admin's is:
    the rules then judge tickets under their locks, and those come before a customer's."""
    entry = LogEntry(
        user=actor, content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk),
        object_repr=str(row)[:200], action_flag=flag, change_message=said, action_time=now,
    )  # fmt: skip
    LogEntry.objects.bulk_create([entry])
