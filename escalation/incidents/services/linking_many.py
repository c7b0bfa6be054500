"""The tickets chosen in the queue linked to an incident as one deed: foreseen, done, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation.incidents.access import may_report_incidents
from escalation.incidents.models import AffectedTicket, Incident, Telling
from escalation.incidents.services.linking import link, must_be_open, named, unlink
from tickets.access import Action, may, tickets_for
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import BulkDeed, BulkItem, Ticket
from tickets.people.models import User
from tickets.references import normalise
from tickets.services import bulk
from tickets.services.locking import lock_all

# How the items of such deeds name who undoes them.
ABOVE = "incidents"


def foresee_link(
    *, incident: Incident, tickets: Sequence[Ticket], actor: User
) -> list[bulk.Outlook]:
    """Which of them would be linked, and why others would be left alone; changes nothing."""
    rows = AffectedTicket.objects.filter(incident=incident, ticket__in=tickets)
    linked = set(rows.values_list("ticket", flat=True))
    change = bulk.Change("incident", "incident", "", named(incident))
    outlooks = []
    for ticket in tickets:
        why = _refusal(ticket, linked, actor)
        outlooks.append(bulk.Outlook(ticket, () if why else (change,), why))
    return outlooks


@transaction.atomic
def link_many(
    *, incident: Incident, references: Iterable[str], actor: User, now: datetime, key: UUID
) -> BulkDeed:
    """Links those of ``references`` that may be linked; the deed says which were left alone and why.

    A ``key`` that was used before gives the deed of then and does nothing. Raises NotAllowed, Over
    where the incident is, also where it was resolved meanwhile, and Invalid for no ticket or too many.
    """
    may_report_incidents(actor)
    must_be_open(incident)
    wanted = list(dict.fromkeys(references))
    if not 0 < len(wanted) <= bulk.MOST:
        raise Invalid(f"Choose between 1 and {bulk.MOST} tickets.")
    said = f"linked to {named(incident)}"
    deed, is_new = bulk.begin(key=key, actor=actor, now=now, said=said)
    if not is_new:
        return deed
    tickets = tickets_for(actor, wanted)
    lock_all(tickets)
    outlooks = foresee_link(incident=incident, tickets=tickets, actor=actor)
    fitting = [each.ticket for each in outlooks if not each.why]
    link(incident=incident, tickets=fitting, actor=actor, now=now)
    _note_down(deed, incident, fitting)
    seen = {each.reference for each in tickets}
    unseen = [(each, bulk.UNSEEN) for each in wanted if normalise(each) not in seen]
    alone = [(each.ticket.reference, each.why) for each in outlooks if each.why]
    bulk.leave_alone(deed, alone + unseen)
    return deed


@transaction.atomic
def take_back(*, item: BulkItem, actor: User, now: datetime) -> None:
    """Undoes one link of such a deed; words of the incident that still wait there are recalled.

    Raises NotAllowed, Conflict where it is not that link any more, and TooLate where words to the
    customer have left meanwhile: then those that wait go on waiting.
    """
    rows = AffectedTicket.objects.filter(pk=item.before["link"], ticket=item.ticket)
    row = rows.select_related("incident").first()
    if row is None:
        raise Conflict("It was taken off since.")
    unlink(incident=row.incident, ticket=item.ticket, actor=actor, now=now)
    # Only now it is known what was recalled in time. What told them on another ticket left there.
    told = Telling.objects.filter(update__incident=row.incident, ticket=item.ticket, because="")
    if told.filter(state=Telling.State.TOLD, settled_at__gte=row.linked_at).exists():
        raise TooLate(
            f"Its customer was told of {row.incident.reference} meanwhile, so it stays linked."
        )


def _refusal(ticket: Ticket, linked: set[int], actor: User) -> str:
    if not may(actor, Action.TRIAGE, ticket):
        return f"You may not {Action.TRIAGE.value}."
    if ticket.merged_into_id:
        return "It was merged into another ticket: link that one."
    return "It is linked already." if ticket.pk in linked else ""


def _note_down(deed: BulkDeed, incident: Incident, tickets: Sequence[Ticket]) -> None:
    rows = AffectedTicket.objects.filter(incident=incident, ticket__in=tickets)
    links = dict(rows.values_list("ticket", "pk"))
    BulkItem.objects.bulk_create(
        BulkItem(
            deed=deed, ticket=each, version=each.version,
            before={"above": ABOVE, "link": links[each.pk]},
        )
        for each in tickets
    )  # fmt: skip
