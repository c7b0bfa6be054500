"""Which schedules say no time for the calls that a rule owes."""

from __future__ import annotations

from escalation.loading import Config
from escalation.models import Action, Rule
from escalation.shadowing import fitting
from escalation.sla.values import Metric
from escalation.specs import Spec
from tickets.models import Ticket


def without_a_time(rule: Rule, config: Config) -> list[str]:
    """The names of the schedules that may hold where ``rule`` fires and leave its call without a
    deadline; none where the rule itself says until when."""
    owed = rule.actions.filter(kind=Action.Kind.OWE_CALL, within__isnull=True)
    if not owed.exists():
        return []
    facts = _facts(rule)
    priorities = facts["priorities"] or list(Ticket.Priority.values)
    return [
        each.name
        for each in fitting(config.candidates, facts)
        if not _says(config.versions[each.version_id].spec, priorities, config)
    ]


def _says(spec: Spec, priorities: list[str], config: Config) -> bool:
    targets = (config.targets(spec, each).get(Metric.CALLBACK) for each in priorities)
    return all(target and target.duration is not None for target in targets)


def _facts(rule: Rule) -> Spec:
    """What is true of every ticket on which it fires, named as a schedule's conditions are."""
    rows = list(rule.conditions.select_related("category"))
    natures = [row.nature or (row.category.nature if row.category else "") for row in rows]
    return {
        "natures": [each for each in natures if each],
        "channels": [row.channel for row in rows if row.channel],
        "priorities": [row.priority for row in rows if row.priority],
        "categories": [row.category_id for row in rows if row.category_id],
        "tiers": [row.tier_id for row in rows if row.tier_id],
        "teams": [row.team_id for row in rows if row.team_id],
        "tags": [row.tag_id for row in rows if row.tag_id],
    }
