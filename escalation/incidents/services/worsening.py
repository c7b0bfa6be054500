"""Incidents get worse by rule: from whom they hit, and from the promises that are about to break."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from escalation.incidents.impact import Impact, impact_of
from escalation.incidents.models import Incident, RaisedSeverity, SeverityRule
from escalation.incidents.services.alerting import alert
from escalation.incidents.services.locking import locked, note_down, severity_in_words, write

logger = logging.getLogger(__name__)
Measure = SeverityRule.Measure
COUNTS: Mapping[Measure, Callable[[Impact], int]] = {
    Measure.TICKETS: lambda impact: impact.active,
    Measure.CUSTOMERS: lambda impact: impact.customers,
    Measure.LATE: lambda impact: impact.late,
    Measure.SOON: lambda impact: impact.soon,
}


def judge_open(now: datetime) -> int:
    """Judges every open incident: promises come near by themselves. Returns how many got worse.

    One that fails keeps no other from being judged.
    """
    worse = 0
    for incident in Incident.objects.open():
        try:
            worse += judge(incident=incident, now=now)
        except Exception:
            logger.exception("Judging %s failed", incident.reference)
    return worse


def use_up(*, incident: Incident, now: datetime) -> None:
    """What the rules say by now is known to whoever lowers it: no rule that is reached raises it any
    more. Runs under the lock of the incident."""
    if incident.is_open:
        for rule in _reached(_waiting(incident), impact_of(incident, now)):
            RaisedSeverity.objects.get_or_create(incident=incident, rule=rule, defaults={"at": now})


def judge(*, incident: Incident, now: datetime) -> bool:
    """Raises it as far as the rules say, each rule once; the responders are told why, at once.

    Once: who lowers it again knows better than the rule. Returns whether it got worse.
    """
    waiting = _waiting(incident)
    if not waiting or not incident.is_open:
        return False
    impact = impact_of(incident, now)
    reached = _reached(waiting, impact)
    if not reached:
        return False
    with locked(incident):
        return incident.is_open and _raise(incident, reached, impact, now)


def could_become(*, incident: Incident, more: int, now: datetime) -> str:
    """How severe the rules may find it once ``more`` tickets are linked, in words; empty where they
    would leave it as it is, however much each of these tickets counts."""
    waiting = _waiting(incident) if more else []
    if not waiting or not incident.is_open:
        return ""
    impact = impact_of(incident, now)
    near = [each.severity for each in waiting if _count(each, impact) + more >= each.at_least]
    return severity_in_words(max(near)) if near else ""


def _waiting(incident: Incident) -> list[SeverityRule]:
    """The rules that would make it worse and have not yet."""
    fired = RaisedSeverity.objects.filter(incident=incident).values("rule")
    rules = SeverityRule.objects.filter(active=True, severity__gt=incident.severity)
    return list(rules.exclude(pk__in=fired).select_related("tier"))


def _reached(rules: list[SeverityRule], impact: Impact) -> list[SeverityRule]:
    return [rule for rule in rules if _count(rule, impact) >= rule.at_least]


def _raise(incident: Incident, rules: list[SeverityRule], impact: Impact, now: datetime) -> bool:
    """Under the lock of the incident: whoever comes second finds that it was done."""
    new = [
        rule
        for rule in rules
        if RaisedSeverity.objects.get_or_create(incident=incident, rule=rule, defaults={"at": now})[
            1
        ]
    ]
    worst = max(new, key=lambda rule: rule.severity, default=None)
    if worst is None or worst.severity <= incident.severity:
        return False
    before, incident.severity = incident.severity, worst.severity
    write(incident)
    because = (
        f"{_count(worst, impact)} {worst.counted} (from {worst.at_least} on it is "
        f"{severity_in_words(worst.severity)})"
    )
    said = (
        f"Severity: {severity_in_words(before)} → {severity_in_words(worst.severity)}: {because}."
    )
    note_down(incident, text=said, at=now, author=None)
    alert(incident=incident, because=said, now=now)
    return True


def _count(rule: SeverityRule, impact: Impact) -> int:
    if rule.tier:
        return impact.of_tier(rule.tier)
    return COUNTS[Measure(rule.measure)](impact)
