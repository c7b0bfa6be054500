"""A reply while it waits: recalled whole, what becomes of the ticket, who gets a copy, sent at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import User
from tickets.services import conversation, triage

Desk = Callable[[User], Client]
BACK_AT = f"{timezone.now() + timedelta(days=20):%Y-%m-%dT10:00}"


def post(client: Client, ticket: Ticket, action: str, **said: Any) -> Any:
    return client.post(f"/tickets/{ticket.reference}/{action}/", said)


def page(client: Any, ticket: Ticket) -> str:
    return str(client.get(f"/tickets/{ticket.reference}/").content.decode())


def enclosing(client: Any, ticket: Ticket) -> Message:
    """A reply with a file, a copy, and a status with a date for when it has left."""
    post(
        client, ticket, "reply", body="The contract is enclosed.", cc="boss@acme.example",
        status_after="pending", comes_back="at", comes_back_at=BACK_AT,
        attachments=SimpleUploadedFile("contract.txt", b"words"),
    )  # fmt: skip
    return ticket.messages.get(kind="reply")


def test_what_is_recalled_comes_back_whole_and_goes_along_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    reply = enclosing(client, ticket)
    answer = post(client, ticket, f"messages/{reply.pk}/recall")
    told = client.get(answer.headers["Location"]).content.decode()
    assert 'value="boss@acme.example"' in told
    assert '<option value="pending" selected>' in told
    assert f'value="{BACK_AT}"' in told
    assert "<bdi>contract.txt (5" in told
    file = str(reply.attachments.get().pk)
    refused = post(client, ticket, "reply", body=" ", enclosed=file)
    assert "contract.txt" in refused.content.decode()
    post(client, ticket, "reply", body="The contract is enclosed, again.", enclosed=file)
    again = ticket.messages.get(body="The contract is enclosed, again.")
    assert again.attachments.get().file.read() == b"words"
    assert again.mail is not None
    assert again.mail.enclosures.get().name == "contract.txt"


def test_a_file_that_is_not_where_it_was_stored_is_said_at_its_field(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    reply = enclosing(client, ticket)
    post(client, ticket, f"messages/{reply.pk}/recall")
    stored = reply.attachments.get()
    for gone in (stored.file.name, "../outside.txt"):
        stored.file.storage.delete(stored.file.name)
        reply.attachments.update(file=gone)
        answer = post(client, ticket, "reply", body="Take this.", enclosed=str(stored.pk))
        assert answer.status_code == 422
        told = "A file of the recalled reply is not where it was stored."
        assert told in answer.content.decode()


def test_a_file_that_is_left_out_or_was_never_recalled_here_does_not_go_along(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(), desk(cast.ana)
    reply = enclosing(client, other)
    file = str(reply.attachments.get().pk)
    assert post(client, ticket, "reply", body="Take this.", enclosed=file).status_code == 422
    assert post(client, other, "reply", body="Take this.", enclosed=file).status_code == 422
    post(client, other, f"messages/{reply.pk}/recall")
    post(client, other, "reply", body="Without it.")
    assert not other.messages.get(body="Without it.").attachments.exists()


@pytest.mark.parametrize("wrote", [True, False])
def test_what_becomes_of_the_ticket_is_said_as_it_will_be(
    cast: SimpleNamespace, desk: Desk, opened: Opener, wrote: bool
) -> None:
    ticket, client, now = opened(), desk(cast.ana), timezone.now()
    post(client, ticket, "reply", body="It is done.", status_after="solved")
    if wrote:
        now = timezone.now()
        conversation.customer_message(
            ticket=ticket, contact=cast.carla, body="It is not.", received_at=now, now=now
        )
    told = page(client, ticket)
    assert ("then the ticket is solved" in told) is not wrote
    assert ("any more: the customer has written since" in told) is wrote
    outbox.deliver_due(now + timedelta(hours=2))
    ticket.refresh_from_db()
    assert (ticket.status == "solved") is not wrote


def test_a_reply_that_a_merge_took_along_solves_nothing_and_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, other, client = opened(), opened(), desk(cast.ana)
    post(client, ticket, "reply", body="It is done.", status_after="solved")
    triage.merge(source=ticket, target=other, actor=cast.sue, now=timezone.now())
    assert "any more: another ticket was merged into this one since" in page(client, other)


def test_what_a_held_reply_foretells_costs_a_fixed_number_of_queries(
    cast: SimpleNamespace, desk: Desk, opened: Opener, django_assert_max_num_queries: Any
) -> None:
    ticket, client = opened(), desk(cast.ana)
    for _ in range(3):
        post(
            client, ticket, "reply", body="It is done.", status_after="solved", cc="b@acme.example"
        )
    page(client, ticket)
    with django_assert_max_num_queries(16):
        page(client, ticket)


def test_who_gets_a_copy_is_shown_beside_the_words_held_and_sent(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    post(client, ticket, "reply", body="It is done.", cc="boss@acme.example, two@acme.example")
    said = "Copy to <bdi>boss@acme.example</bdi>, <bdi>two@acme.example</bdi>"
    assert said in page(client, ticket)
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    assert said in page(client, ticket)


def sending(page: str) -> dict[str, str]:
    """What the page says of what it has shown, beside its «Send now»."""
    form = page.partition("/send-now/")[2].partition("</form>")[0]
    return dict(re.findall(r'name="(version|seen)" value="(\d+)"', form))


def test_send_now_asks_first_where_the_customer_has_written_since_the_page_was_shown(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client, now = desk(cast.ana), timezone.now()
    said = sending(page(client, held.ticket))
    conversation.customer_message(
        ticket=held.ticket, contact=cast.carla, body="It burns!", received_at=now, now=now
    )
    asked = post(client, held.ticket, f"messages/{held.pk}/send-now", **said)
    told = asked.content.decode()
    assert asked.status_code == 409
    assert "<strong>Not sent.</strong>" in told
    assert f'<a href="#m{held.pk}">Go to the reply</a>' in told
    assert "It burns!" in told.partition(f'id="m{held.pk}"')[2].partition("</article>")[0]
    assert state_of(held) == "held"
    assert (
        post(client, held.ticket, f"messages/{held.pk}/send-now", **sending(told)).status_code
        == 302
    )
    assert state_of(held) == "released"


def test_send_now_asks_first_where_a_colleague_has_changed_the_words(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client = desk(cast.ana)
    said = sending(page(client, held.ticket))
    conversation.edit_held(
        message=held, actor=cast.ben, body="It leaves never.", now=timezone.now()
    )
    asked = post(client, held.ticket, f"messages/{held.pk}/send-now", **said)
    told = asked.content.decode()
    assert asked.status_code == 409
    assert "Ben edited this reply after you opened it. Nothing is sent yet" in told
    assert "It leaves never." in told
    post(client, held.ticket, f"messages/{held.pk}/send-now", **sending(told))
    assert state_of(held) == "released"


@pytest.mark.parametrize("said", [{"version": "x"}, {"seen": "-1"}, {"version": str(2**40)}])
def test_send_now_sends_nothing_where_the_page_does_not_say_what_it_has_shown(
    cast: SimpleNamespace, desk: Desk, held: Message, said: dict[str, str]
) -> None:
    client = desk(cast.ana)
    answer = post(client, held.ticket, f"messages/{held.pk}/send-now", **said)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"#m{held.pk}")
    assert state_of(held) == "held"
    assert "Not sent: the page did not say what it has shown." in page(client, held.ticket)
    post(client, held.ticket, f"messages/{held.pk}/send-now")
    assert state_of(held) == "released"


def state_of(message: Message) -> str:
    message.refresh_from_db()
    assert message.mail is not None
    message.mail.refresh_from_db()
    return message.mail.state


def asked(client: Client, message: Message, target: str) -> Any:
    """What an open page asks when something happened on the ticket."""
    address = f"/tickets/{message.ticket.reference}/messages/{message.pk}/edit/"
    return client.get(address, headers={"HX-Request": "true", "HX-Target": target})


def test_an_open_ticket_page_learns_that_what_was_held_has_left(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client, target = desk(cast.ana), f"hold-{held.pk}"
    told = page(client, held.ticket)
    assert (
        f'id="{target}" hx-get="/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"' in told
    )
    assert f'id="state-{held.pk}"' in told
    assert asked(client, held, target).status_code == 204
    post(client, held.ticket, f"messages/{held.pk}/send-now")
    told = asked(client, held, target).content.decode()
    assert f'<span id="state-{held.pk}" hx-swap-oob="true">' in told
    assert "on its way" in told
    assert f'id="{target}"' in told
    outbox.deliver_due(timezone.now() + timedelta(minutes=1))
    told = asked(client, held, target).content.decode()
    assert '<span class="badge good">sent</span>' in told
    assert f'id="{target}"' not in told


def test_the_page_on_which_it_is_edited_learns_that_it_has_left_and_what_to_do_with_the_words(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client = desk(cast.ana)
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    told = client.get(address).content.decode()
    assert f'<p id="leaves" data-ticket="{held.ticket.reference}" hx-get="{address}"' in told
    assert asked(client, held, "leaves").status_code == 204
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    told = asked(client, held, "leaves").content.decode()
    assert "This reply has already left" in told
    assert '<div id="held-actions" class="stack" hx-swap-oob="true">' in told
    assert "Put these words into the composer" in told
    assert ">Save<" not in told


def test_an_open_page_learns_also_that_the_acknowledgement_has_left(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(acknowledge=True), desk(cast.ana)
    message = ticket.messages.get(kind="automatic")
    target = f"hold-{message.pk}"
    assert f'id="{target}"' in page(client, ticket)
    told = asked(client, message, target).content.decode()
    assert "on its way" in told
    assert f'id="{target}"' in told
    outbox.deliver_due(timezone.now() + timedelta(minutes=1))
    told = asked(client, message, target).content.decode()
    assert '<span class="badge good">sent</span>' in told
    assert f'id="{target}"' not in told


def test_what_never_was_held_has_nothing_to_learn(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    message, client = opened().messages.get(), desk(cast.ana)
    assert asked(client, message, f"hold-{message.pk}").status_code == 200
    address = f"/tickets/{message.ticket.reference}/messages/{message.pk}/edit/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"compose": "1", "body": "Mine now?"}).status_code == 404
