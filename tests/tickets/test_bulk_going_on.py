"""A change of many that broke off goes on when it is pressed again, and never does a ticket twice."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tests.factories import at_once, kinds, ticket
from tickets import events
from tickets.access import NotAllowed
from tickets.errors import Invalid, TooLate
from tickets.models import BulkDeed, Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import bulk

LATER = timedelta(minutes=5)
# A batch and a part of the next.
BATCH_AND_MORE = 28


class Broke(Exception):
    """Stands for whatever ends a process."""


def press(tickets: list[Ticket], actor: User, now: datetime, key: UUID, **wanted: Any) -> BulkDeed:
    references: dict[str, int | None] = {each.reference: each.version for each in tickets}
    return bulk.carry_out(references=references, wanted=wanted, actor=actor, now=now, key=key)


@contextmanager
def heard(deed: Callable[[Ticket], None]) -> Iterator[None]:
    """``deed`` with every ticket to which something happens, in the transaction of that."""

    def listener(ticket: Ticket, **_: Any) -> None:
        deed(ticket)

    events.recorded.connect(listener)
    try:
        yield
    finally:
        events.recorded.disconnect(listener)


def break_off(tickets: list[Ticket], at: Ticket, *given: Any, **wanted: Any) -> None:
    """Presses the button; the deed does not get past ``at``."""

    def breaks(ticket: Ticket) -> None:
        if ticket.pk == at.pk:
            raise Broke

    with heard(breaks), pytest.raises(Broke):
        press(tickets, *given, **wanted)


def changed(deed: BulkDeed) -> list[int]:
    return list(deed.items.order_by("ticket").values_list("ticket", flat=True))


@pytest.mark.parametrize("by", ["one after the other", "some together"])
@pytest.mark.django_db(transaction=True)
def test_what_broke_off_goes_on_when_pressed_again_and_is_one_deed(
    transactional_db: None, cast: SimpleNamespace, now: datetime, by: str
) -> None:
    wanted = {"assignee": cast.ben} if by == "some together" else {"priority": "urgent"}
    kind = "assigned" if by == "some together" else "priority_changed"
    tickets, key = [ticket(cast, now) for _ in range(BATCH_AND_MORE)], uuid4()
    break_off(tickets, tickets[-2], cast.ana, now, key, **wanted)
    begun = BulkDeed.objects.get()
    done = len(changed(begun))
    assert 0 < done < len(tickets)
    deed = press(tickets, cast.ana, now + LATER, key, **wanted)
    assert (deed, deed.left_alone) == (begun, [])
    assert changed(deed) == [each.pk for each in tickets]
    assert {kinds(each).count(kind) for each in tickets} == {1}
    bulk.undo(deed=deed, actor=cast.ana, now=now + 2 * LATER)
    assert set(Ticket.objects.values_list("priority", "assignee")) == {("normal", None)}


@pytest.mark.django_db(transaction=True)
def test_what_was_left_alone_before_it_broke_off_is_said_and_said_once(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    closed, one, two = (ticket(cast, now) for _ in range(3))
    press([closed], cast.ana, now, uuid4(), status="closed")
    key, alone = uuid4(), [[closed.reference, "It is closed, and what is closed stays as it is."]]
    closed.refresh_from_db()
    chosen = [closed, one, two]
    break_off(chosen, two, cast.ana, now, key, priority="urgent")
    deed = BulkDeed.objects.get(key=key)
    assert (changed(deed), deed.left_alone) == ([one.pk], alone)
    press(chosen, cast.ana, now + LATER, key, priority="urgent")
    deed.refresh_from_db()
    assert (changed(deed), deed.left_alone) == ([one.pk, two.pk], alone)


@pytest.mark.django_db(transaction=True)
def test_who_changed_a_ticket_between_the_two_keeps_it_so(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    key = uuid4()
    break_off([one, two], two, cast.ana, now, key, priority="urgent")
    theirs = Ticket.objects.get(pk=two.pk)
    press([theirs], cast.ben, now, uuid4(), priority="low")
    deed = press([one, two], cast.ana, now + LATER, key, priority="urgent")
    assert changed(deed) == [one.pk]
    assert [reference for reference, _ in deed.left_alone] == [two.reference]
    assert Ticket.objects.get(pk=two.pk).priority == "low"


@pytest.mark.django_db(transaction=True)
def test_after_its_undoing_it_does_not_go_on_nor_by_another_nor_for_something_else(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    key = uuid4()
    break_off([one, two], two, cast.ana, now, key, priority="urgent")
    press([two], cast.ana, now, key, priority="low")
    press([two], cast.ben, now, key, priority="urgent")
    bulk.undo(deed=BulkDeed.objects.get(), actor=cast.ana, now=now + LATER)
    press([two], cast.ana, now + LATER, key, priority="urgent")
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"normal"}


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_undone_any_more_does_not_go_on_and_says_so(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    key, long_after = uuid4(), now + bulk.UNDO_FOR + LATER
    break_off([one, two], two, cast.ana, now, key, priority="urgent")
    with pytest.raises(TooLate, match="broke off"):
        press([one, two], cast.ana, long_after, key, priority="urgent")
    assert Ticket.objects.get(pk=two.pk).priority == "normal"
    assert changed(press([one], cast.ana, long_after, key, priority="urgent")) == [one.pk]


@pytest.mark.parametrize("by", ["assignee", "team"])
@pytest.mark.django_db(transaction=True)
def test_pressed_again_while_the_first_is_at_it_each_is_done_once_and_none_left_alone(
    transactional_db: None, cast: SimpleNamespace, now: datetime, by: str
) -> None:
    # What ana moves to Billing she does not see any more, nor does her second press.
    wanted = {"assignee": {"assignee": cast.ben}, "team": {"team": cast.billing}}[by]
    kind = {"assignee": "assigned", "team": "team_changed"}[by]
    tickets, key = [ticket(cast, now) for _ in range(BATCH_AND_MORE)], uuid4()
    pressed = at_once(*[lambda: press(tickets, cast.ana, now, key, **wanted)] * 3)
    deed = BulkDeed.objects.get()
    assert pressed == [deed] * 3
    assert deed.left_alone == []
    assert changed(deed) == [each.pk for each in tickets]
    assert TicketEvent.objects.filter(kind=kind).count() == len(tickets)


def test_what_was_not_seen_when_the_others_were_locked_is_not_locked_after_them(
    cast: SimpleNamespace, now: datetime
) -> None:
    hidden, one, two = ticket(cast, now, team=cast.billing), ticket(cast, now), ticket(cast, now)

    def comes_into_sight(_: Ticket) -> None:
        Ticket.objects.filter(pk=hidden.pk).update(team=cast.support)

    with heard(comes_into_sight):
        deed = press([one, hidden, two], cast.ana, now, uuid4(), assignee=cast.ben)
    assert changed(deed) == [one.pk, two.pk]
    assert deed.left_alone == [(hidden.reference, bulk.UNSEEN)]


def test_what_nobody_answers_for_is_not_said_to_be_undone(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = press([one], cast.ana, now, uuid4(), priority="urgent")
    deed.items.update(before={"above": "what was taken out of the house"})
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    item = deed.items.get()
    assert not item.is_undone
    assert item.kept_because == "What did it is not there any more, so it stays as it is."


def stopped(
    tickets: list[Ticket], at: Ticket, actor: User, now: datetime, **wanted: Any
) -> BulkDeed:
    """A deed as a process that was killed at ``at`` leaves it: what it had not committed is not there,
    and nobody said that it ended."""
    break_off(tickets, at, actor, now, uuid4(), **wanted)
    deed = BulkDeed.objects.earliest("-pk")
    BulkDeed.objects.filter(pk=deed.pk).update(busy_until=now + bulk.BUSY_FOR)
    deed.refresh_from_db()
    return deed


def test_what_was_killed_is_under_way_for_a_moment_and_then_stopped(
    cast: SimpleNamespace, now: datetime
) -> None:
    tickets = [ticket(cast, now) for _ in range(3)]
    deed = stopped(tickets, tickets[1], cast.ana, now, priority="urgent")
    assert bulk.unfinished(cast.ben, now) is None
    told = bulk.unfinished(cast.ana, now + bulk.BUSY_FOR / 2)
    assert told
    assert (told.deed, told.asked, told.done, told.is_busy) == (deed, 3, 1, True)
    later = bulk.unfinished(cast.ana, now + bulk.BUSY_FOR)
    assert later
    assert (later.is_busy, later.may_go_on) == (False, True)
    long_after = bulk.unfinished(cast.ana, now + bulk.UNDO_FOR + LATER)
    assert long_after
    assert not long_after.may_go_on


def test_what_broke_at_once_is_not_taken_to_be_under_way(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    break_off([one, two], two, cast.ana, now, uuid4(), priority="urgent")
    told = bulk.unfinished(cast.ana, now)
    assert told
    assert (told.is_busy, told.done) == (False, 1)


def test_what_has_ended_or_was_undone_is_not_said_to_have_stopped(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two, key = ticket(cast, now), ticket(cast, now), uuid4()
    closed = press([one], cast.ana, now, uuid4(), status="closed")
    assert (closed.begun, closed.busy_until, bulk.unfinished(cast.ana, now)) == (None, None, None)
    break_off([one, two], two, cast.ana, now, key, add_tags=["vip"])
    assert bulk.unfinished(cast.ana, now)
    press([one, two], cast.ana, now + LATER, key, add_tags=["vip"])
    assert bulk.unfinished(cast.ana, now + LATER) is None
    other = ticket(cast, now)
    deed = stopped([other], other, cast.ana, now, priority="low")
    BulkDeed.objects.filter(pk=deed.pk).update(undone_at=now + LATER)
    assert bulk.unfinished(cast.ana, now + LATER) is None


def test_gone_on_with_the_rest_is_done_as_it_was_wanted_and_is_one_deed_with_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    tickets = [ticket(cast, now) for _ in range(4)]
    wanted: dict[str, Any] = {
        "status": "pending", "comes_back_at": now + timedelta(days=3), "assignee": cast.ben,
        "team": cast.support, "category": cast.management, "priority": "urgent",
        "add_tags": ["vip"], "remove_tags": ["lamp"], "follow": True,
    }  # fmt: skip
    deed = stopped(tickets, tickets[2], cast.ana, now, **wanted)
    bulk.go_on(deed=deed, actor=cast.ana, now=now + LATER)
    assert bulk.unfinished(cast.ana, now + LATER) is None
    assert changed(deed) == [each.pk for each in tickets]
    got = Ticket.objects.values_list(
        "status", "comes_back_at", "assignee", "category", "priority", "tags__name", "followers"
    )
    assert set(got) == {
        ("pending", now + timedelta(days=3), cast.ben.pk, cast.management.pk, "urgent", "vip",
         cast.ana.pk)
    }  # fmt: skip
    bulk.undo(deed=deed, actor=cast.ana, now=now + 2 * LATER)
    assert set(Ticket.objects.values_list("status", "priority")) == {("new", "normal")}


def test_gone_on_with_what_somebody_changed_meanwhile_stays_theirs(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    deed = stopped([one, two], two, cast.ana, now, assignee=None, priority="urgent")
    press([Ticket.objects.get(pk=two.pk)], cast.ben, now, uuid4(), priority="low")
    bulk.go_on(deed=deed, actor=cast.ana, now=now + LATER)
    assert [reference for reference, _ in deed.left_alone] == [two.reference]
    assert Ticket.objects.get(pk=two.pk).priority == "low"
    assert bulk.unfinished(cast.ana, now + LATER) is None


def test_left_the_rest_is_not_done_and_what_is_done_can_be_undone(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    deed = stopped([one, two], two, cast.ana, now, priority="urgent")
    bulk.leave_it(deed=deed, actor=cast.ana)
    assert bulk.unfinished(cast.ana, now + LATER) is None
    assert Ticket.objects.get(pk=two.pk).priority == "normal"
    for again in (
        lambda: bulk.leave_it(deed=deed, actor=cast.ana),
        lambda: bulk.go_on(deed=deed, actor=cast.ana, now=now + LATER),
    ):
        with pytest.raises(TooLate, match="ended already"):
            again()
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"normal"}


def test_only_who_began_it_goes_on_with_it_or_leaves_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = stopped([one], one, cast.ana, now, priority="urgent")
    with pytest.raises(NotAllowed):
        bulk.go_on(deed=deed, actor=cast.ada, now=now + LATER)
    with pytest.raises(NotAllowed):
        bulk.leave_it(deed=deed, actor=cast.ada)
    assert bulk.unfinished(cast.ana, now + LATER)


def test_what_cannot_go_on_says_why_and_waits_to_be_left(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = stopped([one], one, cast.ana, now, team=cast.billing)
    with pytest.raises(TooLate, match="broke off"):
        bulk.go_on(deed=deed, actor=cast.ana, now=now + bulk.UNDO_FOR + LATER)
    deed.begun["wanted"]["team"] = 10**9
    with pytest.raises(Invalid, match="The team it was to have is not there any more"):
        bulk.go_on(deed=deed, actor=cast.ana, now=now + LATER)
    assert bulk.unfinished(cast.ana, now + LATER)


@pytest.mark.django_db(transaction=True)
def test_gone_on_with_while_another_is_at_it_each_is_done_once(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    tickets = [ticket(cast, now) for _ in range(BATCH_AND_MORE)]
    deed = stopped(tickets, tickets[-1], cast.ana, now, assignee=cast.ben)

    def goes_on() -> BulkDeed:
        return bulk.go_on(deed=BulkDeed.objects.get(), actor=cast.ana, now=now + LATER)

    outcomes = at_once(*[goes_on] * 3)
    # Who comes when all is done is told so.
    late = [each for each in outcomes if isinstance(each, TooLate)]
    assert outcomes.count(deed) + len(late) == 3
    assert deed in outcomes
    assert changed(deed) == [each.pk for each in tickets]
    assert TicketEvent.objects.filter(kind="assigned").count() == len(tickets)
    assert bulk.unfinished(cast.ana, now + LATER) is None


def ended(deed: BulkDeed, by: str, actor: User, now: datetime) -> None:
    if by == "left":
        bulk.leave_it(deed=deed, actor=actor)
    else:
        bulk.undo(deed=deed, actor=actor, now=now)


@pytest.mark.parametrize("some", ["one after the other", "some together"])
@pytest.mark.parametrize("by", ["left", "undone"])
def test_left_or_undone_in_the_middle_it_stops_and_what_it_did_can_be_undone(
    cast: SimpleNamespace, now: datetime, by: str, some: str
) -> None:
    wanted = {"assignee": cast.ben} if some == "some together" else {"priority": "urgent"}
    tickets, seen = [ticket(cast, now) for _ in range(BATCH_AND_MORE)], set[int]()

    def ends(its: Ticket) -> None:
        if its.pk == tickets[1].pk and its.pk not in seen:
            seen.add(its.pk)
            ended(BulkDeed.objects.get(), by, cast.ana, now)

    with heard(ends):
        deed = press(tickets, cast.ana, now, uuid4(), **wanted)
    untouched = Ticket.objects.filter(priority="normal", assignee=None, version=tickets[0].version)
    assert {each.pk for each in tickets[2:]} <= set(untouched.values_list("pk", flat=True))
    assert changed(deed) == [tickets[0].pk, tickets[1].pk]
    assert bulk.unfinished(cast.ana, now) is None
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert set(Ticket.objects.values_list("priority", "assignee")) == {("normal", None)}


@pytest.mark.django_db(transaction=True)
def test_undone_by_another_process_meanwhile_nothing_of_it_stays(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    tickets, is_at_it = [ticket(cast, now) for _ in range(8)], threading.Event()

    def tells(its: Ticket) -> None:
        if its.pk == tickets[1].pk:
            is_at_it.set()

    def undoes() -> BulkDeed:
        assert is_at_it.wait(timeout=20)
        return bulk.undo(deed=BulkDeed.objects.get(), actor=cast.ana, now=now)

    with heard(tells):
        done, undone = at_once(
            lambda: press(tickets, cast.ana, now, uuid4(), priority="urgent"), undoes
        )
    assert done == undone == BulkDeed.objects.get()
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"normal"}


@pytest.mark.parametrize("by", ["left", "undone"])
def test_what_was_read_before_it_ended_does_not_bring_it_back(
    cast: SimpleNamespace, now: datetime, by: str
) -> None:
    one, two, key = ticket(cast, now), ticket(cast, now), uuid4()
    break_off([one, two], two, cast.ana, now, key, priority="urgent")
    deed, read_before = BulkDeed.objects.get(), BulkDeed.objects.get()
    ended(deed, by, cast.ana, now + LATER)
    with pytest.raises(TooLate, match="ended already"):
        bulk.go_on(deed=read_before, actor=cast.ana, now=now + LATER)
    press([one, two], cast.ana, now + LATER, key, priority="urgent")
    assert bulk.unfinished(cast.ana, now + LATER) is None
    assert Ticket.objects.get(pk=two.pk).priority == "normal"


def test_what_takes_long_is_under_way_as_long_as_it_goes_on(
    cast: SimpleNamespace, now: datetime
) -> None:
    tickets, spent, told = [ticket(cast, now) for _ in range(4)], set[int](), set[bool]()

    def clock() -> datetime:
        return now + len(spent) * bulk.BUSY_FOR * 0.9

    def looks(its: Ticket) -> None:
        found = bulk.unfinished(cast.ana, clock())
        told.add(bool(found and found.is_busy))
        spent.add(its.pk)
        if its.pk == tickets[3].pk:
            raise Broke

    references: dict[str, int | None] = {each.reference: each.version for each in tickets}
    given: dict[str, Any] = {"actor": cast.ana, "now": now, "key": uuid4(), "clock": clock}
    with heard(looks), pytest.raises(Broke):
        bulk.carry_out(references=references, wanted={"priority": "urgent"}, **given)
    assert (told, len(spent)) == ({True}, 4)
    stopped = bulk.unfinished(cast.ana, clock())
    assert stopped
    assert not stopped.is_busy


def test_what_has_done_its_part_does_not_say_that_nobody_is_at_the_rest(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two, three, key = ticket(cast, now), ticket(cast, now), ticket(cast, now), uuid4()
    break_off([one, two, three], two, cast.ana, now, key, priority="urgent")
    of_another = now + LATER + bulk.BUSY_FOR / 2

    def another_goes_on(_: Ticket) -> None:
        BulkDeed.objects.update(busy_until=of_another)

    with heard(another_goes_on):
        press([one, two], cast.ana, now, key, priority="urgent")
    told = bulk.unfinished(cast.ana, now + LATER)
    assert told
    assert (told.done, told.is_busy) == (2, True)


def test_what_is_said_at_length_goes_on_too(cast: SimpleNamespace, now: datetime) -> None:
    one, two, key = ticket(cast, now), ticket(cast, now), uuid4()
    tags = [f"{number:02} {'long' * 9}" for number in range(20)]
    break_off([one, two], two, cast.ana, now, key, add_tags=tags)
    assert len(BulkDeed.objects.get().said) == 500
    assert changed(press([one, two], cast.ana, now + LATER, key, add_tags=tags)) == [one.pk, two.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="another process needs a server")
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_in_the_middle_leaves_what_can_go_on(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    tickets = [ticket(cast, now) for _ in range(3)]

    def kills(its: Ticket) -> None:
        if its.pk == tickets[1].pk:
            os.kill(os.getpid(), signal.SIGKILL)

    connection.close()  # each process has its own
    if (child := os.fork()) == 0:
        try:
            with heard(kills):
                press(tickets, cast.ana, now, uuid4(), priority="urgent")
        finally:
            os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WTERMSIG(ended) == signal.SIGKILL
    told = bulk.unfinished(cast.ana, now + LATER)
    assert told
    assert (told.asked, told.done, told.is_busy) == (3, 1, False)
    bulk.go_on(deed=told.deed, actor=cast.ana, now=now + LATER)
    assert changed(told.deed) == [each.pk for each in tickets]
    assert bulk.unfinished(cast.ana, now + LATER) is None


def test_what_has_changed_nothing_is_not_said_to_be_undone_already(
    cast: SimpleNamespace, now: datetime
) -> None:
    begun: dict[str, Any] = {"asked": [["X", None]], "wanted": {"status": "solved"}}
    deed, _ = bulk.begin(key=uuid4(), actor=cast.ana, now=now, said="solved", begun=begun)
    with pytest.raises(TooLate, match="nothing to undo"):
        bulk.undo(deed=deed, actor=cast.ana, now=now)
    with pytest.raises(TooLate, match="undone already"):
        bulk.undo(deed=deed, actor=cast.ana, now=now)
