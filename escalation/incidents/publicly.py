"""What everybody may read: how it all stands, and the published incidents without what is the staff's.

Templates, feeds and whatever else is public get these values and never a row, so that nothing
internal can be shown by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from escalation.incidents.models import ANSWERS, Component, Incident, Severity, Update
from escalation.incidents.querysets import IncidentQuerySet

LATELY = timedelta(days=14)
# At one time; more than a company can have.
MOST_OPEN, MOST_RESOLVED, MOST_SAID = 50, 100, 200
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
WORKS, WATCHED = "Works", "Repaired, being watched"
# How bad it is for who reads the page, by severity: the mark of it, of a component, in a sentence.
MARKS = {Severity.MINOR: "minor", Severity.MAJOR: "major", Severity.CRITICAL: "critical"}
COMPONENT_IS = {
    Severity.MINOR: "Works with trouble",
    Severity.MAJOR: "Does not work in part",
    Severity.CRITICAL: "Does not work",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One public update."""

    pk: int
    at: datetime
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Public:
    """A published incident. ``mark`` is one of good, watched, minor, major and critical."""

    pk: int
    reference: str
    title: str
    state: str
    mark: str
    started_at: datetime
    resolved_at: datetime | None
    back_at: datetime | None
    takes_longer: bool
    components: Sequence[str]
    answers: Sequence[tuple[str, str]]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Part:
    """A component with how it stands."""

    name: str
    description: str
    state: str
    mark: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole: in one sentence, by component, by incident."""

    sentence: str
    mark: str
    parts: Sequence[Part]
    open: Sequence[Public]
    resolved: Sequence[Public]


def standing(now: datetime) -> Standing:
    """How it all stands; in seven queries however much there is."""
    rows = list(_readable(Incident.objects.published().open())[:MOST_OPEN])
    parts = [_part(each, rows) for each in Component.objects.public()]
    lately = Incident.objects.published().resolved_since(now - LATELY)
    marks = [_mark(row) for row in rows]
    return Standing(
        sentence=_sentence(rows),
        mark=max(marks, key=_how_bad, default="good"),
        parts=parts,
        open=[_public(row, now) for row in rows],
        resolved=[_public(row, now) for row in _readable(lately)[:MOST_RESOLVED]],
    )


def published(pk: int, now: datetime) -> Public | None:
    """The one, open or over; None where there is none that everybody may read."""
    row = _readable(Incident.objects.published().filter(pk=pk)).first()
    return _public(row, now) if row else None


def _readable(rows: IncidentQuerySet) -> IncidentQuerySet:
    return rows.prefetch_related(
        Prefetch("components", Component.objects.public(), to_attr="public_components"),
        Prefetch("updates", Update.objects.public(), to_attr="public_updates"),
    )


def _public(row: Incident, now: datetime) -> Public:
    late = row.is_open and row.back_at is not None and row.back_at < now
    return Public(
        pk=row.pk,
        reference=row.reference,
        title=row.title,
        state=row.get_state_display(),
        mark=_mark(row),
        started_at=row.started_at,
        resolved_at=row.resolved_at,
        back_at=row.back_at if row.is_open else None,
        takes_longer=late,
        components=[each.name for each in _components(row)],
        answers=[(each.asked, text) for each in ANSWERS if (text := getattr(row, each.field))],
        said=[_said(each) for each in row.public_updates[:MOST_SAID]],  # type: ignore[attr-defined]
    )


def _said(update: Update) -> Said:
    return Said(update.pk, update.at, update.get_state_display(), update.text)


def _components(row: Incident) -> list[Component]:
    found: list[Component] = row.public_components  # type: ignore[attr-defined]
    return found


def _mark(row: Incident) -> str:
    if not row.is_open:
        return "good"
    return "watched" if row.state == Incident.State.MONITORING else MARKS[Severity(row.severity)]


def _how_bad(mark: str) -> int:
    return ("good", "watched", *MARKS.values()).index(mark)


def _part(component: Component, rows: Iterable[Incident]) -> Part:
    """As its worst open incident says; what is repaired is better than any that is not."""
    marks = [_mark(row) for row in rows if component in _components(row)]
    mark = max(marks, key=_how_bad, default="good")
    said = {"good": WORKS, "watched": WATCHED} | {MARKS[s]: COMPONENT_IS[s] for s in Severity}
    return Part(component.name, component.description, said[mark], mark)


def _sentence(rows: Sequence[Incident]) -> str:
    """«Two things do not work»: components, and incidents that are about none of them."""
    broken = [row for row in rows if _mark(row) != "watched"]
    if not rows:
        return "Everything works"
    if not broken:
        return "What was broken is repaired, and we watch it"
    components = {each.pk for row in broken for each in _components(row)}
    number = len(components) + sum(not _components(row) for row in broken)
    counted = NUMBERS[number] if number < len(NUMBERS) else str(number)
    subject = f"{counted} thing does" if number == 1 else f"{counted} things do"
    light = all(row.severity == Severity.MINOR for row in broken)
    return f"{subject} not work{' as usual' if light else ''}"
