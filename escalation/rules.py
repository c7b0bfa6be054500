"""apply(): the rules whose facts have become true fire, each once per ticket (rule 14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from escalation import climbing
from escalation.clocks import settle, stand
from escalation.conditions import Known, Verdict, judge
from escalation.deeds import Deeds
from escalation.loading import Config
from escalation.models import Action, Clock, Escalation, Firing, Path, Rule
from escalation.notify import Crew, one_line
from escalation.sla.values import Metric
from tickets import events
from tickets.calls import services as calls
from tickets.errors import ServiceRefused
from tickets.models import Tag, Ticket, TicketEvent
from tickets.people.models import Order, User
from tickets.services import triage

Kind = Action.Kind
Trigger = Escalation.Trigger
CALL = "nothing will remind anybody, so somebody has to see to it."


def apply(*, ticket: Ticket, config: Config, now: datetime) -> bool:
    """Fires every active rule whose conditions all hold and that has not fired on this ticket.

    Call it under the ticket's lock. What an action changes may make further rules true: those
    fire from the event of that change. Returns whether anything fired; ``ticket`` is then brought
    up to date.
    """
    if not ticket.is_active:
        return False
    known, fired = Known(ticket, now), False
    for rule in config.rules:
        verdict = judge(rule, known)
        if verdict.holds and verdict.unknown:
            fired |= _flag_unknown(ticket, config, rule, verdict, now)
        elif verdict.holds and not Firing.objects.filter(ticket=ticket, rule=rule).exists():
            _fire(ticket, config, rule, verdict, now)
            fired = True
        if fired:
            ticket.refresh_from_db()
    return fired


def _fire(ticket: Ticket, config: Config, rule: Rule, verdict: Verdict, now: datetime) -> None:
    because = f"«{rule.name}»: {' and '.join(verdict.reasons)}."
    with transaction.atomic():
        # The row comes first: a change that an action makes must find the rule fired.
        Firing.objects.create(
            ticket=ticket, rule=rule, rule_name=rule.name, at=now, because=because
        )
        events.record(
            ticket, TicketEvent.Kind.RULE_FIRED, at=now, now=now, rule=rule.name, because=because
        )
        for action in rule.actions.all():
            _do(ticket, config, action, because, now)


def _do(ticket: Ticket, config: Config, action: Action, because: str, now: datetime) -> None:
    """What is refused is put before a person: a rule never stands in a customer's way."""
    try:
        DEEDS[Kind(action.kind)](ticket, config, action, because, now)
    except ServiceRefused as refusal:
        words = f"{because} {refusal.message}"
        _flag(ticket, config, words, f"action:{action.pk}", now, action.rule)


def _flag_unknown(
    ticket: Ticket, config: Config, rule: Rule, verdict: Verdict, now: datetime
) -> bool:
    """Rule 14: without a rate the order is put before a person instead of passing silently."""
    flagged = False
    for order in verdict.unknown:
        key = f"rate:{rule.pk}:{order.pk}"
        if not Escalation.objects.filter(ticket=ticket, trigger=Trigger.FLAG, key=key).exists():
            _flag(ticket, config, _no_rate(order, rule), key, now, rule)
            flagged = True
    return flagged


def _no_rate(order: Order, rule: Rule) -> str:
    return (
        f"Order {order.number} is worth {order.amount} {order.currency}, and no exchange rate is "
        f"known: somebody has to decide whether «{rule.name}» concerns it."
    )


def _start_path(
    ticket: Ticket, config: Config, action: Action, because: str, now: datetime
) -> None:
    version = config.current_paths.get(action.path_id or 0)
    _climb(
        ticket,
        config,
        Trigger.RULE,
        f"{action.rule_id}:{action.pk}",
        version,
        because,
        now,
        action.rule,
    )


def _set_priority(
    ticket: Ticket, config: Config, action: Action, because: str, now: datetime
) -> None:
    triage.set_priority(ticket=ticket, priority=action.priority, actor=None, now=now)


def _assign_team(
    ticket: Ticket, config: Config, action: Action, because: str, now: datetime
) -> None:
    if action.team:
        triage.move_to_team(ticket=ticket, team=action.team, actor=None, now=now)


def _assign_person(
    ticket: Ticket, config: Config, action: Action, because: str, now: datetime
) -> None:
    # The rules are kept in memory: whoever they name may have left since.
    person = User.objects.filter(pk=action.person_id or 0).first()
    triage.assign(ticket=ticket, assignee=person, actor=None, now=now)


def _add_tag(ticket: Ticket, config: Config, action: Action, because: str, now: datetime) -> None:
    for tag in Tag.objects.filter(pk=action.tag_id or 0):
        triage.add_tags(ticket=ticket, tags=[tag.name], actor=None, now=now)


def _involve(ticket: Ticket, config: Config, action: Action, because: str, now: datetime) -> None:
    person = User.objects.filter(pk=action.person_id or 0, is_active=True).first()
    if person:
        triage.involve(ticket=ticket, user=person, because=because, now=now)
    else:
        words = f"{because} The person it should be put before does not work here any more."
        _flag(ticket, config, words, f"action:{action.pk}", now, action.rule)


def _involve_named(
    ticket: Ticket, config: Config, action: Action, because: str, now: datetime
) -> None:
    person = ticket.requester.named_person
    if person and person.is_active:
        triage.involve(ticket=ticket, user=person, because=because, now=now)
    else:
        words = f"{because} This customer has no named person to put it before."
        _flag(ticket, config, words, f"action:{action.pk}", now, action.rule)


def _owe_call(ticket: Ticket, config: Config, action: Action, because: str, now: datetime) -> None:
    """Where neither the rule nor the schedule says until when, a person has to: no clock runs."""
    due_at = None if action.within is None else now + action.within
    owed = calls.promise_callback(
        ticket=ticket, due_at=due_at, actor=None, because=one_line(because), now=now
    )
    clock = Clock.objects.filter(ticket=ticket, metric=Metric.CALLBACK, subject=str(owed.pk))
    if due_at is None and not clock.exists():
        said = (
            f"{because} A call is owed, but this ticket's schedule says no time for calls: {CALL}"
        )
        _flag(ticket, config, said, f"action:{action.pk}", now, action.rule)


def see_to_call(ticket: Ticket, config: Config, callback: str, now: datetime) -> None:
    """A call that a person promised, or a merge brought, and that got no clock: a person has to see
    to it. What a rule owes says so itself."""
    if not Clock.objects.filter(ticket=ticket, metric=Metric.CALLBACK, subject=callback).exists():
        said = f"A call was promised, but this ticket's schedule says no time for calls: {CALL}"
        _flag(ticket, config, said, f"callback:{callback}", now, None)


def _flag_it(ticket: Ticket, config: Config, action: Action, because: str, now: datetime) -> None:
    """A rule that also starts a path has somebody told by it; otherwise the flag itself does."""
    if any(each.kind == Kind.START_PATH for each in action.rule.actions.all()):
        _record_flag(ticket, action.text or because, now)
    else:
        _flag(ticket, config, action.text or because, f"action:{action.pk}", now, action.rule)


def _flag(
    ticket: Ticket, config: Config, words: str, key: str, now: datetime, rule: Rule | None
) -> None:
    _record_flag(ticket, words, now)
    version = config.path_for(Path.Purpose.FLAG)
    _climb(ticket, config, Trigger.FLAG, key, version, words, now, rule)


def _record_flag(ticket: Ticket, words: str, now: datetime) -> None:
    events.record(ticket, TicketEvent.Kind.FLAGGED, at=now, now=now, because=words)


def _climb(
    ticket: Ticket, config: Config, trigger: Trigger, key: str, version: int | None,
    because: str, now: datetime, rule: Rule | None,
) -> None:  # fmt: skip
    """Starts a climb and tells whoever is due at once."""
    fresh = Ticket.objects.for_queue().get(pk=ticket.pk)
    standing, deeds = stand(fresh, config, now), Deeds(now)
    climb = climbing.start(
        standing, trigger=trigger, key=key, path_version=version, because=because, at=now, rule=rule
    )
    climbing.tell_due(climb, standing, deeds, Crew(now))
    settle(standing, deeds)
    deeds.carry_out([standing])


DEEDS: Mapping[Kind, Callable[[Ticket, Config, Action, str, datetime], None]] = {
    Kind.START_PATH: _start_path,
    Kind.SET_PRIORITY: _set_priority,
    Kind.ASSIGN_TEAM: _assign_team,
    Kind.ASSIGN_PERSON: _assign_person,
    Kind.ADD_TAG: _add_tag,
    Kind.INVOLVE: _involve,
    Kind.INVOLVE_NAMED: _involve_named,
    Kind.OWE_CALL: _owe_call,
    Kind.FLAG: _flag_it,
}
