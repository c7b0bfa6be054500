"""The waits for a promised call and for an expert's answer: one per promise, one per question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from escalation.sla.timeline import Timeline
from escalation.sla.values import Fact, FactKind, Metric
from escalation.sla.waiting import Wait


def callbacks(ticket: Timeline) -> list[Wait]:
    """Each promised call until it was made. Promising the same one anew replaces the promise.

    A call keeps the promises that it says it is about, and no other: who was called is not who was
    promised another call. One written before calls said so keeps every open promise where it names
    none of this ticket; one to somebody other than who waits, only the one it names. A promise that
    a merge brought is known here since the merge: no earlier call here was about it, and it is not
    late here before (rule 9).
    """
    book = _Book(Metric.CALLBACK)
    for fact in ticket.facts:
        if fact.kind is FactKind.CALLBACK_PROMISED:
            book.drop([fact.subject], fact)
            book.promise(fact)
        elif fact.kind is FactKind.CALL_REACHED:
            book.keep(book.meant_by(fact), fact)
        elif fact.kind is FactKind.CALL_ATTEMPTED:
            book.attempt(book.meant_by(fact), fact)
        elif fact.kind is FactKind.CALL_TO_ANOTHER:
            book.keep([fact.subject], fact)
        elif fact.kind is FactKind.CALLBACK_WITHDRAWN:
            book.drop([fact.subject], fact)
    return book.waits()


def questions(ticket: Timeline) -> list[Wait]:
    """Each question to an expert until it was answered or withdrawn; a reminder is no new one."""
    book = _Book(Metric.EXPERT_ANSWER)
    for fact in ticket.facts:
        if fact.kind is FactKind.EXPERT_ASKED and fact.subject not in book.open:
            book.promise(fact)
        elif fact.kind in (FactKind.EXPERT_ANSWERED, FactKind.EXPERT_WITHDRAWN):
            book.keep([fact.subject], fact)
    return [wait.silenced(ticket) for wait in book.waits()]


@dataclass(slots=True)
class _Book:
    metric: Metric
    open: dict[str, Wait] = field(default_factory=dict)
    cycles: dict[str, int] = field(default_factory=dict)
    known_since: dict[str, datetime] = field(default_factory=dict)
    done: list[Wait] = field(default_factory=list)

    def waits(self) -> list[Wait]:
        found = [*self.done, *self.open.values()]
        return sorted(found, key=lambda wait: (wait.started_at, wait.subject, wait.cycle))

    def meant_by(self, call: Fact) -> Sequence[str]:
        if call.promises is not None:
            return call.promises
        if call.subject in self.cycles:
            return [call.subject]
        return [each for each in self.open if call.recorded_at >= self.known_since[each]]

    def promise(self, fact: Fact) -> None:
        cycle = self.cycles[fact.subject] = self.cycles.get(fact.subject, 0) + 1
        self.known_since[fact.subject] = fact.recorded_at
        wait = Wait.began(self.metric, cycle, fact.at, fact.subject)
        judged_from = max(fact.at, fact.recorded_at)
        self.open[fact.subject] = replace(wait, promised_at=fact.due_at, judged_from=judged_from)

    def keep(self, subjects: Sequence[str], fact: Fact) -> None:
        for subject in subjects:
            if subject in self.open:
                self.done.append(self.open.pop(subject).met(fact.at))

    def drop(self, subjects: list[str], fact: Fact) -> None:
        for subject in subjects:
            if subject in self.open:
                self.done.append(self.open.pop(subject).dropped(fact.at))

    def attempt(self, subjects: Sequence[str], fact: Fact) -> None:
        for subject in subjects:
            if subject in self.open:
                wait = self.open[subject]
                self.open[subject] = replace(wait, attempts=(*wait.attempts, fact.at))
