"""Events as sentences."""

from types import SimpleNamespace
from typing import Any

import pytest

from tickets.models import TicketEvent
from tickets.views.telling import sentence


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("status_changed", {"from": "on_hold", "to": "open"}, "Ben changed the status: on hold → open"),
        ("assigned", {"from": None, "to": "Ana"}, "Ben changed the assignee: nobody → Ana"),
        ("tags_changed", {"added": ["a", "b"], "removed": []}, "Ben changed the tags: + a, b"),
        ("breached", {"metric": "next_reply", "cycle": 2}, "Deadline missed: next reply"),
        ("escalated", {"level": 2, "told": ["Sue"]}, "Escalated: level 2; told Sue"),
        ("rule_fired", {"rule": "Big", "because": "«Big»: worth 900 USD"}, "Rule fired: «Big»: worth 900 USD"),
        ("flagged", {}, "Flagged for a person by Ben"),
        ("linked", {"other": "HD-7K3M9Q", "how": {"deep": 1}}, "Ben linked a ticket: HD-7K3M9Q"),
        ("order_linked", {"order": "NL-1", "amount": "600.00", "currency": "USD"}, "Ben linked an order: NL-1; 600.00 USD"),
        ("offer_requested", {"offer": "Credit, 120.00 USD", "told": ["Sue"]}, "Ben asked for approval of an offer: Credit, 120.00 USD; told Sue"),
        ("call_reached", {"outcome": "reached", "summary": "They agreed."}, "Ben called the customer: «They agreed.»"),
        ("call_attempted", {"outcome": "no_answer", "summary": ""}, "Ben called the customer in vain: no answer"),
        ("call_received", {"outcome": "reached", "summary": "Angry."}, "Ben took a call of the customer: «Angry.»"),
        ("split_off", {"other": "\u202eHD"}, "Ben split messages off into another ticket: HD"),
    ],
)  # fmt: skip
def test_an_event_reads_as_a_sentence(
    cast: SimpleNamespace, kind: str, data: dict[str, Any], said: str
) -> None:
    assert sentence(TicketEvent(kind=kind, data=data), by=cast.ben.name) == said


@pytest.mark.parametrize("kind", TicketEvent.Kind.values)
def test_every_kind_of_event_has_words_without_anybody(kind: str) -> None:
    assert sentence(TicketEvent(kind=kind, data={}))
