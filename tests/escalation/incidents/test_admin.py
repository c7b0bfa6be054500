"""Incidents in the admin: configured with clear words, read without a way to change them."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.incidents import services
from escalation.incidents.models import Component, Incident, SeverityRule, Subscriber
from tests.escalation.incidents.conftest import declared
from tickets.people.models import Product


@pytest.fixture
def admin(broken: SimpleNamespace, client: Client) -> Client:
    client.force_login(broken.ada)
    return client


def add(admin: Client, model: str, **fields: Any) -> str:
    """The page's text where it was refused, empty where it was saved."""
    answer = admin.post(reverse(f"admin:incidents_{model}_add"), fields)
    return "" if answer.status_code == 302 else answer.content.decode()


def rule(admin: Client, **fields: Any) -> str:
    given = {"measure": "tickets", "at_least": "10", "severity": "2", "active": "on"}
    return add(admin, "severityrule", **given | fields)


def test_a_component_is_made_with_the_products_that_need_it(
    admin: Client, broken: SimpleNamespace
) -> None:
    lamp = Product.objects.create(name="Lamp")
    made = add(
        admin, "component", name="App", order="5", is_public="on", products=[lamp.pk, broken.hub.pk]
    )
    assert made == ""
    assert set(Component.objects.get(name="App").products.all()) == {lamp, broken.hub}


def test_a_component_has_a_name_of_its_own(admin: Client) -> None:
    assert "already exists" in add(admin, "component", name="Updates", order="5")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"at_least": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"measure": "tier"}, "Name a tier where customers of a tier are counted"),
        ({"measure": "tickets", "tier": "gold"}, "Name a tier where customers of a tier are counted"),
        ({"severity": "1"}, "is not one of the available choices"),
        ({"at_least": "20", "severity": "2"}, "There is such a rule already"),
        ({"at_least": "30", "severity": "3"}, ""),
        ({"at_least": "10", "severity": "3"}, "would do nothing any more"),
        ({"at_least": "10", "severity": "3", "active": ""}, ""),
    ],
)  # fmt: skip
def test_a_rule_that_can_do_nothing_is_refused_in_words(
    admin: Client, broken: SimpleNamespace, fields: dict[str, str], says: str
) -> None:
    SeverityRule.objects.create(measure="tickets", at_least=20, severity=2)
    if "tier" in fields:
        fields = fields | {"tier": broken.gold.pk}
    page = rule(admin, **fields)
    assert says in page if says else page == ""
    assert "constraint" not in page.lower()


def test_a_rule_below_which_it_is_worse_already_is_refused(
    admin: Client, broken: SimpleNamespace
) -> None:
    SeverityRule.objects.create(measure="tickets", at_least=20, severity=3)
    assert "From 20 on it is critical already" in rule(admin, at_least="20", severity="2")
    assert rule(admin, at_least="19", severity="2") == ""


def test_a_rule_does_not_stand_in_its_own_way(admin: Client) -> None:
    assert rule(admin) == ""
    mine = SeverityRule.objects.get()
    form = {"measure": "tickets", "at_least": "12", "severity": "2", "active": "on"}
    page = admin.post(reverse("admin:incidents_severityrule_change", args=[mine.pk]), form)
    assert page.status_code == 302
    mine.refresh_from_db()
    assert mine.at_least == 12


def test_an_incident_is_read_with_everything_said_and_not_changed(
    admin: Client, broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="Bo looks.", actor=broken.ben, now=now)
    address = reverse("admin:incidents_incident_change", args=[incident.pk])
    assert "Bo looks." in admin.get(address).content.decode()
    assert admin.post(address, {"title": "Nothing"}).status_code == 403
    for verb in ("add", "delete"):
        given = [] if verb == "add" else [incident.pk]
        assert admin.get(reverse(f"admin:incidents_incident_{verb}", args=given)).status_code == 403
    assert Incident.objects.get().title == "Updates break the Hub"


def test_a_subscriber_is_taken_off_and_never_put_on(
    admin: Client, broken: SimpleNamespace, now: datetime
) -> None:
    row = Subscriber.objects.create(email="a@x.example", asked_at=now)
    assert (
        "a@x.example"
        in admin.get(reverse("admin:incidents_subscriber_changelist") + "?q=a@x").content.decode()
    )
    assert admin.get(reverse("admin:incidents_subscriber_add")).status_code == 403
    place = reverse("admin:incidents_subscriber_delete", args=[row.pk])
    assert admin.post(place, {"post": "yes"}).status_code == 302
    assert not Subscriber.objects.exists()


def test_who_was_mailed_can_be_taken_off_too(
    admin: Client, broken: SimpleNamespace, now: datetime
) -> None:
    row = Subscriber.objects.create(email="a@x.example", asked_at=now, confirmed_at=now)
    services.say(
        incident=declared(broken, now), text="Look.", actor=broken.sue, now=now, is_public=True
    )
    services.notify_next(now)
    place = reverse("admin:incidents_subscriber_delete", args=[row.pk])
    assert admin.post(place, {"post": "yes"}).status_code == 302
    assert not Subscriber.objects.exists()


def components(cast: SimpleNamespace, number: int, now: datetime) -> None:
    made = Component.objects.create(name=f"Part {number}")
    made.products.add(Product.objects.create(name=f"Product {number}"))


def rules(cast: SimpleNamespace, number: int, now: datetime) -> None:
    SeverityRule.objects.create(measure="tier", tier=cast.gold, at_least=number + 1, severity=2)


def incidents(cast: SimpleNamespace, number: int, now: datetime) -> None:
    declared(cast, now, title=f"Broken {number}")


@pytest.mark.parametrize(
    ("model", "make", "says"),
    [
        ("component", components, "Product "),
        ("severityrule", rules, "Major from"),
        ("incident", incidents, "Broken "),
    ],
)
def test_a_list_costs_the_same_for_3_and_for_30_rows(
    admin: Client, broken: SimpleNamespace, now: datetime,
    model: str, make: Callable[..., None], says: str,
) -> None:  # fmt: skip
    address = reverse(f"admin:incidents_{model}_changelist")

    def queries(first: int, end: int) -> int:
        for number in range(first, end):
            make(broken, number, now)
        with CaptureQueriesContext(connection) as seen:
            page = admin.get(address).content.decode()
        assert page.count(says) >= end
        return len(seen)

    assert queries(0, 3) == queries(3, 30)
