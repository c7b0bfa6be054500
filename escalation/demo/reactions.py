"""What Northlight's people do when an escalation reaches them; now and then they do nothing."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from escalation import raising
from escalation.demo.stories import CALL_SUMMARY, NEWS
from escalation.models import Escalation
from escalation.sla.values import Metric
from escalation.stopping import reached
from tickets.calls import services as calls
from tickets.calls.models import Call
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import conversation, triage

Plan = Callable[[datetime, Callable[[datetime], None]], None]
Trigger = Escalation.Trigger
# Of a hundred escalations so many are left lying, and climb.
NEGLECTED = {Trigger.WARNING: 18, Trigger.BREACH: 45, Trigger.RULE: 12}
TAKEN_OVER = 0.2
CALL = timedelta(minutes=6)


class Reactions:
    """Plans, for every escalation that is new, what somebody does about it minutes later.

    Of ``tickets`` alone where they are named; the set may grow.
    """

    def __init__(self, plan: Plan, dice: random.Random, tickets: set[int] | None = None) -> None:
        self.plan, self.dice, self.tickets = plan, dice, tickets
        self.seen = 0

    def look(self, at: datetime) -> None:
        fresh = Escalation.objects.filter(pk__gt=self.seen, state=Escalation.State.OPEN)
        if self.tickets is not None:
            fresh = fresh.filter(ticket__in=self.tickets)
        for row in fresh.order_by("pk"):
            self.seen = row.pk
            if self.dice.randint(1, 100) > NEGLECTED[Trigger(row.trigger)]:
                self._plan(row, at)

    def _plan(self, row: Escalation, at: datetime) -> None:
        then = at + timedelta(minutes=self.dice.randint(4, 50))
        self.plan(then, lambda now: self._react(row.pk, now))

    def _react(self, pk: int, now: datetime) -> None:
        row = Escalation.objects.select_related("ticket__team", "clock").get(pk=pk)
        if row.state != Escalation.State.OPEN:
            return
        if row.clock:
            self._do_what_is_due(row, now)
        else:
            self._acknowledge(row, now)

    def _do_what_is_due(self, row: Escalation, now: datetime) -> None:
        ticket, metric = row.ticket, Metric(row.clock.metric) if row.clock else None
        late = row.trigger == Trigger.BREACH and self.dice.random() < TAKEN_OVER
        if late and ticket.is_active:
            self._take_over(ticket, now)
        agent = ticket.assignee or _someone_of(ticket)
        if metric is Metric.CALLBACK:  # owed on a solved ticket too
            _call(ticket, agent, now)
        elif not ticket.is_active:
            return
        elif metric is Metric.RESOLUTION:
            triage.set_status(ticket=ticket, status=Status.SOLVED, actor=agent, now=now)
        else:
            news = self.dice.choice(NEWS).format(
                first_name=ticket.requester.name.split()[0], agent=agent.first_name
            )
            conversation.reply(ticket=ticket, author=agent, body=news, now=now)

    def _acknowledge(self, row: Escalation, now: datetime) -> None:
        told = [person["id"] for person in reached(row)]
        person = User.objects.filter(pk__in=told).order_by("pk").first()
        if person:
            raising.acknowledge(escalation=row, actor=person, now=now)

    def _take_over(self, ticket: Ticket, now: datetime) -> None:
        supervisor = User.objects.filter(
            memberships__team=ticket.team, memberships__leads=True
        ).first()
        if supervisor and supervisor != ticket.assignee:
            raising.take_over(ticket=ticket, actor=supervisor, now=now)
            ticket.refresh_from_db()


def _someone_of(ticket: Ticket) -> User:
    return User.objects.filter(memberships__team=ticket.team, role=User.Role.AGENT).order_by("pk")[
        0
    ]


def _call(ticket: Ticket, agent: User, now: datetime) -> None:
    calls.log_call(
        ticket=ticket,
        contact=ticket.requester,
        direction=Call.Direction.OUTBOUND,
        outcome=Call.Outcome.REACHED,
        started_at=now - CALL,
        ended_at=now,
        summary=CALL_SUMMARY,
        actor=agent,
        now=now,
    )
