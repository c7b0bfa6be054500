"""Whoever gives a ticket to somebody who is out reads so where they choose, and once it is done."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from escalation import raising
from tests.routing.conftest import out
from tickets.calls import services as calls
from tickets.calls.models import Call
from tickets.models import Ticket
from tickets.people.models import User

Open = Callable[..., Ticket]


@pytest.fixture
def ticket(desk: SimpleNamespace, opened: Open) -> Ticket:
    """Ana's, who is out since; Sue leads her."""
    made = opened(assignee=desk.ana, now=timezone.now() - timedelta(hours=1))
    out(desk.ana, timezone.now(), deputy=desk.ben)
    return made


@pytest.fixture
def taken(desk: SimpleNamespace, ticket: Ticket) -> Ticket:
    """The same, which Sue took over."""
    raising.take_over(ticket=ticket, actor=desk.sue, note="Mine", now=timezone.now())
    return ticket


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def options(page: str, name: str) -> list[str]:
    """What a select offers, whatever it is called for machines."""
    inside = page.partition(f'name="{name}"')[2].partition("</select>")[0]
    return [each.partition(">")[2].partition("<")[0] for each in inside.split("<option")[1:]]


def told(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_the_list_of_a_hand_back_says_who_is_out_and_who_had_it(
    desk: SimpleNamespace, taken: Ticket
) -> None:
    page = signed_in(desk.sue).get(f"/tickets/{taken.reference}/escalations/").content.decode()
    first, *people = options(page, "to")
    assert first.startswith("Ana, who had it (out until ")
    assert any(each.startswith("Ana (out until ") for each in people)
    assert "Ben" in people


def test_where_nobody_is_left_to_hand_it_back_to_the_list_says_so(
    desk: SimpleNamespace, taken: Ticket
) -> None:
    User.objects.filter(pk=desk.ana.pk).update(is_active=False)
    page = signed_in(desk.sue).get(f"/tickets/{taken.reference}/escalations/").content.decode()
    assert options(page, "to")[0] == "nobody: who had it has left"
    assert (
        "nobody: who had it has left" in signed_in(desk.sue).get("/escalations/").content.decode()
    )


def test_the_board_says_to_whom_it_goes_back(desk: SimpleNamespace, taken: Ticket) -> None:
    board = signed_in(desk.sue).get("/escalations/").content.decode()
    assert "Goes back to <strong><bdi>Ana (out until " in board


@pytest.mark.parametrize("place", ["tickets", "escalations"])
def test_handed_back_to_who_is_out_one_is_told(
    desk: SimpleNamespace, taken: Ticket, place: str
) -> None:
    answer = signed_in(desk.sue).post(f"/{place}/{taken.reference}/hand-back/", {"note": "Yours."})
    assert told(answer).startswith("Handed back with your note. Ana is out until ")
    assert told(answer).endswith("; Ben stands in.")


def test_assigned_to_who_is_out_one_is_told(desk: SimpleNamespace, ticket: Ticket) -> None:
    raising.take_over(ticket=ticket, actor=desk.sue, note="Mine", now=timezone.now())
    ticket.refresh_from_db()
    said = {
        "version": ticket.version, "status": ticket.status, "priority": ticket.priority,
        "category": ticket.category_id, "team": ticket.team_id,
    }  # fmt: skip
    address = f"/tickets/{ticket.reference}/properties/"
    answer = signed_in(desk.sue).post(address, said | {"assignee": desk.ana.pk})
    assert "Saved. Ana is out until " in told(answer)
    ticket.refresh_from_db()
    said |= {"version": ticket.version, "assignee": desk.ben.pk}
    assert told(signed_in(desk.sue).post(address, said)) == "Saved."


def test_the_change_of_many_says_it_where_one_chooses_and_in_the_preview(
    desk: SimpleNamespace, ticket: Ticket, opened: Open
) -> None:
    other, client = opened(), signed_in(desk.ada)
    page = client.post("/queue/bulk/", {"t": [other.reference]}).content.decode()
    assert any(each.startswith("Ana (out until ") for each in options(page, "assignee"))
    assert "is out until" not in page
    page = client.post(
        "/queue/bulk/", {"t": [other.reference], "assignee": desk.ana.pk}
    ).content.decode()
    assert "Ana is out until " in page


def test_sharing_out_says_it_where_one_chooses(desk: SimpleNamespace, ticket: Ticket) -> None:
    page = signed_in(desk.sue).get(f"/workload/share/?person={desk.ana.pk}").content.decode()
    assert any(each.startswith("only Ana (out until ") for each in options(page, "to"))
    assert "only Ben" in options(page, "to")


@pytest.mark.parametrize("to", ["ana", "ben"])
def test_who_has_passed_a_caller_on_is_warned_that_they_are_out(
    desk: SimpleNamespace, ticket: Ticket, to: str
) -> None:
    now = timezone.now()
    call = calls.begin(direction="inbound", actor=desk.sue, now=now, ticket=ticket)
    said = {"to": f"p{getattr(desk, to).pk}", "note": "She is angry."}
    answer = signed_in(desk.sue).post(f"/calls/{call.pk}/pass-on/", said)
    [line] = get_messages(answer.wsgi_request)
    if to == "ana":
        assert str(line).startswith("Passed on to Ana, who is out until ")
        assert "; Ben stands in. Finish the call" in str(line)
    else:
        assert str(line).startswith("Passed on to Ben. Finish the call")
    assert line.level_tag == ("warning" if to == "ana" else "success")
    assert Call.objects.get().passed_to == to.title()


def test_who_passes_a_caller_on_or_names_a_deputy_reads_it(
    desk: SimpleNamespace, ticket: Ticket
) -> None:
    call = calls.begin(direction="inbound", actor=desk.sue, now=timezone.now())
    calls.attach(call=call, ticket=ticket, actor=desk.sue, now=timezone.now())
    client = signed_in(desk.sue)
    for address, name in ((f"/calls/{call.pk}/", "to"), ("/absences/", "deputy")):
        offered = options(client.get(address).content.decode(), name)
        assert any(each.startswith("Ana (out until ") for each in offered), address
