"""New tickets from templates: what is chosen is filled in, what was typed stays."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from kb.defaults.scripts import TEMPLATES
from kb.scripts.beginning import filled_in
from kb.scripts.models import Template
from tickets.models import Ticket


@pytest.fixture
def broken(cast: SimpleNamespace) -> Template:
    return Template.objects.create(
        name="Broken", subject="Arrived broken", body="Order:\nPhotos:", category=cast.suggestion,
        team=cast.billing, priority="high", tags="broken, glass",
    )  # fmt: skip


@pytest.fixture
def ana(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def test_it_fills_in_all_that_it_says(broken: Template, ana: Client, cast: SimpleNamespace) -> None:
    page = ana.get(f"/templates/{broken.pk}/").content.decode()
    assert 'value="Arrived broken"' in page
    assert "Order:\nPhotos:</textarea>" in page
    for chosen in (cast.suggestion.pk, cast.billing.pk, "high"):
        assert f'<option value="{chosen}" selected>' in page
    assert 'value="broken, glass"' in page
    assert 'action="/tickets/new/"' in page


def test_what_was_typed_before_stays(broken: Template, ana: Client) -> None:
    said = {"email": "nina@home.example", "body": "She shouts.", "tags": "Glass", "subject": "Lamp",
            "priority": "low"}  # fmt: skip
    form = ana.post(f"/templates/{broken.pk}/", said).context["form"]
    got = {name: form[name].value() for name in form.fields}
    assert got["body"] == "Order:\nPhotos:\n\nShe shouts."
    assert (got["email"], got["subject"], got["priority"]) == ("nina@home.example", "Lamp", "high")
    assert got["tags"] == "glass, broken"
    assert not Ticket.objects.exists()


def test_chosen_twice_it_says_everything_once(broken: Template) -> None:
    once = filled_in(broken, {})
    assert (
        filled_in(broken, {name: str(value) for name, value in once.items()})["body"]
        == once["body"]
    )


def test_the_ticket_has_team_and_tags(broken: Template, ana: Client, cast: SimpleNamespace) -> None:
    said = {"channel": "phone", "email": "nina@home.example", "subject": "S", "body": "B",
            "category": cast.question.pk, "priority": "high", "team": cast.support.pk,
            "tags": "broken, glass"}  # fmt: skip
    ana.post("/tickets/new/", said)
    ticket = Ticket.objects.get()
    assert ticket.team == cast.support
    assert {tag.name for tag in ticket.tags.all()} == {"broken", "glass"}
    for wrong in (
        {"tags": "x" * 61},
        {"team": "99999"},
        {"tags": ",".join(f"t{n}" for n in range(31))},
    ):
        assert ana.post("/tickets/new/", said | wrong).status_code == 422
    assert Ticket.objects.count() == 1


def test_they_are_offered_where_a_ticket_is_opened_and_only_those_in_use(
    broken: Template, ana: Client
) -> None:
    old = Template.objects.create(name="Old", subject="x", active=False)
    assert 'hx-get="/templates/"' in ana.get("/tickets/new/").content.decode()
    for part in ({}, {"HX-Request": "true"}):
        listed = ana.get("/templates/", headers=part).content.decode()
        assert "for team Billing; priority high; tagged «broken»" in listed
        assert "Old" not in listed
    assert ana.get(f"/templates/{old.pk}/").status_code == 404


def test_who_opens_no_tickets_has_no_templates(
    broken: Template, cast: SimpleNamespace, client: Client
) -> None:
    client.force_login(cast.max)
    assert client.get("/templates/").status_code == 403
    assert client.get(f"/templates/{broken.pk}/").status_code == 403


@pytest.mark.parametrize(
    "wrong", [{}, {"priority": "soon"}, {"tags": "x" * 61}, {"subject": "x" * 251}]
)
def test_the_admin_is_told_what_is_wrong_with_one(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Template(name="Wrong", **wrong).full_clean()


@pytest.mark.parametrize(("name", "fills"), TEMPLATES)
def test_every_seeded_template_is_one_that_the_admin_could_have_made(
    db: None, name: str, fills: dict[str, Any]
) -> None:
    Template(name=name, **fills).full_clean()
