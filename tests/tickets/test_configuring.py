"""What several admins share: choices by autocomplete, and the one default; and what they cost."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kb.services import write_article
from tickets.configuring import PickingAdmin
from tickets.models import Category
from tickets.people.models import Contact, Membership, Order, Organization, Team, User

FORGED = ["NaN", "a\0", "9" * 40, "-1", "1.5", "٣", "x" * 10_000, "999999"]
EMPTY = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
SYSTEMS = {"systems-TOTAL_FORMS": 0, "systems-INITIAL_FORMS": 0}
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("tickets_category", "team", {"name": "New", "nature": "question"}),
    ("people_contact", "organization", {"name": "New", "time_zone": "UTC"}),
    ("people_contact", "responsible", {"name": "New", "time_zone": "UTC"}),
    ("people_organization", "responsible", {"name": "New"} | SYSTEMS),
    ("people_order", "contact", {"number": "A-1", "amount": "5", "currency": "USD",
                                 "placed_at_0": "2026-03-03", "placed_at_1": "09:00"}),
    ("people_team", "memberships-0-user", {"name": "New"} | EMPTY | {"memberships-TOTAL_FORMS": 1}),
]  # fmt: skip


@pytest.fixture
def admin(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(cast.ada)
    return client


@pytest.mark.parametrize("forged", FORGED, ids=range(len(FORGED)))
@pytest.mark.parametrize(("model", "field", "fields"), FORMS, ids=lambda each: str(each)[:30])
def test_a_forged_choice_is_refused_at_its_field(
    admin: Client, model: str, field: str, fields: dict[str, Any], forged: str
) -> None:
    answer = admin.post(reverse(f"admin:{model}_add"), fields | {field: forged})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "That choice is not one of the available choices" in page
    for model_class in (Category, Contact, Organization, Team):
        assert not model_class.objects.filter(name="New").exists()
    assert not Order.objects.exists()


def test_what_was_chosen_stays_chosen(admin: Client, cast: SimpleNamespace) -> None:
    fields = {"name": "", "nature": "question", "team": cast.billing.pk}
    page = admin.post(reverse("admin:tickets_category_add"), fields).content.decode()
    assert f'<option value="{cast.billing.pk}" selected' in page
    page = admin.get(reverse("admin:people_team_change", args=[cast.billing.pk])).content.decode()
    assert f'<option value="{cast.bo.pk}" selected' in page


def asked(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


@pytest.mark.parametrize("kind", ["team", "person", "article"])
def test_a_page_asks_as_often_for_three_rows_as_for_thirty(
    admin: Client, cast: SimpleNamespace, now: datetime, kind: str
) -> None:
    article = write_article(title="A", body="x", now=now, author=cast.ana)
    teams = Team.objects.create(name="Third"), User.objects.create(username="zed")

    def add(number: int) -> None:
        if kind == "team":
            user = User.objects.create(username=f"x{number}", email=f"x{number}@c.example")
            Membership.objects.create(team=teams[0], user=user)
        elif kind == "person":
            team = Team.objects.create(name=f"T{number}")
            Membership.objects.create(team=team, user=teams[1])
        else:
            write_article(title="A", body="x", now=now, author=cast.ana, article=article)

    address = {
        "team": reverse("admin:people_team_change", args=[teams[0].pk]),
        "person": reverse("admin:people_user_change", args=[teams[1].pk]),
        "article": reverse("admin:kb_article_change", args=[article.pk]),
    }[kind]
    admin.get(address)
    counted = []
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            add(number)
        counted.append(asked(lambda: admin.get(address)))
    assert counted[0] == counted[1]


def changed(client: Client, row: Any, **fields: Any) -> str:
    """The page after the form of a team or category was saved with these fields."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    whole = {"name": row.name, "nature": "question"} | EMPTY | fields
    if isinstance(row, Team):
        whole |= {"assignment": row.assignment}
        rows = list(row.memberships.all())
        whole |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)}
        for number, each in enumerate(rows):
            whole |= {f"memberships-{number}-{key}": value for key, value in
                      {"id": each.pk, "user": each.user_id, "team": row.pk}.items()}  # fmt: skip
            whole |= {f"memberships-{number}-leads": "on"} if each.leads else {}
    return client.post(reverse(name, args=[row.pk]), whole, follow=True).content.decode()


@pytest.mark.parametrize(("default", "other"), [("support", "billing"), ("question", "suggestion")])
def test_the_default_is_handed_on_and_never_lost(
    admin: Client, cast: SimpleNamespace, default: str, other: str
) -> None:
    first, second = getattr(cast, default), getattr(cast, other)
    assert "Something has to be the default." in changed(admin, first)
    first.refresh_from_db()
    assert first.is_default
    changed(admin, second, is_default="on")
    rows = type(first).objects.filter(is_default=True)
    assert list(rows) == [second]
    changed(admin, second, is_default="on", name="Renamed")
    assert [each.name for each in rows.all()] == ["Renamed"]


def test_the_default_cannot_be_deleted(admin: Client, cast: SimpleNamespace) -> None:
    for row, name in ((cast.support, "people_team"), (cast.question, "tickets_category")):
        admin.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"})
        chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        admin.post(reverse(f"admin:{name}_changelist"), chosen)
        assert type(row).objects.filter(pk=row.pk).exists()


def test_every_admin_that_picks_by_autocomplete_takes_forged_choices() -> None:
    for each in site._registry.values():
        for one in (type(each), *each.inlines):
            assert not one.autocomplete_fields or issubclass(one, PickingAdmin), one
