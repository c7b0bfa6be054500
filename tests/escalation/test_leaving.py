"""Whoever took a ticket over leaves: its escalation reaches somebody else."""

from collections.abc import Callable
from datetime import datetime

from escalation import raising
from escalation.models import Escalation
from tests.escalation.conftest import DAY, HOUR, MINUTE, sweep
from tests.escalation.test_raising import told
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import leaving

Open = Callable[..., Ticket]


def leaves(person: User, at: datetime) -> None:
    leaving.put_back(person=person, actor=None, now=at)


def standing(ticket: Ticket) -> list[tuple[str, str]]:
    return list(ticket.escalations.order_by("pk").values_list("trigger", "state"))


def test_a_hand_over_whose_taker_leaves_climbs_on_from_where_it_was(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="She shouts.", now=now + MINUTE)
    sweep(now + MINUTE)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + 2 * MINUTE)
    leaves(desk.sue, now + 3 * MINUTE)
    assert standing(ticket) == [("hand_over", "open")]
    before = told(ticket)
    sweep(now + 9 * HOUR)
    ticket.refresh_from_db()
    assert ticket.assignee is None
    assert len(told(ticket)) > len(before), "somebody above is told"


def test_a_breach_whose_taker_leaves_climbs_on_and_the_take_over_itself_ends(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    late = now + DAY + MINUTE
    sweep(late)
    raising.take_over(ticket=ticket, actor=desk.sue, now=late + MINUTE)
    leaves(desk.sue, late + 2 * MINUTE)
    assert standing(ticket) == [("breach", "open"), ("take_over", "ended")]
    ended = Escalation.objects.get(trigger="take_over")
    assert ended.ended_because == "Sue does not work here any more."
    sweep(late + 3 * HOUR)
    assert told(ticket)[-1][3] == ["Eve"]


def test_somebody_with_the_longest_of_names_can_leave(desk, opened: Open, now: datetime) -> None:
    desk.sue.first_name, desk.sue.last_name = "S" * 150, "T" * 150
    desk.sue.save()
    ticket = opened(assignee=desk.ana)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    leaves(desk.sue, now + 2 * MINUTE)
    row = ticket.escalations.get()
    row.clean_fields()  # SQLite itself minds no length
    assert row.ended_because == f"{desk.sue.name} does not work here any more."


def test_what_others_hold_stays_theirs(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    leaves(desk.ana, now + 2 * MINUTE)
    ticket.refresh_from_db()
    assert (standing(ticket), ticket.assignee) == ([("take_over", "taken_over")], desk.sue)
