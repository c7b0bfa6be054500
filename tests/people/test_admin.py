"""People in the admin: every page opens, and nobody raises themselves."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests.factories import order
from tickets.people.models import ExchangeRate, Product, Skill, System, User

PAGES = [
    "user",
    "team",
    "tier",
    "product",
    "skill",
    "organization",
    "contact",
    "order",
    "exchangerate",
]


@pytest.fixture
def rows(cast: SimpleNamespace, now: datetime) -> dict[str, Any]:
    System.objects.create(organization=cast.acme, name="Hub")
    return {
        "user": cast.ana,
        "team": cast.support,
        "tier": cast.gold,
        "product": Product.objects.create(name="Lamp"),
        "skill": Skill.objects.create(name="Networks"),
        "organization": cast.acme,
        "contact": cast.carla,
        "order": order(cast.carla, now),
        "exchangerate": ExchangeRate.objects.create(
            currency="EUR", rate=2, valid_from=date(2026, 1, 1)
        ),
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens(
    cast: SimpleNamespace, rows: dict[str, Any], page: str, client: Client
) -> None:
    client.force_login(cast.ada)
    place = f"admin:people_{page}"
    for address in (
        reverse(f"{place}_changelist"),
        reverse(f"{place}_changelist") + "?q=a",
        reverse(f"{place}_add"),
        reverse(f"{place}_change", args=[rows[page].pk]),
    ):
        assert client.get(address, follow=True).status_code == 200


def test_an_agent_has_no_business_there(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    assert client.get(reverse("admin:people_user_changelist")).status_code == 302


def test_who_may_edit_people_cannot_raise_themselves_or_take_over_a_superuser(
    cast: SimpleNamespace, client: Client
) -> None:
    cast.ben.is_staff = True
    cast.ben.save()
    permissions = Permission.objects.filter(content_type__app_label="people")
    cast.ben.user_permissions.set(permissions)
    client.force_login(cast.ben)
    form = {
        "username": "ben", "first_name": "Ben", "last_name": "", "email": cast.ben.email, "phone": "",
        "time_zone": "UTC", "role": "admin", "is_superuser": "on", "is_staff": "on", "is_active": "on",
        "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    }  # fmt: skip
    client.post(reverse("admin:people_user_change", args=[cast.ben.pk]), form)
    ben = User.objects.get(pk=cast.ben.pk)
    assert (ben.role, ben.is_superuser) == ("agent", False)
    ada = reverse("admin:people_user_change", args=[cast.ada.pk])
    assert client.post(ada, form | {"username": "ada"}).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[cast.ada.pk])
    new = {"password1": "a-Long-new-1", "password2": "a-Long-new-1"}
    assert client.post(password, new).status_code == 403
