"""A late ticket, a problem, and the seeded offers."""

from types import SimpleNamespace
from typing import Any

import pytest

from kb.defaults import install_defaults
from kb.offers.models import Offer
from tickets.models import Category, Ticket
from tickets.services import opening


@pytest.fixture
def offers(cast: SimpleNamespace, now: Any) -> dict[str, Offer]:
    install_defaults(now=now)
    return {offer.name: offer for offer in Offer.objects.all()}


@pytest.fixture
def problem(cast: SimpleNamespace, now: Any) -> Ticket:
    category = Category.objects.create(name="Fault", nature="problem")
    return opening.open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=now,
        category=category,
    )  # fmt: skip
