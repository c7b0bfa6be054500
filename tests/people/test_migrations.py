"""What an upgrade makes of what was entered about customers before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.upgrading import Upgrade


@pytest.mark.django_db(transaction=True)
def test_only_rates_of_later_days_are_heard_after_an_upgrade(upgrade: Upgrade) -> None:
    before = upgrade.to(("people", "0007_choices_are_held_by_the_database"))
    today = timezone.now().date()
    for days in (-300, 0, 2):
        before.get_model("people", "ExchangeRate").objects.create(
            currency="EUR", rate=2, valid_from=today + timedelta(days=days)
        )
    after = upgrade.to(("people", "0008_rates_are_heard_on_their_day"))
    rates = after.get_model("people", "ExchangeRate").objects.order_by("valid_from")
    assert list(rates.values_list("is_heard", flat=True)) == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_notes_of_before_stay_and_nobody_is_said_to_have_changed_them(upgrade: Upgrade) -> None:
    before = upgrade.to(("people", "0009_rates_are_heard_batch_by_batch"))
    house = before.get_model("people", "Organization").objects.create(name="Acme", notes="Late.")
    before.get_model("people", "Contact").objects.create(organization=house, notes="Short.")
    after = upgrade.to(("people", "0010_earlier_notes"))
    contact = after.get_model("people", "Contact").objects.get()
    for row, notes in ((contact, "Short."), (contact.organization, "Late.")):
        assert (row.notes, row.notes_at, row.notes_by_id) == (notes, None, None)
