"""Notes about a customer: nobody overwrites another's unseen."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import NOW
from tickets.errors import Conflict
from tickets.people.models import Contact, NotesBefore, Organization
from tickets.people.noting import EARLIER, earlier, keep_notes, seen_of


def keep(cast: SimpleNamespace, who: Contact, seen: str, **said: Any) -> bool:
    given = {"notes": "", "of_company": "", "actor": cast.ana, "now": NOW} | said
    return keep_notes(contact=who, seen=seen, **given)


def test_both_notes_are_kept(cast: SimpleNamespace) -> None:
    changed = keep(
        cast, cast.carla, seen_of(cast.carla), notes="Likes it short.", of_company="Pays late."
    )
    assert changed
    assert Contact.objects.get(pk=cast.carla.pk).notes == "Likes it short."
    assert Organization.objects.get(pk=cast.acme.pk).notes == "Pays late."


def test_who_has_no_company_has_notes_of_their_own(cast: SimpleNamespace) -> None:
    assert keep(cast, cast.carl, seen_of(cast.carl), notes="Calls on Mondays.", of_company="x")
    assert Contact.objects.get(pk=cast.carl.pk).notes == "Calls on Mondays."
    assert not Organization.objects.exclude(notes="").exists()


def test_saving_what_is_there_changes_nothing(cast: SimpleNamespace) -> None:
    assert not keep(cast, cast.carla, seen_of(cast.carla))
    assert Contact.objects.get(pk=cast.carla.pk).notes_by is None
    assert earlier(cast.carla) == []


def test_who_changed_them_and_what_they_were_is_remembered(cast: SimpleNamespace) -> None:
    keep(cast, cast.carla, seen_of(cast.carla), notes="Likes it short.")
    carla = Contact.objects.get(pk=cast.carla.pk)
    later = NOW + timedelta(hours=1)
    said = {"notes": "Likes it long.", "of_company": "Pays late.", "actor": cast.ben, "now": later}
    keep(cast, carla, seen_of(carla), **said)
    carla.refresh_from_db()
    assert (carla.notes_by, carla.notes_at) == (cast.ben, later)
    assert (carla.organization.notes_by, carla.organization.notes_at) == (cast.ben, later)
    told = [(row.contact, row.organization, row.notes, row.changed_by) for row in earlier(carla)]
    assert told == [
        (None, cast.acme, "", cast.ben),
        (carla, None, "Likes it short.", cast.ben),
        (carla, None, "", cast.ana),
    ]
    assert earlier(cast.carl) == []


def test_the_latest_changes_are_listed_and_none_is_lost(cast: SimpleNamespace) -> None:
    for number in range(EARLIER + 2):
        carl = Contact.objects.get(pk=cast.carl.pk)
        at = NOW + timedelta(minutes=number)
        keep(cast, carl, seen_of(carl), notes=f"Number {number}", now=at)
    assert earlier(cast.carl)[0].notes == f"Number {EARLIER}"
    assert len(earlier(cast.carl)) == EARLIER
    assert NotesBefore.objects.filter(contact=cast.carl).count() == EARLIER + 2


def test_who_erases_a_customer_erases_what_was_noted_of_them(cast: SimpleNamespace) -> None:
    keep(cast, cast.carl, seen_of(cast.carl), notes="Calls on Mondays.")
    Contact.objects.filter(pk=cast.carl.pk).delete()
    assert not NotesBefore.objects.exists()


@pytest.mark.parametrize("changed", ["person", "company"])
def test_notes_that_were_changed_meanwhile_are_not_overwritten(
    cast: SimpleNamespace, changed: str
) -> None:
    seen = seen_of(cast.carla)
    row = cast.carla if changed == "person" else cast.acme
    type(row).objects.filter(pk=row.pk).update(notes="By Ben")
    with pytest.raises(Conflict):
        keep(cast, cast.carla, seen, notes="By Ana")
    row.refresh_from_db()
    assert row.notes == "By Ben"


def test_notes_on_one_customer_never_become_anothers(cast: SimpleNamespace) -> None:
    with pytest.raises(Conflict):
        keep(cast, cast.carl, seen_of(cast.carla), notes="About Carla")
    assert Contact.objects.get(pk=cast.carl.pk).notes == ""
