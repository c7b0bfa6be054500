"""Tickets that are about an incident: linked, taken off, brought along by a merge."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from escalation.incidents.access import may_report_incidents
from escalation.incidents.models import AffectedTicket, Incident, Telling
from escalation.incidents.services.locking import announce, locked
from escalation.incidents.services.settling import OFF
from escalation.incidents.services.worsening import judge
from tickets import events
from tickets.access import Action, require
from tickets.errors import Conflict, Over, TooLate
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import conversation
from tickets.services.locking import lock, lock_all, must_not_be_merged

Kind = TicketEvent.Kind
MOST_AT_ONCE = 200


def link(
    *, incident: Incident, tickets: Sequence[Ticket], actor: User, now: datetime
) -> list[Ticket]:
    """Links those that are not linked yet, and returns them; all of them or none.

    The incident may get worse by it. As many queries for one ticket as for all of them. Raises
    NotAllowed, also where the reader may not change one of the tickets, and Over for what was
    merged away or an incident that was resolved meanwhile.
    """
    may_report_incidents(actor)
    with transaction.atomic():
        # A merge under way is waited for: what it takes away is linked no more.
        lock_all(tickets)
        for ticket in tickets:
            require(actor, Action.TRIAGE, ticket)
            must_not_be_merged(ticket)
        with locked(incident):  # until commit: who resolves it waits, or was first
            must_be_open(incident)
        linked = _link(incident, tickets, actor, now)
        if linked:
            judge(incident=incident, now=now)
            announce()
    return linked


def must_be_open(incident: Incident) -> None:
    """Raises Over: the last word is said, and no customer of a new link would hear it."""
    if not incident.is_open:
        raise Over(f"{incident.reference} is over: nothing is linked to it any more.")


@transaction.atomic
def unlink(*, incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """Takes a ticket off; what its customer was still to hear of the incident is not told any more,
    and what waits to leave is recalled.

    Raises NotAllowed, and Conflict where it is not linked (any more).
    """
    may_report_incidents(actor)
    lock(ticket)
    require(actor, Action.TRIAGE, ticket)
    gone, _ = AffectedTicket.objects.filter(incident=incident, ticket=ticket).delete()
    if not gone:
        raise Conflict(f"{ticket.reference} is not linked to {incident.reference} any more.")
    waiting = Telling.objects.filter(update__incident=incident, ticket=ticket)
    waiting.filter(state=Telling.State.WAITING).update(
        state=Telling.State.NOT_TOLD, settled_at=now, because=OFF
    )
    events.record(
        ticket, Kind.INCIDENT_UNLINKED, at=now, now=now, actor=actor, incident=named(incident)
    )
    _recall(incident, ticket, actor, now)
    announce()


def _recall(incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """The words of the incident that wait on the ticket; what leaves at this moment was faster."""
    said = Telling.objects.filter(update__incident=incident, ticket=ticket).values("message")
    held = Message.objects.filter(ticket=ticket, pk__in=said, mail__state=OutgoingMail.State.HELD)
    for message in held.select_related("mail").order_by("pk"):
        with suppress(TooLate):
            conversation.recall(message=message, actor=actor, now=now)


def _link(
    incident: Incident, tickets: Sequence[Ticket], actor: User, now: datetime
) -> list[Ticket]:
    """Under the locks of the tickets, without which none is linked."""
    rows = AffectedTicket.objects.filter(incident=incident, ticket__in=tickets)
    linked = set(rows.values_list("ticket", flat=True))
    new = [each for each in dict.fromkeys(tickets) if each.pk not in linked]
    AffectedTicket.objects.bulk_create(
        AffectedTicket(incident=incident, ticket=each, linked_at=now, linked_by=actor)
        for each in new
    )
    events.record_many(
        [
            TicketEvent(
                ticket=each, kind=Kind.INCIDENT_LINKED, at=now, recorded_at=now, actor=actor,
                data={"incident": named(incident)},
            )
            for each in new
        ],
        now=now,
    )  # fmt: skip
    return new


def bring_along(*, source: Ticket, target: Ticket) -> None:
    """After a merge: the incidents of ``source`` are ``target``'s, each once, and so is what its
    customer heard or is still to hear: they hear it once, whichever ticket it was said on.

    Where two customers meet, what one was told has not told the other: whoever still waits is told.
    Runs under the lock of both.
    """
    ours = AffectedTicket.objects.filter(ticket=target).values("incident")
    AffectedTicket.objects.filter(ticket=source).exclude(incident__in=ours).update(ticket=target)
    here, there = Telling.objects.filter(ticket=source), Telling.objects.filter(ticket=target)
    told, waiting = Q(state=Telling.State.TOLD), here.filter(state=Telling.State.WAITING)
    if source.requester_id == target.requester_id:
        there.exclude(told).filter(update__in=here.filter(told).values("update")).delete()
    else:
        waiting = waiting.exclude(update__in=there.filter(told).values("update"))
    here.exclude(update__in=there.values("update")).update(ticket=target)
    waiting.delete()
    AffectedTicket.objects.filter(ticket=source).delete()


def named(incident: Incident) -> str:
    """As the history of a ticket names it."""
    return f"{incident.reference} {incident.title}"
