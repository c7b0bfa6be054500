"""The public status page: what everybody reads, and what nobody outside may read."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation.incidents import publicly, services
from escalation.incidents.models import Component, Incident
from tests import factories
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.people.models import User

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_now(now: datetime) -> object:
    with time_machine.travel(now, tick=False):
        yield


def told(cast: SimpleNamespace, now: datetime, text: str = "We are on it.", **fields) -> Incident:
    """Declared, and said to everybody in state ``state``."""
    state = fields.pop("state", "investigating")
    incident = declared(cast, now, **fields)
    services.say(incident=incident, text=text, actor=cast.sue, now=now, is_public=True, state=state)
    return incident


def page(client: Client, path: str = "/status/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_needs_no_account_no_script_and_no_cookie(db: None, client: Client) -> None:
    answer = client.get("/status/")
    assert "Everything works" in answer.content.decode()
    assert b"<script" not in answer.content
    assert not answer.cookies


def test_an_open_incident_is_told_with_its_answers_and_public_words(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    incident = told(
        broken, now, severity=2, said={"cause": "A bad release.", "back_at": now + 2 * HOUR}
    )
    services.say(
        incident=incident, text="The cause is known.", actor=broken.sue, now=now + MINUTE,
        is_public=True, state="identified",
    )  # fmt: skip
    for path in ("/status/", f"/status/{incident.pk}/"):
        said = page(client, path)
        assert "Updates break the Hub" in said
        assert "A bad release." in said
        assert "What caused it" in said
        assert "What keeps it" not in said
        assert '<time datetime="2026-03-03T13:00:00+00:00">Tue 3 Mar 2026, 13:00 UTC</time>' in said
        assert '<time datetime="2026-03-03T16:00:00+00:00">' in said
        assert said.index("The cause is known.") < said.index("We are on it.")
    assert "<title>One thing does not work ·" in page(client)


SECRET = "Geheim"


def test_nothing_internal_is_ever_shown(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    """Everything that only the staff may know has one word in it."""
    User.objects.update(first_name=SECRET, last_name=SECRET, email=Concat(Value(SECRET), "email"))
    broken.sue.refresh_from_db()
    broken.support.name = SECRET
    broken.support.save()
    broken.acme.name = SECRET
    broken.acme.save()
    hidden = Component.objects.create(name=f"{SECRET} part", is_public=False, description=SECRET)
    broken.hub.name = SECRET
    broken.hub.save()
    hidden.products.add(broken.hub)
    ticket = factories.ticket(broken, now, subject=f"{SECRET} ticket")
    incident = told(
        broken, now, components=[broken.updates, hidden], organizations=[broken.acme],
        responders=broken.support, customers_write=SECRET, tickets=[ticket],
    )  # fmt: skip
    services.say(incident=incident, text=f"{SECRET} words", actor=broken.sue, now=now)
    unpublished = declared(broken, now, title=f"{SECRET} title", said={"cause": SECRET})
    services.say(incident=unpublished, text=SECRET, actor=broken.sue, now=now, state="resolved")
    over = told(broken, now, text="It was short.", state="resolved")
    for path in ("/status/", f"/status/{incident.pk}/", f"/status/{over.pk}/", "/status/feed/"):
        said = client.get(path).content.decode()
        assert SECRET.lower() not in said.lower()
        assert ticket.reference not in said
        assert "Updates break the Hub" in said


def test_what_is_not_published_cannot_be_told_from_what_does_not_exist(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    known_to_staff = client.get(f"/status/{declared(broken, now).pk}/")
    unknown = client.get("/status/99999999999999999999999999/")
    assert known_to_staff.status_code == unknown.status_code == 404
    assert known_to_staff.content == unknown.content


@pytest.mark.parametrize(
    ("open_ones", "sentence", "part"),
    [
        ([], "Everything works", "Works"),
        ([(1, "investigating")], "One thing does not work as usual", "Works with trouble"),
        ([(2, "investigating")], "One thing does not work", "Does not work in part"),
        ([(1, "identified"), (3, "identified")], "One thing does not work", "Does not work"),
        ([(3, "monitoring"), (1, "identified")], "One thing does not work as usual", "Works with trouble"),
        ([(3, "monitoring")], "What was broken is repaired, and we watch it", "Repaired, being watched"),
        ([(3, "resolved")], "Everything works", "Works"),
    ],
)  # fmt: skip
def test_a_component_stands_as_its_worst_open_incident_says(
    broken: SimpleNamespace,
    now: datetime,
    open_ones: list[tuple[int, str]],
    sentence: str,
    part: str,
) -> None:
    for number, (severity, state) in enumerate(open_ones):
        told(broken, now, severity=severity, state=state, title=f"The {number}. of them")
    declared(broken, now, severity=3)
    standing = publicly.standing(now)
    assert (standing.sentence, standing.parts[0].state) == (sentence, part)


def test_things_are_counted_by_component_and_by_incidents_about_none(
    broken: SimpleNamespace, now: datetime
) -> None:
    told(broken, now, severity=2, title="First")
    told(broken, now, severity=2, title="Second")
    told(broken, now, severity=2, title="Third", components=[])
    assert publicly.standing(now).sentence == "Two things do not work"


def test_resolved_ones_are_listed_for_14_days_and_keep_their_address(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    incident = told(broken, now, state="resolved")
    for later, listed in ((now + 14 * DAY, True), (now + 14 * DAY + MINUTE, False)):
        with time_machine.travel(later, tick=False):
            assert ("Updates break the Hub" in page(client)) is listed
            assert "Updates break the Hub" in page(client, f"/status/{incident.pk}/")


def test_a_return_that_is_overdue_says_so(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    told(broken, now, said={"back_at": now + MINUTE})
    assert "it takes longer" not in page(client)
    with time_machine.travel(now + HOUR, tick=False):
        assert "it takes longer" in page(client)


def test_it_is_kept_for_half_a_minute_and_asked_for_only_when_it_changed(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    first = client.get("/status/")
    assert first["Cache-Control"] == "public, max-age=30"
    same = client.get("/status/", headers={"If-None-Match": first["ETag"]})
    assert same.status_code == 304
    told(broken, now)
    changed = client.get("/status/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_everybody_reads_the_same_in_the_company_s_zone(
    broken: SimpleNamespace, client: Client, now: datetime, settings: SimpleNamespace
) -> None:
    told(broken, now)
    stranger = client.get("/status/").content
    User.objects.filter(pk=broken.ana.pk).update(time_zone="Asia/Tokyo")
    client.force_login(User.objects.get(pk=broken.ana.pk))
    assert client.get("/status/").content == stranger
    settings.TIME_ZONE = "America/New_York"
    said = page(client)
    assert "Tue 3 Mar 2026, 08:00 EST" in said
    assert "Times are those of America/New_York." in said


def test_hostile_words_stay_words(broken: SimpleNamespace, client: Client, now: datetime) -> None:
    attack = "\u202e<script>hit()</script>\x07"
    incident = told(broken, now)
    Incident.objects.filter(pk=incident.pk).update(title=attack, cause=attack)
    incident.updates.update(text=attack)
    Component.objects.update(name=attack, description=attack)
    for path in ("/status/", f"/status/{incident.pk}/"):
        said = page(client, path)
        assert "<script" not in said
        assert "\u202e" not in said
        assert "\x07" not in said
        assert "&lt;script&gt;" in said


def test_it_costs_the_same_for_3_and_for_30(
    broken: SimpleNamespace, client: Client, now: datetime
) -> None:
    def queries(number: int) -> int:
        for each in range(number):
            Component.objects.create(name=f"Part {number} {each}")
            told(broken, now)
            told(broken, now, state="resolved")
        with CaptureQueriesContext(connection) as seen:
            page(client)
        return len(seen)

    assert queries(3) == queries(27) <= 7
