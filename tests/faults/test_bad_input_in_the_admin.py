"""Nonsense typed into the admin's forms: a clear word at the field, and nothing has changed."""

import html
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin as django_admin
from django.test import Client, RequestFactory
from django.urls import reverse

from kb.models import Article
from kb.offers.models import Budget, Situation
from tickets import numerals

OURS = (
    "people",
    "tickets",
    "outbox",
    "calls",
    "kb",
    "scripts",
    "offers",
    "escalation",
    "incidents",
)
MEGABYTE = "x" * 1_000_000
NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "-1",
    "9" * 40,
    "99999999999999",
    "٣",
    "３",
    "1_0",
    "0x10",
    "1e3",
    "½",
    "l0",
]
AMOUNTS = [*NUMBERS, "sNaN", "1e999999", "1e-999999", "1.001", "1,5", "५०.00"]
DATES = [
    "2026-02-30", "2026-13-01", "0000-01-01", "0001-01-01", "9999-12-31", "20260-01-01",
    "tomorrow", "２０２６-03-03", "٢٠٢٦-٠٣-٠٣", "NaN",
]  # fmt: skip
TIMES = ["25:00", "12:60", "noon", "０９:00", "٠٩:٠٠", "-1:00"]
DURATIONS = [
    "soon", "NaN h", "inf", "-4 h", "999 weeks", "9999999999 h", "1e9 h", "٣ h", "３ h", "1_0 h",
    "0.5 s", "1 fortnight",
]  # fmt: skip
ZONES = ["Mars/Olympus", "../../etc/passwd", "UTC+99", "America/New_York\x00", "", MEGABYTE]
ROWS = ["x", "-1", "٣", "9" * 40, "99999999999999", MEGABYTE]
LINES = [MEGABYTE, "a\x00b", ""]
CURRENCIES = ["usd", "US", "$", "ＵＳＤ", "U\x00D", "", "USDD"]

# What each form refuses, field by field.
CASES: list[tuple[str, str, Sequence[str]]] = [
    ("people_order", "amount", AMOUNTS),
    ("people_order", "placed_at_0", DATES),
    ("people_order", "placed_at_1", TIMES),
    ("people_order", "currency", CURRENCIES),
    ("people_order", "number", [*LINES, "A 1", "Ａ１", "A-١"]),
    ("people_exchangerate", "rate", [*NUMBERS, "0", "sNaN", "0.000000001"]),
    ("people_exchangerate", "valid_from", DATES),
    ("people_tier", "rank", [*NUMBERS, "1.5"]),
    ("people_tier", "name", LINES),
    ("people_contact", "time_zone", ZONES),
    ("people_user", "time_zone", ZONES),
    ("offers_offer", "least", [*AMOUNTS, "0", "40.01"]),
    ("offers_offer", "most", [*AMOUNTS, "0", "100.01"]),
    ("offers_offer", "words", ["Hello {salary}", "a\x00b", "{a}" * 700, MEGABYTE]),
    ("offers_offer", "currency", CURRENCIES),
    ("offers_offer", "authorities-0-most", [*AMOUNTS, "0"]),
    ("offers_offer", "authorities-0-most_a_month", [*AMOUNTS, "0"]),
    ("offers_situation", "order_at_least", AMOUNTS),
    ("offers_budget", "amount", [*AMOUNTS, "0"]),
    ("offers_budget", "month", [*DATES, "2026-03-02"]),
    ("scripts_script", "order", [*NUMBERS, "1.5"]),
    ("scripts_script", "moment", [*NUMBERS, "4", "1801"]),
    ("scripts_script", "body", ["Hello {salary}", "a\x00b", MEGABYTE]),
    ("kb_article", "title", LINES),
    ("kb_article", "body", ["x" * 100_001, MEGABYTE, " \n ", "a\x00b", "a\x1bb"]),
    ("kb_article", "slug", [MEGABYTE, "a b", "Überall", "taken"]),
    ("escalation_calendar", "time_zone", ZONES),
    ("escalation_calendar", "name", LINES),
    ("escalation_calendar", "hours-0-opens", TIMES),
    ("escalation_calendar", "hours-0-closes", TIMES),
    ("escalation_calendar", "exceptions-0-date", DATES),
    ("escalation_calendar", "exceptions-0-opens", TIMES),
    ("escalation_policy", "order", [*NUMBERS, "1.5"]),
    ("escalation_policy", "name", LINES),
    ("escalation_policy", "targets-0-duration", [*DURATIONS, "0"]),
    ("escalation_policy", "targets-0-warnings",
     ["٧٥%", "７５%", "NaN%", "-5%", "0%", "100%", "999%", "30 min", "5 h before", "75%, 75%", "x" * 200]),
    ("escalation_policy", "targets-0-attempts", [*NUMBERS, "21", "1.5"]),
    ("escalation_path", "steps-0-delay", DURATIONS),
    ("escalation_path", "steps-0-every", DURATIONS),
    ("escalation_path", "steps-0-level", [*NUMBERS, "1.5"]),
    ("escalation_path", "steps-0-repeats", [*NUMBERS, "1.5"]),
    ("escalation_rule", "conditions-0-amount", AMOUNTS),
    ("escalation_rule", "conditions-0-currency", CURRENCIES),
    ("escalation_rule", "actions-0-within", [*DURATIONS, "0"]),
    ("escalation_policy", "teams", ROWS),
    ("offers_offer", "situations", ROWS),
    ("people_contact", "products", ROWS),
    ("incidents_component", "name", LINES),
    ("incidents_component", "order", [*NUMBERS, "1.5"]),
    ("incidents_component", "products", ROWS),
    ("incidents_severityrule", "at_least", [*NUMBERS, "0", "1.5"]),
    ("incidents_severityrule", "severity", ["1", "4", "x", ""]),
]  # fmt: skip


def inline(prefix: str, **fields: Any) -> dict[str, Any]:
    """One new row; ``fields`` empty: the formset without a row."""
    counts = {"TOTAL_FORMS": int(bool(fields)), "INITIAL_FORMS": 0}
    return {f"{prefix}-{name}": value for name, value in counts.items()} | {
        f"{prefix}-0-{name}": value for name, value in fields.items()
    }


SCHEDULES: dict[str, dict[str, Any]] = {
    "escalation_calendar": {"name": "Oslo", "time_zone": "Europe/Oslo"}
    | inline("hours", weekday=0, opens="09:00", closes="17:00")
    | inline("exceptions", date="2026-12-24", kind="closed", opens="12:00", closes="17:00"),
    "escalation_policy": {"name": "Calls", "order": "5", "active": "on"}
    | inline(
        "targets", metric="callback", priority="", duration="4 h", warnings="75%", attempts="3"
    ),
    "escalation_path": {"name": "Up", "purpose": "general"}
    | inline(
        "steps", level="1", delay="0", who="admins", channel="email", repeats="1", every="1 h"
    ),
    "escalation_rule": {"name": "Big", "order": "5", "active": "on"}
    | inline("conditions", kind="order_above", amount="900", currency="USD")
    | inline("actions", kind="owe_call", within="4 h"),
}  # fmt: skip


@pytest.fixture
def good(cast: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """Forms that are saved as they are; each case spoils one field of one of them."""
    Article.objects.create(title="Other", slug="taken", updated_at=datetime.now(UTC))
    late = Situation.objects.create(name="Late", reason="We were late.", missed_deadline=True)
    order = {"number": "A-1", "contact": cast.carla.pk, "amount": "20", "currency": "USD"}
    offer = {"name": "Voucher", "kind": "discount", "unit": "percent", "currency": "USD"}
    offer |= {"least": "5", "most": "40", "words": "Here."}
    person = {"username": "nora", "role": "agent", "time_zone": "Europe/Oslo"}
    return SCHEDULES | {
        "people_order": order | {"placed_at_0": "2026-03-03", "placed_at_1": "10:00"},
        "people_exchangerate": {"currency": "EUR", "rate": "1.08", "valid_from": "2026-03-03"},
        "people_tier": {"name": "Silver", "rank": "10"},
        "people_contact": {"name": "Nora", "time_zone": "Europe/Oslo"},
        "people_user": person | {"usable_password": "false"} | inline("memberships"),
        "offers_offer": offer
        | {"situations": [late.pk]}
        | inline("authorities", role="agent", most="10", most_a_month="50"),
        "offers_situation": {"name": "Big", "reason": "It is big.", "order_at_least": "100"},
        "offers_budget": {"team": cast.support.pk, "month": "2026-03-01", "amount": "200"},
        "incidents_component": {"name": "App", "order": "5", "is_public": "on"},
        "incidents_severityrule": {
            "measure": "tickets",
            "at_least": "10",
            "severity": "2",
            "active": "on",
        },
        "kb_article": {"title": "Lamps", "body": "They hum.", "audience": "staff", "state": "draft"}
        | inline("revisions"),
        "scripts_script": {
            "name": "Hi",
            "kind": "greeting",
            "body": "Hi.",
            "order": "5",
            "moment": "60",
        },
    }


@pytest.fixture
def ada(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ada)
    return client


def add(ada: Client, form: str, fields: dict[str, Any]) -> Any:
    return ada.post(reverse(f"admin:{form}_add"), inline("versions") | fields)


def everything() -> dict[str, list[Any]]:
    """Every row of every table of ours."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models
    }


def said_at(answer: Any, field: str) -> list[str]:
    """What the page says at a field of the form or of its first inline row."""
    if found := re.fullmatch(r"(\w+)-0-(\w+)", field):
        prefix, name = found.groups()
        sets = {
            each.formset.prefix: each.formset for each in answer.context["inline_admin_formsets"]
        }
        return list(sets[prefix].forms[0].errors.get(name, []))
    name = re.sub(r"_[01]\Z", "", field)
    return list(answer.context["adminform"].form.errors.get(name, []))


def complaint(ada: Client, form: str, fields: dict[str, Any], field: str) -> str:
    """What is wrong with how nonsense at ``field`` was received; empty where nothing is."""
    answer = add(ada, form, fields)
    if answer.status_code != 200:
        return f"answered {answer.status_code}"
    if not (said := said_at(answer, field)):
        return "nothing said at the field"
    page = html.unescape(answer.content.decode())
    hidden = [words for words in said if words not in page]
    vague = [words for words in said if "constraint" in words.lower()]
    return f"not on the page: {hidden}" if hidden else f"not clear: {vague}" if vague else ""


@pytest.mark.parametrize("form", sorted({form for form, _, _ in CASES}))
def test_the_form_itself_is_fine(ada: Client, good: dict[str, dict[str, Any]], form: str) -> None:
    answer = add(ada, form, good[form])
    assert answer.status_code == 302, answer.context["errors"]


@pytest.mark.parametrize(("form", "field", "nonsense"), CASES, ids=lambda each: str(each)[:40])
def test_nonsense_is_refused_at_its_field_and_changes_nothing(
    ada: Client, good: dict[str, dict[str, Any]], form: str, field: str, nonsense: Sequence[str]
) -> None:
    before = everything()
    wrong = {
        value[:40]: said
        for value in nonsense
        if (said := complaint(ada, form, good[form] | {field: value}, field))
    }
    assert wrong == {}
    assert everything() == before


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"least": "50"}, "least", "more than the most"),
        ({"most": "120"}, "most", "100 percent"),
        ({"unit": "piece"}, "piece_value", "What does one piece cost us?"),
        ({"unit": "piece", "piece_value": "9", "least": "1.5"}, "least", "whole"),
        ({"unit": "piece", "piece_value": "9", "most": "2.5", "least": "1"}, "most", "whole"),
    ],
)
def test_an_offer_that_contradicts_itself_is_refused_at_the_field(
    ada: Client, good: dict[str, dict[str, Any]], fields: dict[str, str], field: str, says: str
) -> None:
    answer = add(ada, "offers_offer", good["offers_offer"] | fields)
    assert answer.status_code == 200
    assert says in " ".join(said_at(answer, field))


def test_a_budget_below_what_was_spent_is_refused_at_the_field(
    ada: Client, cast: SimpleNamespace
) -> None:
    budget = Budget.objects.create(
        team=cast.support, month=date(2026, 3, 1), amount=Decimal(100), spent=Decimal(60)
    )
    fields = {"team": cast.support.pk, "month": "2026-03-01", "amount": "59.99"}
    answer = ada.post(reverse("admin:offers_budget_change", args=[budget.pk]), fields)
    assert answer.status_code == 200
    assert "60.00 has been given away this month already" in " ".join(said_at(answer, "amount"))
    budget.refresh_from_db()
    assert budget.amount == 100


def fillable() -> dict[str, Callable[[], Any]]:
    """Every form of the admin in which something can be added, by its model."""
    request = RequestFactory().get("/")
    request.user = apps.get_model("people", "User")(is_superuser=True, is_staff=True, pk=1)
    found: dict[str, Callable[[], Any]] = {}
    for model, page in django_admin.site._registry.items():
        if page.has_add_permission(request):
            name = model._meta.label
            found[name] = lambda page=page: page.get_form(request)
            for row in page.get_inline_instances(request):
                found[f"{name} {row.model.__name__}"] = lambda row=row: (
                    row.get_formset(request).form
                )
    return found


FILLABLE = fillable()


@pytest.mark.parametrize("name", FILLABLE)
def test_no_form_reads_digits_that_only_look_like_them(db: None, name: str) -> None:
    """A new admin whose numbers are read by Django's own fields would take «٣» for 3."""
    kinds = (
        forms.DecimalField, forms.IntegerField, forms.DateField, forms.TimeField,
        forms.SplitDateTimeField,
    )  # fmt: skip
    lax = [
        field
        for field, made in FILLABLE[name]().base_fields.items()
        if isinstance(made, kinds)
        and not isinstance(made.widget, forms.HiddenInput)
        and type(made).__module__ != numerals.__name__
    ]
    assert lax == []
