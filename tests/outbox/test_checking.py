"""What a mail may carry."""

from typing import Any

import pytest

from tickets.outbox import checking
from tickets.outbox.checking import BadMail, Recipient
from tickets.outbox.models import Delivery, OutgoingMail

from .conftest import Put

LINE_BREAKS = [
    "\r\nBcc: all@x.example",
    "\nX: y",
    "\rX",
    "\x00",
    "\x0b",
    "\x85",
    "\u2028",
    "\ud800",
]


@pytest.mark.parametrize("smuggled", LINE_BREAKS, ids=ascii)
@pytest.mark.parametrize("field", ["subject", "sender", "reply_to", "name", "address", "header"])
@pytest.mark.django_db
def test_no_field_smuggles_in_another_header(put: Put, field: str, smuggled: str) -> None:
    fields: dict[str, Any] = {
        "subject": {"subject": "Hello" + smuggled},
        "sender": {"sender": "Us <us@x.example>" + smuggled},
        "reply_to": {"reply_to": "us@x.example" + smuggled},
        "name": {"recipients": [Recipient("a@x.example", name="Eve" + smuggled)]},
        "address": {"recipients": [Recipient("a@x.example" + smuggled)]},
        "header": {"headers": {"X-Kind": "a" + smuggled}},
    }[field]
    with pytest.raises(BadMail) as refusal:
        put("a@x.example", **fields)
    assert refusal.value.message
    assert refusal.value.field
    assert not any(letter in str(refusal.value) for letter in "\r\n\x00\ud800")
    assert not OutgoingMail.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["From", "TO", "bcc", "Message-Id", "Date", "Content-Type", "content-transfer-encoding",
     "MIME-Version", "Received", "", "A B", "A:B", "X\n", "Ünsere", "x" * 77],
)  # fmt: skip
def test_headers_that_the_outbox_makes_itself_or_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(BadMail, match="header"):
        checking.headers({name: "value"})


def test_a_header_that_never_ends_is_refused() -> None:
    with pytest.raises(BadMail, match="References"):
        checking.headers({"References": "<a@b> " * 1000})


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "@x.example", "a@", "a b@x.example", "a@x.example, b@x.example", "<a@x.example>",
     "a@x..example", "ä@x.example", '"a\\"b"@x.example', "a@" + "x." * 130 + "example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadMail, match="is not an e-mail address"):
        checking.recipients([Recipient(address)])


@pytest.mark.parametrize(
    "domain", ["ü" * 60 + ".example", "\u05e2a1.example", "\u2488.example"], ids=ascii
)
def test_a_domain_that_cannot_be_written_in_a_mail_is_refused(domain: str) -> None:
    with pytest.raises(BadMail, match="is not an e-mail address"):
        checking.recipients([Recipient(f"a@{domain}")])


@pytest.mark.parametrize("domain", ["müller.example", "[127.0.0.1]", "[2001:db8::1]"])
def test_other_alphabets_and_bare_numbers_of_hosts_are_domains(domain: str) -> None:
    given = [Recipient(f"a@{domain}")]
    assert checking.recipients(given) == given


@pytest.mark.parametrize(
    "address", ["a@x.example, b@x.example", "a@x.example b@x.example", "Us", "Us <us>", "x" * 400]
)
def test_the_sender_is_one_address(address: str) -> None:
    with pytest.raises(BadMail):
        checking.address(address, "sender")


@pytest.mark.parametrize(
    "address",
    ["us@x.example", "Us <us@x.example>", '"Us, & Co" <us@x.example>', "Müller <us@x.example>",
     "=?utf-8?q?M=C3=BCller?= <us@x.example>", "us@müller.example"],
)  # fmt: skip
def test_honest_senders_are_left_as_they_are(address: str) -> None:
    assert checking.address(address, "sender") == address


def test_an_address_is_written_to_once_and_its_first_mention_counts() -> None:
    given = [
        Recipient("a@x.example", "Ann"),
        Recipient("A@X.example", "Another", "cc"),
        Recipient("b@x.example", kind="cc"),
    ]
    assert checking.recipients(given) == [given[0], given[2]]


def test_a_mail_has_at_most_a_hundred_recipients() -> None:
    people = [Recipient(f"p{number}@x.example") for number in range(101)]
    assert len(checking.recipients(people[:100])) == 100
    with pytest.raises(BadMail, match="100"):
        checking.recipients(people)


def test_the_kinds_of_recipients_are_three() -> None:
    with pytest.raises(BadMail, match="none of to, cc and bcc"):
        checking.recipients([Recipient("a@x.example", kind="via")])


@pytest.mark.parametrize("text", ["nul \x00", "half \ud83d", "x" * 2_000_001], ids=lambda t: t[:5])
def test_a_text_that_mail_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(BadMail) as refusal:
        checking.text(text, "text")
    assert refusal.value.field == "text"


@pytest.mark.parametrize(
    "value", ["a@b", "<a>", "<a@b> <c@d>", "<a b@c>", "<ä@b>", "<a@b\n>", "<" + "a" * 250 + "@b>"]
)
def test_a_message_id_has_its_form(value: str) -> None:
    with pytest.raises(BadMail, match="Message-ID"):
        checking.message_id(value)
