import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inbound.conftest import eml
from tickets.inbound.parsing import parse
from tickets.inbound.quotes import trimmed


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("reply_gmail", "It is the kitchen lamp.\n\nCarla"),
        ("reply_outlook", "It is the kitchen lamp."),
        ("reply_german", "Die Küchenlampe."),
    ],
)
def test_the_quote_below_an_answer_goes(name: str, new: str) -> None:
    assert trimmed(parse(eml(name)).text) == new


@pytest.mark.parametrize("name", ["reply_inline", "not_a_quote", "plain"])
def test_in_doubt_every_word_stays(name: str) -> None:
    text = parse(eml(name)).text
    assert trimmed(text) == text


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Yes.\n\n> Is it the lamp?\n> Ana\n", "Yes."),
        ("> Is it the lamp?\n\nYes.", "> Is it the lamp?\n\nYes."),
        ("> only a quote", "> only a quote"),
        ("-----Original Message-----\nFrom: x", "-----Original Message-----\nFrom: x"),
        ("Yes.\n\n-----Original Message-----\nold words", "Yes."),
        ("    indented stays\n\n> old", "    indented stays"),
        ("", ""),
    ],
)
def test_small_cases(text: str, new: str) -> None:
    assert trimmed(text) == new


@given(st.text(alphabet="ab \n>:-_@OnwroteFm:*", max_size=400))
def test_what_is_left_is_the_beginning_of_what_was_said(text: str) -> None:
    new = trimmed(text)
    assert text.startswith(new)
    assert bool(new.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "line", ["On ", "On a wrote ", "* ", "> ", "From: ", "From:\n\n", "-----", "Am schrieb "]
)
def test_no_text_takes_long(line: str) -> None:
    for text in (line * 200_000, f"{line * 100}\n" * 2_000):
        started = time.process_time()
        trimmed(text)
        assert time.process_time() - started < 4
