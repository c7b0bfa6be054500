"""Putting mails into the outbox."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tickets.outbox import services
from tickets.outbox.checking import BadMail, Recipient
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.outbox.services import Draft

from .conftest import Listener, Put, fresh, rows

pytestmark = pytest.mark.django_db


def statements(context: CaptureQueriesContext) -> list[str]:
    words = [query["sql"].split()[0] for query in context.captured_queries]
    return [word for word in words if word not in {"BEGIN", "COMMIT"}]


def test_queueing_one_mail_costs_two_inserts(put: Put) -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as context:
        put("carla@x.example")
    assert [word for word in statements(context) if word != "RELEASE"] == ["INSERT", "INSERT"]


def test_queueing_a_hundred_mails_costs_two_inserts(now: datetime) -> None:
    drafts = [
        Draft(purpose="alert", subject="Late", text=".", recipients=[Recipient(f"{n}@x.example")])
        for n in range(100)
    ]
    with CaptureQueriesContext(connection) as context:
        mails = services.queue_many(drafts, now=now)
    inserts = [word for word in statements(context) if word == "INSERT"]
    # SQLite takes so many parameters and no more in one statement.
    assert len(inserts) == 2 or connection.vendor == "sqlite"
    assert len({mail.message_id for mail in mails}) == 100
    assert [rows(mail).__dict__.popitem()[0] for mail in mails] == [str(n) for n in range(100)]


def test_of_many_mails_a_bad_one_leaves_none(now: datetime) -> None:
    good = Draft(purpose="alert", subject="Late", text=".", recipients=[Recipient("a@x.example")])
    bad = Draft(purpose="alert", subject="Late", text=".", recipients=[Recipient("nobody")])
    with pytest.raises(BadMail):
        services.queue_many([good, bad], now=now)
    assert not OutgoingMail.objects.exists()


def test_a_held_mail_waits_and_its_deliveries_with_it(put: Put, now: datetime) -> None:
    mail = fresh(put("a@x.example", release_at=now + timedelta(minutes=30)))
    assert (mail.state, mail.released_at) == ("held", None)
    assert rows(mail).a.next_try_at is None


def test_a_mail_without_a_hold_is_due_at_once(put: Put, now: datetime) -> None:
    mail = fresh(put("a@x.example"))
    assert (mail.state, mail.released_at) == ("released", now)
    assert rows(mail).a.next_try_at == now


def test_the_message_id_is_fixed_and_names_the_domain_of_the_support_address(
    put: Put, settings: Any
) -> None:
    settings.SUPPORT_ADDRESS = "Help <help@Müller.example>"
    mail = put("a@x.example", sender="help@mueller.example")
    assert mail.message_id == f"<{mail.key.hex}@xn--mller-kva.example>"


def test_a_message_id_is_used_once(put: Put) -> None:
    put("a@x.example", message_id="<one@x.example>")
    with pytest.raises(IntegrityError), transaction.atomic():
        put("a@x.example", message_id="<one@x.example>")


def test_a_mail_to_nobody_without_a_hold_is_sent_and_told_by_the_next_pass(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put()
    assert (mail.state, mail.sent_at) == ("sent", now)
    assert listener.heard == []
    services.deliver_due(now)
    services.deliver_due(now)
    assert listener.of(mail) == ["left"]


def test_a_subject_that_is_too_long_for_a_header_is_cut(put: Put) -> None:
    mail = put("a@x.example", subject="é" * 400)
    assert fresh(mail).subject == "é" * 299 + "…"


def test_an_unknown_purpose_is_refused(put: Put) -> None:
    with pytest.raises(BadMail):
        put("a@x.example", purpose="spam")


def test_nothing_is_sent_while_queueing(put: Put, mailoutbox: list[Any], now: datetime) -> None:
    mail = put("a@x.example")
    services.send_now(mail=put("b@x.example", release_at=now + timedelta(minutes=1)), now=now)
    assert mailoutbox == []
    services.deliver_due(now)
    assert {each.recipients()[0] for each in mailoutbox} == {"a@x.example", "b@x.example"}
    assert fresh(mail).state == "sent"


def test_the_mail_outlives_its_author(put: Put) -> None:
    author = get_user_model().objects.create(username="gone")
    mail = put("a@x.example", author=author)
    author.delete()
    assert fresh(mail).author is None
    assert Delivery.objects.filter(mail=mail).exists()
