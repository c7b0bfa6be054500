"""What a schedule, a path or a rule does, said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta

from escalation import durations
from escalation.models import (
    Action,
    Calendar,
    Condition,
    OpeningHours,
    Path,
    Policy,
    Rule,
    Step,
    Target,
)
from escalation.specs import Spec, of_path
from tickets.models import Category, Ticket
from tickets.people.models import User

Who = Step.Who
NATURES = {
    Category.Nature.QUESTION: "is a product question",
    Category.Nature.PROBLEM: "is a problem",
    Category.Nature.MANAGEMENT: "needs a management decision",
    Category.Nature.SUGGESTION: "is a suggestion",
}
WHOLE_DAY = "00:00–24:00"


def fits(policy: Policy) -> str:
    """Which tickets the policy is for."""
    if policy.is_fallback:
        return "Every ticket that no other schedule fits"
    parts = [
        _either("", (NATURES[Category.Nature(each)] for each in policy.natures)),
        _either("is in", (each.name for each in policy.categories.all())),
        _either("came by", (Ticket.Channel(each).label for each in policy.channels)),
        _either("is of tier", (each.name for each in policy.tiers.all())),
        _either("is of priority", policy.priorities),
        _either("is of team", (each.name for each in policy.teams.all())),
        _either("is tagged", (each.name for each in policy.tags.all())),
    ]
    said = [part for part in parts if part]
    return f"A ticket that {', and '.join(said)}" if said else "Every ticket"


def promises(policy: Policy) -> str:
    return "; ".join(promise(target) for target in policy.targets.all()) or "Nothing"


def promise(target: Target) -> str:
    """«First reply within 24 h of Office hours at urgent»."""
    name = target.get_metric_display()
    at = f" at {target.priority}" if target.priority else ""
    if target.duration is None:
        return f"{name}{at}: no target"
    counted = target.calendar is not None
    within = durations.words(target.duration, open_hours=counted)
    hours = f" of {target.calendar.name}" if target.calendar else ""
    late = f", then {target.path.name}" if target.path else ", no alarm"
    return f"{name} within {within}{hours}{at}{late}"


def climbs(path: Path, people: Mapping[int, User] | None = None) -> str:
    """«At once: the supervisors of the ticket's team; after 2 h: every executive»."""
    spec = of_path(path)
    said = rungs(spec, people)
    loop = " It would come back to itself: there it ends." if spec["loops"] else ""
    return f"{said or 'Tells nobody'}.{loop}"


def rungs(spec: Spec, people: Mapping[int, User] | None = None) -> str:
    """``people`` are those it may name, by number, where many are said at once."""
    if people is None:
        people = _people(spec["steps"])
    said = "; ".join(rung(step, people) for step in spec["steps"])
    return said[:1].upper() + said[1:]


def rung(step: Spec, people: Mapping[int, User]) -> str:
    when = _after(step)
    again = ""
    if step["repeats"]:
        every = durations.words(timedelta(seconds=step["every"]))
        once = step["repeats"] == 1
        again = (
            f", once more after {every}"
            if once
            else f", {step['repeats']} times more, every {every}"
        )
    return f"{when}: {who(step, people)}{again}"


def who(step: Spec, people: Mapping[int, User] | None = None) -> str:
    kind = Who(step["who"])
    if kind == Who.PERSON:
        person = (_people([step]) if people is None else people).get(step["person"])
        return person.name if person else "somebody who is gone"
    if kind == Who.ROLE:
        return f"every {User.Role(step['role']).label.lower()}"
    return str(kind.label)


def opens(calendar: Calendar) -> str:
    """«Monday to Friday 09:00–17:00»; days of the same hours together."""
    return week(sorted((row.weekday, row.opens, row.closes) for row in calendar.hours.all()))


def week(openings: Iterable[tuple[int, time, time]]) -> str:
    """The same of weekdays (0 is Monday) with their hours, in order."""
    days: dict[int, list[str]] = {}
    for weekday, opens_at, closes_at in openings:
        closes = "24:00" if closes_at == time.min else f"{closes_at:%H:%M}"
        days.setdefault(weekday, []).append(f"{opens_at:%H:%M}–{closes}")
    if len(days) == 7 and all(spans == [WHOLE_DAY] for spans in days.values()):
        return "always open, day and night"
    runs: list[tuple[list[int], list[str]]] = []
    for day, spans in days.items():
        if runs and runs[-1][1] == spans and runs[-1][0][-1] == day - 1:
            runs[-1][0].append(day)
        else:
            runs.append(([day], spans))
    return "; ".join(f"{_days(run)} {' and '.join(spans)}" for run, spans in runs) or "never open"


def _days(run: Sequence[int]) -> str:
    first, last = (OpeningHours.Weekday(day).label for day in (run[0], run[-1]))
    if len(run) == 1:
        return str(first)
    return f"{first} and {last}" if len(run) == 2 else f"{first} to {last}"


def does(rule: Rule) -> str:
    """«When an order is worth more than 500 USD: start the escalation path Large orders»."""
    when = " and ".join(_condition(each) for each in rule.conditions.all())
    then = ", ".join(_action(each) for each in rule.actions.all())
    return f"When {when or 'nothing'}: {then or 'nothing happens'}."


def _condition(row: Condition) -> str:
    label = row.get_kind_display()
    if row.kind == Condition.Kind.ORDER_ABOVE:
        return f"{label} {row.amount} {row.currency}"
    if row.kind == Condition.Kind.NATURE and row.nature:
        return f"it {NATURES[Category.Nature(row.nature)]}"
    values = (
        row.words, row.get_nature_display() if row.nature else "",
        row.get_channel_display() if row.channel else "",
        row.get_priority_display() if row.priority else "",
        row.contact, row.organization, row.tier, row.category, row.team, row.tag,
    )  # fmt: skip
    return " ".join([label, *(str(each) for each in values if each)])


def _action(row: Action) -> str:
    label = row.get_kind_display()
    if row.kind == Action.Kind.OWE_CALL:
        within = durations.words(row.within) if row.within else "the time its schedule says"
        return f"{label} {within}"
    values = (row.path, row.priority, row.team, row.person, row.tag, row.text)
    return " ".join([label, *(f"«{each}»" for each in values if each)])


def _people(steps: Iterable[Spec]) -> Mapping[int, User]:
    named = {step["person"] for step in steps if step["person"]}
    return User.objects.in_bulk(named) if named else {}


def _either(lead: str, names: Iterable[str]) -> str:
    said = " or ".join(names)
    return f"{lead} {said}".strip() if said else ""


def _after(step: Spec) -> str:
    """«At once», «after 2 h»; in a continuation «right after level 3», «2 h after level 3»."""
    length, level = timedelta(seconds=step["seconds"]), step.get("after")
    span = durations.words(length, open_hours=step["calendar"] is not None)
    if level:
        return f"{span} after level {level}" if length else f"right after level {level}"
    return f"after {span}" if length else "at once"
