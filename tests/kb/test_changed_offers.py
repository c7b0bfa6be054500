"""An offer is counted otherwise, a request comes twice: what was promised stays what it is."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Grant, LedgerEntry, Offer
from tests.kb.conftest import Offers, ask, give
from tickets.errors import Conflict, Invalid
from tickets.models import Ticket
from tickets.people.models import ExchangeRate

Opens = Callable[..., Ticket]


def recount(offer: Offer, **fields: str) -> None:
    Offer.objects.filter(pk=offer.pk).update(**fields)


@pytest.fixture
def _dinars(db: None) -> None:
    ExchangeRate.objects.create(currency="KWD", rate=Decimal("3.25"), valid_from="2020-01-01")


@pytest.mark.usefixtures("_dinars")
def test_what_was_asked_in_one_currency_is_granted_in_it(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    recount(offers["Credit"], currency="KWD")
    done = services.approve(grant=row, actor=cast.sue, now=now)
    assert (done.cost, done.words) == (Decimal(100), "Credit, 100.00 USD")


@pytest.mark.usefixtures("_dinars")
def test_what_was_granted_is_told_as_it_was(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    row = give(broken(), offers["Credit"], "10", cast.ana, now)
    recount(offers["Credit"], currency="KWD")
    assert Grant.objects.get(pk=row.pk).words == "Credit, 10.00 USD"


def test_what_is_counted_otherwise_now_is_asked_for_anew(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    recount(offers["Credit"], unit="percent", most="50", least="1")
    with pytest.raises(Invalid, match="counted otherwise"):
        services.approve(grant=row, actor=cast.sue, now=now)
    assert services.refuse(grant=row, actor=cast.sue, now=now).state == "refused"


def test_how_an_offer_is_counted_is_fixed_once_it_was_given(
    cast: SimpleNamespace, offers: Offers, broken: Opens, client: Client, now: datetime
) -> None:
    client.force_login(cast.ada)
    address = reverse("admin:offers_offer_change", args=[offers["Credit"].pk])
    assert 'name="currency"' in client.get(address).content.decode()
    give(broken(), offers["Credit"], "10", cast.ana, now)
    page = client.get(address).content.decode()
    assert 'name="currency"' not in page
    assert 'name="unit"' not in page


def test_the_same_request_with_other_content_is_refused(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    ticket = broken()
    row = give(ticket, offers["Credit"], "5", cast.ana, now, key="one")
    assert give(ticket, offers["Credit"], "5.00", cast.ana, now, key="one") == row
    for offer, amount in (("Credit", "6"), ("Free month", "5")):
        with pytest.raises(Conflict, match=r"used already, for Credit, 5\.00 USD"):
            give(ticket, offers[offer], amount, cast.ana, now, key="one")
        with pytest.raises(Conflict, match="used already"):
            ask(ticket, offers[offer], amount, cast.ana, now, key="one")
    assert LedgerEntry.objects.count() == 1
