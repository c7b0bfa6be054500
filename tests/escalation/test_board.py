"""The board of escalations: what concerns whom, what comes next, and the answers given there."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localtime

from escalation import raising
from escalation.board import Entry, waiting_for
from escalation.models import Escalation
from tests.escalation.conftest import HOUR, MINUTE, path, policy, sweep
from tests.routing.conftest import out
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import conversation, triage
from tickets.words import out_until

Open = Callable[..., Ticket]
UP = (
    {"who": "assignee"},
    {"who": "supervisors", "delay": HOUR},
    {"who": "role", "role": "executive", "delay": 5 * HOUR},
)
RIGHTLEFT = "\u202eevil <script>window.hit=1</script>"


@pytest.fixture
def late(desk: SimpleNamespace, opened: Open) -> Callable[..., Ticket]:
    """A ticket that was late so long ago, in real time: told one level for each hour."""
    start = timezone.now() - timedelta(days=10)
    promise = {"metric": "first_reply", "duration": MINUTE, "path": path("Up", start, *UP)}
    policy("Brief", start, promise)

    def go(hours: float = 0.1, **fields: Any) -> Ticket:
        given = {"assignee": desk.ana, "now": timezone.now() - hours * HOUR - 2 * MINUTE}
        ticket = opened(**given | fields)
        sweep(timezone.now())
        return Ticket.objects.get(pk=ticket.pk)

    return go


def board(user: User, query: str = "") -> list[Entry]:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/escalations/{query}")
    assert answer.status_code == 200
    found: list[Entry] = answer.context["entries"]
    return found


def html(user: User, query: str = "") -> str:
    client = Client()
    client.force_login(user)
    return client.get(f"/escalations/{query}").content.decode()


def post(user: User, address: str, **said: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(address, said, follow=True)


def test_it_says_who_why_which_trigger_whom_it_told_and_what_comes_next(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket = late(1.5)
    shown = html(desk.sue)
    for words in (
        ticket.reference, "level 2", "The first reply is late.", "A deadline was missed",
        "Told", "Sue", "first reply late by 1 h 3", "level 3, <strong><bdi>Eve",
    ):  # fmt: skip
        assert words in shown, words


def test_the_next_step_names_who_stands_in_for_whoever_is_out(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(0.1)
    out(desk.sue, timezone.now(), deputy=desk.stan)
    (entry,) = board(desk.sue)
    next_ = entry.climbs[0].coming
    assert next_ is not None
    assert (next_.level, next_.names) == (2, ["Stan"])
    assert "Sue is out until" in next_.remark
    assert "Stan stands in" in html(desk.sue)


def test_whoever_has_the_ticket_and_is_out_is_named_with_until_when_as_in_the_queue(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(1.5)
    away = out(desk.ana, timezone.now())
    (entry,) = board(desk.sue)
    assert entry.names[-1] == f"Ana ({out_until(localtime(away.ends_at))})"
    assert f"<bdi>{entry.names[-1]}</bdi>" in html(desk.sue)
    away.delete()
    (entry,) = board(desk.sue)
    assert entry.names[-1] == "Ana"


def test_a_step_that_is_nobody_falls_through_to_the_next_that_is(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(0.1)
    out(desk.sue, timezone.now())
    (entry,) = board(desk.sue)
    next_ = entry.climbs[0].coming
    assert next_ is not None
    assert (next_.level, next_.names) == (3, ["Eve"])


@pytest.mark.parametrize(
    ("who", "sees"),
    [("sue", True), ("ana", True), ("ben", False), ("stan", False), ("eve", False), ("ada", True)],
)
def test_it_shows_what_is_the_readers_business(
    desk: SimpleNamespace, late: Callable[..., Ticket], who: str, sees: bool
) -> None:
    late(0.1)
    assert bool(board(getattr(desk, who))) is sees


def test_an_executive_sees_what_was_put_before_them(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket = late(5.5)
    (entry,) = board(desk.eve)
    assert entry.ticket == ticket
    assert entry.is_mine
    assert entry.may_take_over
    assert entry.climbs[0].may_acknowledge


def test_what_is_mine_comes_first_then_the_next_step_decides(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    later, sooner, mine = late(0.1), late(0.5), late(1.5)
    assert [entry.ticket for entry in board(desk.sue)] == [mine, sooner, later]
    assert [entry.is_mine for entry in board(desk.sue)] == [True, False, False]
    assert [entry.ticket for entry in board(desk.sue, "?view=mine")] == [mine]


def test_it_is_narrowed_by_team_level_and_what_is_unanswered(
    desk: SimpleNamespace, late: Callable[..., Ticket], opened: Open
) -> None:
    low, high = late(0.1), late(1.5)
    other = late(0.1, team=desk.billing, assignee=desk.bo)
    row = Escalation.objects.get(ticket=low)
    raising.acknowledge(escalation=row, actor=desk.ana, now=timezone.now())

    def found(query: str) -> set[Ticket]:
        return {entry.ticket for entry in board(desk.ada, query)}

    assert found("") == {low, high, other}
    assert found(f"?team={desk.billing.pk}") == {other}
    assert found("?level=2") == {high}
    assert found("?view=unanswered") == {high, other}
    assert found("?view=evil&team=x&level=99&page=-1") == {low, high, other}


def test_nothing_is_said_in_words(desk: SimpleNamespace) -> None:
    assert "Nothing is escalated" in html(desk.sue)
    assert "Nothing fits what you chose" in html(desk.sue, "?level=3")


def test_acknowledged_right_there_the_board_is_shown_again_as_it_was(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket = late(1.5)
    row = Escalation.objects.get(ticket=ticket)
    answer = post(
        desk.sue, f"/escalations/{ticket.reference}/acknowledge/", escalation=row.pk,
        back="view=mine&evil=//elsewhere",
    )  # fmt: skip
    assert answer.redirect_chain[-1] == (f"/escalations/?view=mine#e-{ticket.reference}", 302)
    assert f'id="e-{ticket.reference}"' in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.acknowledged_by) == ("acknowledged", desk.sue)


def test_what_an_answer_takes_off_the_board_leads_back_to_the_first_that_stands_there(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket, _ = late(1.5), late(1.5)
    row = Escalation.objects.get(ticket=ticket)
    answer = post(
        desk.sue, f"/escalations/{ticket.reference}/acknowledge/", escalation=row.pk,
        back="view=unanswered",
    )  # fmt: skip
    assert answer.redirect_chain[-1] == ("/escalations/?view=unanswered#board", 302)
    assert 'id="board"' in answer.content.decode()


def test_taken_over_with_a_note_and_handed_back_with_a_note(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket = late(1.5)
    place = f"/escalations/{ticket.reference}"
    post(desk.sue, f"{place}/take-over/", note="I call\nher now.")
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue
    assert ticket.events.get(kind="taken_over").data["note"] == "I call her now."
    (entry,) = board(desk.sue)
    assert (entry.may_take_over, entry.may_hand_back) == (False, True)
    refused = post(desk.sue, f"{place}/hand-back/", note="")
    assert refused.status_code == 422
    assert "Say what they should know" in refused.content.decode()
    post(desk.sue, f"{place}/hand-back/", note="She is content.")
    ticket.refresh_from_db()
    assert ticket.assignee == desk.ana


def test_a_refusal_keeps_what_was_typed(desk: SimpleNamespace, late: Callable[..., Ticket]) -> None:
    ticket = late(1.5)
    post(desk.sue, f"/escalations/{ticket.reference}/take-over/", note="Mine")
    answer = post(desk.sue, f"/escalations/{ticket.reference}/take-over/", note="Mine again")
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "You have taken this ticket over already" in shown
    assert "Mine again" in shown


@pytest.mark.parametrize(
    ("who", "status"), [("ben", 403), ("stan", 404), ("max", 404), ("eve", 404)]
)
def test_nobody_answers_what_is_not_theirs(
    desk: SimpleNamespace, late: Callable[..., Ticket], who: str, status: int
) -> None:
    ticket = late(0.1)
    place = f"/escalations/{ticket.reference}"
    row = Escalation.objects.get(ticket=ticket)
    user = getattr(desk, who)
    assert post(user, f"{place}/take-over/", note="x").status_code == status
    assert post(user, f"{place}/hand-back/", note="x").status_code == status
    assert post(user, f"{place}/acknowledge/", escalation=row.pk).status_code == status
    ticket.refresh_from_db()
    assert ticket.assignee == desk.ana


def test_an_escalation_of_another_ticket_is_not_acknowledged_through_this_one(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    one, other = late(1.5), late(1.5)
    row = Escalation.objects.get(ticket=other)
    for number in (row.pk, "x", "9" * 30, ""):
        answer = post(desk.sue, f"/escalations/{one.reference}/acknowledge/", escalation=number)
        assert answer.status_code == 404


def test_the_bar_counts_what_waits_for_the_readers_own_answer(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(0.1)
    ticket = late(1.5)

    def count(user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.get("/escalations/count/").content.decode()

    assert ">1<span" in count(desk.sue)
    assert ">1<span" in count(desk.ana)
    assert not count(desk.ben).strip()
    raising.take_over(ticket=ticket, actor=desk.sue, now=timezone.now())
    assert not count(desk.sue).strip()


def test_the_bar_counts_nothing_that_the_board_does_not_let_the_reader_answer(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(1.5)
    late(5.5)
    assert waiting_for(desk.ana) == 0
    assert [climb.may_acknowledge for each in board(desk.ana) for climb in each.climbs] == [
        False, False,
    ]  # fmt: skip
    mine = late(0.1)
    assert waiting_for(desk.ana) == 1
    assert [e.ticket for e in board(desk.ana) if e.climbs[0].may_acknowledge] == [mine]
    row = Escalation.objects.get(ticket=mine)
    raising.acknowledge(escalation=row, actor=desk.ana, now=timezone.now())
    assert waiting_for(desk.ana) == 0


def test_the_bar_counts_for_whoever_stands_in_what_was_put_to_them_instead(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    out(desk.sue, timezone.now() - 3 * HOUR, deputy=desk.stan)
    late(1.5)
    assert (waiting_for(desk.stan), waiting_for(desk.sue)) == (1, 0)
    (entry,) = board(desk.stan)
    assert entry.climbs[0].may_acknowledge


def test_as_many_queries_for_thirty_as_for_three(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    counts = []
    for more in (3, 27):
        for number in range(more):
            ticket = late(1.5, requester=desk.carla if number % 2 else desk.carl)
            if number % 3 == 0:
                raising.take_over(ticket=ticket, actor=desk.sue, now=timezone.now())
        for user in (desk.sue, desk.ada, desk.ana):
            client = Client()
            client.force_login(user)
            with CaptureQueriesContext(connection) as captured:
                client.get("/escalations/")
            counts.append(len(captured))
    # Of what is not theirs nobody asks where what is theirs fills the page.
    assert all(many <= few for few, many in zip(counts[:3], counts[3:], strict=True))
    assert max(counts) <= 16


def test_a_ticket_with_many_climbs_stands_there_once_where_its_next_step_is(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    now = timezone.now()
    busy, calm, others = late(0.1), late(0.1), late(0.1, assignee=desk.ben)
    Escalation.objects.bulk_create(
        Escalation(ticket=busy, trigger="rule", key=str(number), because="Gold", started_at=now)
        for number in range(200)
    )
    rows = Escalation.objects.filter(trigger="breach")
    rows.filter(ticket=calm).update(next_step_at=now + MINUTE)
    rows.filter(ticket=busy).update(next_step_at=now + HOUR)
    rows.filter(ticket=others).update(next_step_at=now)
    shown = [(entry.ticket, entry.is_mine) for entry in board(desk.ana)]
    assert shown == [(calm, True), (busy, True)]
    shown = [(entry.ticket, entry.is_mine) for entry in board(desk.sue)]
    assert shown == [(others, False), (calm, False), (busy, False)]


def test_a_page_goes_on_from_what_is_ones_own_to_the_rest(
    desk: SimpleNamespace, late: Callable[..., Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.board.SIZE", 2)
    told, others = late(1.5), [late(0.2), late(0.1)]
    assert [(each.ticket, each.is_mine) for each in board(desk.sue)] == [
        (told, True), (others[0], False),
    ]  # fmt: skip
    assert [each.ticket for each in board(desk.sue, "?page=2")] == [others[1]]
    assert board(desk.sue, "?page=3") == []


def test_what_customers_and_colleagues_write_stays_text(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    User.objects.filter(pk=desk.ana.pk).update(first_name=RIGHTLEFT)
    desk.carl.name = RIGHTLEFT
    desk.carl.save()
    desk.ana.refresh_from_db()
    ticket = late(1.5)
    Ticket.objects.filter(pk=ticket.pk).update(subject=RIGHTLEFT)
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="<b>He shouts</b>", now=timezone.now())
    shown = html(desk.sue)
    assert "<script>window" not in shown
    assert "<b>He" not in shown
    assert "\u202e" not in shown


def test_htmx_is_given_the_entries_alone(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    late(1.5)
    client = Client()
    client.force_login(desk.sue)
    part = client.get("/escalations/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="board"' in part


def test_a_ticket_one_sees_no_more_is_gone_from_the_board(
    desk: SimpleNamespace, late: Callable[..., Ticket], now: datetime
) -> None:
    ticket = late(1.5)
    triage.move_to_team(ticket=ticket, team=desk.billing, actor=desk.sue, now=timezone.now())
    assert board(desk.sue) == []
    assert len(board(desk.stan)) == 1


def test_it_says_that_a_reply_is_held_already_and_when_it_leaves(
    desk: SimpleNamespace, late: Callable[..., Ticket]
) -> None:
    ticket = late(0.1)
    assert "reply leaves" not in html(desk.sue)
    conversation.reply(ticket=ticket, author=desk.ana, body="Soon.", now=timezone.now())
    Ticket.objects.update(waiting_until=timezone.now() + HOUR)
    assert ">reply leaves " in html(desk.sue)
