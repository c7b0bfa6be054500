"""Mentions in notes: whom they mean, who sees and hears of it, and what the writer is told."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from tests.desk.conftest import Opener
from tickets.mentions import MOST_READ, mentions_in
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User

Desk = Callable[[User], Client]


@pytest.fixture
def noted(cast: SimpleNamespace, desk: Desk, opened: Opener) -> Callable[[str], Any]:
    """What Ana is told after this note."""
    ticket = opened()

    def note(body: str) -> Any:
        client = desk(cast.ana)
        answer = client.post(f"/tickets/{ticket.reference}/note/", {"body": body}, follow=True)
        assert ticket.messages.filter(kind="note").latest("pk").body == body
        return SimpleNamespace(
            said=[str(each) for each in answer.context["messages"]],
            ticket=Ticket.objects.get(pk=ticket.pk),
        )

    return note


@pytest.mark.parametrize(
    "body",
    [
        "@ben", "@Ben,", "@BEN.", "(@ben)", "Ask @ben!", "@ben's view?", "«@ben»", "@ben...",
        "@sue/@ben:", "line\n@ben\n", "@ben-", "\"@Ben\"",
    ],
)  # fmt: skip
def test_case_and_punctuation_do_not_hide_a_mention(cast: SimpleNamespace, body: str) -> None:
    assert cast.ben in mentions_in(body).people
    assert not mentions_in(body).hints


@pytest.mark.parametrize("body", ["ben@company.example", "x@ben", "@@ben", "@", "@ ben", "a.@ben"])
def test_what_is_no_mention_tells_nobody_and_hints_nothing(
    cast: SimpleNamespace, body: str
) -> None:
    assert not mentions_in(body).people
    assert not mentions_in(body).hints


def test_people_are_meant_by_user_name_then_by_whole_name_then_by_first_name(
    cast: SimpleNamespace,
) -> None:
    for username, first, last in (("s.miller", "Susan", "Miller"), ("s.jones", "Susan", "Jones")):
        User.objects.create(username=username, first_name=first, last_name=last)
    jo = User.objects.create(username="j.doe", first_name="Jo", last_name="Doe")
    assert mentions_in("@jo, see").people == [jo]
    assert mentions_in("@JoDoe").people == [jo]
    assert mentions_in("@s.jones.").people == [User.objects.get(username="s.jones")]
    assert mentions_in("@Susan Jones, see").people == [User.objects.get(username="s.jones")]
    both = mentions_in("@Susan")
    assert not both.people
    assert both.hints == [
        "«@Susan» may be Susan Miller (@s.miller) or Susan Jones (@s.jones): nobody was told."
    ]
    User.objects.filter(username="s.miller").update(is_active=False)
    assert mentions_in("@Susan").people == [User.objects.get(username="s.jones")]


def test_who_is_mentioned_sees_the_ticket_and_the_writer_is_told_so(
    cast: SimpleNamespace, noted: Callable[[str], Any]
) -> None:
    outcome = noted("@Ben, @bo. (@max) and @ana")
    assert outcome.said == [
        "Noted. Only staff see it.",
        "Ben follows this ticket from now on and was told by mail.",
        "Bo follows this ticket from now on and was told by mail. They did not see it before.",
        "This ticket is before Max from now on, who was told by mail. They did not see it before.",
    ]
    for person in (cast.ben, cast.bo, cast.max):
        assert Ticket.objects.visible_to(person).filter(pk=outcome.ticket.pk).exists()
    assert OutgoingMail.objects.filter(subject__contains="mentioned you").count() == 3
    assert noted("@ben again").said[1:] == ["Ben was told by mail."]


def test_who_cannot_be_mailed_or_does_not_exist_or_left_is_a_hint_and_the_note_stays(
    cast: SimpleNamespace, noted: Callable[[str], Any]
) -> None:
    User.objects.filter(pk=cast.ben.pk).update(email="")
    User.objects.filter(pk=cast.bo.pk).update(is_active=False)
    assert noted("@ben @bo @nobody. @Nobody").said == [
        "Noted. Only staff see it.",
        "Ben follows this ticket from now on. "
        "Ben has no address that mail can go to: tell them yourself.",
        "Bo does not work here any more and was not told.",
        "Nobody here is called «@nobody», so nobody was told.",
    ]


def test_a_crowd_is_not_told_all_at_once(cast: SimpleNamespace) -> None:
    for number in range(25):
        User.objects.create(username=f"p{number}")
    found = mentions_in(" ".join(f"@p{number}" for number in range(25)))
    assert len(found.people) == 20
    assert found.hints[0] == "p20 was not told: one note tells 20 people at most."


def test_a_program_that_notes_mentions_as_well(
    cast: SimpleNamespace, client: Client, opened: Opener
) -> None:
    ticket = opened()
    client.force_login(cast.ana)
    said = {"kind": "note", "body": "@Ben?"}
    address = f"/api/v1/tickets/{ticket.reference}/messages/"
    assert client.post(address, said, content_type="application/json").status_code == 201
    assert list(ticket.followers.all()) == [cast.ben]


@pytest.mark.parametrize(
    "body", ["@zz " * 24_999, "".join(f"@z{n} " for n in range(15_000)), "@" + "z" * 99_000]
)
def test_a_note_of_nothing_but_mentions_is_read_quickly(cast: SimpleNamespace, body: str) -> None:
    User.objects.bulk_create(
        User(username=f"u{n}", email=f"u{n}@c.example", first_name=f"F{n}", last_name="L")
        for n in range(200)
    )
    started = time.process_time()
    found = mentions_in(body)
    assert time.process_time() - started < 2
    assert len(found.hints) <= MOST_READ + 1


def test_what_is_not_read_is_said(cast: SimpleNamespace) -> None:
    found = mentions_in("".join(f"@z{n} " for n in range(MOST_READ)) + "@ben")
    assert not found.people
    assert found.hints[-1] == f"Only the first {MOST_READ} names after an @ were read."
