"""Rows on their way to a real mail server that is not always kind."""

import smtplib
import ssl
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from tickets.outbox import services
from tickets.outbox.delivery import describe, is_permanent, is_silence
from tickets.outbox.models import OutgoingMail

from .conftest import Listener, PostOffice, Put, fresh, rows

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_each_recipient_is_one_envelope_of_the_same_mail(
    post: PostOffice, put: Put, now: datetime
) -> None:
    mail = put("a@x.example", "cc:b@x.example", "bcc:c@x.example", sender="Us <us@x.example>")
    assert services.deliver_due(now) == 3
    assert [envelope.rcpt_tos for envelope in post.taken] == [
        ["a@x.example"], ["b@x.example"], ["c@x.example"],
    ]  # fmt: skip
    assert {envelope.mail_from for envelope in post.taken} == {"us@x.example"}
    assert {message["Message-ID"] for message in post.mails()} == {mail.message_id}
    assert {message["Date"].datetime for message in post.mails()} == {now}
    assert post.connections == 1
    assert services.deliver_due(now) == 0


def test_a_text_cannot_end_the_mail_and_start_another(
    post: PostOffice, put: Put, now: datetime
) -> None:
    text = "one\r\n.\r\nMAIL FROM:<eve@x.example>\n.\nRCPT TO:<all@x.example>\r.\rDATA\n..\nend"
    put("a@x.example", text=text)
    services.deliver_due(now)
    [message] = post.mails()
    assert message.get_content().split() == text.split()
    assert post.recipients == ["a@x.example"]


def test_one_of_three_recipients_is_refused_and_the_others_have_it(
    post: PostOffice, put: Put, now: datetime, listener: Listener
) -> None:
    post.refused_recipients["b@x.example"] = "550 5.1.1 No such user"
    mail = put("a@x.example", "b@x.example", "c@x.example")
    services.deliver_due(now)
    assert post.recipients == ["a@x.example", "c@x.example"]
    assert (rows(mail).b.state, rows(mail).b.last_error) == ("dead", "550 5.1.1 No such user")
    assert (fresh(mail).state, listener.of(mail)) == ("sent", ["left"])


@pytest.mark.parametrize("place", ["recipient", "data"])
@pytest.mark.parametrize(("reply", "state"), [("451 later", "waiting"), ("550 never", "dead")])
def test_what_the_server_says_decides_whether_it_is_tried_again(
    post: PostOffice, put: Put, now: datetime, place: str, reply: str, state: str
) -> None:
    replies = post.refused_recipients if place == "recipient" else post.after_data
    replies["a@x.example"] = reply
    mail, other = put("a@x.example"), put("b@x.example")
    services.deliver_due(now)
    row = rows(mail).a
    said = reply if place == "recipient" else f"The text was refused: {reply}"
    assert (row.state, row.last_error, row.tries) == (state, said, 1)
    assert row.next_try_at == (now + MINUTE if state == "waiting" else None)
    assert fresh(other).state == "sent"


def test_a_refusal_that_was_temporary_is_overcome(
    post: PostOffice, put: Put, now: datetime
) -> None:
    post.refused_recipients["a@x.example"] = "450 greylisted"
    mail = put("a@x.example")
    services.deliver_due(now)
    post.refused_recipients.clear()
    services.deliver_due(now + MINUTE - timedelta(seconds=1))
    assert post.taken == []
    services.deliver_due(now + MINUTE)
    assert (fresh(mail).sent_at, rows(mail).a.tries) == (now + MINUTE, 2)
    assert rows(mail).a.last_error == ""


def test_a_sender_that_is_refused_is_our_mistake_and_kills_no_mail(
    post: PostOffice, put: Put, now: datetime
) -> None:
    post.refused_senders["support@helpdesk.localhost"] = "553 not you"
    mail = put("a@x.example", sender="support@helpdesk.localhost")
    services.deliver_due(now)
    assert (rows(mail).a.state, rows(mail).a.last_error) == ("waiting", "553 not you")


def test_a_server_that_hangs_after_the_data_delays_that_mail_and_no_other(
    post: PostOffice, put: Put, now: datetime
) -> None:
    post.hangs_after_data.add("a@x.example")
    mail, others = put("a@x.example"), [put(f"b{n}@x.example") for n in range(3)]
    assert services.deliver_due(now) == 3
    assert [fresh(other).state for other in others] == ["sent"] * 3
    row = rows(mail).a
    assert (row.state, row.last_error) == ("waiting", "The mail server did not answer in time.")
    post.hangs_after_data.clear()
    services.deliver_due(now + MINUTE)
    # It may have taken the first one: then its reader sees one mail, by its Message-ID.
    ours = [m["Message-ID"] for m in post.mails() if m["To"] == "a@x.example"]
    assert ours == [mail.message_id] * 2


def test_a_server_that_vanishes_after_the_data_is_called_again(
    post: PostOffice, put: Put, now: datetime
) -> None:
    post.vanishes_after_data.add("a@x.example")
    mail, other = put("a@x.example"), put("b@x.example")
    services.deliver_due(now)
    assert (rows(mail).a.state, fresh(other).state) == ("waiting", "sent")
    assert post.connections == 2


def test_a_server_that_hangs_on_everything_costs_two_tries_and_not_the_batch(
    post: PostOffice, put: Put, now: datetime
) -> None:
    mails = [put(f"a{n}@x.example") for n in range(20)]
    post.hangs_after_data |= {f"a{n}@x.example" for n in range(20)}
    services.deliver_due(now)
    tried = [mail for mail in mails if next(iter(vars(rows(mail)).values())).tries]
    assert tried == mails[:2]
    states = {next(iter(vars(rows(mail)).values())).state for mail in mails}
    assert states == {"waiting"}
    assert services.claim(now=now + MINUTE - timedelta(seconds=1), limit=99) == []
    post.hangs_after_data.clear()
    assert services.deliver_due(now + MINUTE) == 20


@pytest.mark.usefixtures("no_server")
def test_without_a_server_one_mail_was_tried_and_all_are_tried_again(
    put: Put, now: datetime
) -> None:
    first, second = put("a@x.example"), put("b@x.example")
    assert services.deliver_due(now) == 0
    assert (rows(first).a.tries, rows(second).b.tries) == (1, 0)
    for row in (rows(first).a, rows(second).b):
        assert (row.state, row.next_try_at) == ("waiting", now + MINUTE)
        assert "ConnectionRefused" in row.last_error


@pytest.mark.usefixtures("no_server")
def test_a_server_that_stays_away_for_a_day_leaves_a_dead_letter_to_resend(
    put: Put, now: datetime, settings: Any, mailoutbox: list[Any]
) -> None:
    mail, at = put("a@x.example"), now
    while (due := rows(mail).a.next_try_at) is not None:
        at = due
        services.deliver_due(at)
    assert (fresh(mail).state, rows(mail).a.tries) == ("dead", 10)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    services.resend(mail=mail, now=at)
    services.deliver_due(at)
    assert fresh(mail).state == "sent"
    assert [each.extra_headers["Message-ID"] for each in mailoutbox] == [mail.message_id]


def test_a_mail_that_cannot_be_written_is_given_up_and_the_others_leave(
    post: PostOffice, put: Put, now: datetime, listener: Listener
) -> None:
    broken, fine = put("a@x.example"), put("b@x.example")
    OutgoingMail.objects.filter(pk=broken.pk).update(subject="Two\nlines")
    services.deliver_due(now)
    assert (fresh(broken).state, fresh(fine).state) == ("dead", "sent")
    assert "cannot be written as a mail" in rows(broken).a.last_error
    assert listener.of(broken) == ["dead"]


class Watching(BaseEmailBackend):
    """Notes whether a transaction is open while it is given mail; then says it sent nothing."""

    open_transactions: list[bool] = []

    def send_messages(self, messages: Any) -> int:
        self.open_transactions.append(connection.in_atomic_block)
        return 0


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(
    put: Put, now: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Watching"
    Watching.open_transactions = []
    mail = put("a@x.example")
    services.deliver_due(now)
    assert Watching.open_transactions == [False]
    assert rows(mail).a.last_error == "NotTaken: The mail backend did not take the mail."


def test_a_backend_that_is_set_up_wrongly_kills_no_mail(
    put: Put, now: datetime, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = True
    mail = put("a@x.example")
    services.deliver_due(now)
    assert (rows(mail).a.state, rows(mail).a.tries) == ("waiting", 1)
    assert "mutually exclusive" in rows(mail).a.last_error


@pytest.mark.parametrize(
    ("problem", "permanent", "silence"),
    [
        (smtplib.SMTPRecipientsRefused({"a@x": (550, b"no")}), True, False),
        (smtplib.SMTPRecipientsRefused({"a@x": (452, b"full")}), False, False),
        (smtplib.SMTPDataError(554, b"spam"), True, False),
        (smtplib.SMTPDataError(451, b"later"), False, False),
        (smtplib.SMTPSenderRefused(552, b"too large", "us@x"), True, False),
        (smtplib.SMTPSenderRefused(530, b"log in first", "us@x"), False, False),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), False, False),
        (smtplib.SMTPServerDisconnected("gone"), False, True),
        (smtplib.SMTPConnectError(421, b"busy"), False, False),
        (TimeoutError("timed out"), False, True),
        (ConnectionResetError(104, "reset"), False, True),
        (ssl.SSLError("bad certificate"), False, True),
        (RuntimeError("a bug"), False, False),
    ],
    ids=repr,
)
def test_only_what_concerns_the_mail_itself_is_permanent(
    problem: Exception, permanent: bool, silence: bool
) -> None:
    assert (is_permanent(problem), is_silence(problem)) == (permanent, silence)
    assert "b'" not in describe(problem)
