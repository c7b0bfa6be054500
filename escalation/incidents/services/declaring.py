"""An incident begins: staff first, and those who respond at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from escalation.incidents.access import may_report_incidents
from escalation.incidents.models import Component, Incident
from escalation.incidents.services import checking
from escalation.incidents.services.alerting import alert
from escalation.incidents.services.linking import link
from escalation.incidents.services.locking import announce, note_down, severity_in_words
from tickets.live.topics import Kind
from tickets.models import Ticket
from tickets.people.models import Organization, Team, User

AGAIN = timedelta(minutes=1)


@transaction.atomic
def declare(
    *,
    title: str,
    severity: int,
    actor: User,
    now: datetime,
    started_at: datetime | None = None,
    lead: User | None = None,
    responders: Team | None = None,
    components: Iterable[Component] = (),
    organizations: Iterable[Organization] = (),
    customers_write: str = "",
    said: Mapping[str, Any] | None = None,
    tickets: Sequence[Ticket] = (),
) -> Incident:
    """Declares it to the staff: every desk shows it unless it is minor, who leads it and the
    responders get a mail.

    ``said`` are the answers known so far and ``back_at``, by field; ``tickets`` are linked at once.
    Customers read nothing of it before somebody speaks to them. The same of the same person within
    a minute is the same. Raises NotAllowed, Invalid naming the field, and what ``link`` does.
    """
    may_report_incidents(actor)
    title = checking.title(title)
    began = checking.beginning(started_at or now, now)
    if same := _declared_already(title, severity, began, actor, now):
        return same
    checking.back((said or {}).get("back_at"), began)
    incident = Incident.objects.create(
        title=title, severity=checking.severity(severity), started_at=began, declared_at=now,
        declared_by=actor, lead=checking.lead(lead, actor), responders=responders, words=checking.what_customers_write(customers_write),
        **checking.answers(said or {}),
    )  # fmt: skip
    incident.components.set(components)
    incident.organizations.set(organizations)
    because = f"{actor.name} declared this incident, {severity_in_words(incident.severity)}."
    note_down(incident, text=because, at=now, author=actor)
    alert(incident=incident, because=because, now=now, knows=actor)
    announce(Kind.INCIDENT)
    if tickets:
        link(incident=incident, tickets=tickets, actor=actor, now=now)
    return incident


def _declared_already(
    title: str, severity: int, began: datetime, actor: User, now: datetime
) -> Incident | None:
    """A form is easily sent twice."""
    rows = Incident.objects.open().filter(title=title, severity=severity, started_at=began)
    rows = rows.filter(declared_by=actor)
    return rows.filter(declared_at__gt=now - AGAIN, declared_at__lte=now).first()
