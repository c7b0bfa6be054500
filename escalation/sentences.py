"""What a schedule, a path or a rule does, said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from escalation import durations
from escalation.models import Action, Condition, Path, Policy, Rule, Step, Target
from escalation.specs import Spec, of_path
from tickets.models import Category, Ticket
from tickets.people.models import User

Who = Step.Who


def fits(policy: Policy) -> str:
    """Which tickets the policy is for."""
    if policy.is_fallback:
        return "Every ticket that no other schedule fits"
    parts = [
        _either("is a", (Category.Nature(each).label.lower() for each in policy.natures)),
        _either("in", (each.name for each in policy.categories.all())),
        _either("by", (Ticket.Channel(each).label for each in policy.channels)),
        _either("of tier", (each.name for each in policy.tiers.all())),
        _either("of priority", policy.priorities),
        _either("of team", (each.name for each in policy.teams.all())),
        _either("tagged", (each.name for each in policy.tags.all())),
    ]
    said = [part for part in parts if part]
    return f"A ticket that {' and '.join(said)}" if said else "Every ticket"


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


def climbs(path: Path) -> str:
    """«At once: the supervisors of the ticket's team; after 2 h: everybody who is an executive»."""
    spec = of_path(path)
    said = "; ".join(rung(step) for step in spec["steps"])
    loop = " It would come back to itself: there it ends." if spec["loops"] else ""
    return f"{said or 'Tells nobody'}.{loop}"


def rung(step: Spec) -> str:
    when = _after(step["seconds"], counted=step["calendar"] is not None)
    again = ""
    if step["repeats"]:
        every = durations.words(timedelta(seconds=step["every"]))
        again = f", {step['repeats']} times more every {every}"
    return f"{when}: {who(step)}{again}"


def who(step: Spec) -> str:
    kind = Who(step["who"])
    if kind == Who.PERSON:
        person = User.objects.filter(pk=step["person"]).first()
        return person.name if person else "somebody who is gone"
    if kind == Who.ROLE:
        return f"everybody who is {User.Role(step['role']).label.lower()}"
    return str(kind.label)


def does(rule: Rule) -> str:
    """«When an order is worth more than 500 USD: start the escalation path Large orders»."""
    when = " and ".join(_condition(each) for each in rule.conditions.all())
    then = ", ".join(_action(each) for each in rule.actions.all())
    return f"When {when or 'nothing'}: {then or 'nothing happens'}."


def _condition(row: Condition) -> str:
    label = row.get_kind_display()
    if row.kind == Condition.Kind.ORDER_ABOVE:
        return f"{label} {row.amount} {row.currency}"
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


def _either(lead: str, names: Iterable[str]) -> str:
    said = " or ".join(names)
    return f"{lead} {said}" if said else ""


def _after(seconds: int, *, counted: bool) -> str:
    if not seconds:
        return "At once"
    return f"After {durations.words(timedelta(seconds=seconds), open_hours=counted)}"
