"""A ticket that comes back is judged, and climbs, as if it had never been put away."""

from collections.abc import Callable
from datetime import datetime

from escalation.models import Escalation
from escalation.raising import hand_back, take_over
from tests.escalation.conftest import DAY, HOUR, MINUTE, sweep
from tests.escalation.test_clocks import say
from tests.escalation.test_raising import told
from tests.escalation.test_rules import FLAG, fired, rule
from tests.factories import customer_writes
from tickets.models import Ticket
from tickets.services import triage

Open = Callable[..., Ticket]


def solve(ticket: Ticket, actor, at: datetime) -> None:
    ticket.refresh_from_db()
    triage.set_status(ticket=ticket, status="solved", actor=actor, now=at)


def climbing(ticket: Ticket) -> list[str]:
    rows = Escalation.objects.filter(ticket=ticket, state="open")
    return list(rows.values_list("trigger", flat=True))


def test_a_message_that_reopens_is_read_for_its_words(desk, opened: Open, now: datetime) -> None:
    rule("Danger", [{"kind": "words", "words": "smoke"}], FLAG)
    ticket = opened()
    solve(ticket, desk.ana, now + HOUR)
    customer_writes(ticket, now + 2 * HOUR, "Now there is smoke!")
    assert fired(ticket) == ["Danger"]


def test_a_late_first_reply_climbs_again_after_a_reopening(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    sweep(now + DAY + MINUTE)
    solve(ticket, desk.ana, now + 26 * HOUR)
    assert climbing(ticket) == []
    say(ticket, now + 27 * HOUR)
    before = len(told(ticket))
    sweep(now + 27 * HOUR + MINUTE)
    assert climbing(ticket) == ["breach"]
    assert len(told(ticket)) == before + 1


def test_each_reopening_climbs_once(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    sweep(now + DAY + MINUTE)
    for hour in (26, 28):
        solve(ticket, desk.ana, now + hour * HOUR)
        say(ticket, now + (hour + 1) * HOUR)
        say(ticket, now + (hour + 1) * HOUR + MINUTE)
        sweep(now + (hour + 1) * HOUR + MINUTE)
        assert climbing(ticket) == ["breach"]


def test_what_was_taken_over_is_still_taken_over_after_a_reopening(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    solve(ticket, desk.sue, now + HOUR)
    say(ticket, now + 2 * HOUR)
    hand_back(ticket=ticket, actor=desk.sue, note="Yours again.", now=now + 3 * HOUR)
    ticket.refresh_from_db()
    assert ticket.assignee == desk.ana


def test_what_was_given_to_another_meanwhile_is_not_taken_over_any_more(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    solve(ticket, desk.sue, now + HOUR)
    triage.assign(ticket=ticket, assignee=desk.ben, actor=desk.sue, now=now + HOUR)
    say(ticket, now + 2 * HOUR)
    assert not Escalation.objects.filter(ticket=ticket, state="taken_over").exists()


def test_a_breach_that_was_taken_over_does_not_climb_over_its_holders_head_after_a_reopening(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    late = now + 20 * DAY
    sweep(late)
    take_over(ticket=ticket, actor=desk.sue, now=late + MINUTE)
    solve(ticket, desk.sue, late + 2 * MINUTE)
    triage.set_status(ticket=ticket, status="open", actor=desk.sue, now=late + 3 * MINUTE)
    sweep(late + 3 * HOUR)
    first = ticket.escalations.filter(clock__metric="first_reply")
    assert [(row.state, row.taken_over_by) for row in first] == [("taken_over", desk.sue)]
