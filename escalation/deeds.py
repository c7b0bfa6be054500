"""What has been decided about tickets, collected and then written in as few queries as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from escalation.models import Clock, ClockStep, Escalation, EscalationStep
from escalation.sla.values import Metric
from escalation.standing import CLIMB_FIELDS, CLOCK_FIELDS, Standing, snapshot
from tickets import events
from tickets.calls import services as calls
from tickets.models import Involvement, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import conversation, triage

# What the release of a held reply depends on.
HOLDS = frozenset({"answer_due_at", "solve_due_at"})


@dataclass(frozen=True, slots=True)
class Alert:
    """A mail to staff about a ticket; leaves at once."""

    recipients: Sequence[outbox.Recipient]
    subject: str
    text: str


@dataclass(slots=True)
class Deeds:
    """A unit of work. Nothing is stored before ``carry_out``, which runs in one transaction."""

    now: datetime
    # A ticket without a reply has no hold that a deadline could move.
    retime: bool = True
    clock_steps: list[ClockStep] = field(default_factory=list)
    steps: list[EscalationStep] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    involve: list[tuple[Ticket, User, str]] = field(default_factory=list)
    shown: list[tuple[Ticket, dict[str, Any]]] = field(default_factory=list)

    def record(
        self,
        ticket: Ticket,
        kind: TicketEvent.Kind,
        at: datetime,
        actor: User | None = None,
        **data: Any,
    ) -> None:
        self.events.append(
            TicketEvent(
                ticket=ticket, kind=kind, at=at, recorded_at=self.now, actor=actor, data=data
            )
        )

    def carry_out(self, standings: Sequence[Standing]) -> None:
        """Rows before what refers to them; the messages in the same transaction (rule 12)."""
        self._store_clocks(standings)
        self._store_climbs(standings)
        if self.clock_steps:
            ClockStep.objects.bulk_create(self.clock_steps)
        if self.steps:
            EscalationStep.objects.bulk_create(self.steps)
        if self.events:
            events.record_many(self.events, now=self.now)
        self._show()
        self._involve()
        if self.alerts:
            outbox.queue_many([_draft(alert) for alert in self.alerts], now=self.now)

    def _store_clocks(self, standings: Sequence[Standing]) -> None:
        each = [ticking for standing in standings for ticking in standing.clocks.values()]
        new = [ticking.row for ticking in each if ticking.before is None]
        known = [(ticking.row, ticking.before) for ticking in each if ticking.before is not None]
        _update([(row, _changed(row, before, CLOCK_FIELDS)) for row, before in known])
        if new:
            Clock.objects.bulk_create(new)
        moved = [row for row, before in known if before["due_at"] != row.due_at]
        calls.expect({int(row.subject): row.due_at for row in new + moved if _is_promise(row)})

    def _store_climbs(self, standings: Sequence[Standing]) -> None:
        each = [climb for standing in standings for climb in standing.climbs]
        new = [climb.row for climb in each if climb.before is None]
        known = [(climb.row, climb.before) for climb in each if climb.before is not None]
        _update([(row, _changed(row, before, CLIMB_FIELDS)) for row, before in known])
        if new:
            Escalation.objects.bulk_create(new)

    def _show(self) -> None:
        """What lists show; no change of the tickets themselves, so their versions stay."""
        _update(self.shown)
        for ticket, fields in self.shown:
            for name, value in fields.items():
                setattr(ticket, name, value)
            if self.retime and HOLDS & fields.keys():
                conversation.retime_holds(ticket=ticket, now=self.now)

    def _involve(self) -> None:
        if not self.involve:
            return
        tickets = {ticket.pk for ticket, _, _ in self.involve}
        rows = Involvement.objects.filter(ticket__in=tickets)
        known = set(rows.values_list("ticket_id", "user_id"))
        for ticket, user, because in self.involve:
            if (ticket.pk, user.pk) not in known:
                known.add((ticket.pk, user.pk))
                triage.involve(ticket=ticket, user=user, because=because, now=self.now)


def _draft(alert: Alert) -> outbox.Draft:
    return outbox.Draft(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=alert.recipients,
        subject=alert.subject,
        text=alert.text,
        headers={"Auto-Submitted": "auto-generated"},
    )


def _is_promise(row: Clock) -> bool:
    """Of a call that the call log knows; its list shows by when."""
    return row.metric == Metric.CALLBACK and row.subject.isdecimal()


def _changed(
    row: Clock | Escalation, before: dict[str, object], fields: Sequence[str]
) -> dict[str, object]:
    after = snapshot(row, fields)
    return {name: value for name, value in after.items() if before[name] != value}


def _update(rows: Sequence[tuple[models.Model, dict[str, Any]]]) -> None:
    """One UPDATE for all rows that change to the same; CASE over many rows costs more than it saves."""
    groups: dict[tuple[tuple[str, Any], ...], list[models.Model]] = {}
    for row, changed in rows:
        if changed:
            groups.setdefault(tuple(changed.items()), []).append(row)
    for changes, several in groups.items():
        manager = type(several[0])._default_manager
        manager.filter(pk__in=[row.pk for row in several]).update(**dict(changes))
