"""Writing a reply, and what happens when it leaves."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as mailbox

from tests.factories import customer_writes, event, kinds, replied, ticket
from tickets.errors import Conflict, Invalid, TooLate
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, triage

MINUTE = timedelta(minutes=1)


def write(one: Ticket, cast: SimpleNamespace, now: datetime, **fields: Any) -> Message:
    return conversation.reply(
        ticket=one, author=cast.ana, body="Tighten the screw.", now=now, **fields
    )


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, message_id="<first@acme.example>", acknowledge=False)


def test_a_reply_waits_half_an_hour_and_then_counts_from_when_it_left(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = write(one, cast, now)
    assert message.mail is not None
    assert message.mail.release_at == now + 30 * MINUTE
    outbox.deliver_due(now + 29 * MINUTE)
    assert "reply_released" not in kinds(one)
    left = now + 31 * MINUTE
    outbox.deliver_due(left)
    released = event(one, "reply_released")
    assert (released.at, released.message, released.actor) == (left, message, cast.ana)
    one.refresh_from_db()
    assert (one.last_message_at, one.last_message_by_customer) == (left, False)


def test_it_leaves_early_enough_for_the_earliest_deadline(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    Ticket.objects.filter(pk=one.pk).update(answer_due_at=now + 10 * MINUTE)
    message = write(one, cast, now)
    assert message.mail is not None
    assert message.mail.release_at == now + 8 * MINUTE


def test_it_is_held_for_a_minute_even_when_it_is_late(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    Ticket.objects.filter(pk=one.pk).update(answer_due_at=now - 10 * MINUTE)
    message = write(one, cast, now)
    assert message.mail is not None
    assert message.mail.release_at == now + MINUTE


def test_the_mail_continues_the_customers_thread(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    customer_writes(one, now, message_id="<second@acme.example>")
    replied(one, cast.ana, now + MINUTE, cc=["boss@acme.example", " BOSS@acme.example", ""])
    sent = mailbox.outbox[0]
    assert sent.extra_headers["In-Reply-To"] == "<second@acme.example>"
    assert sent.extra_headers["References"] == "<first@acme.example> <second@acme.example>"
    assert "Auto-Submitted" not in sent.extra_headers
    assert sent.cc == ["boss@acme.example"]
    assert sent.subject == f"Re: The lamp hums [{one.reference}]"
    assert f"support+{one.reference}." in sent.reply_to[0]
    assert sent.body.startswith("It is known.")
    assert cast.ana.name in sent.body
    assert cast.ana.email not in sent.message().as_string()


def test_the_reference_stands_in_the_subject_once(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.set_subject(
        ticket=one, subject=f"RE: re: [{one.reference.lower()}] hum", actor=None, now=now
    )
    message = write(one, cast, now)
    assert message.mail is not None
    assert message.mail.subject == f"Re: [{one.reference.lower()}] hum"


def test_a_new_ticket_is_open_as_soon_as_somebody_answers(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    write(one, cast, now)
    one.refresh_from_db()
    assert one.status == "open"


def test_the_chosen_status_comes_true_when_the_reply_leaves(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    write(one, cast, now, status_after="pending")
    one.refresh_from_db()
    assert one.status == "open"
    left = now + 30 * MINUTE
    outbox.deliver_due(left)
    one.refresh_from_db()
    assert one.status == "pending"
    assert one.events.filter(kind="status_changed").last().at == left


def test_a_recalled_reply_never_changes_the_status(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = write(one, cast, now, status_after="solved")
    conversation.recall(message=message, actor=cast.ana, now=now + MINUTE)
    outbox.deliver_due(now + 60 * MINUTE)
    one.refresh_from_db()
    assert (one.status, one.solved_at) == ("open", None)
    assert "reply_released" not in kinds(one)


def test_what_the_customer_writes_meanwhile_keeps_the_ticket_open(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    write(one, cast, now, status_after="solved")
    customer_writes(one, now + MINUTE, "Wait, it also smokes!")
    outbox.deliver_due(now + 30 * MINUTE)
    one.refresh_from_db()
    assert one.status == "open"


def test_a_later_decision_is_not_undone_when_the_reply_leaves(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    write(one, cast, now, status_after="pending")
    triage.set_status(ticket=one, status="on_hold", actor=cast.ben, now=now + MINUTE)
    outbox.deliver_due(now + 30 * MINUTE)
    one.refresh_from_db()
    assert one.status == "on_hold"


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("status_after", {"status_after": "gone"}),
        ("cc", {"cc": ["not an address"]}),
        ("cc", {"cc": ["a@b.example\nBcc: c@d.example"]}),
        ("cc", {"cc": [f"p{n}@x.example" for n in range(21)]}),
        ("cc", {"cc": ["support@helpdesk.localhost"]}),
        ("cc", {"cc": ["Support+HD-7K3M9Q.abc@helpdesk.localhost"]}),
        ("hold", {"hold": timedelta(days=400)}),
        ("hold", {"hold": timedelta(seconds=-1)}),
    ],
)
def test_bad_input_is_refused_at_its_field_and_changes_nothing(
    cast: SimpleNamespace,
    now: datetime,
    one: Ticket,
    field: str,
    fields: dict[str, Any],
    settings: Any,
) -> None:
    settings.SUPPORT_ADDRESS = "support@helpdesk.localhost"
    with pytest.raises(Invalid) as refusal:
        write(one, cast, now, **fields)
    assert refusal.value.field == field
    one.refresh_from_db()
    assert one.status == "new"
    assert not one.messages.filter(kind="reply").exists()


@pytest.mark.parametrize("body", ["", " \n", "a\x00", "x" * 200_001])
def test_a_bad_body_is_refused(
    cast: SimpleNamespace, now: datetime, one: Ticket, body: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        conversation.reply(ticket=one, author=cast.ana, body=body, now=now)
    assert refusal.value.field == "body"


def test_nobody_answers_on_a_closed_ticket(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    with pytest.raises(TooLate, match="closed"):
        write(one, cast, now)


def test_a_reply_to_what_one_has_not_read_is_refused(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    seen = Ticket.objects.get(pk=one.pk).version
    customer_writes(one, now)
    with pytest.raises(Conflict, match="customer"):
        write(one, cast, now, expected_version=seen)
    assert not one.messages.filter(kind="reply").exists()


def test_a_mail_that_dies_is_a_fact_of_the_ticket(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    message = write(one, cast, now)
    at = now + 30 * MINUTE
    outbox.release_due(now=at)
    (delivery,) = outbox.claim(now=at)
    outbox.settle_failed(delivery=delivery, now=at, error="550 no such user", permanent=True)
    outbox.announce_pending(now=at)
    assert event(one, "reply_failed").message == message
    assert "reply_released" not in kinds(one)
    (alert,) = OutgoingMail.objects.filter(purpose="alert")
    told = set(alert.deliveries.values_list("email", flat=True))
    assert told == {cast.ana.email, cast.sue.email}
    assert one.reference in alert.subject
    assert "550 no such user" in alert.text
    assert "clock runs on" in alert.text


@pytest.mark.parametrize("email", [None, '"ab"@example.com'])
def test_no_reply_is_written_to_who_has_no_address_for_it(
    cast: SimpleNamespace, now: datetime, one: Ticket, email: str | None
) -> None:
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(email=email)
    one = Ticket.objects.get(pk=one.pk)
    before = kinds(one)
    for cc in ((), ("friend@acme.example",)):
        with pytest.raises(Invalid, match="call them and log the call"):
            write(one, cast, now, cc=cc)
    assert not one.messages.filter(kind="reply").exists()
    assert (kinds(one), Ticket.objects.get(pk=one.pk).version) == (before, one.version)
