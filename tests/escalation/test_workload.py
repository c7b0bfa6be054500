"""Who has how much, and sharing it out: seen before it is done, done as seen, and taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalation import raising
from escalation.models import Clock
from escalation.workload import Load, TeamLoad
from tests.desk.conftest import due, owes_a_call
from tests.factories import kinds
from tests.routing.conftest import given, out, way
from tickets.models import Ticket
from tickets.people.models import Membership, Skill, Team, User
from tickets.routing.models import Need
from tickets.services import conversation, triage

Open = Callable[..., Ticket]
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 3, 17, tzinfo=UTC)  # at the desks


@pytest.fixture
def comes(desk: SimpleNamespace, opened: Open) -> Open:
    """A ticket of Support, opened just now."""

    def come(**fields: Any) -> Ticket:
        return opened(**{"now": timezone.now(), "team": desk.support} | fields)

    return come


@pytest.fixture
def sue(desk: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(desk.sue)
    return client


def team_of(client: Client, query: str = "") -> TeamLoad:
    answer = client.get(f"/workload/{query}")
    assert answer.status_code == 200
    found: list[TeamLoad] = answer.context["teams"]
    return found[0]


def load_of(client: Client, person: User) -> Load:
    return next(each for each in team_of(client).loads if each.person == person)


def numbers(load: Load) -> dict[str, int]:
    return {name: getattr(load, name).number for name in ("open", "waiting", "late", "today")}


def test_it_counts_what_each_has(desk: SimpleNamespace, comes: Open, sue: Client) -> None:
    now = timezone.now()
    late, today, waiting, done = (comes(assignee=desk.ana) for _ in range(4))
    comes()
    triage.set_status(ticket=waiting, status="pending", actor=desk.ana, now=now)
    triage.set_status(ticket=done, status="solved", actor=desk.ana, now=now)
    for ticket, at in ((late, -HOUR), (today, timedelta(seconds=1)), (waiting, 30 * HOUR)):
        due(ticket, timezone.now() + at if at.total_seconds() != 1 else _tonight())
    conversation.reply(ticket=late, author=desk.ana, body="Soon.", now=now)
    due(late, now - HOUR)
    raising.hand_over(ticket=today, actor=desk.ana, reason="He shouts", now=now)
    due(today, _tonight())
    ana = load_of(sue, desk.ana)
    assert numbers(ana) == {"open": 3, "waiting": 1, "late": 1, "today": 1}
    assert (ana.held, ana.escalated.number) == (1, 1)
    assert str(team_of(sue).unassigned) == "1"
    assert numbers(load_of(sue, desk.ben))["open"] == 0


def _tonight() -> Any:
    """The last instant of the reader's day, in UTC as the cast's zone is."""
    return timezone.now().replace(hour=23, minute=59, second=59, microsecond=999_999)


def test_whoever_is_out_needs_hands_and_the_page_says_until_when(
    desk: SimpleNamespace, comes: Open, sue: Client
) -> None:
    comes(assignee=desk.ana)
    out(desk.ana, timezone.now())
    assert load_of(sue, desk.ana).needs_hands
    shown = sue.get("/workload/").content.decode()
    assert "needs hands" in shown
    assert "out until" in shown


def test_why_a_ticket_found_nobody_stands_there(
    desk: SimpleNamespace, comes: Open, sue: Client
) -> None:
    way(desk.support, "round_robin")
    for person in (desk.ana, desk.ben):
        out(person, timezone.now())
    ticket = comes()
    shown = sue.get("/workload/").content.decode()
    assert ticket.reference in shown
    assert "everybody who takes tickets is out" in shown


def test_calls_owed_on_what_is_solved_are_late_or_due_today_and_not_open(
    desk: SimpleNamespace, comes: Open, sue: Client
) -> None:
    with time_machine.travel(NOON, tick=False):
        for hours in (-3, -2, 1, 40):
            owes_a_call(comes, desk.ana, NOON + hours * HOUR, assignee=desk.ana)
        owes_a_call(comes, desk.ana, NOON - HOUR, assignee=None)
        assert numbers(load_of(sue, desk.ana)) == {"open": 0, "waiting": 0, "late": 2, "today": 1}
        assert str(team_of(sue).late) == "3"


@pytest.mark.parametrize(
    ("who", "status"),
    [("sue", 200), ("ada", 200), ("stan", 200), ("ana", 403), ("eve", 403), ("max", 403)],
)
def test_only_those_who_lead_see_it(desk: SimpleNamespace, who: str, status: int) -> None:
    client = Client()
    client.force_login(getattr(desk, who))
    for address in ("/workload/", f"/workload/share/?person={desk.ana.pk}"):
        assert client.get(address).status_code == status, address


def test_a_supervisor_sees_the_teams_they_lead_and_no_others(
    desk: SimpleNamespace, sue: Client
) -> None:
    assert [each.team for each in sue.get("/workload/").context["teams"]] == [desk.support]
    assert list(sue.get(f"/workload/?team={desk.billing.pk}").context["teams"]) == []


def test_as_many_queries_for_thirty_as_for_three(
    desk: SimpleNamespace, comes: Open, sue: Client
) -> None:
    counts = []
    for number in range(30):
        person = User.objects.create(username=f"p{number}")
        Membership.objects.create(user=person, team=desk.support)
        comes(assignee=person)
        if number % 3 == 0:
            out(person, timezone.now())
        if number in (2, 29):
            with CaptureQueriesContext(connection) as captured:
                sue.get("/workload/")
            counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_a_crowd_is_shown_team_by_team(desk: SimpleNamespace) -> None:
    for number in range(62):
        person = User.objects.create(username=f"p{number}")
        Membership.objects.create(user=person, team=desk.support)
    client = Client()
    client.force_login(desk.ada)
    assert len(client.get("/workload/").context["teams"]) == 1


def preview(client: Client, tickets: list[Ticket], **said: Any) -> Any:
    chosen = {"ticket": [each.reference for each in tickets], "way": "", "query": ""}
    return client.post("/workload/share/", chosen | said)


def do(client: Client, answer: Any, **said: Any) -> Any:
    moves = [
        f"{move.ticket.reference} {move.ticket.version} {move.choice.person.pk}"
        for move, _ in answer.context["moves"]
        if move.choice.person
    ]
    given_ = {"step": "do", "way": answer.context["way"], "move": moves}
    return client.post("/workload/share/", given_ | said, follow=True)


@pytest.fixture
def theirs(desk: SimpleNamespace, comes: Open) -> list[Ticket]:
    """Four open tickets of Ana's; beside her Support has Ben and Cleo."""
    cleo = User.objects.create(username="cleo", first_name="Cleo")
    Membership.objects.create(user=cleo, team=desk.support)
    return [comes(assignee=desk.ana) for _ in range(4)]


def test_all_of_somebodys_tickets_are_offered_to_be_shared_out(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket], comes: Open
) -> None:
    comes(assignee=desk.ben)
    answer = sue.get(f"/workload/share/?person={desk.ana.pk}")
    assert {ticket for ticket, _ in answer.context["rows"]} == set(theirs)


def test_what_is_late_is_offered_first_and_what_has_no_deadline_last(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    none, later, late, never = theirs
    for ticket, at in ((none, None), (later, HOUR), (late, -HOUR), (never, None)):
        due(ticket, at and timezone.now() + at)
    answer = sue.get(f"/workload/share/?person={desk.ana.pk}")
    assert [ticket for ticket, _ in answer.context["rows"]] == [late, later, none, never]
    moves = preview(sue, theirs, way="least_loaded").context["moves"]
    assert [move.ticket for move, _ in moves] == [late, later, none, never]


def test_what_nobody_has_is_offered_too(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket], comes: Open
) -> None:
    free = comes()
    answer = sue.get(f"/workload/share/?team={desk.support.pk}")
    assert [ticket for ticket, _ in answer.context["rows"]] == [free]


def test_the_preview_changes_nothing_and_the_deed_does_what_it_showed(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    before = list(Clock.objects.order_by("pk").values_list("pk", "started_at", "due_at", "state"))
    answer = preview(sue, theirs, way="least_loaded")
    promised = [move.choice.person.username for move, _ in answer.context["moves"]]
    assert sorted(promised) == ["ben", "ben", "cleo", "cleo"]
    assert given(*theirs) == ["ana"] * 4
    told = do(sue, answer)
    assert "4 tickets are shared out." in told.content.decode()
    shown = [move.ticket for move, _ in answer.context["moves"]]
    assert given(*shown) == promised
    for ticket in theirs:
        assert kinds(ticket).count("assigned") == 1
        assert ticket.events.get(kind="assigned").actor == desk.sue
    after = list(Clock.objects.order_by("pk").values_list("pk", "started_at", "due_at", "state"))
    assert after == before


def test_it_is_taken_back(desk: SimpleNamespace, sue: Client, theirs: list[Ticket]) -> None:
    do(sue, preview(sue, theirs))
    kept = Ticket.objects.get(pk=theirs[0].pk)
    triage.assign(ticket=kept, assignee=desk.sue, actor=desk.sue, now=timezone.now())
    assert "You shared out 4 tickets." in sue.get("/workload/").content.decode()
    told = sue.post("/workload/take-back/", follow=True).content.decode()
    assert "3 tickets are back where they were." in told
    assert f"{kept.reference}: somebody else has it by now" in told
    assert given(*theirs) == ["sue", "ana", "ana", "ana"]
    assert "nothing to take back" in sue.post("/workload/take-back/", follow=True).content.decode()


def test_what_changed_since_it_was_shown_is_left_alone(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    answer = preview(sue, theirs)
    changed = Ticket.objects.get(pk=theirs[0].pk)
    triage.set_priority(ticket=changed, priority="high", actor=desk.ana, now=timezone.now())
    told = do(sue, answer).content.decode()
    assert f"{changed.reference}: somebody changed it meanwhile" in told
    assert given(changed) == ["ana"]
    assert "ana" not in given(*theirs[1:])


def test_only_one_of_them_may_be_chosen_to_have_all(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    do(sue, preview(sue, theirs, to=desk.ben.pk))
    assert given(*theirs) == ["ben"] * 4


def test_of_the_one_who_was_chosen_it_says_why_they_stay_without_and_of_nobody_else(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    def whys(to: User) -> set[str]:
        answer = preview(sue, theirs, to=to.pk)
        assert "Nobody can have any of them now." in answer.content.decode()
        return {move.choice.because for move, _ in answer.context["moves"]}

    assert whys(desk.ana) == {"Ana has it already"}
    assert whys(desk.bo) == {"Bo does not take this team's tickets"}
    skill = Skill.objects.create(name="German")
    need = Need.objects.create(skill=skill, language="de")
    type(desk.carla).objects.update(language="de")
    assert whys(desk.ben) == {"Ben does not have the skill «German»"}
    need.delete()
    way(desk.support, "none", most_open=0)
    assert whys(desk.ben) == {"Ben has as many open tickets as they may"}
    out(desk.ben, timezone.now())
    assert whys(desk.ben) == {"Ben is out"}


def test_nobody_is_planned_beyond_what_they_may_have(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket]
) -> None:
    way(desk.support, "none", most_open=1)
    do(sue, preview(sue, theirs))
    assert sorted(given(*theirs), key=str) == ["ana", "ana", "ben", "cleo"]


def test_tickets_of_another_team_are_neither_offered_nor_moved(
    desk: SimpleNamespace, sue: Client, comes: Open
) -> None:
    foreign = comes(team=desk.billing, assignee=desk.bo)
    assert list(preview(sue, [foreign]).context["rows"]) == []
    move = f"{foreign.reference} {foreign.version} {desk.ana.pk}"
    answer = sue.post("/workload/share/", {"step": "do", "move": move}, follow=True)
    assert "there is no such ticket" in answer.content.decode()
    assert given(foreign) == ["bo"]


@pytest.mark.parametrize("who", ["bo", "eve", "max", "sue"])
def test_a_forged_form_gives_nothing_to_who_does_not_take_the_teams_tickets(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket], who: str
) -> None:
    one = theirs[0]
    move = f"{one.reference} {one.version} {getattr(desk, who).pk}"
    sue.post("/workload/share/", {"step": "do", "move": move})
    assert given(one) == ["ana"]


@pytest.mark.parametrize(
    "said",
    [
        {}, {"way": "evil", "ticket": "HD-ABCDEF"}, {"step": "do", "move": ["", "x", "a b c"]},
        {"step": "do", "move": f"HD-ABCDEF {'9' * 40} {'9' * 40}"}, {"ticket": ["'\"><script>"] * 3},
    ],
)  # fmt: skip
def test_nonsense_moves_nothing(
    desk: SimpleNamespace, sue: Client, theirs: list[Ticket], said: dict[str, Any]
) -> None:
    answer = sue.post("/workload/share/", said, follow=True)
    assert answer.status_code == 200
    assert given(*theirs) == ["ana"] * 4


def test_choosing_asks_no_more_for_thirty_than_for_three(
    desk: SimpleNamespace, sue: Client, comes: Open
) -> None:
    way(desk.support, "skill")
    counts: list[tuple[int, int]] = []
    tickets: list[Ticket] = []
    for more in (3, 27):
        tickets += [comes(assignee=desk.ana) for _ in range(more)]
        with CaptureQueriesContext(connection) as choosing:
            sue.get(f"/workload/share/?person={desk.ana.pk}")
        with CaptureQueriesContext(connection) as previewing:
            preview(sue, tickets)
        counts.append((len(choosing), len(previewing)))
    assert counts[0] == counts[1]


def test_teams_are_told_what_their_setting_does(desk: SimpleNamespace, sue: Client) -> None:
    assert "By hand: tickets stay unassigned" in sue.get("/workload/").content.decode()
    assert Team.objects.get(pk=desk.support.pk).assignment == "none"


HOSTILE = '\u202e<script>window.hit=1</script>"><img src=x onerror=window.hit=1>'


def test_dangerous_names_stay_text_on_every_page_of_those_who_lead(
    desk: SimpleNamespace, comes: Open
) -> None:
    now = timezone.now()
    User.objects.filter(pk=desk.ana.pk).update(first_name=HOSTILE)
    Team.objects.filter(pk=desk.support.pk).update(name=HOSTILE, assignment="round_robin")
    for contact in (desk.carl, desk.carla):
        contact.name = HOSTILE
        contact.save()
    ticket, free = comes(assignee=desk.ana), comes(assignee=desk.ben)
    Ticket.objects.filter(pk__in=[ticket.pk, free.pk]).update(subject=HOSTILE)
    desk.ana.refresh_from_db()
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="<b>x</b>", now=now)
    out(desk.ana, now, note=HOSTILE, deputy=desk.ben)
    Ticket.objects.filter(pk=free.pk).update(assignee=None)
    client = Client()
    client.force_login(desk.ada)
    pages = [
        client.get(address)
        for address in (
            "/workload/", f"/workload/share/?person={desk.ana.pk}", "/absences/", "/wall/",
            f"/workload/share/?team={desk.support.pk}", "/escalations/", "/escalations/count/",
        )
    ]  # fmt: skip
    pages.append(preview(client, [ticket, free]))
    pages.append(do(client, pages[-1]))
    for page in pages:
        shown = page.content.decode()
        assert page.status_code == 200
        assert "<script>window" not in shown
        assert "<img src=x" not in shown
        assert "<b>x" not in shown
        assert "\u202e" not in shown
