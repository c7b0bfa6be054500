"""A late ticket, a problem, and the seeded offers; short words for granting and asking."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from kb.defaults import install_defaults
from kb.offers import services
from kb.offers.models import Grant, Offer
from tickets.models import Category, Ticket
from tickets.people.models import Contact
from tickets.services import opening

Offers = dict[str, Offer]


@pytest.fixture
def offers(cast: SimpleNamespace, now: Any) -> Offers:
    install_defaults(now=now)
    return {offer.name: offer for offer in Offer.objects.all()}


@pytest.fixture
def broken(cast: SimpleNamespace, now: Any) -> Callable[..., Ticket]:
    """Opens one more problem of Carla's, or of whom it is told."""
    category = Category.objects.create(name="Fault", nature="problem")

    def opened(requester: Contact = cast.carla, **fields: Any) -> Ticket:
        return opening.open_ticket(
            subject="Broken", body="It broke.", requester=requester, channel="email", now=now,
            category=category, **fields,
        )  # fmt: skip

    return opened


@pytest.fixture
def problem(broken: Callable[..., Ticket]) -> Ticket:
    return broken()


_clicks = count()


def give(ticket: Ticket, offer: Offer, amount: str, actor: Any, now: Any, key: str = "") -> Grant:
    return services.grant(
        ticket=ticket, offer=offer, amount=Decimal(amount), actor=actor, now=now,
        key=key or f"click {next(_clicks)}",
    )  # fmt: skip


def ask(ticket: Ticket, offer: Offer, amount: str, actor: Any, now: Any, key: str = "") -> Grant:
    return services.request_approval(
        ticket=ticket, offer=offer, amount=Decimal(amount), actor=actor, now=now,
        key=key or f"click {next(_clicks)}", reason="Fourth parcel",
    )  # fmt: skip
