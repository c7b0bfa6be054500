"""What is said of an incident: to the staff or to everybody, with how it stands from now on."""

from __future__ import annotations

from datetime import datetime, timedelta

from escalation.incidents.access import may_lead_incident, may_report_incidents
from escalation.incidents.models import Incident, Update
from escalation.incidents.services.locking import locked, must_be_at, note_down, write
from escalation.incidents.services.notifying import notify
from escalation.incidents.services.spreading import spread
from tickets.errors import Invalid
from tickets.people.models import User
from tickets.services import words

State = Incident.State
LONGEST = 2_000
AGAIN = timedelta(minutes=1)


def say(
    *,
    incident: Incident,
    text: str,
    actor: User,
    now: datetime,
    state: str | None = None,
    is_public: bool = False,
    tell_customers: bool = False,
    expected_version: int | None = None,
) -> Update:
    """Says ``text`` of it, to the staff alone or to everybody, and how it stands from now on.

    ``tell_customers`` brings a public update to the customer of each linked open ticket, as a line
    of progress there; each is told once. Subscribers are mailed what is public. Resolving or
    reopening it, and what everybody reads, is for who speaks for it; a word to the staff for everyone
    who works on it. What customers read of changes its state only in words that they read too. The
    same word of the same person within a minute is the same. Raises NotAllowed, Conflict, and Invalid
    naming the field.
    """
    text = words.body(text, "text", LONGEST)
    with locked(incident):
        wanted = _state(state or incident.state)
        if is_public or wanted != incident.state:
            may_lead_incident(actor, incident.lead_id)
        else:
            may_report_incidents(actor)
        if said := _said_already(incident, text, actor, now, is_public, wanted):
            if tell_customers and is_public:
                spread(update=said, now=now)
            return said
        must_be_at(incident, expected_version)
        if tell_customers and not is_public:
            raise Invalid("What customers are told is told to everybody.", "tell_customers")
        if not is_public:
            _must_stay_as_they_read(incident, wanted)
        incident.state = wanted
        incident.resolved_at = (incident.resolved_at or now) if wanted == State.RESOLVED else None
        if is_public and incident.published_at is None:
            incident.published_at = now
        write(incident)
        audience = Update.Audience.PUBLIC if is_public else Update.Audience.STAFF
        update = note_down(incident, text=text, at=now, author=actor, audience=audience)
        if tell_customers:
            spread(update=update, now=now)
        if is_public:
            notify(update=update, now=now)
    return update


def _must_stay_as_they_read(incident: Incident, wanted: State) -> None:
    """The status page shows the state as it is: whoever reads it there is told why it changed."""
    if incident.published_at is not None and wanted != incident.state:
        raise Invalid(
            f"Customers read of this incident: say to everybody that it is «{wanted.label}», or "
            "leave the state as it is.",
            "audience",
        )


def _said_already(
    incident: Incident, text: str, actor: User, now: datetime, is_public: bool, state: str
) -> Update | None:
    """A button is easily pressed twice. Who may not say it has not said it."""
    audience = Update.Audience.PUBLIC if is_public else Update.Audience.STAFF
    rows = incident.updates.filter(author=actor, text=text, audience=audience, state=state)
    return rows.filter(at__gt=now - AGAIN).first()


def _state(wanted: str) -> Incident.State:
    if wanted not in State.values:
        raise Invalid("An incident has no such state.", "state")
    return State(wanted)
