"""Drafts: what is typed is kept on the server, is there on any machine, and is gone once sent."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk, page
from tickets.models import Draft, Ticket
from tickets.services import conversation, drafting


def typed(client: Client, ticket: Ticket, kind: str = "reply", **said: Any) -> str:
    answer = client.post(
        f"/tickets/{ticket.reference}/drafts/{kind}/", said, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_was_typed_is_there_when_the_page_is_opened_anywhere(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = typed(desk(cast.ana), ticket, body="Dear Carla,\r\n<b>", cc="boss@acme.example")
    assert said.startswith("Draft kept, ")
    told = page(desk(cast.ana), ticket)
    assert ">\nDear Carla,\n&lt;b&gt;</textarea>" in told
    assert 'value="boss@acme.example"' in told


def test_each_kind_of_words_has_a_draft_of_its_own(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    for kind in ("reply", "note", "progress"):
        typed(client, ticket, kind, body=f"Half a {kind}")
    typed(client, ticket, "note", body="Half a note more")
    told = page(client, ticket)
    assert "Half a reply</textarea>" in told
    assert "Half a note more</textarea>" in told
    assert "Half a progress</textarea>" in page(client, ticket, "?form=progress")


def test_nobody_else_reads_it(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    typed(desk(cast.ana), ticket, body="Not for Ben's eyes")
    assert "Not for Ben" not in page(desk(cast.ben), ticket)


def test_emptied_it_is_forgotten(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Something")
    assert typed(client, ticket, body=" \n ") == ""
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", ["reply", "note", "progress"])
def test_sent_it_is_no_draft_any_more(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, kind, body="All of it")
    client.post(f"/tickets/{ticket.reference}/{kind}/", {"body": "All of it"})
    assert ticket.messages.filter(kind=kind).count() == 1
    assert not Draft.objects.exists()


def test_the_browsers_last_word_after_the_message_itself_makes_no_draft(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    loaded = timezone.now() - timedelta(minutes=1)
    conversation.reply(ticket=ticket, author=cast.ana, body="All of it", now=timezone.now())
    assert typed(client, ticket, body="All of it ", since=loaded.isoformat()) == ""
    assert typed(client, ticket, body="Something else", since=loaded.isoformat())
    assert typed(client, ticket, body="All of it", since="no instant")


def test_a_draft_changes_nothing_about_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    before, events = ticket.version, ticket.events.count()
    typed(desk(cast.ana), ticket, body="Half a reply")
    ticket.refresh_from_db()
    assert (ticket.version, ticket.events.count()) == (before, events)


def test_who_may_not_write_keeps_no_draft(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    hidden, client = opened(team=cast.billing), desk(cast.ana)
    address = "/tickets/{}/drafts/{}/"
    hidden_address = address.format(hidden.reference, "reply")
    assert client.post(hidden_address, {"body": "x"}).status_code == 404
    strange = address.format(opened().reference, "customer")
    assert client.post(strange, {"body": "x"}).status_code == 403
    assert client.get(address.format(opened().reference, "note")).status_code == 405
    assert not Draft.objects.exists()


def test_what_cannot_be_stored_is_left_out_of_it(cast: SimpleNamespace, opened: Opener) -> None:
    ticket, now = opened(), timezone.now()
    body = "a\x00b\ud800" + "x" * 300_000
    drafting.keep(ticket=ticket, author=cast.ana, kind="note", body=body, now=now)
    assert Draft.objects.get().body.startswith("abxxx")
    assert len(Draft.objects.get().body) <= 200_000


def test_one_person_has_one_draft_of_a_kind(cast: SimpleNamespace, opened: Opener) -> None:
    ticket, now = opened(), timezone.now()
    given = {"ticket": ticket, "author": cast.ana, "kind": "note", "body": "x", "kept_at": now}
    Draft.objects.create(**given)
    with pytest.raises(IntegrityError):
        Draft.objects.create(**given)


def test_recalled_words_stand_above_what_was_drafted_since(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    message = conversation.reply(ticket=ticket, author=cast.ana, body="The first words", now=now)
    typed(client, ticket, body="The next words")
    conversation.recall(message=message, actor=cast.ana, now=now + timedelta(seconds=30))
    told = page(client, ticket, f"?draft={message.pk}")
    assert ">\nThe first words\n\nThe next words</textarea>" in told


WORDS = "We have put a credit on your account."


def put_in(ticket: Ticket, author: Any, text: str = WORDS) -> None:
    drafting.add(ticket=ticket, author=author, kind="reply", text=text, now=timezone.now())


def shown_on(client: Client, ticket: Ticket) -> list[str]:
    """What the form of the reply says that it has shown."""
    return re.findall(r'name="shown" value="(\w+)"', page(client, ticket))


def drafted(ticket: Ticket) -> str:
    found = Draft.objects.filter(ticket=ticket).first()
    return found.body if found else ""


def test_words_put_in_while_the_page_is_open_outlive_what_it_keeps(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,")
    put_in(ticket, cast.ana)
    assert typed(client, ticket, body="Dear Carla, I ").startswith("Draft kept")
    assert drafted(ticket) == f"Dear Carla, I\n\n{WORDS}"
    assert f"Dear Carla, I\n\n{WORDS}</textarea>" in page(client, ticket)


def test_an_emptied_box_that_had_not_shown_them_leaves_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,")
    put_in(ticket, cast.ana)
    assert typed(client, ticket, body="") == ""
    assert drafted(ticket) == WORDS


def test_a_reply_sent_from_a_page_that_had_not_shown_them_leaves_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear Carla,", cc="boss@acme.example")
    put_in(ticket, cast.ana)
    loaded = timezone.now() - timedelta(minutes=1)
    client.post(f"/tickets/{ticket.reference}/reply/", {"body": "Dear Carla, soon."})
    assert ticket.messages.filter(kind="reply").count() == 1
    assert (drafted(ticket), Draft.objects.get().cc) == (WORDS, "")
    # The browser's last word comes after it.
    typed(client, ticket, body="Dear Carla, soon.", since=loaded.isoformat())
    assert drafted(ticket) == WORDS


def test_a_page_that_has_shown_them_changes_empties_and_sends_them(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    shown = shown_on(client, ticket)
    assert len(shown) == 1
    typed(client, ticket, body="We have put 20 USD there.", shown=shown)
    assert drafted(ticket) == "We have put 20 USD there."
    assert shown_on(client, ticket) == []
    put_in(ticket, cast.ana)
    typed(client, ticket, body="", shown=shown_on(client, ticket))
    assert drafted(ticket) == ""
    put_in(ticket, cast.ana)
    sent = {"body": "Other words", "shown": shown_on(client, ticket)}
    client.post(f"/tickets/{ticket.reference}/reply/", sent)
    assert drafted(ticket) == ""


def test_of_two_that_were_put_in_only_the_one_shown_is_taken_over(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    shown = shown_on(client, ticket)
    put_in(ticket, cast.ana, "A gift is on its way.")
    typed(client, ticket, body="We gave you a credit.", shown=shown)
    assert drafted(ticket) == "We gave you a credit.\n\nA gift is on its way."


def test_words_that_stand_in_what_is_kept_are_not_put_below_it_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    """A script has written them there already."""
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    typed(client, ticket, body=f"Dear Carla,\n\n{WORDS}")
    assert drafted(ticket) == f"Dear Carla,\n\n{WORDS}"
    typed(client, ticket, body="Dear Carla,")
    assert drafted(ticket) == "Dear Carla,"


def test_a_refused_reply_has_shown_only_what_its_page_had(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    put_in(ticket, cast.ana)
    answer = client.post(f"/tickets/{ticket.reference}/reply/", {"body": " ", "cc": "nobody"})
    assert answer.status_code == 422
    assert 'name="shown"' not in answer.content.decode()
    assert drafted(ticket) == WORDS


def test_recalled_words_come_with_those_that_were_put_in(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    message = conversation.reply(ticket=ticket, author=cast.ana, body="The first words", now=now)
    put_in(ticket, cast.ana)
    conversation.recall(message=message, actor=cast.ana, now=now + timedelta(seconds=30))
    told = page(client, ticket, f"?draft={message.pk}")
    assert f">\nThe first words\n\n{WORDS}</textarea>" in told
    assert 'name="shown"' in told


def test_copies_stay_as_they_were_where_none_are_given(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    typed(client, ticket, body="Dear", cc="boss@acme.example")
    now = timezone.now()
    drafting.keep(ticket=ticket, author=cast.ana, kind="reply", body="Dear Carla", now=now)
    assert Draft.objects.get().cc == "boss@acme.example"
    typed(client, ticket, body="Dear", cc="")
    assert Draft.objects.get().cc == ""
