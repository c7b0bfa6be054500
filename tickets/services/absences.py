"""Out of office: planned by the person or whoever leads them, and ended early."""

from datetime import datetime, timedelta

from django.db import transaction

from tickets.errors import Invalid
from tickets.leading import require_to_speak_for
from tickets.people.models import Absence, User
from tickets.services import words

LONGEST = timedelta(days=366)


def plan(
    *,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    actor: User,
    now: datetime,
    note: str = "",
    deputy: User | None = None,
) -> Absence:
    """``person`` is out from ``starts_at`` until before ``ends_at``: given no ticket, told nothing.

    Raises NotAllowed, and Invalid at the field: an absence that is over, endless or beside
    another one, or a deputy who cannot stand in.
    """
    require_to_speak_for(actor, person)
    note = words.reason(note, "note") if note.strip() else ""
    _check_times(starts_at, ends_at, now)
    _check_deputy(person, deputy)
    with transaction.atomic():
        # Two plans for one person at once: the second sees the first.
        list(User.objects.select_for_update(no_key=True).filter(pk=person.pk).values("pk"))
        _must_not_overlap(person, starts_at, ends_at)
        return Absence.objects.create(
            user=person, starts_at=starts_at, ends_at=ends_at, note=note, deputy=deputy
        )


@transaction.atomic
def end(*, absence: Absence, actor: User, now: datetime) -> None:
    """At work from ``now`` on; one that has not begun never was. Ending it twice changes nothing."""
    require_to_speak_for(actor, absence.user)
    rows = Absence.objects.filter(pk=absence.pk)
    rows.filter(starts_at__gte=now).delete()
    rows.filter(ends_at__gt=now).update(ends_at=now)


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid("The end must come after the beginning.", "ends_at")
    if ends_at <= now:
        raise Invalid("This is over already.", "ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid("This is more than a year; plan it in parts.", "ends_at")


def _check_deputy(person: User, deputy: User | None) -> None:
    if deputy is None:
        return
    if deputy == person:
        raise Invalid("Nobody stands in for themselves.", "deputy")
    if not deputy.is_active:
        raise Invalid(f"{deputy.name} does not work here any more.", "deputy")


def _must_not_overlap(person: User, starts_at: datetime, ends_at: datetime) -> None:
    other = Absence.objects.filter(user=person, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if other.exists():
        raise Invalid(
            f"{person.name} is out during some of this already: end that first.", "starts_at"
        )
