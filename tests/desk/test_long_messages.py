"""Long messages are folded, and what a page carries of them is bounded."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.factories import customer_writes
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import conversation
from tickets.views.folding import FOLD_LINES, MOST_LINES, Part, folded, parts_of

Desk = Callable[[User], Client]


def test_forty_thousand_lines_are_a_short_page_with_the_rest_a_click_away(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(body="Begin\n" + "\n".join(f"line {n}" for n in range(40_000)))
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    message = ticket.messages.get()
    shown, rest = page.split('<details class="rest">')
    assert f"line {FOLD_LINES - 2}" in shown
    assert f"line {FOLD_LINES}<" not in shown
    assert f"line {FOLD_LINES}\n" not in shown
    assert f"line {FOLD_LINES}" in rest
    assert f"line {MOST_LINES}" not in rest
    assert f'href="/tickets/{ticket.reference}/messages/{message.pk}/"' in rest
    assert len(page) < 100_000
    whole = desk(cast.ana).get(f"/tickets/{ticket.reference}/messages/{message.pk}/")
    assert whole.content.endswith(b"line 39999")


@pytest.mark.parametrize(
    "body", ["> a\nb\n" * 100_000, "x" * 900_000, "\n" * 5 + "a\n\n\n\n" * 180_000, "> q\n" * 200_000],
    ids=["answers between quotes", "one word", "empty lines", "one quote"],
)  # fmt: skip
def test_no_shape_of_text_makes_the_page_large(
    cast: SimpleNamespace, desk: Desk, opened: Opener, body: str
) -> None:
    ticket = opened(body=body)
    for _ in range(7):
        customer_writes(ticket, timezone.now(), body)
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    assert len(page) < 400_000
    assert page.count("<details") < 8 * (FOLD_LINES + 5) + 40


def test_a_letter_of_usual_length_is_not_folded_and_a_long_quote_only_as_a_quote() -> None:
    letter = "\n".join(f"A line of an ordinary letter, number {n}." for n in range(FOLD_LINES + 5))
    assert folded(parts_of(letter)) == ([Part(letter, is_quoted=False)], "")
    quoting = "Yes.\n\nOn Monday Ana wrote:\n" + "> old\n" * 300
    head, rest = folded(parts_of(quoting))
    assert [part.is_quoted for part in head] == [False, True]
    assert rest == ""


@pytest.mark.parametrize("text", ["word " * 3_000, "w" * 9_000, "line\n" * 500, "> q\nown\n" * 200])
def test_folding_loses_no_word(text: str) -> None:
    head, rest = folded(parts_of(text))
    assert rest
    assert (
        "".join([*(part.text for part in head), rest]).replace("\n", "").split()
        == text.replace("\n", "").split()
    )


THREAD = "Yes, *please*.\n\nOn Monday Carla wrote:\n" + "> old words\n" * 300


@pytest.mark.parametrize("write", [conversation.note, conversation.reply])
def test_a_thread_below_our_own_words_is_folded(
    cast: SimpleNamespace, desk: Desk, opened: Opener, write: Callable[..., object]
) -> None:
    ticket = opened()
    write(ticket=ticket, author=cast.ana, body=THREAD, now=timezone.now())
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    before, quote = page.split('<details class="quote"><summary>Quoted text</summary>')
    assert "Yes, <em>please</em>." in before
    assert "old words" not in before.split("</summary>", 1)[-1].rsplit('<div class="body"', 1)[-1]
    assert "On Monday Carla wrote:" in quote
    assert quote.split("</details>")[0].count("old words") == 300
    assert 'class="rest"' not in page
    assert all("details" not in mail.html for mail in OutgoingMail.objects.all())


def test_a_note_of_nine_hundred_lines_is_folded(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    body = "\n".join(f"line {n}." for n in range(900))
    conversation.note(ticket=ticket, author=cast.ana, body=body, now=timezone.now())
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    shown, rest = page.split('<details class="rest">')
    assert f"line {FOLD_LINES - 1}.<" in shown
    assert f"line {FOLD_LINES}.<" not in shown
    assert "line 899.<" in rest


def test_what_is_too_much_for_markdown_is_folded_as_text(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    body = "- " * 50 + "deep\n" + "line\n" * 300 + "> quoted\n" * 30
    conversation.note(ticket=ticket, author=cast.ana, body=body, now=timezone.now())
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    assert '<details class="rest">' in page
