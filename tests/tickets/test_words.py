"""What services refuse to store, and what mail is tidied into."""

import pytest

from tickets.errors import Invalid
from tickets.services import words


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "empty"), ("   ", "empty"), ("x" * 251, "251 characters"), ("a\x00b", "U+0000"),
     ("a\nBcc: x@y.z", "one line"), ("a\r\nb", "one line"), ("a\x1bb", "U+001B"),
     ("a\ud800b", "U+D800"), ("x" * 1_000_000, "1,000,000 characters")],
)  # fmt: skip
def test_a_subject_that_cannot_be_used_is_refused_at_its_field(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        words.subject(text)
    assert refusal.value.field == "subject"
    assert said in refusal.value.message


@pytest.mark.parametrize("text", ["", " \n\t ", "a\x00b", "a\x07b", "x" * 200_001, "\udfff"])
def test_a_body_that_cannot_be_used_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        words.body(text)
    assert refusal.value.field == "body"


BLANK = ["\u200b", "\u00ad", "\u2060", "\u3164", "\u2800", "\ufeff \u200d", "\ufe0f"]


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_what_looks_empty_is_empty(text: str) -> None:
    for refuses in (words.subject, words.tag, words.reason, words.body):
        with pytest.raises(Invalid):
            refuses(text)
    assert words.tidy_subject(text) == "(no subject)"
    assert words.tidy_body(text) == "(no text)"


def test_no_line_is_kept_that_turns_or_hides_what_stands_around_it() -> None:
    turned = "Invoice \u202egpj.exe\u2066\u200b"
    for kept in (words.subject(turned), words.tag(turned), words.tidy_subject(turned)):
        assert kept == "Invoice gpj.exe"
    honest = "👩\u200d🚀 می\u200cخواهم"
    assert words.subject(honest) == words.tidy_subject(honest) == honest


def test_honest_text_is_kept_as_written() -> None:
    text = "Zażółć\tgęślą\n\n  👩‍🚀 مرحبا \u202eabc"
    assert words.body(text) == text.strip()
    assert words.body("a\r\nb\rc") == "a\nb\nc"
    assert words.subject("  Größe 42 ") == "Größe 42"


@pytest.mark.parametrize("value", ["", "Urgent", "asap", "urgent ", "9"])
def test_an_unknown_priority_is_refused(value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        words.priority(value)
    assert refusal.value.field == "priority"


def test_whatever_a_mail_carries_becomes_a_subject_and_a_body() -> None:
    assert words.tidy_subject("a\x00b\r\n c\t\ud800d" + "x" * 500)[:9] == "a b c d" + "xx"
    assert len(words.tidy_subject("ab " * 5000)) <= 250
    assert words.tidy_subject(" \x00 ") == "(no subject)"
    assert words.tidy_body("a\x00b\r\nc\ud800") == "ab\nc"
    assert words.tidy_body("\r\n \x00") == "(no text)"
    assert len(words.tidy_body("x" * 3_000_000)) == words.MAX_CUSTOMER_BODY
    for text in ("a\x00b\r\n c\ud800d" * 90, ""):
        words.subject(words.tidy_subject(text))
        words.body(words.tidy_body(text))
