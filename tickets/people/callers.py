"""Who is on the phone: found by number, or made."""

from datetime import datetime

from tickets.errors import Invalid
from tickets.people.models import Contact
from tickets.words import is_blank, straight


def caller(*, phone: str, name: str = "", now: datetime) -> Contact:
    """The contact reached at ``phone`` before, made when unknown.

    People who share a number are told apart by name. Raises Invalid.
    """
    number = "".join(letter for letter in phone if letter in "+0123456789")
    # A digit that only looks like one would be dropped, and what is left be somebody else's number.
    lookalike = any(letter.isdigit() and not letter.isascii() for letter in phone)
    if lookalike or not 3 <= len(number.strip("+")) <= 20:
        raise Invalid(f"«{phone[:40]}» is not a phone number.", "phone")
    name = "" if is_blank(name) else " ".join(straight(name).split())[:160]
    known = Contact.objects.select_related("organization").filter(phone__in={number, phone.strip()})
    if name:
        known = known.filter(name__in=[name, ""])
    found = known.order_by("-name", "pk").first()
    return found or Contact.objects.create(phone=number, name=name, first_seen_at=now)
