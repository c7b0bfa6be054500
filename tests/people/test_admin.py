"""People in the admin: every page opens, and nobody raises themselves."""

from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories import at_once, order
from tickets.models import Category
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


@pytest.fixture
def abe(cast: SimpleNamespace) -> User:
    """An admin by role, who opens the admin and is no superuser."""
    return User.objects.create(
        username="abe", email="abe@company.example", first_name="Abe", role="admin", is_staff=True
    )


def ours() -> list[type[Model]]:
    """Every model of the product that has a page in the admin."""
    apps = ("tickets", "kb", "escalation")
    return [model for model in admin.site._registry if model.__module__.split(".")[0] in apps]


def test_an_admin_by_role_sees_every_page_of_the_product(abe: User, client: Client) -> None:
    client.force_login(abe)
    index = client.get(reverse("admin:index")).content.decode()
    assert len(ours()) > 20
    for model in ours():
        place = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert place in index
        assert client.get(place).status_code == 200


def test_what_is_not_the_products_stays_with_superusers(abe: User) -> None:
    assert abe.has_perm("people.change_team")
    assert abe.has_module_perms("escalation")
    for foreign in ("authtoken.add_tokenproxy", "auth.change_group", "sessions.view_session"):
        assert not abe.has_perm(foreign)
    assert not abe.has_module_perms("authtoken")


@pytest.mark.parametrize("who", ["ana", "sue", "eve", "max"])
def test_no_other_role_may_configure_anything(cast: SimpleNamespace, who: str) -> None:
    person = getattr(cast, who)
    assert not person.has_module_perms("people")
    assert not any(
        person.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
        for model in ours()
    )


def test_an_admin_who_left_may_nothing_any_more(abe: User) -> None:
    abe.is_active = False
    assert not abe.has_perm("people.change_team")


def said_of(user: User, **changed: object) -> dict[str, object]:
    given: dict[str, object] = {
        "username": user.username, "first_name": user.first_name, "last_name": "",
        "email": user.email, "phone": "", "time_zone": "UTC", "role": user.role,
        "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0",
    }  # fmt: skip
    flags = ("is_active", "is_staff", "is_superuser")
    given |= {flag: "on" for flag in flags if getattr(user, flag)}
    given |= changed
    return {name: value for name, value in given.items() if value is not None}


def saved(client: Client, user: User, **changed: object) -> str:
    """The page that comes back where saving was refused; nothing where it was not."""
    address = reverse("admin:people_user_change", args=[user.pk])
    answer = client.post(address, said_of(user, **changed))
    user.refresh_from_db()
    return answer.content.decode() if answer.status_code == 200 else ""


def test_an_admin_by_role_hands_out_roles_below_their_own(
    cast: SimpleNamespace, abe: User, client: Client
) -> None:
    client.force_login(abe)
    saved(client, cast.ana, role="supervisor")
    assert cast.ana.role == "supervisor"
    for raised in ({"role": "admin"}, {"is_superuser": "on"}, {"is_staff": "on"}):
        saved(client, cast.ana, **raised)
        saved(client, abe, **raised)
        assert (cast.ana.role, cast.ana.is_superuser, cast.ana.is_staff) == (
            "supervisor", False, False,
        )  # fmt: skip
        assert not abe.is_superuser


def test_only_a_superuser_makes_a_superuser(
    cast: SimpleNamespace, abe: User, client: Client
) -> None:
    client.force_login(cast.ada)
    assert not saved(client, abe, is_superuser="on")
    assert abe.is_superuser


@pytest.mark.parametrize(
    "lost", [{"is_active": None}, {"is_staff": None}, {"is_superuser": None}, {"role": "agent"}]
)
def test_nobody_locks_themselves_out_so_that_somebody_is_always_left(
    cast: SimpleNamespace, client: Client, lost: dict[str, None]
) -> None:
    client.force_login(cast.ada)
    assert "somebody else with these rights" in saved(client, cast.ada, **lost)
    assert cast.ada.is_active
    assert (cast.ada.is_staff, cast.ada.is_superuser, cast.ada.role) == (True, True, "admin")


def test_nobody_deletes_themselves(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ada)
    address = reverse("admin:people_user_delete", args=[cast.ada.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    client.post(
        reverse("admin:people_user_changelist"),
        {"action": "delete_selected", "_selected_action": [cast.ada.pk], "post": "yes"},
    )
    assert User.objects.filter(pk=cast.ada.pk).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_two_defaults_marked_at_one_moment_are_said_at_the_field(cast: SimpleNamespace) -> None:
    """One of them is the default; who came second is told of the other, and nothing breaks."""
    fields = {"nature": "question", "is_default": "on"}

    def mark(category: Category) -> Callable[[], Any]:
        client = Client()
        client.force_login(cast.ada)
        address = f"/admin/tickets/category/{category.pk}/change/"
        return lambda: client.post(address, fields | {"name": category.name})

    for _ in range(5):
        answers = at_once(mark(cast.management), mark(cast.suggestion))
        assert all(getattr(each, "status_code", 500) in (200, 302) for each in answers), answers
        assert Category.objects.filter(is_default=True).count() == 1
        for each in answers:
            if each.status_code == 200:
                assert "Somebody else has just marked" in each.content.decode()


def test_who_was_overtaken_is_told_which_one_is_the_default_now(
    cast: SimpleNamespace, rf: RequestFactory
) -> None:
    request = rf.post("/")
    request.user, request.was_overtaken = cast.ada, True  # type: ignore[attr-defined]
    form = admin.site._registry[Category].get_form(request, cast.management, change=True)
    fields = {"name": "Management", "nature": "management", "is_default": "on"}
    refused = form(fields, instance=cast.management).errors
    assert refused["is_default"] == [
        "Somebody else has just marked «Product question». Mark this one all the same, or leave it "
        "as it is."
    ]
    request.was_overtaken = False  # type: ignore[attr-defined]
    form = admin.site._registry[Category].get_form(request, cast.management, change=True)
    assert not form(fields, instance=cast.management).errors


@pytest.mark.parametrize("page", ["contact", "organization"])
def test_notes_changed_in_the_admin_are_remembered_too(
    cast: SimpleNamespace, client: Client, page: str
) -> None:
    client.force_login(cast.ada)
    row = cast.carla if page == "contact" else cast.acme
    type(row).objects.filter(pk=row.pk).update(notes="Likes it short.")
    address = reverse(f"admin:people_{page}_change", args=[row.pk])
    form = client.get(address).context["adminform"].form
    said = {name: value for name, value in form.initial.items() if value is not None}
    inlines = {f"systems-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    for notes in ("Likes it long.", "Likes it long."):
        answer = client.post(address, said | inlines | {"notes": notes})
        assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.notes, row.notes_by) == ("Likes it long.", cast.ada)
    (before,) = row.earlier_notes.all()
    assert (before.notes, before.changed_by) == ("Likes it short.", cast.ada)
