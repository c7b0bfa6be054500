"""What an incident is, changed: its answers, its severity, who leads it, whom it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from escalation.incidents.access import may_lead_incident
from escalation.incidents.models import Component, Incident
from escalation.incidents.services import checking
from escalation.incidents.services.alerting import alert
from escalation.incidents.services.locking import locked, note_down, severity_in_words, write
from escalation.incidents.services.worsening import use_up
from tickets.people.models import Organization, User

CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": checking.title,
    "severity": checking.severity,
    "words": checking.what_customers_write,
}
# What the staff hear of when it changes.
NOTED = ("severity", "lead", "responders", "back_at")


def change(
    *,
    incident: Incident,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    components: Iterable[Component] | None = None,
    organizations: Iterable[Organization] | None = None,
    **wanted: Any,
) -> Incident:
    """Stores what differs, by field; a new severity, lead or moment of return is noted for the staff.

    A worse severity, and whoever is to respond from now on, is told to the responders at once. Who
    lowers it knows better than the rules that are reached by then.
    Raises NotAllowed, Conflict, and Invalid naming the field.
    """
    with locked(incident, expected_version):
        may_lead_incident(actor, incident.lead_id)
        before = {name: getattr(incident, name) for name in NOTED}
        answered = checking.answers(wanted)
        if "started_at" in wanted:
            began, ended = wanted["started_at"], incident.resolved_at
            wanted["started_at"] = checking.beginning(began, now, ended)
        if "lead" in wanted and wanted["lead"] != incident.lead:
            checking.lead(wanted["lead"], actor)
        for name, value in (wanted | answered).items():
            setattr(incident, name, CHECKS[name](value) if name in CHECKS else value)
        checking.back(incident.back_at, incident.started_at)
        write(incident)
        if incident.severity < before["severity"]:
            use_up(incident=incident, now=now)
        if components is not None:
            incident.components.set(components)
        if organizations is not None:
            incident.organizations.set(organizations)
        _note(incident, before, actor, now)
    return incident


def _note(incident: Incident, before: dict[str, Any], actor: User, now: datetime) -> None:
    after = {name: getattr(incident, name) for name in NOTED}
    lines = [said for name in NOTED if (said := _change(name, before[name], after[name]))]
    if not lines:
        return
    note_down(incident, text=" ".join(lines), at=now, author=actor)
    is_worse = after["severity"] > before["severity"]
    called = any(after[name] and after[name] != before[name] for name in ("lead", "responders"))
    if incident.is_open and (is_worse or called):
        alert(incident=incident, because=f"{actor.name}: {' '.join(lines)}", now=now, knows=actor)


def _change(name: str, before: Any, after: Any) -> str:
    if before == after:
        return ""
    if name == "severity":
        return f"Severity: {severity_in_words(before)} → {severity_in_words(after)}."
    if name == "back_at":
        return (
            "Expected back at another time." if after else "Nobody knows any more when it is back."
        )
    label = "Led by" if name == "lead" else "Responders"
    return f"{label}: {before or 'nobody'} → {after or 'nobody'}."
