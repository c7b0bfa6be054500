"""An installation with a component that breaks, and an incident on it."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from escalation.incidents import services
from escalation.incidents.models import Component, Incident
from tickets.people.models import Product

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def broken(cast: SimpleNamespace, now: datetime) -> SimpleNamespace:
    """The cast; Carla uses the Hub, which needs the component Updates; Carl uses nothing."""
    cast.hub = Product.objects.create(name="Hub")
    cast.updates = Component.objects.create(name="Updates")
    cast.updates.products.add(cast.hub)
    cast.carla.products.add(cast.hub)
    return cast


def declared(cast: SimpleNamespace, now: datetime, **fields: Any) -> Incident:
    """Declared by Ana an hour after it began, led by Sue; ``fields`` replace any of it."""
    given: dict[str, Any] = {
        "title": "Updates break the Hub", "severity": 1, "actor": cast.ana, "now": now,
        "started_at": now - HOUR, "lead": cast.sue, "components": [cast.updates],
    }  # fmt: skip
    return services.declare(**given | fields)
