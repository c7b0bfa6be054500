"""Finding and making the people a ticket needs: the customer who writes, the team that receives."""

from datetime import datetime

from tickets.errors import Invalid
from tickets.outbox import checking
from tickets.people.models import Contact, Team
from tickets.words import is_blank


def contact_for(*, email: str, name: str = "", now: datetime) -> Contact:
    """The contact who owns ``email``, made when unknown; a name is learned, never overwritten.

    Raises Invalid. Safe against two mails of a new customer at the same moment.
    """
    address = checked_email(email)
    name = "" if is_blank(name) else " ".join(_printable(name).split())[:160].strip()
    contact, made = Contact.objects.select_related("organization").get_or_create(
        email=address, defaults={"name": name, "first_seen_at": now}
    )
    if not made and name and not contact.name:
        Contact.objects.filter(pk=contact.pk, name="").update(name=name)
        contact.name = name
    return contact


def checked_email(email: str, *, field: str = "email") -> str:
    """An address of somebody else, trimmed and in lower case. Raises Invalid."""
    try:
        return checking.of_somebody(email.strip().lower())
    except checking.BadMail as refusal:
        raise Invalid(refusal.message, field) from None


def default_team() -> Team:
    """Where tickets go that nothing sends elsewhere; a fresh installation makes it on first use."""
    return (
        Team.objects.filter(is_default=True).first()
        or Team.objects.order_by("pk").first()
        or Team.objects.get_or_create(name="Support", defaults={"is_default": True})[0]
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
