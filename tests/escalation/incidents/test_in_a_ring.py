"""In the first minutes of an outage many link and one speaks: nobody waits for each other in a ring."""

from datetime import datetime
from functools import partial
from types import SimpleNamespace
from uuid import uuid4

import pytest

from escalation.incidents import services
from tests.escalation.incidents.conftest import declared
from tests.factories import at_once, ticket

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
ROUNDS, LINKED, NEW = 8, 20, 5


def test_customers_are_told_while_others_link(broken: SimpleNamespace, now: datetime) -> None:
    """Without a barrier, for each waits inside for what the other may hold; more than half of the
    rounds ended in a deadlock when foreign keys waited for rows that are only written to."""
    for number in range(ROUNDS):
        incident = declared(broken, now, title=f"Outage {number}")
        has_it = [ticket(broken, now) for _ in range(LINKED)]
        new = [ticket(broken, now) for _ in range(NEW)]
        services.link(incident=incident, tickets=has_it, actor=broken.ana, now=now)
        references = [each.reference for each in (*has_it, *new)]
        both = {"incident": incident, "now": now}
        outcomes = at_once(
            partial(services.say, actor=broken.sue, text="We know.", is_public=True, tell_customers=True, **both),
            partial(services.link_many, actor=broken.ana, references=references, key=uuid4(), **both),
        )  # fmt: skip
        assert not [each for each in outcomes if isinstance(each, Exception)]
        assert incident.affected.count() == LINKED + NEW
