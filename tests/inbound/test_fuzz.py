"""Whatever bytes come, nothing raises and nothing that came is lost."""

import random
import time
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.inbound.conftest import CORPUS
from tickets.inbound import services
from tickets.inbound.models import RawMail
from tickets.inbound.parsing import Unparsable, parse
from tickets.models import Category
from tickets.people.models import Team

NOW = datetime(2026, 3, 3, 14, tzinfo=UTC)
SEEDS = [
    path.read_bytes() for path in sorted(CORPUS.glob("*.eml")) if path.stem != "deep_multipart"
]
NASTY = [
    b"\x00", b"\r", b"\r\n", b"\n\n", b"=?utf-8?q?", b"?=", b"=?x?b?////?=", b"(" * 50, b"<", b">",
    b"\xff\xfe", b"\xed\xa0\x80", b"--b1\n", b"--b1--\n", b'Content-Type: multipart/mixed; boundary="',
    b"Content-Type: message/rfc822\n\n", b"Content-Type: text/html; charset=utf-16\n",
    b"Content-Transfer-Encoding: base64\n", b"filename*0*=utf-8''%00", b"charset*=a'b'%ff;",
    b"From: a@b.example, c@d.example\n", b"Date: 0\n", b"References: <a> <b>\n", b"&#9999999999;",
    b"Subject: \xe2\x80\xae\n", b"Return-Path: <>\n", b":", b" \t", b"\x85", b"\x1f" * 5,
]  # fmt: skip
# What a reader may take up again and again when there is much of it.
MANY = [
    *NASTY, b";", b'"', b'";', b'\\"', b"=", b"*0=a;", b"a=b;", b"\n ;", b"\n \"", b",", b"@", b"'", b"&",
    b"<a href=", b"</", b"<!--", b"> ", b"boundary =b\n", b"--b1\nContent-Type: a/b; c=\"", b"%", b"\\",
    b"<a@b>", b"-----", b"On Monday x wrote:\n", b"[", b"(a", b"\xe9;",
]  # fmt: skip
# Where a header's value or a parameter has just been opened.
OPENED = [b"", b'Content-Type: text/plain; name="', b"Content-Type: multipart/mixed; boundary=", b"To: ",
          b'Content-Disposition: attachment; filename="', b"Content-Type: text/plain; charset*=", b"\n\n"]  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A mail of the corpus, cut, doubled, flipped and salted with what is known to hurt."""
    raw = bytearray(draw(st.sampled_from(SEEDS)))
    luck = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(luck.randint(1, 12)):
        at = luck.randint(0, len(raw))
        end = min(len(raw), at + luck.randint(0, 60))
        choice = luck.randint(0, 3)
        if choice == 0:
            raw[at:at] = luck.choice(NASTY)
        elif choice == 1:
            del raw[at:end]
        elif choice == 2:
            raw[at:at] = raw[at:end] * luck.randint(1, 4)
        elif raw and at < len(raw):
            raw[at] = luck.randint(0, 255)
    return bytes(raw)


@st.composite
def inflated(draw: st.DrawFn) -> bytes:
    """A mail of the corpus with a hundred kilobytes of one thing somewhere in its lines."""
    lines = draw(st.sampled_from(SEEDS)).splitlines(keepends=True)
    token = draw(st.sampled_from(MANY))
    at = draw(st.integers(0, len(lines)))
    lines.insert(at, draw(st.sampled_from(OPENED)) + token * (100_000 // len(token)) + b"\n")
    return b"".join(lines)


def check(raw: bytes) -> None:
    try:
        mail = parse(raw)
    except Unparsable:
        return
    lines = [mail.subject, mail.sender.email if mail.sender else "", *(f.name for f in mail.files)]
    assert not any(ord(letter) < 32 or ord(letter) == 127 for line in lines for letter in line)
    mail.text.encode()
    assert "\x00" not in mail.text
    assert mail.key is not None


@given(mangled())
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_mangled_mail_parses_or_says_that_it_is_none(raw: bytes) -> None:
    check(raw)


@given(inflated())
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_much_of_one_thing_takes_no_more_time_than_its_length_is_worth(raw: bytes) -> None:
    started = time.process_time()
    check(raw)
    assert time.process_time() - started < 2


@given(st.binary(max_size=2_000))
@settings(max_examples=200)
def test_any_bytes_parse_or_say_that_they_are_no_mail(raw: bytes) -> None:
    check(raw)
    check(b"From: a@b.example\nContent-Type: " + raw)


class TestReceiving(TestCase):
    """Each example in a transaction of its own."""

    @given(st.one_of(mangled(), st.binary(max_size=300)))
    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    def test_any_mail_is_kept_and_dealt_with(self, raw: bytes) -> None:
        Team.objects.get_or_create(name="Support", defaults={"is_default": True})
        Category.objects.get_or_create(name="Product question", defaults={"is_default": True})
        row = services.process(services.store(raw, NOW, "test"), NOW)
        row.refresh_from_db()
        assert bytes(row.raw) == raw
        assert row.state in {"processed", "ignored", "parked"}, row.because
        assert (row.state == RawMail.State.PROCESSED) == (row.message is not None)
