"""In and out of the mails about incidents: confirmed by the owner, a bomb for nobody."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

from escalation.incidents import services, tokens
from escalation.incidents.limiting import MOST_AN_HOUR
from escalation.incidents.models import Subscriber
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.errors import Invalid
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail

DAY = timedelta(days=1)
FORM = "/status/subscribe/"
HER = "vera@home.example"


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> Iterator[None]:
    """The counts lie in the database where several processes share them."""
    cache.clear()
    yield
    cache.clear()


def asks(client: Client, at: datetime, email: str = HER, **extra: str) -> HttpResponse:
    with time_machine.travel(at, tick=False):
        return client.post(FORM, {"email": email}, **extra)


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(purpose="notice").order_by("pk"))


def link(mail: OutgoingMail, name: str) -> str:
    found = re.search(rf"http\S+(/status/{name}/\S+)", mail.text)
    assert found
    return found[1]


def subscribed(now: datetime, email: str = HER) -> Subscriber:
    return Subscriber.objects.create(email=email, asked_at=now - DAY, confirmed_at=now - DAY)


def test_nobody_is_mailed_before_the_owner_has_pressed_the_button(
    db: None, client: Client, now: datetime
) -> None:
    assert asks(client, now).headers["Location"] == f"{FORM}?asked"
    assert "Look into your mailbox" in client.get(f"{FORM}?asked").content.decode()
    (mail,) = mails()
    assert [each.email for each in mail.deliveries.all()] == [HER]
    path = link(mail, "confirm")
    with time_machine.travel(now + HOUR, tick=False):
        assert "Is this address yours?" in client.get(path).content.decode()
        assert not Subscriber.objects.confirmed().exists()
        assert "You are subscribed" in client.post(path).content.decode()
        assert "You are subscribed" in client.post(path).content.decode()
    assert Subscriber.objects.get().confirmed_at == now + HOUR


def test_the_link_expires(db: None, client: Client, now: datetime) -> None:
    asks(client, now)
    path = link(mails()[0], "confirm")
    with time_machine.travel(now + tokens.LASTS + MINUTE, tick=False):
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 410
            assert "not good any more" in answer.content.decode()
    assert not Subscriber.objects.confirmed().exists()


@pytest.mark.parametrize("kind", ["confirm", "unsubscribe"])
def test_a_key_that_we_have_not_signed_opens_nothing(
    db: None, client: Client, now: datetime, kind: str
) -> None:
    row = subscribed(now)
    other = tokens.to_leave(row.key) if kind == "confirm" else tokens.to_confirm(row.key, now)
    for token in (other, row.key.hex, f"{row.key.hex}.x", "x" * 5000, "ü", "."):
        assert client.post(f"/status/{kind}/{token}/").status_code in (404, 410)
    assert Subscriber.objects.filter(pk=row.pk).exists()


def test_the_page_answers_the_same_whoever_is_known(
    db: None, client: Client, now: datetime
) -> None:
    subscribed(now, "known@home.example")
    Subscriber.objects.create(email="waits@home.example", asked_at=now)
    answers = {
        (answer.status_code, answer.headers["Location"], answer.content)
        for email in ("new@home.example", "known@home.example", "waits@home.example")
        for answer in [asks(client, now, email)]
    }
    assert len(answers) == 1


def test_who_is_subscribed_already_is_told_so_by_mail_alone(
    db: None, client: Client, now: datetime
) -> None:
    subscribed(now)
    asks(client, now, "Vera@Home.Example")
    (mail,) = mails()
    assert "You get these mails already" in mail.text
    assert link(mail, "unsubscribe")


def test_an_address_that_is_typed_in_again_and_again_is_mailed_ever_more_seldom(
    db: None, client: Client, now: datetime
) -> None:
    sent = []
    for minutes in range(0, 24 * 60, 10):
        cache.clear()
        before = len(mails())
        asks(client, now + minutes * MINUTE, HER.upper())
        if len(mails()) > before:
            sent.append(minutes // 60)
    assert sent == [0, 1, 3, 7, 15]


def test_one_visitor_has_only_so_many_mailed_an_hour(
    db: None, client: Client, now: datetime
) -> None:
    for number in range(MOST_AN_HOUR):
        assert asks(client, now, f"v{number}@home.example").status_code == 302
    refused = asks(client, now, "one@more.example")
    assert refused.status_code == 429
    assert "Try again in an hour" in refused.content.decode()
    assert 'value="one@more.example"' in refused.content.decode()
    assert len(mails()) == MOST_AN_HOUR
    assert asks(client, now, "a@b.example", REMOTE_ADDR="10.9.8.7").status_code == 302
    assert asks(client, now + HOUR, "one@more.example").status_code == 302


def test_the_addresses_of_one_ipv6_line_are_one_visitor(
    db: None, client: Client, now: datetime
) -> None:
    said = [
        asks(client, now, f"v{n}@home.example", REMOTE_ADDR=f"2001:db8:1:2::{n + 1:x}").status_code
        for n in range(MOST_AN_HOUR + 1)
    ]
    assert said == [302] * MOST_AN_HOUR + [429]


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "This field is required."),
        ("vera", "is not an e-mail address"),
        ("vera@home.example\nBcc: x@y.example", "is not an e-mail address"),
        ("support@helpdesk.localhost", "our own address"),
        ("support+HD-1.x@helpdesk.localhost", "our own address"),
        ("v" * 300 + "@home.example", "at most 254 characters"),
    ],
)
def test_what_is_no_address_is_refused_at_its_field(
    db: None, client: Client, now: datetime, email: str, says: str
) -> None:
    answer = asks(client, now, email)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_two_who_ask_at_one_moment_send_one_mail(db: None, now: datetime) -> None:
    row = Subscriber.objects.create(email=HER, asked_at=now - DAY)
    seen = Subscriber.objects.get(pk=row.pk)
    services.ask(email=HER, now=now)
    from_then = services.subscribing._is_turn_of(seen, now)
    assert (from_then, len(mails())) == (False, 1)


def test_a_mail_program_leaves_with_one_click_and_without_cookies(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribed(now)
    incident = declared(broken, now)
    services.say(incident=incident, text="Look.", actor=broken.sue, now=now, is_public=True)
    services.notify_next(now)
    (mail,) = mails()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link(mail, "unsubscribe")
    assert mail.headers["List-Unsubscribe"].endswith(f"{path}>")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscriber.objects.exists()
    assert "forgotten" in strict.post(path).content.decode()


def test_who_leaves_is_sent_nothing_that_still_waits_and_stands_in_no_mail(
    broken: SimpleNamespace, now: datetime, mailoutbox: list[EmailMessage]
) -> None:
    row = subscribed(now)
    subscribed(now, "stays@home.example")
    incident = declared(broken, now)
    for text in ("Look.", "Look again."):
        services.say(incident=incident, text=text, actor=broken.sue, now=now, is_public=True)
    services.notify_next(now)
    (taken,) = [each for each in outbox.claim(now=now) if each.email == HER][:1]
    services.leave(token=tokens.to_leave(row.key))
    assert not outbox.begin(delivery=taken, now=now)
    outbox.deliver_due(now + HOUR)
    assert HER not in {each.to[0] for each in mailoutbox}
    news = Delivery.objects.filter(mail__purpose="notice")
    assert set(news.values_list("email", flat=True)) == {"stays@home.example"}
    assert len(mails()) == 2


def test_a_link_that_is_only_followed_takes_nobody_off(
    db: None, client: Client, now: datetime
) -> None:
    row = subscribed(now)
    answer = client.get(f"/status/unsubscribe/{tokens.to_leave(row.key)}/")
    assert "Stop the mails" in answer.content.decode()
    assert Subscriber.objects.exists()


def test_who_left_and_comes_back_needs_a_new_link(db: None, client: Client, now: datetime) -> None:
    asks(client, now)
    old = link(mails()[0], "confirm")
    services.leave(token=tokens.to_leave(Subscriber.objects.get().key))
    asks(client, now + MINUTE)
    with time_machine.travel(now + HOUR, tick=False):
        assert client.post(old).status_code == 410
        assert client.post(link(mails()[0], "confirm")).status_code == 200


def test_an_address_that_nobody_confirms_is_forgotten_after_30_days(
    db: None, now: datetime
) -> None:
    services.ask(email=HER, now=now)
    confirmed = subscribed(now - 400 * DAY, "stays@home.example")
    assert services.forget_abandoned(now + 30 * DAY) == 0
    assert Delivery.objects.filter(email=HER).exists()
    assert services.forget_abandoned(now + 30 * DAY + MINUTE) == 1
    assert Subscriber.objects.get() == confirmed
    assert not Delivery.objects.filter(email=HER).exists()


def test_the_service_refuses_what_is_no_address(db: None, now: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        services.ask(email="vera", now=now)
    assert refused.value.field == "email"
