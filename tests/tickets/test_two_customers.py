"""Tickets of two customers become one: nobody is lost, and nobody is told what another asked."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.factories import customer_writes, event, kinds, replied, ticket
from tickets.errors import Invalid
from tickets.inbound import services as inbound
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import Contact
from tickets.services import conversation, mailing, triage

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def carlas(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, subject="My insolvency, confidential", acknowledge=False)


@pytest.fixture
def carls(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, subject="Lamp", requester=cast.carl, acknowledge=False)


def merge(source: Ticket, target: Ticket, cast: SimpleNamespace, at: datetime) -> Ticket:
    return triage.merge(
        source=source, target=target, actor=cast.ana, now=at,
        other_customer=target.requester_id,
    )  # fmt: skip


def goes_to(message: Message) -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(mail=message.mail).order_by("pk")
    return list(rows.values_list("kind", "email"))


@pytest.mark.parametrize("confirmed", ["nobody", "the source's", "somebody"])
def test_the_other_customer_must_be_named_by_who_merges(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket, confirmed: str
) -> None:
    said = {"nobody": None, "the source's": cast.carl.pk, "somebody": 10**9}[confirmed]
    with pytest.raises(Invalid, match=r"Carl \(carl@home.example\).*Carla Customer") as refusal:
        triage.merge(source=carls, target=carlas, actor=cast.ana, now=now, other_customer=said)
    assert refusal.value.field == "other_customer"
    assert "merged_in" not in kinds(carlas)


def test_who_joins_gets_a_copy_of_every_reply_and_progress_line(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    merge(carls, carlas, cast, now + MINUTE)
    both = [("to", "carla@acme.example"), ("cc", "carl@home.example")]
    assert list(carlas.participants.all()) == [cast.carl]
    assert goes_to(replied(carlas, cast.ana, now + 2 * MINUTE)) == both
    said = conversation.progress(ticket=carlas, author=cast.ana, text="Soon", now=now + HOUR)
    assert goes_to(said) == both


def test_a_copy_asked_for_by_hand_goes_out_once(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    merge(carls, carlas, cast, now)
    said = replied(carlas, cast.ana, now, cc=["Carl@home.example", "boss@acme.example"])
    assert sorted(each for _, each in goes_to(said)) == [
        "boss@acme.example", "carl@home.example", "carla@acme.example",
    ]  # fmt: skip


def test_participants_go_along_when_their_ticket_is_merged_again(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    merge(carls, carlas, cast, now)
    third = ticket(cast, now)
    merge(carlas, third, cast, now)
    assert list(third.participants.all()) == [cast.carl]
    assert event(third, "still_waiting").data["customer_id"] == cast.carl.pk


def test_the_wait_of_who_joins_begins_at_the_merge(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    merge(carls, carlas, cast, now + HOUR)
    told = event(carlas, "merged_in").data
    assert (told["wait_since"], told["customer_id"]) == (
        (now + HOUR).isoformat(),
        cast.carl.pk,
    )


def test_who_was_answered_before_does_not_wait(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    replied(carls, cast.ana, now + MINUTE)
    merge(carls, carlas, cast, now + HOUR)
    assert event(carlas, "merged_in").data["wait_since"] is None


def test_what_was_written_to_who_joins_is_no_answer_to_this_customer(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    said = conversation.reply(
        ticket=carls, author=cast.ana, body="Done, Carl.", now=now, status_after="solved"
    )
    line = conversation.progress(ticket=carls, author=cast.ana, text="Nearly", now=now)
    merge(carls, carlas, cast, now + MINUTE)
    outbox.deliver_due(now + HOUR)
    carlas.refresh_from_db()
    assert goes_to(said) == goes_to(line) == [("to", "carl@home.example")]
    assert kinds(carlas).count("reply_to_another") == 2
    assert not {"reply_released", "progress", "status_changed"} & set(kinds(carlas))
    assert (carlas.status, carlas.last_message_by_customer) == ("new", True)


def test_what_was_written_before_they_joined_leaves_them_waiting(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    conversation.reply(
        ticket=carlas, author=cast.ana, body="For you.", now=now, status_after="pending"
    )
    merge(carls, carlas, cast, now + MINUTE)
    outbox.deliver_due(now + HOUR)
    waits = event(carlas, "still_waiting")
    assert "reply_released" in kinds(carlas)
    assert waits.data["wait_since"] == (now + MINUTE).isoformat()
    carlas.refresh_from_db()
    assert carlas.status == "open"
    replied(carlas, cast.ana, now + 2 * HOUR)
    assert kinds(carlas).count("still_waiting") == 1


def test_who_cannot_be_reached_by_mail_waits_until_called(
    cast: SimpleNamespace, now: datetime, carlas: Ticket
) -> None:
    phil = Contact.objects.create(name="Phil", phone="+49 30 1")
    merge(ticket(cast, now, requester=phil, channel="phone"), carlas, cast, now)
    replied(carlas, cast.ana, now + MINUTE)
    replied(carlas, cast.ana, now + 2 * MINUTE)
    assert kinds(carlas).count("still_waiting") == 2


def test_a_reply_held_while_the_customer_was_changed_answers_nobody_new(
    cast: SimpleNamespace, now: datetime, carlas: Ticket
) -> None:
    conversation.reply(ticket=carlas, author=cast.ana, body="Hello Carla", now=now)
    triage.change_requester(ticket=carlas, requester=cast.carl, actor=cast.ana, now=now)
    outbox.deliver_due(now + HOUR)
    assert "reply_to_another" in kinds(carlas)
    assert "reply_released" not in kinds(carlas)


def test_a_follow_up_says_nothing_of_what_the_other_asked(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    merge(carls, carlas, cast, now)
    triage.set_status(ticket=carlas, status="closed", actor=cast.ana, now=now)
    for address, subject, wanted in (
        (mailing.reply_address(carls), "Re: whatever", "Lamp"),
        (mailing.reply_address(carlas), "Re: my cable", "Re: my cable"),
    ):
        raw = (
            f"From: carl@home.example\nTo: {address}\nSubject: {subject}\n"
            f"Message-ID: <{wanted[:4].strip()}@home.example>\n\nAny news?\n"
        )
        done = inbound.process(inbound.store(raw.encode(), now, "pipe"), now)
        assert done.ticket is not None
        assert (done.ticket.subject, done.ticket.requester) == (wanted, cast.carl)
    told = OutgoingMail.objects.filter(deliveries__email="carl@home.example")
    assert not [each for each in told if "insolvency" in each.subject + each.text]


def test_a_held_reply_keeps_the_reference_its_customer_knows(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    said = conversation.reply(ticket=carls, author=cast.ana, body="x", now=now)
    merge(carls, carlas, cast, now)
    said.refresh_from_db()
    conversation.edit_held(message=said, actor=cast.ben, body="y", now=now)
    assert said.mail is not None
    assert carls.reference in said.mail.text
    assert carlas.reference not in said.mail.text + said.mail.subject


def test_a_split_gives_what_somebody_wrote_back_to_them(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    asked = carls.messages.get()
    merge(carls, carlas, cast, now)
    more = customer_writes(carlas, now, "Mine.")
    with pytest.raises(Invalid, match="messages of Carl and Carla Customer") as refusal:
        split(carlas, [asked, more], cast, now)
    assert refusal.value.field == "messages"
    back = split(carlas, [asked], cast, now)
    assert (back.requester, back.organization) == (cast.carl, None)
    assert not carlas.participants.exists()
    assert goes_to(replied(carlas, cast.ana, now)) == [("to", "carla@acme.example")]


def test_who_has_something_left_here_still_takes_part_after_a_split(
    cast: SimpleNamespace, now: datetime, carlas: Ticket, carls: Ticket
) -> None:
    asked = carls.messages.get()
    merge(carls, carlas, cast, now)
    customer_writes(carlas, now, "One more thing.", contact=cast.carl)
    split(carlas, [asked], cast, now)
    assert list(carlas.participants.all()) == [cast.carl]


def split(one: Ticket, messages: list[Message], cast: SimpleNamespace, at: datetime) -> Ticket:
    chosen = list(Message.objects.filter(pk__in=[each.pk for each in messages]))
    return triage.split(ticket=one, messages=chosen, subject="Apart", actor=cast.ana, now=at)
