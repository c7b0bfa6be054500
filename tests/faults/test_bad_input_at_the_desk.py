"""Nonsense typed into the desk's forms: a clear word at the field, and nothing has changed."""

import html
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from escalation import raising
from kb.defaults import install_defaults as install_knowledge
from kb.offers import services as giving
from kb.offers.models import Grant, Offer
from tests.factories import customer_writes
from tests.faults.test_bad_input_in_the_admin import AMOUNTS, MEGABYTE, everything
from tickets.models import Category, Ticket
from tickets.people.models import Order
from tickets.services import opening, triage

CONTROL, HALF, LINE_END = "a\x07b", "a\x00b", "a\u2028b"
ONE_LINE = [MEGABYTE, HALF, CONTROL, LINE_END, "", "   "]
TEXT = [MEGABYTE, HALF, CONTROL, "", " \r\n "]
CHOSEN = ["NaN", "-1", "٣", "9" * 40, "a\x00b", MEGABYTE]
REFERENCES = [MEGABYTE, HALF, "", "HD-٣٣٣٣٣٣", "ＨＤ-333333", "HD-000000", "NaN", "-1"]

# Where on the ticket which field refuses what.
CASES: list[tuple[str, str, Sequence[str]]] = [
    ("subject", "subject", ONE_LINE),
    ("tags", "tags", [MEGABYTE, HALF, CONTROL, "x" * 61, ",".join(map(str, range(31)))]),
    ("reply", "body", TEXT),
    ("reply", "cc", [MEGABYTE, HALF, "carla＠acme.example", "a@b", "a@b.example\r\nBcc: c@d.example x"]),
    ("reply", "status_after", [*CHOSEN, "sold"]),
    ("note", "body", TEXT),
    ("progress", "body", TEXT),
    ("properties", "status", [*CHOSEN, "sold", ""]),
    ("properties", "priority", [*CHOSEN, ""]),
    ("properties", "category", [*CHOSEN, "", "1.5"]),
    ("properties", "team", [*CHOSEN, "", "1.5"]),
    ("properties", "assignee", CHOSEN),
    ("link", "reference", REFERENCES),
    ("link", "kind", CHOSEN),
    ("merge", "reference", REFERENCES),
    ("split", "subject", ONE_LINE),
    ("split", "messages", [*CHOSEN, ""]),
    ("hand-over", "reason", [MEGABYTE, HALF, CONTROL, ""]),
    ("take-over", "note", [MEGABYTE, HALF, CONTROL]),
    ("offers/make", "amount",
     [*AMOUNTS, "0", "0.99", "501", "-0", "+", "1e", "10 USD", "10\x00", MEGABYTE]),
    ("offers/make", "reason", [MEGABYTE, HALF, CONTROL]),
]  # fmt: skip


class _Marked(HTMLParser):
    """The names of the fields that a page marks as wrong."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("aria-invalid") == "true" and found.get("name"):
            self.names.add(str(found["name"]))


def complaint(answer: Any, field: str) -> str:
    """What is wrong with how nonsense at ``field`` was received; empty where nothing is."""
    if answer.status_code != 422:
        return f"answered {answer.status_code}"
    page = html.unescape(answer.content.decode())
    if field not in _Marked(answer.content.decode()).names and field != "messages":
        return "the field is not marked"
    return "" if 'role="alert"' in page else "nothing is said"


@pytest.fixture
def problem(cast: SimpleNamespace, now: datetime) -> Ticket:
    install_knowledge(now=now)
    category = Category.objects.create(name="Fault", nature="problem")
    found = opening.open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=now,
        category=category, team=cast.support, assignee=cast.ana,
    )  # fmt: skip
    customer_writes(found, now)
    return found


@pytest.fixture
def sue(cast: SimpleNamespace) -> Client:
    """A supervisor: she may do everything that a ticket page offers."""
    client = Client()
    client.force_login(cast.sue)
    return client


@pytest.fixture
def fine(cast: SimpleNamespace, problem: Ticket, now: datetime) -> dict[str, dict[str, Any]]:
    """Every form filled in so that it would be taken."""
    other = opening.open_ticket(
        subject="Also", body="Too.", requester=cast.carla, channel="email", now=now,
        team=cast.support,
    )  # fmt: skip
    properties = {name: getattr(problem, f"{name}_id") for name in ("category", "team", "assignee")}
    credit = Offer.objects.get(name="Credit")
    return {
        "subject": {"subject": "Broken again"},
        "tags": {"tags": "vip, lamp"},
        "reply": {"body": "It is known.", "cc": "", "status_after": "pending"},
        "note": {"body": "Ask the warehouse."},
        "progress": {"body": "With engineering."},
        "properties": properties | {"status": "pending", "priority": "high"},
        "link": {"reference": other.reference, "kind": "related"},
        "merge": {"reference": other.reference},
        "split": {
            "subject": "Half",
            "messages": [problem.messages.filter(body="Any news?").get().pk],
        },
        "hand-over": {"reason": "He shouts."},
        "take-over": {"note": "Mine."},
        "offers/make": {"offer": credit.pk, "key": "k", "amount": "10", "reason": "", "ask": "1"},
    }


@pytest.mark.parametrize("action", sorted({action for action, _, _ in CASES}))
def test_the_form_itself_is_fine(
    sue: Client, problem: Ticket, fine: dict[str, dict[str, Any]], action: str
) -> None:
    answer = sue.post(f"/tickets/{problem.reference}/{action}/", fine[action])
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.parametrize(("action", "field", "nonsense"), CASES, ids=lambda each: str(each)[:30])
def test_nonsense_is_refused_at_its_field_and_changes_nothing(
    sue: Client,
    problem: Ticket,
    fine: dict[str, dict[str, Any]],
    action: str,
    field: str,
    nonsense: Sequence[str],
) -> None:
    before = everything()
    wrong = {
        value[:30]: said
        for value in nonsense
        if (said := complaint(
            sue.post(f"/tickets/{problem.reference}/{action}/", fine[action] | {field: value}),
            field,
        ))
    }  # fmt: skip
    assert wrong == {}
    assert everything() == before


@pytest.mark.parametrize("version", ["NaN", "-1", "9" * 40, "1.5", "x", "a\x00b"])
def test_a_version_that_is_none_saves_nothing(
    sue: Client, problem: Ticket, fine: dict[str, dict[str, Any]], version: str
) -> None:
    before = everything()
    address = f"/tickets/{problem.reference}/subject/"
    answer = sue.post(address, fine["subject"] | {"version": version})
    assert answer.status_code == 422
    assert "Not saved." in answer.content.decode()
    assert everything() == before


NEW = {
    "channel": "phone", "email": "", "phone": "+1 202 555 0100", "name": "Nora", "subject": "Hum",
    "body": "It hums.", "priority": "normal",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "nonsense"),
    [
        ("subject", ONE_LINE),
        ("body", TEXT),
        ("email", [MEGABYTE, "nora", "nora＠home.example", "nora@home.example\x00", "a@b"]),
        (
            "phone",
            ["٠١٢٣٤٥", "+1 202 555 ０１００", "123456７8", "12", "9" * 41, "a\x00b", "call me"],
        ),
        ("name", [MEGABYTE, HALF]),
        ("category", [*CHOSEN, ""]),
        ("priority", [*CHOSEN, ""]),
        ("channel", [*CHOSEN, "", "pigeon"]),
    ],
    ids=lambda each: str(each)[:30],
)
def test_nonsense_about_a_caller_opens_no_ticket(
    sue: Client, problem: Ticket, field: str, nonsense: Sequence[str]
) -> None:
    before, fields = everything(), NEW | {"category": problem.category_id}
    answers = {value: sue.post("/tickets/new/", fields | {field: value}) for value in nonsense}
    wrong = {
        value[:30]: said for value, each in answers.items() if (said := complaint(each, field))
    }
    assert wrong == {}
    assert everything() == before


@pytest.mark.parametrize("field", ["note", "to"])
def test_nonsense_in_handing_back_leaves_the_ticket_with_the_supervisor(
    cast: SimpleNamespace, sue: Client, problem: Ticket, now: datetime, field: str
) -> None:
    raising.take_over(ticket=problem, actor=cast.sue, now=now)
    before, address = everything(), f"/tickets/{problem.reference}/hand-back/"
    nonsense = CHOSEN if field == "to" else [MEGABYTE, HALF, CONTROL, ""]
    answers = {each: sue.post(address, {"note": "Yours.", field: each}) for each in nonsense}
    assert {each[:30]: said for each, answer in answers.items()
            if (said := complaint(answer, field))} == {}  # fmt: skip
    assert everything() == before


@pytest.mark.parametrize(
    "reason", [MEGABYTE, HALF, CONTROL, "x" * 201], ids=["1 MB", "NUL", "bell", "201"]
)
@pytest.mark.parametrize("decision", ["refuse", "reverse"])
def test_a_decision_about_an_offer_with_a_reason_that_cannot_be_kept_is_not_taken(
    cast: SimpleNamespace, sue: Client, problem: Ticket, now: datetime, decision: str, reason: str
) -> None:
    asked = {"ticket": problem, "offer": Offer.objects.get(name="Credit"), "actor": cast.ana}
    give = giving.grant if decision == "reverse" else giving.request_approval
    grant = give(**asked, amount=Decimal(10), now=now, key="k")  # type: ignore[operator]
    before = everything()
    address = f"/tickets/{problem.reference}/offers/{grant.pk}/{decision}/"
    answer = sue.post(address, {"reason": reason})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert everything() == before


def test_an_offer_that_would_cost_more_than_can_be_booked_is_refused(
    cast: SimpleNamespace, sue: Client, problem: Ticket, now: datetime
) -> None:
    huge = Order.objects.create(
        number="A-9", contact=cast.carla, amount=Decimal("999999999999.99"), placed_at=now
    )
    triage.link_order(ticket=problem, order=huge, actor=cast.ana, now=now)
    discount = Offer.objects.get(name="Discount")
    fields = {"offer": discount.pk, "key": "k", "amount": "25", "grant": "1"}
    answer = sue.post(f"/tickets/{problem.reference}/offers/make/", fields)
    assert complaint(answer, "amount") == ""
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        f"q={'x' * 5000}", "q=%00", "tag=%00", f"tag={'x' * 5000}", "status=%D9%A3", "team=NaN",
        "team=" + "9" * 40, "assignee=%D9%A3", "category=-1", "after=%00", "after=NaN~NaN",
        "after=-~" + "9" * 40, "tab=%00", "page=-1",
    ],
    ids=lambda each: each[:20],
)  # fmt: skip
def test_nonsense_in_the_queues_address_shows_the_queue_all_the_same(
    sue: Client, problem: Ticket, query: str
) -> None:
    assert sue.get(f"/?{query}").status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"login": "a\x00b", "password": "x"}, {"login": MEGABYTE, "password": "x"},
        {"login": "ana", "password": "a\x00b"}, {"login": "ana", "password": MEGABYTE},
    ],
    ids=["NUL login", "1 MB login", "NUL password", "1 MB password"],
)  # fmt: skip
def test_nonsense_at_the_login_lets_nobody_in(cast: SimpleNamespace, said: dict[str, str]) -> None:
    cast.ana.set_password("a-long-secret")
    cast.ana.save()
    answer = Client().post("/accounts/login/", said)
    assert answer.status_code == 200
    assert not answer.wsgi_request.user.is_authenticated
    assert "errorlist" in answer.content.decode() or 'role="alert"' in answer.content.decode()
