"""A row of the outbox as a mail."""

import email
import email.policy
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tickets.outbox import services
from tickets.outbox.checking import Recipient
from tickets.outbox.compose import compose
from tickets.outbox.models import Delivery, OutgoingMail

from .conftest import Put, fresh

pytestmark = pytest.mark.django_db


def composed(mail: OutgoingMail, number: int = 0) -> tuple[list[str], EmailMessage]:
    """The envelope's recipients and the mail as its reader sees it."""
    mail = fresh(mail)
    everyone = list(Delivery.objects.filter(mail=mail))
    message = compose(mail, everyone[number], everyone)
    raw = message.message().as_bytes(linesep="\r\n")
    parsed: Any = email.message_from_bytes(raw, policy=email.policy.default)
    return message.recipients(), parsed


def test_everybody_sees_everybody_but_each_envelope_has_one_recipient(put: Put) -> None:
    mail = put("a@x.example", "b@x.example", "cc:c@x.example")
    for number, address in enumerate(["a@x.example", "b@x.example", "c@x.example"]):
        envelope, message = composed(mail, number)
        assert envelope == [address]
        assert message["To"] == "a@x.example, b@x.example"
        assert message["Cc"] == "c@x.example"


def test_blind_copies_are_seen_by_nobody(put: Put) -> None:
    envelope, message = composed(put("a@x.example", "bcc:secret@x.example"), 1)
    assert envelope == ["secret@x.example"]
    assert "secret" not in message.as_string()


def test_a_mail_to_blind_copies_alone_has_undisclosed_recipients(put: Put) -> None:
    _, message = composed(put("bcc:secret@x.example"))
    assert message["To"] == "undisclosed-recipients:;"


def test_every_copy_and_every_try_carries_one_message_id_and_one_date(
    put: Put, now: datetime
) -> None:
    mail = put("a@x.example", "b@x.example", release_at=now + timedelta(minutes=30))
    released = now + timedelta(minutes=31)
    services.release_due(now=released)
    copies = [composed(mail, number)[1] for number in (0, 1, 0)]
    assert {copy["Message-ID"] for copy in copies} == {mail.message_id}
    assert {copy["Date"].datetime for copy in copies} == {released}


def test_names_arrive_as_they_were_written(put: Put) -> None:
    people = [
        Recipient("a@x.example", 'Zoë "Z", the Great'),
        Recipient("b@müller.example", "山田太郎"),
        Recipient("c@x.example", "x" * 160, kind="cc"),
    ]
    _, message = composed(put(recipients=people))
    first, second = message["To"].addresses
    assert (first.display_name, first.addr_spec) == ('Zoë "Z", the Great', "a@x.example")
    assert (second.display_name, second.addr_spec) == ("山田太郎", "b@xn--mller-kva.example")
    assert message["Cc"].addresses[0].display_name == "x" * 160


def test_sender_subject_reply_address_and_headers_arrive(put: Put) -> None:
    mail = put(
        "a@x.example",
        subject="Ihre Frage zu Größe 😀 " + "lang " * 40,
        sender="Müller & Söhne <help@x.example>",
        reply_to="help+token@x.example",
        headers={"In-Reply-To": "<q@y>", "References": "<p@y> <q@y>", "Auto-Submitted": "no"},
    )
    _, message = composed(mail)
    assert message["Subject"].strip() == mail.subject.strip()
    assert message["From"].addresses[0].display_name == "Müller & Söhne"
    assert message["Reply-To"] == "help+token@x.example"
    assert message["References"] == "<p@y> <q@y>"


def test_html_comes_as_an_alternative_to_the_text(put: Put) -> None:
    _, message = composed(put("a@x.example", text="Plain é\n", html="<p>Rich é</p>"))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert text.get_content() == "Plain é\r\n"  # type: ignore[attr-defined]
    assert html.get_content().strip() == "<p>Rich é</p>"  # type: ignore[attr-defined]


def test_what_cannot_be_a_mail_says_so(put: Put) -> None:
    mail = put("a@x.example")
    OutgoingMail.objects.filter(pk=mail.pk).update(subject="Two\nlines")
    with pytest.raises(ValueError, match="newlines"):
        composed(mail)
