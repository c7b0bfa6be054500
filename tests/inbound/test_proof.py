"""Who wrote a mail that joins a conversation: known from what only we can have told them, or only said."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.factories import replied, ticket
from tests.inbound.conftest import written
from tickets.inbound import services
from tickets.models import Message
from tickets.services import mailing, triage


def came(raw: bytes, at: datetime) -> Message:
    done = services.process(services.store(raw, at, "pipe"), at)
    return Message.objects.get(pk=done.message_id)


@pytest.mark.parametrize(
    ("by", "is_proven"),
    [("token", True), ("our mail", True), ("their own mail", False), ("subject", False)],
)
def test_only_what_we_told_them_proves_who_writes(
    cast: SimpleNamespace, now: datetime, by: str, is_proven: bool
) -> None:
    one = ticket(cast, now, message_id="<first@acme.example>")
    ours = replied(one, cast.ana, now).mail
    assert ours is not None
    ways: dict[str, dict[str, str]] = {
        "token": {"to": mailing.reply_address(one)},
        "our mail": {"In_Reply_To": ours.message_id, "References": "<first@acme.example>"},
        "their own mail": {"In_Reply_To": "<first@acme.example>"},
        "subject": {"subject": f"Re: [{one.reference}]"},
    }
    message = came(written(message_id="<two@acme.example>", **ways[by]), now)
    assert (message.ticket, message.is_proven) == (one, is_proven)


def test_a_follow_up_that_anybody_could_have_asked_for_is_marked_too(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    message = came(written(subject=f"[{one.reference}]"), now)
    assert message.ticket != one
    assert not message.is_proven


def test_the_page_says_that_a_sender_is_not_proven(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    client.force_login(cast.ana)
    address = f"/tickets/{one.reference}/"
    assert "sender not proven" not in client.get(address).content.decode()
    came(written(subject=f"[{one.reference}]", text="Pay it to this account."), now)
    told = client.get(address).content.decode()
    assert "sender not proven" in told
    assert "make sure before you act on it" in told
