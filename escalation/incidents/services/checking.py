"""What people type of an incident, checked at its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from escalation.conditions import split_words
from escalation.incidents.access import leads_incidents
from escalation.incidents.models import ANSWERS, Severity
from escalation.incidents.models.incidents import LONGEST_ANSWER, LONGEST_WORDS
from tickets.errors import Invalid
from tickets.people.models import User
from tickets.services import words

FIELDS = {each.field for each in ANSWERS}
SHORTEST_WORD = 3
WHO_LEADS = "A supervisor or an admin puts others in charge: name one of those, or nobody yet."


def title(text: str) -> str:
    return words.line(text, "title", "The title", 160)


def severity(value: int) -> Severity:
    if value not in Severity.values:
        raise Invalid("There is no such severity.", "severity")
    return Severity(value)


def answers(said: Mapping[str, Any]) -> dict[str, Any]:
    """The answers among ``said``, and ``back_at``, as they are stored. Raises Invalid at the field."""
    found: dict[str, Any] = {
        name: words.body(text, name, LONGEST_ANSWER) if text.strip() else ""
        for name, text in said.items()
        if name in FIELDS
    }
    if "back_at" in said:
        found["back_at"] = said["back_at"]
    return found


def what_customers_write(text: str) -> str:
    """Words with commas between, each long enough to mean something."""
    found = split_words(text)
    for each in found:
        if len(each) < SHORTEST_WORD:
            raise Invalid(f"«{each}» stands in too many mails to mean this.", "words")
    joined = ", ".join(dict.fromkeys(found))
    return words.reason(joined, "words", LONGEST_WORDS) if joined else ""


def beginning(started_at: datetime, now: datetime, ended_at: datetime | None = None) -> datetime:
    if started_at > now:
        raise Invalid("It cannot have begun in the future.", "started_at")
    if ended_at is not None and started_at > ended_at:
        raise Invalid("It cannot have begun after it was over.", "started_at")
    return started_at


def back(back_at: datetime | None, started_at: datetime) -> None:
    if back_at is not None and back_at <= started_at:
        raise Invalid("It cannot be back before it began.", "back_at")


def lead(wanted: User | None, actor: User) -> User | None:
    """Who speaks for it from now on. Those above put whom they like in charge; others, one of those."""
    if wanted and not (leads_incidents(actor, None) or leads_incidents(wanted, None)):
        raise Invalid(WHO_LEADS, "lead")
    return wanted
