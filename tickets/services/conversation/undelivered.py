"""What we said that did not arrive: a fact of the ticket, and somebody hears of it."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string

from tickets import events
from tickets.models import Message, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, User
from tickets.services import mailing

FAILED = TicketEvent.Kind.REPLY_FAILED


def undelivered(
    *,
    message: Message,
    at: datetime,
    now: datetime,
    why: str,
    had_left: bool = False,
    raw: str = "",
) -> None:
    """Records that ``message`` did not arrive and tells its author and the team's leads, once.

    ``had_left``: it left, counted as told, and came back (sla.md rule 5: ours counts from when it
    left), so no clock will remind anybody. ``raw`` is the report. Call it under the ticket's lock.
    """
    ticket = message.ticket
    is_known = ticket.events.filter(kind=FAILED, message=message).exists()
    events.record(
        ticket, FAILED, at=at, now=now, actor=message.author, message=message,
        automatic=message.kind == Message.Kind.AUTOMATIC, said=message.kind,
        **({"raw_mail": raw} if raw else {}),
    )  # fmt: skip
    if message.kind in Message.HELD and not (had_left and is_known):
        _tell_its_people(message, now, why, had_left)


def _tell_its_people(message: Message, now: datetime, why: str, had_left: bool) -> None:
    """The customer still waits, and nobody would know."""
    ticket = message.ticket
    leads = Membership.objects.leading().filter(team=ticket.team_id).values("user")
    people = User.objects.filter(Q(pk=message.author_id) | Q(pk__in=leads), is_active=True)
    recipients = outbox.reachable((each.email, each.name) for each in people.order_by("pk"))
    if not recipients:
        return
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=recipients,
        subject=mailing.one_line(f"[{ticket.reference}] Not delivered: {ticket.subject}"),
        text=render_to_string(
            "mail/not_delivered.txt",
            {
                "ticket": ticket,
                "what": message.get_kind_display().lower(),
                "author": message.author,
                "customer": mailing.one_line(ticket.requester.display_name),
                "why": mailing.one_line(why),
                "had_left": had_left,
                "address": f"{settings.BASE_URL}/tickets/{ticket.reference}/#m{message.pk}",
            },
        ),
        now=now,
        sender=mailing.sender(),
        headers={"Auto-Submitted": "auto-generated"},
    )
