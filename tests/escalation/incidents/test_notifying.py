"""Public updates by mail: to each subscriber once, whatever is killed or fails meanwhile."""

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.db import DatabaseError

from escalation.incidents import services, tasks
from escalation.incidents.models import Notification, Subscriber, Update
from escalation.incidents.services import letters, notifying
from tests import factories
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.inbound import services as inbound
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services.settling import MOST_TRIES
from tickets.outbox.turns import turn
from tickets.services import conversation, triage

DAY = timedelta(days=1)


def subscribe(now: datetime, *emails: str) -> None:
    for email in emails:
        Subscriber.objects.create(email=email, asked_at=now - DAY, confirmed_at=now - DAY)


def say(cast: SimpleNamespace, now: datetime, **fields: object) -> Update:
    incident = fields.pop("incident", None) or declared(cast, now)
    given = {"text": "We are on it.", "actor": cast.sue, "is_public": True} | fields
    return services.say(incident=incident, now=now, **given)


def run(now: datetime) -> None:
    while services.spread_next(now) or services.notify_next(now):
        pass


def mailed() -> list[str]:
    rows = Delivery.objects.filter(mail__purpose="notice").order_by("email")
    return list(rows.values_list("email", flat=True))


def test_a_public_update_is_mailed_to_each_confirmed_subscriber_once(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribe(now, "a@x.example", "b@x.example")
    Subscriber.objects.create(email="never@x.example", asked_at=now)
    say(broken, now, state="identified")
    run(now)
    run(now + HOUR)
    assert mailed() == ["a@x.example", "b@x.example"]
    mail = OutgoingMail.objects.filter(purpose="notice").earliest("pk")
    assert mail.subject == "Support: Updates break the Hub (cause known)"
    for words in (
        "We are on it.",
        "Since: Tue 3 Mar 2026 13:00 UTC",
        "/status/",
        "no more of them",
    ):
        assert words in mail.text
    assert "b@x.example" not in mail.text
    assert mail.deliveries.count() == 1


def test_what_is_said_to_the_staff_is_mailed_to_nobody(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribe(now, "a@x.example")
    say(broken, now, is_public=False)
    run(now)
    assert mailed() == []


def test_who_confirms_later_hears_only_what_comes_after(
    broken: SimpleNamespace, now: datetime
) -> None:
    say(broken, now)
    subscribe(now, "a@x.example")
    run(now)
    assert mailed() == []


def test_who_leaves_before_the_pass_gets_nothing_any_more(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribe(now, "a@x.example", "b@x.example")
    say(broken, now)
    Subscriber.objects.filter(email="a@x.example").delete()
    run(now)
    assert mailed() == ["b@x.example"]


def test_a_pass_takes_a_batch_and_the_next_goes_on_there(
    broken: SimpleNamespace, now: datetime
) -> None:
    everybody = sorted(f"p{number}@x.example" for number in range(notifying.BATCH + 3))
    subscribe(now, *everybody)
    say(broken, now)
    looked = [services.notify_next(now) for _ in range(3)]
    assert looked == [notifying.BATCH, 3, 0]
    assert mailed() == everybody


def test_a_batch_that_dies_in_its_midst_leaves_no_mail_and_is_done_whole_later(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(now, "a@x.example", "b@x.example")
    say(broken, now)

    def dies(*args: object, **fields: object) -> None:
        raise DatabaseError("the connection is gone")

    with monkeypatch.context() as broken_off:
        broken_off.setattr(Notification.objects, "bulk_update", dies)
        services.notify_next(now)
    assert mailed() == []
    run(now)
    assert mailed() == []
    run(now + MINUTE)
    assert mailed() == ["a@x.example", "b@x.example"]


def test_what_fails_again_and_again_is_given_up_in_words(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(now, "a@x.example")
    say(broken, now)

    def fails(*args: object) -> None:
        raise ValueError("no such letter")

    monkeypatch.setattr(letters, "news", fails)
    for hours in range(7):
        services.notify_next(now + hours * HOUR)
    row = Notification.objects.get()
    assert (row.state, row.because) == ("not_told", "it failed 5 times: no such letter")


def of_carla(cast: SimpleNamespace, now: datetime, **fields: object) -> Update:
    """Carla has a linked ticket and subscribes too, in other capitals; told on both ways."""
    subscribe(now, "Carla@acme.example", "b@x.example")
    ticket = factories.ticket(cast, now)
    incident = declared(cast, now, tickets=[ticket])
    if fields.pop("solved", False):
        triage.set_status(ticket=ticket, status="solved", actor=cast.ana, now=now)
    return say(cast, now, incident=incident, tell_customers=True, **fields)


def test_who_is_told_on_their_ticket_gets_no_mail_besides(
    broken: SimpleNamespace, now: datetime
) -> None:
    of_carla(broken, now)
    run(now)
    outbox.deliver_due(now + MINUTE)
    run(now + MINUTE)
    assert mailed() == ["b@x.example"]
    hers = Notification.objects.get(subscriber__email="Carla@acme.example")
    assert (hers.state, hers.because) == ("told", "told on their ticket")


def test_who_could_not_be_told_on_their_ticket_is_mailed(
    broken: SimpleNamespace, now: datetime
) -> None:
    of_carla(broken, now, solved=True)
    run(now)
    assert set(mailed()) == {"b@x.example", "Carla@acme.example"}


def test_who_is_still_to_be_told_on_their_ticket_waits_for_that(
    broken: SimpleNamespace, now: datetime
) -> None:
    update = of_carla(broken, now)
    while services.notify_next(now):
        pass
    assert mailed() == ["b@x.example"]
    update.tellings.update(state="not_told")
    run(now + MINUTE)
    assert "Carla@acme.example" in mailed()


def test_where_no_mail_arrives_any_more_the_next_one_is_not_sent(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribe(now, "a@x.example", "b@x.example")
    update = say(broken, now)
    run(now)
    mail = OutgoingMail.objects.get(purpose="notice", deliveries__email="a@x.example")
    (claimed,) = [each for each in outbox.claim(now=now, limit=50) if each.email == "a@x.example"]
    outbox.begin(delivery=claimed, now=now)
    outbox.settle_failed(delivery=claimed, now=now, error="550 gone", permanent=True)
    mail.refresh_from_db()
    assert mail.state == "dead"
    assert Notification.objects.get(mail=mail).state == "not_told"
    say(broken, now + HOUR, incident=update.incident, text="It is over.", state="resolved")
    run(now + HOUR)
    assert mailed() == ["a@x.example", "b@x.example", "b@x.example"]


@pytest.fixture
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_the_task_tells_customers_and_subscribers(
    broken: SimpleNamespace, now: datetime, own_folder: Path
) -> None:
    of_carla(broken, now)
    assert tasks.spread() == 3
    assert mailed() == ["b@x.example"]


def test_a_tick_while_another_is_at_work_leaves_the_worker_to_the_deadlines(
    broken: SimpleNamespace, now: datetime, own_folder: Path
) -> None:
    of_carla(broken, now)
    with turn(own_folder / "incidents.lock"):
        assert tasks.spread() == 0
    assert tasks.spread() == 3


def test_a_pass_ends_after_its_time_and_the_next_goes_on(
    broken: SimpleNamespace, now: datetime, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "BATCH", 2)
    monkeypatch.setattr(tasks, "LONGEST_PASS", -1)
    subscribe(now, *(f"{letter}@x.example" for letter in "abc"))
    say(broken, now)
    assert [tasks.spread() for _ in range(3)] == [2, 1, 0]


def test_a_reply_that_is_due_leaves_before_the_news_to_hundreds_of_subscribers(
    broken: SimpleNamespace, now: datetime, own_folder: Path, mailoutbox: list[EmailMessage]
) -> None:
    subscribe(now, *(f"s{number}@x.example" for number in range(120)))
    say(broken, now)
    with time_machine.travel(now, tick=False):
        assert tasks.spread() == 50
        assert tasks.spread() == 0
        ticket = factories.ticket(broken, now)
        conversation.reply(ticket=ticket, body="Here it is.", author=broken.ana, now=now)
        outbox.send_now(mail=OutgoingMail.objects.get(purpose="reply"), now=now)
        outbox.deliver_due(now, batches=2)
        assert "Here it is." in str(mailoutbox[-1].body)
        assert [tasks.spread() for _ in range(2)] == [50, 0]
        outbox.deliver_due(now)
        assert [tasks.spread() for _ in range(2)] == [20, 0]


def test_an_address_whose_mail_comes_back_by_a_report_is_mailed_no_more(
    broken: SimpleNamespace, now: datetime
) -> None:
    subscribe(now, "gone@x.example", "here@x.example")
    update = say(broken, now)
    run(now)
    outbox.deliver_due(now)
    mail = OutgoingMail.objects.get(deliveries__email="gone@x.example")
    report = (
        "From: MAILER-DAEMON@x.example\r\nTo: support@company.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <report@x.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
        "report-type=delivery-status; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\n"
        "No such user.\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; x.example\r\n\r\nFinal-Recipient: rfc822; gone@x.example\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {mail.message_id}\r\nSubject: News\r\n\r\nNews.\r\n--B--\r\n"
    )
    inbound.process(inbound.store(report.encode(), now, "pipe"), now + MINUTE)
    row = Notification.objects.get(mail=mail)
    assert (row.state, row.because) == ("not_told", "no mail arrives there")
    assert list(Subscriber.objects.confirmed().values_list("email", flat=True)) == [
        "here@x.example"
    ]
    say(broken, now + HOUR, incident=update.incident, text="It is over.", state="resolved")
    run(now + HOUR)
    assert mailed() == ["gone@x.example", "here@x.example", "here@x.example"]


@pytest.mark.parametrize(
    ("error", "tries", "stays"),
    [
        ("550 5.1.1 No such user", 1, False),
        ("553 no such mailbox", 1, False),
        ("550 5.7.1 You are on a list", 1, True),
        ("550 relay not permitted", 1, True),
        ("The text was refused: 550 spam", 1, True),
        ("552 too large", 1, True),
        ("ConnectionRefusedError: [Errno 111] Connection refused", MOST_TRIES, True),
        ("550 5.1.8 The sender is unknown", MOST_TRIES, True),
    ],
)
def test_only_whose_address_takes_no_mail_has_to_confirm_anew(
    broken: SimpleNamespace, now: datetime, error: str, tries: int, stays: bool
) -> None:
    subscribe(now, "a@x.example")
    say(broken, now)
    run(now)
    Delivery.objects.filter(mail__purpose="notice").update(tries=tries - 1)
    (claimed,) = [each for each in outbox.claim(now=now, limit=50) if each.email == "a@x.example"]
    outbox.begin(delivery=claimed, now=now)
    outbox.settle_failed(delivery=claimed, now=now, error=error, permanent=tries < MOST_TRIES)
    row = Notification.objects.get()
    assert (row.state, row.subscriber.confirmed_at is not None) == ("not_told", stays)
    assert row.because == (
        f"the mail could not be delivered: {error}" if stays else "no mail arrives there"
    )


def test_one_subscriber_who_cannot_be_mailed_keeps_nobody_else_waiting(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(now, *(f"{name}@x.example" for name in "abc"))
    say(broken, now)
    news = letters.news

    def fails(subscriber: Subscriber, update: Update) -> outbox.Draft:
        if subscriber.email.startswith("b"):
            raise ValueError("no such letter")
        return news(subscriber, update)

    monkeypatch.setattr(letters, "news", fails)
    run(now)
    assert mailed() == ["a@x.example", "c@x.example"]
    assert Notification.objects.get(state="waiting").failures == 1


def test_ten_thousand_subscribers_cost_who_says_it_one_statement_and_are_each_noted_once(
    broken: SimpleNamespace, now: datetime, django_assert_num_queries: Any
) -> None:
    update = say(broken, now)
    Subscriber.objects.bulk_create(
        Subscriber(email=f"p{number}@x.example", asked_at=now, confirmed_at=now)
        for number in range(10_000)
    )
    with django_assert_num_queries(1):
        assert notifying.notify(update=update, now=now) == 10_000
    assert notifying.notify(update=update, now=now) == 0
    assert Notification.objects.due(now).count() == 10_000
    assert not Notification.objects.due(now - MINUTE).exists()
