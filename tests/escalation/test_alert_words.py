"""What an alert says: enough to judge by on the telephone, and that no answer to it is read."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from escalation import raising
from escalation.management.commands import run
from escalation.notify import LONGEST_WORDS
from tests.escalation.conftest import HOUR
from tests.factories import customer_writes
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation

Open = Callable[..., Ticket]
UNREAD = "Answers to this mail are not read. Open the link to act on it."


def alert(ticket: Ticket, desk: SimpleNamespace, now: datetime) -> str:
    ticket.refresh_from_db()
    raising.hand_over(ticket=ticket, actor=desk.ana, reason="Please look.", now=now)
    return OutgoingMail.objects.filter(purpose="alert").latest("pk").text


def test_an_alert_carries_the_customers_last_words_and_says_that_answers_are_not_read(
    desk: SimpleNamespace, opened: Open, now: datetime
) -> None:
    ticket = opened(body="It hums.")
    customer_writes(ticket, now + HOUR, body="I cancel\n\ntoday,  unless it is free.")
    conversation.note(ticket=ticket, author=desk.ana, body="Not his words.", now=now + HOUR)
    text = alert(ticket, desk, now + 2 * HOUR)
    assert "The customer's last words: «I cancel today, unless it is free.»" in text
    assert text.rstrip().endswith(UNREAD)
    assert f"/tickets/{ticket.reference}/" in text


def test_a_long_message_is_shortened(desk: SimpleNamespace, opened: Open, now: datetime) -> None:
    text = alert(opened(body="word " * 20_000), desk, now + HOUR)
    line = next(each for each in text.splitlines() if "last words" in each)
    assert line.endswith("word …»")
    assert len(line) < LONGEST_WORDS + 40


def test_no_alert_to_staff_lets_anybody_hope_for_an_answer_and_no_customers_mail_says_so(
    cast: SimpleNamespace, now: datetime
) -> None:
    to = [outbox.Recipient("a@b.example")]
    said = {
        purpose: outbox.queue(purpose=purpose, recipients=to, subject="x", text=text, now=now).text
        for purpose, text in {
            "alert": "See http://x/", "reply": "Hello", "acknowledgement": "Hello"
        }.items()
    }  # fmt: skip
    assert said["alert"] == f"See http://x/\n\n{UNREAD}\n"
    assert said["reply"] == said["acknowledgement"] == "Hello"
    plain = outbox.queue(purpose="alert", recipients=to, subject="x", text="Hello", now=now)
    assert plain.text == "Hello\n\nAnswers to this mail are not read.\n"


@pytest.mark.parametrize(
    ("port", "known", "says"), [(8765, False, True), (8000, False, False), (8765, True, False)]
)
def test_another_port_is_told_to_commands_beside_it(
    monkeypatch: pytest.MonkeyPatch, settings: Any, port: int, known: bool, says: bool
) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    if known:
        monkeypatch.setenv("BASE_URL", "https://help.example.com")
    settings.BASE_URL = f"http://127.0.0.1:{port}"
    assert ("export BASE_URL=http://127.0.0.1:8765" in run.for_others(port)) == says
