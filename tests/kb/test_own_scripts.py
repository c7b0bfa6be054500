"""Scripts of one's own: offered to their owner alone, checked as the admin's, kept from the composer."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from kb.scripts.keeping import keep
from kb.scripts.models import Script
from kb.scripts.rendering import fill_in, with_fields
from kb.scripts.services import scripts_for
from tests.factories import ticket
from tests.upgrading import Upgrade
from tickets.errors import Invalid
from tickets.models import Draft

SAID = {
    "name": "Mine",
    "kind": "reply",
    "body": "Hello {first_name}",
    "category": "",
    "moment": "60",
}


@pytest.fixture
def ana(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def test_what_one_makes_is_offered_to_oneself_and_nobody_else_and_marked(
    cast: SimpleNamespace, ana: Client, now: datetime
) -> None:
    Script.objects.create(name="Everybody's", kind="reply", body="Hello")
    one = ticket(cast, now)
    told = ana.post("/scripts/", SAID, follow=True).content.decode()
    assert "«Mine» is kept" in told
    names = [each.script.name for each in scripts_for(ticket=one, user=cast.ana, now=now)]
    assert names == ["Everybody's", "Mine"]
    assert [each.script.name for each in scripts_for(ticket=one, user=cast.sue, now=now)] == names[
        :1
    ]
    offered = ana.get(reverse("ticket-offer-scripts", args=[one.reference]), {"q": "mine"})
    assert "Yours. Hello Carla" in offered.content.decode()
    panel = ana.get(reverse("scripts-panel", args=[one.reference])).content.decode()
    assert panel.count("yours</span>") == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"body": "Hello {nobody}"}, "{nobody} cannot be filled in"),
        ({"body": "Hello {"}, "{ cannot be filled in"),
        ({"body": ""}, "This field is required"),
        ({"kind": "poem"}, "Select a valid choice"),
        ({"moment": "3"}, "greater than or equal to 5"),
        ({"category": "999999"}, "Select a valid choice"),
        ({"name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_what_the_admin_would_refuse_is_refused_at_its_field(
    ana: Client, wrong: dict[str, str], why: str
) -> None:
    answer = ana.post("/scripts/", SAID | wrong)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Script.objects.exists()


def test_two_people_and_everybody_may_each_have_a_name_but_none_twice(
    cast: SimpleNamespace, ana: Client
) -> None:
    Script.objects.create(name="Mine", kind="reply", body="x")
    Script.objects.create(name="Mine", kind="reply", body="x", owner=cast.ben)
    assert ana.post("/scripts/", SAID).status_code == 302
    answer = ana.post("/scripts/", SAID)
    assert "You have a script of this name already." in answer.content.decode()
    with pytest.raises(Invalid):
        keep(script=Script(name="Mine", kind="reply", body="y"), owner=cast.ana)
    with pytest.raises(ValidationError, match="There is a script of this name already"):
        Script(name="Mine", kind="reply", body="y").full_clean()
    assert Script.objects.count() == 3


def test_ones_own_are_changed_and_thrown_away_and_nobody_elses(
    cast: SimpleNamespace, ana: Client
) -> None:
    mine = Script.objects.create(name="Mine", kind="reply", body="x", owner=cast.ana)
    bens = Script.objects.create(name="Ben's", kind="reply", body="x", owner=cast.ben)
    shared = Script.objects.create(name="Shared", kind="reply", body="x")
    ana.post(f"/scripts/{mine.pk}/", SAID | {"body": "Better"})
    mine.refresh_from_db()
    assert (mine.body, mine.owner) == ("Better", cast.ana)
    for other in (bens, shared):
        assert ana.post(f"/scripts/{other.pk}/", SAID).status_code == 404
        assert ana.post(f"/scripts/{other.pk}/delete/").status_code == 404
    ana.get(f"/scripts/{mine.pk}/delete/")
    assert Script.objects.filter(pk=mine.pk).exists()
    ana.post(f"/scripts/{mine.pk}/delete/")
    assert set(Script.objects.all()) == {bens, shared}
    page = ana.get("/scripts/").content.decode()
    assert "Ben&#x27;s" not in page
    assert "Shared" not in page


def test_a_refused_change_leaves_the_script_and_keeps_what_was_typed(
    cast: SimpleNamespace, ana: Client
) -> None:
    mine = Script.objects.create(name="Mine", kind="reply", body="x", owner=cast.ana)
    answer = ana.post(f"/scripts/{mine.pk}/", SAID | {"body": "Hi {nobody}"})
    assert answer.status_code == 422
    assert "Hi {nobody}</textarea>" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.body == "x"


def test_the_composers_words_become_a_script_with_fields_and_stay_drafted(
    cast: SimpleNamespace, ana: Client, now: datetime
) -> None:
    one = ticket(cast, now)
    body = f"Hello Carla,\r\n{one.reference} is done. Carlata stays.\r\nAna"
    page = ana.post(reverse("own-script-keep", args=[one.reference]), {"body": body})
    assert (
        "Hello {first_name},\n{reference} is done. Carlata stays.\n{agent}" in page.content.decode()
    )
    assert Draft.objects.get(author=cast.ana).body == body.replace("\r\n", "\n")
    answer = ana.post("/scripts/", SAID | {"ticket": one.reference})
    assert answer.headers["Location"] == f"/tickets/{one.reference}/"


def test_fields_are_put_in_for_whole_words_the_longest_first_and_never_read_again() -> None:
    values = {"customer": "Carla Customer", "first_name": "Carla", "agent": "name", "order": ""}
    text = with_fields("Carla Customer, Carla, name, Carlas", values)
    assert text == "{customer}, {first_name}, {agent}, Carlas"
    assert fill_in(text, values) == "Carla Customer, Carla, name, Carlas"
    assert with_fields("same", {}) == "same"


def test_who_leaves_takes_their_scripts_to_nobody(cast: SimpleNamespace, now: datetime) -> None:
    Script.objects.create(name="Bo's", kind="reply", body="x", owner=cast.bo)
    cast.bo.delete()
    assert not Script.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_scripts_of_before_are_everybodys_after_the_upgrade(upgrade: Upgrade) -> None:
    old: Any = upgrade.to(("scripts", "0005_macros"))
    old.get_model("scripts", "Script").objects.create(name="Old", kind="reply", body="x")
    new = upgrade.to(("scripts", "0006_own_scripts_and_templates"))
    assert new.get_model("scripts", "Script").objects.get().owner is None
