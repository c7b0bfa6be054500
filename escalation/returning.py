"""bring_back(): what was put aside until now is open again, once, and whoever has it is told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from escalation.models import Step
from escalation.notify import Crew, Meant, address, last_words, one_line
from escalation.sla import wording
from escalation.specs import Spec
from tickets import events
from tickets.models import Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.routing.services import route
from tickets.services import triage

logger = logging.getLogger(__name__)
BATCH = 50
# A ticket that fails is tried again after as long as it is late, within these.
SOONEST, LATEST = timedelta(seconds=30), timedelta(hours=1)
_RELATED = ("requester__organization", "team", "category", "assignee")
_HAS_IT: Spec = {"who": Step.Who.ASSIGNEE, "channel": Step.Channel.DESK}
_LEADS: Spec = {"who": Step.Who.SUPERVISORS, "channel": Step.Channel.DESK}


def due(now: datetime) -> QuerySet[Ticket]:
    """What should be back by now and is not set back after a failure."""
    is_tried = Q(comes_back_retry_at=None) | Q(comes_back_retry_at__lte=now)
    return Ticket.objects.filter(is_tried, comes_back_at__lte=now)


def bring_back(now: datetime, *, limit: int = BATCH) -> bool:
    """Opens what was put aside until now or before, the longest overdue first.

    Each in a transaction of its own: status, events, assignment and mail together, or none of them.
    What another worker holds is skipped; one that fails is set back and spoils nothing for the
    others. Returns whether there was anything to do.
    """
    numbers = list(due(now).order_by("comes_back_at", "pk").values_list("pk", flat=True)[:limit])
    crew = Crew(now)
    return sum([_tried(pk, crew, now) for pk in numbers]) > 0


def _tried(pk: int, crew: Crew, now: datetime) -> bool:
    try:
        with transaction.atomic():
            free = due(now).select_for_update(skip_locked=True, no_key=True, of=("self",))
            ticket = free.select_related(*_RELATED).filter(pk=pk).first()
            if ticket is None:
                return False
            _bring_back(ticket, crew, now)
    except Exception:
        # Also for what the database says: a statement that takes too long, or two who wait for each
        # other, concern this ticket. Where it is gone altogether, setting back fails too.
        logger.exception("Ticket %s could not come back; tried again later.", pk)
        _set_back(pk, now)
    return True


def _bring_back(ticket: Ticket, crew: Crew, now: datetime) -> None:
    """Once, because the row that is locked still says when; opened, it says so no more."""
    until = ticket.comes_back_at or now
    triage.come_back(ticket=ticket, now=now)
    if ticket.assignee_id is None:
        route(ticket=ticket, now=now)
    meant = _whom(ticket, crew)
    events.record(
        ticket, TicketEvent.Kind.CAME_BACK, at=until, now=now, until=until.isoformat(),
        told=[person.name for person in meant.people], remark=meant.remark,
        told_ids=[person.pk for person in meant.people],
    )  # fmt: skip
    for person in meant.people:
        if not crew.sees(person, ticket):
            because = "it came back while whoever has it is out"
            triage.involve(ticket=ticket, user=person, because=because, now=now)
        _mail(ticket, person, until, meant.remark, now)


def _whom(ticket: Ticket, crew: Crew) -> Meant:
    """Whoever has it, or stands in for them; where nobody does, those who lead the team. What nobody
    has stands in the team's queue."""
    if ticket.assignee_id is None:
        return Meant([])
    meant = crew.reach(_HAS_IT, ticket)
    return meant if meant.people else Meant(crew.mean(_LEADS, ticket), meant.remark)


def _mail(ticket: Ticket, person: User, until: datetime, remark: str, now: datetime) -> None:
    if not outbox.is_mailable(person.email):
        return
    said = last_words(ticket)
    lines = [
        f"{ticket.reference} is open again: it was put aside until "
        f"{wording.exact(until, person.zone)}.",
        *([remark] if remark else []),
        "",
        f"Customer: {one_line(ticket.requester.display_name)}",
        f"Subject: {one_line(ticket.subject)}",
        f"Team: {ticket.team.name}",
        *(["", f"The customer's last words: «{said}»"] if said else []),
        "",
        f"Open it: {address(ticket)}",
    ]
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=[outbox.Recipient(person.email, one_line(person.name))],
        subject=f"[{ticket.reference}] Back: {one_line(ticket.subject)}"[:200],
        text="\n".join(lines),
        now=now,
        headers={"Auto-Submitted": "auto-generated"},
    )


def _set_back(pk: int, now: datetime) -> None:
    row = Ticket.objects.filter(pk=pk, comes_back_at__lte=now).only("comes_back_at").first()
    if row is not None and row.comes_back_at is not None:
        late = min(max(now - row.comes_back_at, SOONEST), LATEST)
        same = Ticket.objects.filter(pk=pk, comes_back_at=row.comes_back_at)
        same.update(comes_back_retry_at=now + late)
