"""What happens is told to who may hear of it, once committed, and nobody waits for the telling."""

import multiprocessing
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from tests.factories import ticket
from tickets.live import handlers, topics
from tickets.live.publishing import Publisher
from tickets.live.topics import Kind, Message
from tickets.models import Ticket
from tickets.services import conversation, triage

Told = list[Message]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the handler hands over."""
    found: Told = []
    monkeypatch.setattr(handlers, "say", found.append)
    return found


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False)


def changes(told: Told) -> list[Message]:
    return [each for each in told if each.kind == Kind.CHANGED]


def test_a_change_is_told_to_the_team_to_who_has_the_ticket_open_and_to_its_holder(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        triage.assign(ticket=one, assignee=cast.eve, actor=cast.ana, now=now)
    (change,) = changes(told)
    assert change.topics == {
        "all", topics.ticket(one.pk), topics.team(cast.support.pk), topics.person(cast.eve.pk),
    }  # fmt: skip
    assert (change.reference, change.version) == (one.reference, one.version)
    assert change.event == one.events.latest("pk").pk
    assert Message(Kind.NOTICE, frozenset({topics.person(cast.eve.pk)})) in told


def test_a_ticket_that_moves_is_told_to_both_teams(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        triage.move_to_team(ticket=one, team=cast.billing, actor=cast.ana, now=now)
    both = {topics.team(cast.support.pk), topics.team(cast.billing.pk)}
    assert both <= set().union(*(each.topics for each in changes(told)))


@pytest.mark.parametrize("how", ["follow", "involve"])
def test_whom_a_ticket_is_brought_to_hears_that_they_may_hear_more(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told, how: str,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        more = {"because": "asked"} if how == "involve" else {}
        getattr(triage, how)(ticket=one, user=cast.max, actor=cast.ana, now=now, **more)
    assert Message(Kind.NOTICE, frozenset({topics.person(cast.max.pk)})) in told


def test_who_had_a_ticket_hears_that_it_is_taken_and_looks_at_the_bell(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    triage.assign(ticket=one, assignee=cast.ben, actor=cast.sue, now=now)
    both = frozenset({topics.person(cast.ben.pk), topics.person(cast.ana.pk)})
    with django_capture_on_commit_callbacks(execute=True):
        triage.assign(ticket=one, assignee=cast.ana, actor=cast.sue, now=now)
    assert Message(Kind.NOTICE, both) in told
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        triage.move_to_team(ticket=one, team=cast.billing, actor=cast.sue, now=now)
    assert Message(Kind.NOTICE, frozenset({topics.person(cast.ana.pk)})) in told


def test_what_was_undone_is_not_told(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        conversation.note(ticket=one, author=cast.ana, body="Yes.", now=now)
        with transaction.atomic():
            triage.set_priority(ticket=one, priority="high", actor=cast.ana, now=now)
            transaction.set_rollback(True)
    assert len(changes(told)) == 1


def test_nothing_is_told_before_it_is_committed(
    cast: SimpleNamespace, now: datetime, one: Ticket, told: Told,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        conversation.note(ticket=one, author=cast.ana, body="Yes.", now=now)
        assert told == []
    assert len(changes(told)) == 1


class Way:
    """A way to the streams that a test can block or break."""

    def __init__(self) -> None:
        self.free, self.begun = threading.Event(), threading.Event()
        self.free.set()
        self.carried: list[Sequence[Message]] = []
        self.broken = False

    def carry(self, messages: Sequence[Message]) -> None:
        self.begun.set()
        self.free.wait(10)
        if self.broken:
            raise ConnectionError("gone")
        self.carried.append(messages)


@pytest.fixture
def way() -> Iterator[Way]:
    way = Way()
    yield way
    way.free.set()


def changed(version: int) -> Message:
    return Message(Kind.CHANGED, frozenset({"team:1"}), "HD-ABC234", version, version)


def test_many_changes_of_a_moment_are_sent_as_one(way: Way) -> None:
    publisher = Publisher(way.carry)
    for version in range(1, 200):
        publisher.say(changed(version))
    assert publisher.settle(10)
    assert [each.version for batch in way.carried for each in batch][-1] == 199
    assert len(way.carried) < 20


def test_nobody_waits_for_a_way_that_hangs(way: Way) -> None:
    publisher = Publisher(way.carry)
    way.free.clear()
    publisher.say(changed(1))
    assert way.begun.wait(10)
    for version in range(30_000):
        publisher.say(changed(version))
    assert not publisher.settle(0)
    way.free.set()
    assert publisher.settle(10)


def test_after_a_failure_the_next_is_told(way: Way) -> None:
    publisher = Publisher(way.carry)
    way.broken = True
    publisher.say(changed(1))
    assert publisher.settle(10)
    way.broken = False
    publisher.say(changed(2))
    assert publisher.settle(10)
    assert [list(each) for each in way.carried] == [[changed(2)]]


def test_a_process_that_was_forked_tells_by_itself(way: Way) -> None:
    """As gunicorn's and Celery's do: the thread of the parent is not in the child."""
    publisher = Publisher(way.carry)
    publisher.say(changed(1))
    assert publisher.settle(10)
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=_in_child, args=(publisher, way))
    child.start()
    child.join(20)
    assert child.exitcode == 0


def _in_child(publisher: Publisher, way: Way) -> None:
    before = len(way.carried)
    publisher.say(changed(2))
    told = publisher.settle(10)
    raise SystemExit(0 if told and len(way.carried) == before + 1 else 1)
