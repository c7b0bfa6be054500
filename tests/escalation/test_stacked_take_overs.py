"""Taken over, and taken over again: each hand-back gives the ticket to whom it was taken from."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalation import raising
from escalation.models import Escalation
from escalation.taking import HeldByAnother
from tests.conftest import _user
from tests.escalation.conftest import DAY, HOUR, MINUTE, sweep
from tests.factories import at_once
from tickets.errors import Conflict
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import triage
from tickets.telling.models import Notification
from tickets.telling.services import newest
from tickets.telling.words import sentence

Open = Callable[..., Ticket]


@pytest.fixture
def ticket(desk, opened: Open) -> Ticket:
    """Ana's; Sue leads its team, Eve has been asked to look."""
    ticket = opened(assignee=desk.ana)
    triage.involve(ticket=ticket, user=desk.eve, because="asked", now=ticket.opened_at)
    return ticket


def take(ticket: Ticket, actor: User, at: datetime) -> None:
    raising.take_over(ticket=ticket, actor=actor, now=at)


def back(ticket: Ticket, actor: User, at: datetime, to: User | None = None) -> str:
    """Who has it then."""
    raising.hand_back(ticket=ticket, actor=actor, note="Yours.", to=to, now=at)
    ticket.refresh_from_db()
    return ticket.assignee.username if ticket.assignee else ""


def held(ticket: Ticket) -> int:
    return ticket.escalations.filter(state="taken_over").count()


def test_each_gives_it_back_to_whom_it_was_taken_from(desk, ticket: Ticket, now: datetime) -> None:
    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    assert back(ticket, desk.eve, now + 2 * MINUTE) == "sue"
    assert back(ticket, desk.sue, now + 3 * MINUTE) == "ana"
    assert held(ticket) == 0


def test_the_way_down_is_the_way_up_however_often(desk, ticket: Ticket, now: datetime) -> None:
    for minute, who in enumerate((desk.sue, desk.eve, desk.sue, desk.ada)):
        take(ticket, who, now + minute * MINUTE)
    later = now + HOUR
    assert [
        back(ticket, who, later + minute * MINUTE)
        for minute, who in enumerate((desk.ada, desk.sue, desk.eve, desk.sue))
    ] == ["sue", "eve", "sue", "ana"]
    with pytest.raises(Conflict):
        back(ticket, desk.sue, later + HOUR)


def test_who_holds_it_does_not_take_it_again(desk, ticket: Ticket, now: datetime) -> None:
    take(ticket, desk.sue, now)
    with pytest.raises(Conflict, match="You have taken"):
        take(ticket, desk.sue, now + MINUTE)


@pytest.mark.parametrize(
    ("gone", "expected"), [(["sue"], "ana"), (["ana"], "sue"), (["sue", "ana"], "")]
)
def test_whoever_left_meanwhile_is_passed_by(
    desk, ticket: Ticket, now: datetime, gone: list[str], expected: str
) -> None:
    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    User.objects.filter(username__in=gone).update(is_active=False)
    assert back(ticket, desk.eve, now + 2 * MINUTE) == expected
    assert held(ticket) == (1 if expected == "sue" else 0)


def test_a_ticket_of_nobody_goes_back_to_nobody_in_the_end(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    take(ticket, desk.sue, now)
    take(ticket, desk.ada, now + MINUTE)
    assert back(ticket, desk.ada, now + 2 * MINUTE) == "sue"
    assert back(ticket, desk.sue, now + 3 * MINUTE) == ""


@pytest.mark.parametrize(("to", "left"), [("sue", 1), ("ana", 0), ("ben", 0)])
def test_a_named_receiver_ends_what_was_taken_over_above_them(
    desk, ticket: Ticket, now: datetime, to: str, left: int
) -> None:
    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    assert back(ticket, desk.eve, now + 2 * MINUTE, to=getattr(desk, to)) == to
    assert held(ticket) == left


def test_handing_back_twice_by_a_double_click_gives_it_back_once(
    desk, ticket: Ticket, now: datetime
) -> None:
    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    back(ticket, desk.eve, now + 2 * MINUTE)
    with pytest.raises(
        Conflict, match="Sue has taken this ticket over, and only they hand it back"
    ):
        back(ticket, desk.eve, now + 2 * MINUTE)
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue


def test_what_a_person_who_left_holds_may_be_handed_back_for_them(
    desk, ticket: Ticket, now: datetime
) -> None:
    take(ticket, desk.eve, now)
    User.objects.filter(pk=desk.eve.pk).update(is_active=False)
    assert back(ticket, desk.sue, now + MINUTE) == "ana"


def test_climbs_belong_to_whoever_took_them(desk, ticket: Ticket, now: datetime) -> None:
    take(ticket, desk.sue, now)
    sweep(now + DAY + MINUTE)
    breach = Escalation.objects.get(ticket=ticket, trigger="breach")
    take(ticket, desk.eve, now + DAY + HOUR)
    breach.refresh_from_db()
    assert (breach.state, breach.taken_over_by) == ("taken_over", desk.eve)
    back(ticket, desk.eve, now + DAY + 2 * HOUR)
    breach.refresh_from_db()
    assert breach.state == "ended"
    assert ticket.escalations.get(state="taken_over").taken_over_by == desk.sue


def test_after_a_reopening_the_way_down_is_still_known(desk, ticket: Ticket, now: datetime) -> None:
    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    for minute, status in ((2, "solved"), (3, "open")):
        triage.set_status(ticket=ticket, status=status, actor=desk.eve, now=now + minute * MINUTE)
    assert back(ticket, desk.eve, now + 4 * MINUTE) == "sue"
    assert back(ticket, desk.sue, now + 5 * MINUTE) == "ana"


def test_an_agent_to_whom_it_was_given_since_may_ask_for_a_supervisor(
    desk, ticket: Ticket, now: datetime
) -> None:
    take(ticket, desk.sue, now)
    triage.assign(ticket=ticket, assignee=desk.ben, actor=desk.sue, now=now + MINUTE)
    asked = raising.hand_over(ticket=ticket, actor=desk.ben, reason="Help.", now=now + HOUR)
    assert asked.state == "open"


def test_the_panel_offers_each_what_is_theirs_to_do(desk, opened: Open, client: Client) -> None:
    real = timezone.now()
    ticket = opened(assignee=desk.ana, now=real)
    take(ticket, desk.sue, real)
    take(ticket, desk.ada, real + timedelta(seconds=1))
    offered = {}
    for person in (desk.sue, desk.ada):
        client.force_login(person)
        page = client.get(reverse("escalations-panel", args=[ticket.reference])).content.decode()
        offered[person.username] = ("Hand it back" in page, "Take the ticket over" in page)
    assert offered == {"sue": (False, True), "ada": (True, False)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", range(3))
def test_two_who_take_it_at_once_stand_one_upon_the_other(
    desk, opened: Open, now: datetime, run: int
) -> None:
    ticket = opened(assignee=desk.ana)
    second = _user(f"sid{run}", "supervisor", desk.support, leads=True)
    outcomes = at_once(
        lambda: take(ticket, desk.sue, now + MINUTE), lambda: take(ticket, second, now + MINUTE)
    )
    assert outcomes == [None, None]
    ticket.refresh_from_db()
    top, below = (desk.sue, second) if ticket.assignee == desk.sue else (second, desk.sue)
    assert back(ticket, top, now + HOUR) == below.username
    assert back(ticket, below, now + 2 * HOUR) == "ana"


@pytest.mark.django_db(transaction=True)
def test_of_two_hand_backs_at_once_one_counts(desk, opened: Open, now: datetime) -> None:
    ticket = opened(assignee=desk.ana)
    take(ticket, desk.sue, now)
    take(ticket, desk.ada, now + MINUTE)
    outcomes = at_once(
        lambda: back(ticket, desk.ada, now + HOUR), lambda: back(ticket, desk.ada, now + HOUR)
    )
    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue


def known(ticket: Ticket, actor: User, at: datetime, *holders: User) -> None:
    """Takes it over from a page that said that these had it."""
    raising.take_over(
        ticket=ticket, actor=actor, now=at, known_holders={each.pk for each in holders}
    )


def test_what_another_took_over_after_the_page_was_drawn_is_not_taken_from_them_unasked(
    desk, ticket: Ticket, now: datetime
) -> None:
    known(ticket, desk.eve, now)
    with pytest.raises(HeldByAnother, match="Eve took this ticket over 20 s ago") as refused:
        known(ticket, desk.sue, now + timedelta(seconds=20))
    assert refused.value.holder == desk.eve
    with pytest.raises(HeldByAnother):
        known(ticket, desk.sue, now + MINUTE, desk.ada)
    ticket.refresh_from_db()
    assert (ticket.assignee, held(ticket)) == (desk.eve, 1)
    known(ticket, desk.sue, now + MINUTE, desk.eve)
    ticket.refresh_from_db()
    assert (ticket.assignee, held(ticket)) == (desk.sue, 2)


def test_what_nobody_holds_any_more_is_taken_without_a_question(
    desk, ticket: Ticket, now: datetime
) -> None:
    known(ticket, desk.eve, now)
    back(ticket, desk.eve, now + MINUTE)
    known(ticket, desk.sue, now + 2 * MINUTE)
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue


def test_who_had_it_is_told_who_took_it_over_with_the_note(
    desk, ticket: Ticket, now: datetime
) -> None:
    take(ticket, desk.eve, now)
    raising.take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE, note="I know them.")
    rows = {row.person: row for row in Notification.objects.with_words().filter(kind="taken")}
    assert {person: sentence(row, person) for person, row in rows.items()} == {
        desk.ana: "Eve took this ticket over from you",
        desk.eve: "Sue took this ticket over from you: I know them.",
    }
    assert set(newest(desk.eve)) == {rows[desk.eve]}
    assert rows[desk.eve].mail_at


@pytest.mark.parametrize("is_given_away", [False, True])
def test_who_has_it_back_is_told_no_more_that_it_was_taken_from_them(
    desk, ticket: Ticket, now: datetime, is_given_away: bool
) -> None:
    def told() -> set[str]:
        rows = Notification.objects.unread().filter(kind="taken")
        return set(rows.values_list("person__username", flat=True))

    take(ticket, desk.sue, now)
    take(ticket, desk.eve, now + MINUTE)
    assert told() == {"ana", "sue"}
    assert back(ticket, desk.eve, now + 2 * MINUTE) == "sue"
    assert told() == {"ana"}
    if is_given_away:
        triage.assign(ticket=ticket, assignee=None, actor=desk.sue, now=now + 3 * MINUTE)
    assert back(ticket, desk.sue, now + 4 * MINUTE) == "ana"
    assert told() == set()


def test_nobody_is_told_that_they_took_what_was_theirs_or_nobodys(
    desk, opened: Open, now: datetime
) -> None:
    take(opened(), desk.sue, now)
    take(opened(assignee=desk.sue), desk.sue, now)
    assert not Notification.objects.filter(kind="taken").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_at_once_one_has_it_and_the_other_is_asked(
    transactional_db: None, desk, ticket: Ticket, now: datetime
) -> None:
    outcomes = at_once(lambda: known(ticket, desk.sue, now), lambda: known(ticket, desk.eve, now))
    assert sorted(type(each).__name__ for each in outcomes) == ["HeldByAnother", "NoneType"]
    assert held(ticket) == 1
    assert ticket.events.filter(kind="taken_over").count() == 1


PLACES = ["/tickets/{}/take-over/", "/escalations/{}/take-over/"]


@pytest.mark.parametrize("place", PLACES)
def test_a_page_drawn_before_asks_with_the_words_typed_and_its_answer_takes_it(
    desk, ticket: Ticket, now: datetime, place: str
) -> None:
    address, client = place.format(ticket.reference), Client()
    client.force_login(desk.sue)
    take(ticket, desk.eve, timezone.now() - timedelta(seconds=20))
    asked = client.post(address, {"note": "I know them."})
    page = unescape(asked.content.decode())
    assert asked.status_code == 409
    assert re.search("Eve took this ticket over [0-9]+ (s|min) ago", page)
    assert "I know them.</textarea>" in page
    assert re.search("over from <bdi>Eve</bdi></button>", page)
    ticket.refresh_from_db()
    assert ticket.assignee == desk.eve
    (form,) = [
        each
        for each in page.split("<form")[1:]
        if "I know them.</textarea>" in each and f'action="{address}"' in each
    ]
    said = re.search('name="held_by" value="([0-9]+)"', form)
    assert said
    answer = client.post(address, {"note": "I know them.", "held_by": said[1]})
    assert answer.status_code == 302
    ticket.refresh_from_db()
    assert ticket.assignee == desk.sue


def test_a_page_that_says_who_has_it_says_that_it_is_taken_from_them(
    desk, ticket: Ticket, now: datetime
) -> None:
    take(ticket, desk.eve, timezone.now() - MINUTE)
    client = Client()
    client.force_login(desk.sue)
    for page in (f"/tickets/{ticket.reference}/escalations/", "/escalations/"):
        shown = client.get(page).content.decode()
        assert f'name="held_by" value="{desk.eve.pk}"' in shown
        assert "over from <bdi>Eve</bdi>" in shown


@pytest.mark.parametrize("nonsense", ["x", "9" * 30, "-1", "²", ""])
def test_nonsense_for_who_has_it_counts_for_nothing(
    desk, ticket: Ticket, now: datetime, nonsense: str
) -> None:
    client = Client()
    client.force_login(desk.sue)
    take(ticket, desk.eve, timezone.now())
    said = {"note": "", "held_by": nonsense}
    assert client.post(PLACES[0].format(ticket.reference), said).status_code == 409
