"""Mail to the people who respond to an incident."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from escalation.incidents.models import Incident
from escalation.notify import MOST_RECIPIENTS, Crew, one_line
from escalation.sla import wording
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, User


def alert(
    *, incident: Incident, because: str, now: datetime, knows: User | None = None
) -> list[User]:
    """Tells who leads it and its responders at once, those out of office through their deputies.

    Where that is nobody who works here it is who leads the teams of whoever declared it, else the
    administrators: an incident never reaches no one. Who ``knows`` already is not mailed. Queued in the transaction of its cause;
    returns whom it was sent to.
    """
    crew = Crew(now)
    people = (
        _mailable(crew.covering([incident.lead_id], incident.responders_id))
        or _mailable(crew.covering(_leaders(incident)))
        or _mailable(crew.last_resort())
    )
    told = [each for each in people if each != knows]
    zones: dict[ZoneInfo, list[User]] = {}
    for person in told:
        zones.setdefault(person.zone, []).append(person)
    for zone, several in zones.items():
        for first in range(0, len(several), MOST_RECIPIENTS):
            _queue(incident, several[first : first + MOST_RECIPIENTS], because, zone, now)
    return told


def _mailable(people: list[User]) -> list[User]:
    return [each for each in people if outbox.is_mailable(each.email)]


def _leaders(incident: Incident) -> list[int]:
    teams = Membership.objects.filter(user=incident.declared_by_id).values("team")
    rows = Membership.objects.leading().filter(team__in=teams).order_by("user")
    return list(rows.values_list("user", flat=True))


def _queue(
    incident: Incident, people: list[User], because: str, zone: ZoneInfo, now: datetime
) -> None:
    severity, title = incident.get_severity_display(), one_line(incident.title)
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=[outbox.Recipient(each.email, one_line(each.name)) for each in people],
        subject=f"[{incident.reference}] {severity}: {title}",
        text=_text(incident, because, zone),
        now=now,
        headers={"Auto-Submitted": "auto-generated"},
    )


def _text(incident: Incident, because: str, zone: ZoneInfo) -> str:
    facts = [
        ("Severity", incident.get_severity_display()),
        ("State", incident.get_state_display()),
        ("Since", wording.exact(incident.started_at, zone)),
        ("Expected back", wording.exact(incident.back_at, zone) if incident.back_at else ""),
        ("Led by", one_line(incident.lead.name) if incident.lead else "nobody yet"),
    ]
    lines = [because, "", *(f"{name}: {said}" for name, said in facts if said)]
    lines += ["", incident.happened] if incident.happened else []
    lines += ["", f"Open it: {settings.BASE_URL}{incident.get_absolute_url()}"]
    return "\n".join(lines)
