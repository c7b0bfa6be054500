"""What a customer is entitled to on a ticket: the schedule that holds, its promises, its hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from escalation import loading, sentences
from escalation.models import Binding
from escalation.sla import wording
from escalation.sla.openings import Hours, hours_at
from escalation.sla.values import CalendarLike, Plan
from tickets.models import Ticket
from tickets.people.models import Tier


@dataclass(frozen=True, slots=True)
class Support:
    """When somebody is there: a calendar in words, and how it stands now."""

    name: str
    zone: str
    week: str
    now: Hours


@dataclass(frozen=True, slots=True)
class Entitlement:
    """``newer`` names the version of the same schedule that new tickets get, where there is one."""

    tier: Tier | None
    plan: Plan | None
    since: datetime | None
    promises: list[str]
    support: list[Support]
    newer: int | None


def entitlement_of(ticket: Ticket, now: datetime) -> Entitlement:
    """By the schedule in force on the ticket, at its priority; read in four queries at most."""
    tier = ticket.requester.effective_tier
    rows = Binding.objects.filter(ticket=ticket).select_related("version")
    binding = rows.order_by("at", "pk").last()
    if binding is None:
        return Entitlement(tier, None, None, [], [], None)
    config = loading.current()
    config.remember(policies=[binding.version_id])
    plan = config.plan(binding)
    calendars = {each.calendar for each in plan.targets.values() if each.duration and each.calendar}
    newest = [
        each.number for each in config.candidates if each.policy_id == binding.version.policy_id
    ]
    return Entitlement(
        tier=tier,
        plan=plan,
        since=binding.at,
        promises=list(_promises(plan)),
        support=sorted((_support(each, now) for each in calendars), key=lambda each: each.name),
        newer=next((number for number in newest if number > binding.version.number), None),
    )


def _promises(plan: Plan) -> Iterator[str]:
    """«First reply within 4 h of Office hours»; what has no target says so."""
    for target in plan.targets.values():
        said = wording.promise(target)
        if target.duration is not None:
            hours = target.calendar and (target.calendar.name or "working hours")
            said = f"{said} of {hours}" if hours else f"{said}, day and night"
        yield said[:1].upper() + said[1:]


def _support(calendar: CalendarLike, now: datetime) -> Support:
    at = getattr(calendar, "at", None)
    weekly = getattr(at(now) if at else calendar, "weekly", ())
    openings = [(day, *span) for day, spans in enumerate(weekly) for span in spans]
    name = calendar.name or "Working hours"
    return Support(name, calendar.zone, sentences.week(openings), hours_at(calendar, now))
