"""The automatic acknowledgement."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as mailbox

from tests.factories import event, kinds, ticket
from tickets import events
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.references import check_token


def acknowledgement(one: Ticket) -> OutgoingMail:
    message = one.messages.select_related("mail").get(kind=Message.Kind.AUTOMATIC)
    assert message.mail is not None
    return message.mail


def promise(due_in: timedelta | None) -> object:
    """Stands for the floor that knows deadlines: stores one as soon as a ticket opens."""

    def listen(ticket: Ticket, event: object, now: datetime, **_: object) -> None:
        due = now + due_in if due_in is not None else None
        Ticket.objects.filter(pk=ticket.pk).update(answer_due_at=due)

    return listen


@pytest.fixture
def opened_with(cast: SimpleNamespace, now: datetime) -> object:
    def opened(due_in: timedelta | None, **fields: object) -> Ticket:
        listen = promise(due_in)
        events.recorded.connect(listen)  # type: ignore[arg-type]
        try:
            return ticket(cast, now, **fields)
        finally:
            events.recorded.disconnect(listen)  # type: ignore[arg-type]

    return opened


def test_it_names_the_reference_and_leaves_at_once(
    cast: SimpleNamespace, now: datetime, settings: Any
) -> None:
    settings.SUPPORT_ADDRESS, settings.COMPANY_NAME = "help@shop.example", "Northlight, Ltd"
    one = ticket(cast, now, message_id="<first@home.example>")
    outbox.deliver_due(now)
    sent = mailbox.outbox[0]
    assert sent.to == ["Carla Customer <carla@acme.example>"]
    assert sent.from_email == '"Northlight, Ltd" <help@shop.example>'
    assert sent.subject == f"Re: The lamp hums [{one.reference}]"
    assert one.reference in sent.body
    headers = sent.extra_headers
    assert headers["In-Reply-To"] == headers["References"] == "<first@home.example>"
    assert headers["Auto-Submitted"] == "auto-replied"
    local, _, domain = sent.reply_to[0].partition("@")
    assert domain == "shop.example"
    token = local.removeprefix("help+")
    assert check_token(settings.SECRET_KEY, token) == one.reference
    assert event(one, "acknowledged_customer").at == now


def test_it_says_in_the_customers_zone_when_to_expect_an_answer(
    cast: SimpleNamespace, now: datetime, opened_with: object
) -> None:
    cast.carla.time_zone = "Asia/Tokyo"
    cast.carla.save()
    text = acknowledgement(opened_with(timedelta(hours=10))).text  # type: ignore[operator]
    assert "by Wednesday 4 March 2026, 09:00 (Asia/Tokyo)" in text


@pytest.mark.parametrize("due_in", [None, timedelta(hours=-1), timedelta(0)])
def test_no_promise_is_made_where_there_is_none_or_it_is_broken(
    opened_with: object, due_in: timedelta | None
) -> None:
    assert "expect our answer by" not in acknowledgement(opened_with(due_in)).text  # type: ignore[operator]


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ("question", "a person of our team"),
        ("management", "decision"),
        ("suggestion", "suggestion"),
    ],
)
def test_it_says_what_happens_next(
    cast: SimpleNamespace, now: datetime, category: str, said: str
) -> None:
    one = ticket(cast, now, category=getattr(cast, category))
    assert said in acknowledgement(one).text


def test_it_is_not_sent_when_not_wanted_or_when_there_is_no_address(
    cast: SimpleNamespace, now: datetime
) -> None:
    cast.carl.email = None
    cast.carl.save()
    quiet = [ticket(cast, now, acknowledge=False), ticket(cast, now, requester=cast.carl)]
    assert not Message.objects.filter(ticket__in=quiet, kind="automatic").exists()


def test_it_counts_as_nothing_that_was_said_to_the_customer(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    outbox.deliver_due(now + timedelta(minutes=1))
    one.refresh_from_db()
    assert (one.status, one.last_message_by_customer, one.last_message_at) == ("new", True, now)
    assert "reply_released" not in kinds(one)


def test_nothing_that_a_stranger_writes_becomes_a_header_or_markup(
    cast: SimpleNamespace, now: datetime
) -> None:
    cast.carla.name = "Carla\r\nBcc: all@x.example"
    cast.carla.save()
    one = ticket(cast, now, subject="<b>{{ 7|add:7 }}</b> {% now %}")
    mail = acknowledgement(one)
    assert "<b>{{ 7|add:7 }}</b> {% now %}" in mail.text
    assert mail.deliveries.get().name == "Carla Bcc: all@x.example"
