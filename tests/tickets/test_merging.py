"""Two tickets become one."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import customer_writes, event, kinds, order, replied, ticket
from tickets.errors import Conflict, Invalid, Over
from tickets.models import Message, Ticket
from tickets.services import conversation, triage

HOUR = timedelta(hours=1)


def merge(source: Ticket, target: Ticket, cast: SimpleNamespace, now: datetime) -> Ticket:
    return triage.merge(source=source, target=target, actor=cast.ana, now=now)


def wait_since(target: Ticket) -> datetime | None:
    told = event(target, "merged_in").data["wait_since"]
    return datetime.fromisoformat(told) if told else None


def test_everything_of_the_source_is_found_on_the_target(
    cast: SimpleNamespace, now: datetime
) -> None:
    source = ticket(
        cast, now, body="About NL-1001", tags=["vip"], assignee=cast.ben, acknowledge=False
    )
    known = order(cast.carla, now)
    triage.link_order(ticket=source, order=known, actor=None, now=now)
    triage.follow(ticket=source, user=cast.bo, actor=None, now=now)
    triage.involve(ticket=source, user=cast.eve, because="asked", now=now)
    note = conversation.note(ticket=source, author=cast.ana, body="Hm.", now=now)
    target = ticket(cast, now, acknowledge=False)
    merge(source, target, cast, now + HOUR)
    assert target.messages.count() == 3
    assert Message.objects.get(pk=note.pk).ticket == target
    assert list(target.orders.all()) == [known]
    assert event(target, "order_linked").data["order"] == "NL-1001"
    assert [tag.name for tag in target.tags.all()] == ["vip"]
    assert set(target.followers.all()) == {cast.bo, cast.ben}
    assert target.involvements.get().user == cast.eve
    assert event(source, "merged_away").data == {"target": target.reference}
    assert event(target, "merged_in").data["source"] == source.reference


def test_the_source_is_closed_without_having_been_solved(
    cast: SimpleNamespace, now: datetime
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    merge(source, target, cast, now)
    source.refresh_from_db()
    assert (source.status, source.closed_at, source.merged_into) == ("closed", now, target)
    assert source.solved_at is None
    assert "status_changed" not in kinds(source)


def test_the_same_customers_wait_is_carried_over(cast: SimpleNamespace, now: datetime) -> None:
    source, target = ticket(cast, now), ticket(cast, now + HOUR)
    merge(source, target, cast, now + 2 * HOUR)
    assert wait_since(target) == now


def test_only_what_is_still_unanswered_is_a_wait(cast: SimpleNamespace, now: datetime) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    replied(source, cast.ana, now + HOUR)
    customer_writes(source, now + 2 * HOUR)
    customer_writes(source, now + 3 * HOUR)
    merge(source, target, cast, now + 4 * HOUR)
    assert wait_since(target) == now + 2 * HOUR


@pytest.mark.parametrize("why", ["answered", "solved"])
def test_where_nobody_waits_nothing_is_carried_over(
    cast: SimpleNamespace, now: datetime, why: str
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    if why == "answered":
        replied(source, cast.ana, now + HOUR)
    elif why == "solved":
        triage.set_status(ticket=source, status="solved", actor=None, now=now)
    merge(source, target, cast, now + 2 * HOUR)
    assert wait_since(target) is None


def test_a_wait_survives_a_chain_of_merges(cast: SimpleNamespace, now: datetime) -> None:
    first, second, third = (ticket(cast, now + n * HOUR) for n in range(3))
    merge(first, second, cast, now + 3 * HOUR)
    replied(third, cast.ana, now + 3 * HOUR)
    merge(second, third, cast, now + 4 * HOUR)
    assert wait_since(third) == now


def test_the_last_word_is_the_later_one(cast: SimpleNamespace, now: datetime) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    replied(target, cast.ana, now + HOUR)
    customer_writes(source, now + 2 * HOUR)
    merge(source, target, cast, now + 3 * HOUR)
    target.refresh_from_db()
    assert (target.last_message_at, target.last_message_by_customer) == (now + 2 * HOUR, True)


@pytest.mark.parametrize("which", ["itself", "closed source", "closed target", "merged source"])
def test_what_cannot_be_merged_is_refused_and_stays(
    cast: SimpleNamespace, now: datetime, which: str
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    if which == "itself":
        target = source
    elif which == "merged source":
        merge(source, ticket(cast, now), cast, now)
    else:
        closed = source if which == "closed source" else target
        triage.set_status(ticket=closed, status="closed", actor=None, now=now)
    before = kinds(target)
    with pytest.raises(Over if "source" in which else Invalid):
        merge(source, target, cast, now)
    assert kinds(target) == before


def test_a_source_that_changed_since_it_was_read_is_not_merged(
    cast: SimpleNamespace, now: datetime
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    seen = source.version
    customer_writes(source, now)
    with pytest.raises(Conflict):
        triage.merge(source=source, target=target, actor=cast.ana, now=now, expected_version=seen)


@pytest.mark.parametrize("status", ["solved", "pending", "on_hold"])
@pytest.mark.parametrize("waits", [True, False])
def test_a_ticket_that_is_not_before_us_is_reopened_only_by_somebody_who_still_waits(
    cast: SimpleNamespace, now: datetime, status: str, waits: bool
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    triage.set_status(ticket=target, status=status, actor=None, now=now)
    if not waits:
        replied(source, cast.ana, now)
    merge(source, target, cast, now + HOUR)
    target.refresh_from_db()
    assert target.status == ("open" if waits and status != "on_hold" else status)


def test_a_progress_line_is_not_told_on_a_matter_that_is_solved(
    cast: SimpleNamespace, now: datetime
) -> None:
    source, target = ticket(cast, now), ticket(cast, now)
    replied(source, cast.ana, now)
    line = conversation.progress(ticket=source, author=cast.ana, text="Still at it", now=now)
    triage.set_status(ticket=target, status="solved", actor=None, now=now)
    merge(source, target, cast, now)
    assert line.mail is not None
    line.mail.refresh_from_db()
    assert line.mail.state == "recalled"
    assert event(target, "reply_recalled").message == line
