"""What becomes of words that were written to customers of an incident: they are taken back, lost on
the way, or leave after all. Runs under the lock of the ticket on which they stand."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from escalation.incidents.models import AffectedTicket, Telling
from escalation.incidents.services.notifying import mail_after_all
from escalation.incidents.services.sparing import told_on
from tickets import lifecycle
from tickets.models import Message, Ticket
from tickets.outbox.models import Delivery
from tickets.people.models import User

State = Telling.State
OFF = "taken off the incident"


def words_taken_back(*, message: Message, actor: User | None, now: datetime) -> None:
    """They never left, so nobody was told by them.

    Where their ticket is not to be told any more, the customer hears it on another of theirs. What
    somebody recalled is said nowhere: they did not want it said.
    """
    told = _told_by(message)
    first = told.select_related("update", "ticket").order_by("because", "pk").first()
    if first is None:
        return
    if because := _why_not_there(first, message):
        told.exclude(because="").update(
            state=State.WAITING, next_at=now, settled_at=None, because="", message=None
        )
    _not_told(
        told, because or f"{actor.name if actor else 'Somebody'} recalled it before it left", now
    )


def words_lost(*, message: Message, now: datetime) -> None:
    """Their mail could not be delivered, or came back."""
    told = _told_by(message)
    if not told.exists():
        return
    errors = Delivery.objects.filter(mail=message.mail_id).exclude(last_error="").order_by("pk")
    why = errors.values_list("last_error", flat=True).first()
    because = "the mail could not be delivered"
    _not_told(told, f"{because}: {why}"[:300] if why else because, now)


def words_left(*, ticket: Ticket, message: Message, now: datetime) -> None:
    """They reach their customer after all: they waited again, or their mail was sent once more."""
    lost = Telling.objects.filter(message=message, state=State.NOT_TOLD)
    rows = list(lost.order_by("pk").select_for_update(no_key=True, of=("self",)))
    for row in rows:
        row.state, row.settled_at = State.TOLD, now
        row.because = "" if row.ticket_id == ticket.pk else told_on(ticket)
    if rows:
        Telling.objects.bulk_update(rows, ["state", "settled_at", "because"])


def _told_by(message: Message) -> QuerySet[Telling]:
    return Telling.objects.filter(message=message, state=State.TOLD).order_by("pk")


def _why_not_there(row: Telling, message: Message) -> str:
    """Why nothing of the incident is said on its ticket any more; empty where it is."""
    ticket = row.ticket
    links = AffectedTicket.objects.filter(incident=row.update.incident_id, ticket=ticket)
    if not links.exists():
        return OFF
    if message.kind == Message.Kind.PROGRESS and not ticket.is_active:
        return f"{ticket.reference} is {lifecycle.words(ticket.status)}: it was taken back before it left"
    return ""


def _not_told(told: QuerySet[Telling], because: str, now: datetime) -> None:
    keys = list(told.values_list("update", "ticket__requester__email").distinct())
    told.update(state=State.NOT_TOLD, settled_at=now, because=because[:300])
    for update, email in keys:
        mail_after_all(update=update, email=email or "", now=now)
