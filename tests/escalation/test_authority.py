"""Acknowledge, hand over, take over, hand back: who may, what stops, what is told."""

from collections.abc import Callable
from datetime import datetime

import pytest

from escalation import raising
from escalation.models import Escalation
from tests.escalation.conftest import DAY, HOUR, MINUTE, sweep
from tests.escalation.test_clocks import answer
from tests.escalation.test_raising import alerts, told
from tickets.access import NoSuchTicket, NotAllowed
from tickets.errors import Conflict, Invalid, Over
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, triage
from tickets.views.telling import sentence

Open = Callable[..., Ticket]


@pytest.fixture
def late(desk, opened: Open, now: datetime) -> Ticket:
    """Ana's ticket, a minute late; Sue has been told."""
    ticket = opened(assignee=desk.ana)
    sweep(now + DAY + MINUTE)
    return ticket


def climbing(ticket: Ticket) -> Escalation:
    return Escalation.objects.get(ticket=ticket, trigger="breach")


def test_acknowledging_stops_the_climb(desk, late: Ticket, now: datetime) -> None:
    at = now + DAY + 5 * MINUTE
    raising.acknowledge(escalation=climbing(late), actor=desk.sue, now=at)
    row = climbing(late)
    assert (row.state, row.acknowledged_by, row.acknowledged_at) == ("acknowledged", desk.sue, at)
    count = len(alerts())
    sweep(now + 3 * DAY)
    assert len(alerts()) == count
    event = TicketEvent.objects.get(ticket=late, kind="escalation_acknowledged")
    assert event.actor == desk.sue
    late.refresh_from_db()
    assert late.escalation_level == 1


def test_acknowledging_twice_changes_nothing(desk, late: Ticket, now: datetime) -> None:
    for minutes in (5, 6):
        raising.acknowledge(
            escalation=climbing(late), actor=desk.sue, now=now + DAY + minutes * MINUTE
        )
    assert TicketEvent.objects.filter(kind="escalation_acknowledged").count() == 1


def test_a_second_person_hears_who_was_first(desk, late: Ticket, now: datetime) -> None:
    raising.acknowledge(escalation=climbing(late), actor=desk.sue, now=now + DAY + HOUR)
    with pytest.raises(Conflict, match="Sue has acknowledged this already"):
        raising.acknowledge(escalation=climbing(late), actor=desk.ada, now=now + DAY + HOUR)


def test_an_ended_escalation_cannot_be_acknowledged(desk, late: Ticket, now: datetime) -> None:
    answer(late, desk.ana, now + DAY + HOUR)
    with pytest.raises(Conflict, match="has ended"):
        raising.acknowledge(escalation=climbing(late), actor=desk.sue, now=now + DAY + 2 * HOUR)


def test_a_stranger_to_the_ticket_finds_nothing(desk, late: Ticket, now: datetime) -> None:
    with pytest.raises(NoSuchTicket):
        raising.acknowledge(escalation=climbing(late), actor=desk.bo, now=now + DAY + HOUR)
    with pytest.raises(NoSuchTicket):
        raising.take_over(ticket=late, actor=desk.stan, now=now + DAY + HOUR)


def test_those_at_work_cannot_silence_what_climbs_over_their_heads(
    desk, late: Ticket, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        raising.acknowledge(escalation=climbing(late), actor=desk.ana, now=now + DAY + HOUR)


def test_the_agent_who_was_warned_may_say_so(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    sweep(now + 18 * HOUR)
    warning = Escalation.objects.get(ticket=ticket, trigger="warning")
    raising.acknowledge(escalation=warning, actor=desk.ana, now=now + 18 * HOUR + MINUTE)
    sweep(now + 20 * HOUR)
    assert told(ticket) == [("warning", 1, 0, ["Ana"])]


def test_handing_over_tells_a_supervisor_at_once_and_why(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    row = raising.hand_over(ticket=ticket, actor=desk.ana, reason="He shouts.", now=now)
    assert row.because == "Ana asks a supervisor to take over: He shouts."
    assert told(ticket) == [("hand_over", 1, 0, ["Sue"])]
    assert alerts() == [f"[{ticket.reference}] Handed to you: How does it work?"]
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.escalation_level) == (desk.ana, 1)


def test_a_hand_over_without_a_word_is_refused(desk, opened: Open, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        raising.hand_over(ticket=opened(), actor=desk.ana, reason="  ", now=now)
    assert refusal.value.field == "reason"


def test_handing_over_twice_waits_for_the_first(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="He shouts.", now=now)
    with pytest.raises(Conflict):
        raising.hand_over(ticket=ticket, actor=desk.ben, reason="Still.", now=now)


def test_a_hand_over_nobody_answers_climbs(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="He shouts.", now=now)
    for minutes in range(0, 70, 5):
        sweep(now + minutes * MINUTE)
    assert [step[1:] for step in told(ticket)] == [
        (1, 0, ["Sue"]), (1, 1, ["Sue"]), (1, 2, ["Sue"]), (2, 0, ["Eve"]), (3, 0, ["Ada"]),
    ]  # fmt: skip


def test_taking_over_assigns_the_supervisor_and_the_agent_follows(
    desk, late: Ticket, now: datetime
) -> None:
    raising.take_over(ticket=late, actor=desk.sue, note="Mine.", now=now + DAY + HOUR)
    late.refresh_from_db()
    assert late.assignee == desk.sue
    assert list(late.followers.all()) == [desk.ana]
    assert climbing(late).state == "taken_over"
    count = len(alerts())
    sweep(now + 3 * DAY)
    assert [step for step in told(late) if step[0] == "breach" and step[1] > 1] == []
    assert len(alerts()) >= count


def test_an_agent_may_not_take_over(desk, late: Ticket, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        raising.take_over(ticket=late, actor=desk.ben, now=now + DAY + HOUR)


def test_taking_over_twice_is_refused(desk, late: Ticket, now: datetime) -> None:
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)
    with pytest.raises(Conflict, match="already"):
        raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)


def test_handing_back_returns_it_to_the_agent_with_a_note(
    desk, late: Ticket, now: datetime
) -> None:
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)
    answer(late, desk.sue, now + DAY + 2 * HOUR)
    raising.hand_back(ticket=late, actor=desk.sue, note="He is calm.", now=now + DAY + 3 * HOUR)
    late.refresh_from_db()
    assert late.assignee == desk.ana
    assert set(late.escalations.values_list("state", flat=True)) == {"ended"}
    mail = OutgoingMail.objects.filter(purpose="alert").order_by("pk").last()
    assert mail
    assert mail.subject.startswith(f"[{late.reference}] Back to you")
    assert "He is calm." in mail.text


def test_what_is_late_still_climbs_again_when_it_is_handed_back(
    desk, late: Ticket, now: datetime
) -> None:
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)
    before = len(told(late))
    raising.hand_back(ticket=late, actor=desk.sue, note="Go on.", now=now + DAY + 2 * HOUR)
    row = late.escalations.exclude(state="ended").get()
    assert (row.trigger, row.state) == ("breach", "open")
    assert row.because == "Handed back by Sue: The first reply is late."
    sweep(now + DAY + 2 * HOUR)
    sweep(now + DAY + 2 * HOUR)
    assert told(late)[before:] == [("breach", 1, 0, ["Sue"])]
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + 3 * HOUR)
    raising.hand_back(ticket=late, actor=desk.sue, note="Now.", now=now + DAY + 4 * HOUR)
    assert late.escalations.exclude(state="ended").get().state == "open"
    answer(late, desk.ana, now + DAY + 5 * HOUR)
    assert not late.escalations.exclude(state="ended").exists()


def test_names_as_long_as_they_may_be_stand_in_the_way_of_nothing(
    desk, opened: Open, now: datetime
) -> None:
    desk.sue.first_name, desk.sue.last_name = "S" * 150, "T" * 150
    desk.sue.save()
    ticket = opened(assignee=desk.ana)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    raising.hand_back(ticket=ticket, actor=desk.sue, note="Go on.", now=now + 2 * MINUTE)
    row = ticket.escalations.get()
    row.clean_fields()  # SQLite itself minds no length
    assert row.ended_because == f"Handed back by {desk.sue.name}."


def test_handing_back_may_go_to_somebody_else(desk, late: Ticket, now: datetime) -> None:
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)
    raising.hand_back(ticket=late, actor=desk.sue, note="Yours.", to=desk.ben, now=now + 2 * DAY)
    late.refresh_from_db()
    assert late.assignee == desk.ben


def test_handing_back_to_oneself_is_refused_and_the_history_names_people(
    desk, late: Ticket, now: datetime
) -> None:
    raising.take_over(ticket=late, actor=desk.sue, now=now + DAY + HOUR)
    with pytest.raises(Invalid) as refusal:
        raising.hand_back(ticket=late, actor=desk.sue, note="Me.", to=desk.sue, now=now + 2 * DAY)
    assert refusal.value.field == "to"
    raising.hand_back(ticket=late, actor=desk.sue, note="Yours.", now=now + 2 * DAY)
    said = [
        sentence(each, "Sue") for each in late.events.filter(kind__in=["taken_over", "handed_back"])
    ]
    assert said == [
        "Sue took the ticket over: from Ana",
        "Sue handed the ticket back: to Ana; Yours.",
    ]


def test_what_was_not_taken_over_cannot_be_handed_back(desk, late: Ticket, now: datetime) -> None:
    with pytest.raises(Conflict):
        raising.hand_back(ticket=late, actor=desk.sue, note="Here.", now=now + DAY + HOUR)


def test_a_ticket_can_be_taken_over_before_anything_is_late(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(assignee=desk.ana)
    row = raising.take_over(ticket=ticket, actor=desk.sue, now=now)
    assert (row.trigger, row.state, row.taken_from) == ("take_over", "taken_over", desk.ana)
    raising.hand_back(ticket=ticket, actor=desk.sue, note="Go on.", now=now + HOUR)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + 2 * HOUR)
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue


def test_a_solved_ticket_needs_no_supervisor(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    triage.set_status(ticket=ticket, status="solved", actor=desk.ana, now=now)
    for act in (
        lambda: raising.take_over(ticket=ticket, actor=desk.sue, now=now),
        lambda: raising.hand_over(ticket=ticket, actor=desk.ana, reason="Why", now=now),
    ):
        with pytest.raises(Over, match="is solved"):
            act()


@pytest.mark.parametrize(("status", "opens"), [("solved", True), ("closed", False)])
def test_only_what_can_be_opened_again_is_said_to_be(
    desk, opened: Open, now: datetime, status: str, opens: bool
) -> None:
    ticket = opened(assignee=desk.ana)
    triage.set_status(ticket=ticket, status=status, actor=desk.ana, now=now)
    for deed in (
        lambda: raising.hand_over(ticket=ticket, actor=desk.ana, reason="x", now=now),
        lambda: raising.take_over(ticket=ticket, actor=desk.sue, now=now),
        lambda: conversation.progress(ticket=ticket, author=desk.ana, text="x", now=now),
    ):
        with pytest.raises(Over) as refusal:
            deed()
        assert ("open it again" in refusal.value.message) is opens
