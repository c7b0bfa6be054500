"""A new message arrived while you were writing: sending asks first, and no word is lost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.services import conversation

Desk = Callable[[User], Client]


def seen_by(ticket: Ticket) -> dict[str, Any]:
    return {"version": ticket.version, "seen": ticket.messages.latest("pk").pk}


def post(client: Client, ticket: Ticket, action: str = "reply", **said: Any) -> Any:
    return client.post(
        f"/tickets/{ticket.reference}/{action}/", {"body": "My <long> answer"} | said
    )


def customer_writes(ticket: Ticket, body: str = "It <b>burns</b> now!") -> Message:
    now = timezone.now()
    return conversation.customer_message(
        ticket=ticket, contact=ticket.requester, body=body, received_at=now, now=now
    )


@pytest.mark.parametrize("action", ["reply", "progress"])
def test_sending_asks_first_and_shows_the_new_message_above_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener, action: str
) -> None:
    ticket, client = opened(), desk(cast.ana)
    seen = seen_by(ticket)
    customer_writes(ticket)
    answer = post(client, ticket, action, **seen)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The customer wrote while you were writing. Nothing is sent yet" in page
    above, below = page.split('class="unread customer"')[1].split("<textarea", 1)
    assert "It &lt;b&gt;burns&lt;/b&gt; now!" in above
    assert "My &lt;long&gt; answer</textarea>" in below
    assert not ticket.messages.filter(kind=action).exists()


def test_the_second_press_sends(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, client = opened(), desk(cast.ana)
    seen = seen_by(ticket)
    customer_writes(ticket)
    page = post(client, ticket, **seen).content.decode()
    form = page.split('id="reply"')[1]
    again = {
        name: form.split(f'name="{name}" value="')[1].split('"')[0] for name in ("version", "seen")
    }
    assert post(client, ticket, **again).status_code == 302
    assert ticket.messages.filter(kind="reply").count() == 1


@pytest.mark.parametrize("kind", ["note", "reply", "progress"])
def test_a_colleagues_words_count_too(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    ticket = opened()
    seen = seen_by(ticket)
    post(desk(cast.ben), ticket, kind, body="I have called her.")
    ticket.refresh_from_db()
    answer = post(desk(cast.ana), ticket, **seen)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ben wrote while you were writing" in page
    assert "I have called her." in page.split('class="unread')[1].split("<textarea")[0]


def test_ones_own_words_an_automatic_answer_and_what_was_recalled_ask_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    seen = seen_by(ticket)
    post(desk(cast.ana), ticket, "note", body="To myself.")
    Message.objects.create(ticket=ticket, kind="automatic", body="We have it.", at=timezone.now())
    reply = conversation.reply(ticket=ticket, author=cast.ben, body="Oh no.", now=timezone.now())
    conversation.recall(message=reply, actor=cast.ben, now=timezone.now())
    ticket.refresh_from_db()
    answer = post(desk(cast.ana), ticket, seen=seen["seen"], version=ticket.version)
    assert answer.status_code == 302


def test_who_does_not_say_what_they_have_seen_is_not_asked(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    customer_writes(ticket)
    assert post(desk(cast.ana), ticket).status_code == 302


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "1.5", "٣"])
def test_odd_marks_are_refused_in_words_and_keep_the_text(
    cast: SimpleNamespace, desk: Desk, opened: Opener, odd: str
) -> None:
    answer = post(desk(cast.ana), opened(), seen=odd)
    assert answer.status_code in {302, 409, 422}
    if answer.status_code != 302:
        assert "My &lt;long&gt; answer</textarea>" in answer.content.decode()


def test_a_note_is_never_asked(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    seen = seen_by(ticket)
    customer_writes(ticket)
    assert post(desk(cast.ana), ticket, "note", **seen).status_code == 302
