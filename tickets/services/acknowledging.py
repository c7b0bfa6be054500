"""The automatic acknowledgement: the reference, what happens next, and when to expect an answer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import dateformat

from tickets.models import Category, Message, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import zone_called
from tickets.services import mailing


def acknowledge(ticket: Ticket, message: Message, *, now: datetime) -> Message:
    """Queues it to leave at once, answering ``message``. Satisfies no clock.

    Call it after OPENED was recorded: only then has ``ticket.answer_due_at`` been stored.
    """
    text = render_to_string("mail/acknowledgement.txt", _context(ticket, now))
    mail = mailing.send_to_customer(
        ticket=ticket, text=text, purpose=OutgoingMail.Purpose.ACKNOWLEDGEMENT, now=now,
        thread=[message.message_id] if message.message_id else [], automatic=True,
    )  # fmt: skip
    return Message.objects.create(
        ticket=ticket, kind=Message.Kind.AUTOMATIC, body=text, at=now, mail=mail
    )


def _in_words(at: datetime, zone: ZoneInfo) -> str:
    """Not the template's work: it would turn the instant into the server's zone."""
    return dateformat.format(at.astimezone(zone), "l j F Y, H:i")


def _context(ticket: Ticket, now: datetime) -> dict[str, object]:
    due_at, zone = ticket.answer_due_at, zone_called(ticket.requester.time_zone)
    return {
        "ticket": ticket,
        "name": ticket.requester.name,
        "company": mailing.company(),
        # A promise that is already broken is not made.
        "due": _in_words(due_at, zone) if due_at and due_at > now else "",
        "zone": zone.key,
        "is_suggestion": ticket.category.nature == Category.Nature.SUGGESTION,
        "is_decision": ticket.category.nature == Category.Nature.MANAGEMENT,
    }
