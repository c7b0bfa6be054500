"""The one way to change an incident: its row locked, its version counted up.

Tickets come before incidents: whoever holds an incident takes no ticket any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from escalation.incidents.models import Incident, Severity, Update
from tickets.errors import Conflict
from tickets.live import topics
from tickets.live.publishing import say as tell
from tickets.live.topics import Kind, Message
from tickets.people.models import Team, User


@contextmanager
def locked(incident: Incident, expected_version: int | None = None) -> Iterator[Incident]:
    """``incident`` brought up to date in place, its row locked, in a transaction.

    Raises Conflict, naming what was said last, when it is not at ``expected_version`` any more.
    """
    with transaction.atomic():
        row = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
        must_be_at(row, expected_version)
        for field in Incident._meta.concrete_fields:
            setattr(incident, field.attname, getattr(row, field.attname))
        yield incident


def must_be_at(incident: Incident, version: int | None) -> None:
    """Raises Conflict unless the locked incident is as it was read."""
    if version is not None and incident.version != version:
        raise Conflict(_who_was_faster(incident))


def write(incident: Incident) -> None:
    """Stores the locked incident, counts its version up, and tells every desk once that is committed."""
    incident.version += 1
    incident.save()
    announce(Kind.INCIDENT)


def announce(kind: Kind = Kind.CHANGED) -> None:
    """Every open desk looks again, when this transaction is committed: at its lists, or also at what
    it says of incidents on every page."""
    teams = {topics.team(pk) for pk in Team.objects.values_list("pk", flat=True)}
    people = {topics.person(pk) for pk in _without_team()}
    heard = frozenset(teams | people | {topics.EVERYTHING})
    transaction.on_commit(lambda: tell(Message(kind, heard)), robust=True)


def _without_team() -> QuerySet[User, int]:
    """Who hears of no team's queue, and of incidents all the same: executives and experts."""
    asked = (User.Role.EXECUTIVE, User.Role.EXPERT)
    return User.objects.filter(is_active=True, role__in=asked).values_list("pk", flat=True)


def note_down(
    incident: Incident,
    *,
    text: str,
    at: datetime,
    author: User | None,
    audience: str = Update.Audience.STAFF,
) -> Update:
    """What is said of it, with how it stands."""
    return Update.objects.create(
        incident=incident, at=at, author=author, audience=audience, text=text,
        state=incident.state, severity=incident.severity,
    )  # fmt: skip


def severity_in_words(severity: int) -> str:
    return Severity(severity).label.lower()


def _who_was_faster(incident: Incident) -> str:
    last = incident.updates.select_related("author").first()
    who = last.author.name if last and last.author else "Somebody"
    return (
        f"{who} changed this incident after you opened it. Nothing of yours was saved; what you "
        "typed is still here: read what changed, then do it again if it still fits."
    )
