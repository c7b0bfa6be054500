"""Whoever has several tickets about an incident is told on one of them and spared the same words on
the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from escalation.incidents.models import AffectedTicket, Telling
from tickets.models import Message, Ticket
from tickets.services import addressees

State = Telling.State


def beside(row: Telling) -> list[Telling]:
    """What the customer of ``row`` was not told of the same update on their other linked tickets.

    All of it is locked, ``row`` too, the lowest number first: of two workers at two tickets of one
    customer the second waits, and finds it settled.
    """
    linked = AffectedTicket.objects.filter(incident=row.update.incident_id).values("ticket")
    its = Q(ticket__requester=row.ticket.requester_id, ticket__in=linked) | Q(pk=row.pk)
    rows = Telling.objects.filter(its, update=row.update_id).exclude(state=State.TOLD)
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return [each for each in locked if each.pk != row.pk]


def spared(row: Telling, now: datetime) -> bool:
    """Whether its customer was told on another ticket, so that nothing is to be said on this one."""
    others = Telling.objects.filter(update=row.update_id, state=State.TOLD, because="")
    others = others.filter(ticket__requester=row.ticket.requester_id, message__isnull=False)
    told = others.exclude(pk=row.pk).select_related("message__ticket").order_by("-pk").first()
    return bool(told and told.message and spare([row], told.message, now))


def spare(rows: Iterable[Telling], message: Message, now: datetime) -> int:
    """``message`` has told the customer of these as well, except where somebody else waits on the
    ticket whom its mail does not reach; returns how many it has."""
    people = Ticket.participants.through.objects.filter(
        ticket__in=[each.ticket_id for each in rows], contact__email__isnull=False
    )
    reached = addressees.goes_to(message)
    others = {
        ticket
        for ticket, email in people.values_list("ticket", "contact__email")
        if email and email.lower() not in reached
    }
    settled = [each.pk for each in rows if each.ticket_id not in others]
    return Telling.objects.filter(pk__in=settled).update(
        state=State.TOLD, settled_at=now, because=told_on(message.ticket), message=message
    )


def told_on(ticket: Ticket) -> str:
    return f"told on {ticket.reference}"
