"""The waits in a conversation: first reply, next replies, and the updates between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from escalation.sla.timeline import FINISHED, Timeline
from escalation.sla.values import Fact, FactKind, Metric
from escalation.sla.waiting import ANSWERS, Wait

NEWS = (FactKind.REPLY_RELEASED, FactKind.PROGRESS)


def first_reply(ticket: Timeline) -> Iterator[Wait]:
    """From the opening to the first released public reply or reached call; only once."""
    if ticket.opened_at is None:
        return
    wait = Wait.began(Metric.FIRST_REPLY, 1, ticket.opened_at)
    for fact in ticket.facts:
        if fact.at >= ticket.opened_at and fact.kind in ANSWERS:
            wait = wait.met(fact.at)
            break
        if fact.kind is FactKind.MERGED_IN:
            wait = wait.shifted(fact)
    yield wait.silenced(ticket)


def next_replies(ticket: Timeline) -> list[Wait]:
    """Each unanswered wait after the first reply is one cycle; more messages do not restart it."""
    return [wait.silenced(ticket) for wait in _Conversation(ticket).read()]


def updates(ticket: Timeline) -> Iterator[Wait]:
    """From each piece of news to the next, unless the ticket is solved before."""
    current: Wait | None = None
    solved = False
    cycle = 0
    for fact in ticket.facts:
        if fact.kind in NEWS:
            if current:
                yield current.met(fact.at)
            cycle += not solved
            current = None if solved else Wait.began(Metric.UPDATE, cycle, fact.at)
        elif fact.kind is FactKind.STATUS:
            solved = fact.status in FINISHED
            if current and solved:
                yield current.dropped(fact.at)
                current = None
    if current:
        yield current


class _Conversation:
    def __init__(self, ticket: Timeline) -> None:
        self.ticket = ticket
        self.replied = False
        self.solved_at: datetime | None = None
        self.current: Wait | None = None
        self.done: list[Wait] = []

    def read(self) -> list[Wait]:
        hear = {
            FactKind.REPLY_RELEASED: self.answered,
            FactKind.CALL_REACHED: self.answered,
            FactKind.CUSTOMER_MESSAGE: self.asked,
            FactKind.MERGED_IN: self.merged,
            FactKind.STATUS: self.changed,
        }
        for fact in self.ticket.facts:
            if fact.kind in hear:
                hear[fact.kind](fact)
        return [*self.done, *([self.current] if self.current else [])]

    def answered(self, fact: Fact) -> None:
        if self.ticket.opened_at is None or fact.at < self.ticket.opened_at:
            return  # a call from before answers nothing that was asked here
        self.replied = True
        if self.current:
            self.done.append(self.current.met(fact.at))
            self.current = None

    def asked(self, fact: Fact) -> None:
        if self.replied and fact.at != self.ticket.opened_at:
            self.drop_if_solved()
            self.current = self.current or self.begin(fact.at)

    def merged(self, fact: Fact) -> None:
        if not self.replied or fact.wait_since is None:
            return
        self.drop_if_solved()
        if self.current:
            self.current = self.current.shifted(fact)
        else:
            since = min(fact.wait_since, fact.at)
            self.current = replace(self.begin(since), judged_from=fact.at)

    def changed(self, fact: Fact) -> None:
        if fact.status not in FINISHED:
            self.solved_at = None
        elif self.solved_at is None:
            self.solved_at = fact.at

    def begin(self, at: datetime) -> Wait:
        return Wait.began(Metric.NEXT_REPLY, len(self.done) + 1, at)

    def drop_if_solved(self) -> None:
        """A wait that was solved without an answer is over once the customer raises another."""
        wait, solved_at = self.current, self.solved_at
        if wait and solved_at and wait.judged_from <= solved_at:
            self.done.append(wait.dropped(solved_at))
            self.current = None
