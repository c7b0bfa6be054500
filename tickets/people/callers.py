"""Who is on the phone: found by number, or made."""

import re
from datetime import datetime

from tickets.errors import Invalid
from tickets.people.models import Contact
from tickets.words import is_blank, straight


def caller(*, phone: str, name: str = "", now: datetime) -> Contact:
    """The contact reached at ``phone`` before, made when unknown.

    People who share a number are told apart by name. Raises Invalid.
    """
    number = number_in(phone)
    name = "" if is_blank(name) else " ".join(straight(name).split())[:160]
    known = Contact.objects.select_related("organization").filter(phone__in={number, phone.strip()})
    if name:
        known = known.filter(name__in=[name, ""])
    found = known.order_by("-name", "pk").first()
    return found or Contact.objects.create(phone=number, name=name, first_seen_at=now)


def number_in(phone: str) -> str:
    """The number as it is kept: digits, and a plus. Raises Invalid where it is none."""
    number = "".join(letter for letter in phone if letter in "+0123456789")
    # A digit that only looks like one would be dropped, and what is left be somebody else's number.
    lookalike = any(letter.isdigit() and not letter.isascii() for letter in phone)
    if lookalike or not 3 <= len(number.strip("+")) <= 20:
        raise Invalid(f"«{phone[:40]}» is not a phone number.", "phone")
    return number


def told(contact: Contact, *, phone: str = "", name: str = "") -> list[str]:
    """Learns the number where none is known; says what differs from what is known otherwise.

    Nothing known is overwritten on a caller's word. Raises Invalid.
    """
    differs = []
    number = number_in(phone) if phone.strip() else ""
    if number and not contact.phone:
        Contact.objects.filter(pk=contact.pk, phone="").update(phone=number)
        contact.phone = number
    elif number and number != re.sub(r"[^+0-9]", "", contact.phone):
        differs.append(f"They gave the phone number {phone.strip()}; known is {contact.phone}.")
    given = " ".join(straight(name).split())
    if not is_blank(given) and contact.name and given.lower() != contact.name.lower():
        differs.append(f"They gave the name «{given}»; known is «{contact.name}».")
    return differs
