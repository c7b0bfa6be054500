"""Internal notes, and who is told of them."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.core import mail as mailbox

from tests.factories import event, kinds, ticket
from tickets.access import ticket_for
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False)


def test_a_note_stays_inside_and_overwrites_nobody(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    version = Ticket.objects.get(pk=one.pk).version
    message = conversation.note(ticket=one, author=cast.ana, body="VIP!", now=now)
    outbox.deliver_due(now)
    assert not message.is_public
    assert mailbox.outbox == []
    assert event(one, "note_added").message == message
    one.refresh_from_db()
    assert (one.version, one.status) == (version, "new")


@pytest.mark.parametrize("who", ["bo", "eve", "max"])
def test_who_is_mentioned_sees_the_ticket_and_is_told(
    cast: SimpleNamespace, now: datetime, one: Ticket, who: str
) -> None:
    user = getattr(cast, who)
    conversation.note(
        ticket=one, author=cast.ana, body="Your view?", now=now, mentions=[user, user]
    )
    outbox.deliver_due(now)
    assert ticket_for(user, one.reference) == one
    (told,) = mailbox.outbox
    assert told.recipients() == [user.email]
    assert "Your view?" in told.body
    assert f"/tickets/{one.reference}/" in told.body


def test_nobody_is_told_of_their_own_note_or_after_leaving(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    cast.bo.is_active = False
    conversation.note(
        ticket=one, author=cast.ana, body="Hm.", now=now, mentions=[cast.ana, cast.bo]
    )
    outbox.deliver_due(now)
    assert mailbox.outbox == []
    assert "followers_changed" not in kinds(one)


def test_a_closed_ticket_can_still_be_annotated(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    conversation.note(ticket=one, author=cast.ana, body="For the record.", now=now)


def test_an_empty_note_is_refused(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    with pytest.raises(Invalid):
        conversation.note(ticket=one, author=cast.ana, body=" ", now=now)
