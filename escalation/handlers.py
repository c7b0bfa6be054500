"""What the escalation floor does when something happens on a ticket."""

from datetime import datetime
from typing import Any

from escalation import clocks, matching, rules
from escalation.facts import KINDS, fact
from escalation.models import Clock
from escalation.resuming import SOLVED, carry_breach, merged_into
from escalation.sla.state import State
from escalation.sla.values import Metric
from tickets.calls import services as calls
from tickets.calls.models import Call, Callback
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.services import conversation

Kind = TicketEvent.Kind

# Facts that move clocks. Our own BREACHED is one for the replay, but nothing new to us.
MOVES_CLOCKS = frozenset(KINDS) - {Kind.OPENED, Kind.BREACHED}
# Changes that choose other targets (rule 7).
RETARGETS = frozenset({Kind.PRIORITY_CHANGED, Kind.CATEGORY_CHANGED})
# Changes that can make a rule's fact true (rule 14).
TOUCHES_RULES = RETARGETS | {
    Kind.CUSTOMER_MESSAGE,
    Kind.ORDER_LINKED,
    Kind.TAGS_CHANGED,
    Kind.REQUESTER_CHANGED,
    Kind.SUBJECT_CHANGED,
    Kind.TEAM_CHANGED,
    # A message that reopens is heard while the ticket is still solved.
    Kind.STATUS_CHANGED,
    Kind.MERGED_IN,
}
DONE = {Status.SOLVED.value, Status.CLOSED.value}


def heard(ticket: Ticket, event: TicketEvent, now: datetime, **_: Any) -> None:
    """Runs inside the transaction of the change, under the ticket's lock."""
    kind = Kind(event.kind)
    if kind == Kind.OPENED:
        _opened(ticket, event, now)
        return
    if kind not in MOVES_CLOCKS | TOUCHES_RULES:
        return
    config = matching.configuration(now)
    moved = kind in MOVES_CLOCKS
    if kind in RETARGETS:
        bound = matching.bind(ticket=ticket, config=config, at=event.at, now=now, actor=event.actor)
        moved = bound is not None
    if kind in TOUCHES_RULES:
        rules.apply(ticket=ticket, config=config, now=now)
    if moved:
        clocks.refresh(
            ticket=ticket, now=now, config=config, ended=_ending(kind, event),
            resumed=kind == Kind.MERGED_IN or event.data.get("from") in DONE,
        )  # fmt: skip
    if kind == Kind.MERGED_IN:
        # Held replies came along, written for the deadlines of the other ticket (rule 6).
        conversation.retime_holds(ticket=ticket, now=now)
    if kind == Kind.CALL_ATTEMPTED:
        _kept_by_trying(ticket, event)
    if kind == Kind.CALLBACK_PROMISED:
        callback = str(event.data["callback"])
        if carry_breach(ticket, callback):
            clocks.refresh(ticket=ticket, now=now, config=config, resumed=True)
        if event.actor:
            rules.see_to_call(ticket, config, callback, now)


def _ending(kind: Kind, event: TicketEvent) -> str:
    """Why every climb ends; empty where none does."""
    if kind == Kind.MERGED_AWAY:
        return merged_into(str(event.data["target"]))
    return SOLVED if event.data.get("to") in DONE else ""


def _kept_by_trying(ticket: Ticket, event: TicketEvent) -> None:
    """A callback that the schedule counts as kept, after so many attempts, is kept in the log too."""
    subject = str(event.data.get("callback") or "")
    met = Clock.objects.filter(
        ticket=ticket,
        metric=Metric.CALLBACK,
        subject=subject,
        state__in=(State.MET, State.MET_LATE),
    )
    if subject and met.exists():
        promise = Callback.objects.filter(pk=subject, state=Callback.State.OPEN).first()
        call = Call.objects.filter(pk=event.data.get("call")).first()
        if promise and call:
            calls.keep_callback(callback=promise, call=call)


def _opened(ticket: Ticket, event: TicketEvent, now: datetime) -> None:
    """No ticket without its deadline: bound, judged by the rules and replayed before it exists."""
    config = matching.configuration(now)
    binding = matching.bind_first(ticket=ticket, config=config, at=event.at, now=now)
    if rules.apply(ticket=ticket, config=config, now=now):
        clocks.refresh(ticket=ticket, now=now, config=config)
        return
    opened = fact(event.kind, event.at, event.recorded_at, event.data)
    clocks.begin(ticket=ticket, fact=opened, binding=binding, config=config, now=now)
