"""Notes about a customer: nobody overwrites another's unseen."""

from types import SimpleNamespace

import pytest

from tickets.errors import Conflict
from tickets.people.models import Contact, Organization
from tickets.people.noting import keep_notes, seen_of


def keep(cast: SimpleNamespace, who: Contact, seen: str, **said: str) -> bool:
    given = {"notes": "", "of_company": ""} | said
    return keep_notes(contact=who, seen=seen, actor=cast.ana, **given)


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
