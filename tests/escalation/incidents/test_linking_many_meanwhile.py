"""Many tickets linked to an incident: what it may do beside that, and what came in between."""

import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from escalation.incidents import services
from escalation.incidents.models import AffectedTicket, Incident, SeverityRule
from escalation.incidents.services.locking import locked
from tests import factories
from tests.escalation.incidents.conftest import declared
from tickets.errors import Over
from tickets.models import BulkDeed

Said = Callable[[Incident, int], str]
CRITICAL = (
    "By the severity rules it may become critical. Who responds to it is then alerted at once, "
    "and undoing this takes neither back."
)


@pytest.fixture
def said(broken: SimpleNamespace, now: datetime) -> Said:
    """The preview of linking so many tickets."""

    def asked(incident: Incident, number: int) -> str:
        client = Client()
        client.force_login(broken.ana)
        chosen = [factories.ticket(broken, now).reference for _ in range(number)]
        page = client.post(f"/queue/bulk/incidents/{incident.pk}/", {"t": chosen})
        assert page.status_code == 200
        return " ".join(page.content.decode().split())

    return asked


def test_the_preview_says_that_a_rule_may_make_it_worse_and_that_no_undoing_takes_it_back(
    broken: SimpleNamespace, now: datetime, said: Said
) -> None:
    SeverityRule.objects.create(measure="tickets", at_least=2, severity=2)
    SeverityRule.objects.create(measure="customers", at_least=3, severity=3)
    incident = declared(broken, now)
    assert CRITICAL in said(incident, 3)
    assert CRITICAL.replace("critical", "major") in said(incident, 2)
    services.link(
        incident=incident, tickets=[factories.ticket(broken, now)], actor=broken.ana, now=now
    )
    assert "severity rules" in said(incident, 1)


def test_where_no_rule_can_fire_by_it_the_preview_says_nothing_of_it(
    broken: SimpleNamespace, now: datetime, said: Said
) -> None:
    incident = declared(broken, now)
    assert "severity rules" not in said(incident, 3)
    SeverityRule.objects.create(measure="tickets", at_least=4, severity=2)
    SeverityRule.objects.create(measure="tickets", at_least=1, severity=3, active=False)
    assert "severity rules" not in said(incident, 3)
    worst = declared(broken, now, title="All is down", severity=3)
    assert "severity rules" not in said(worst, 5)
    SeverityRule.objects.update(at_least=1, active=True)
    tickets = [factories.ticket(broken, now)]
    services.link(incident=incident, tickets=tickets, actor=broken.ana, now=now)
    assert "severity rules" not in said(incident, 3)  # each rule has raised it once


def test_where_nothing_will_be_linked_it_says_nothing_of_it(
    broken: SimpleNamespace, now: datetime
) -> None:
    SeverityRule.objects.create(measure="tickets", at_least=1, severity=3)
    incident = declared(broken, now)
    assert services.could_become(incident=incident, more=0, now=now) == ""
    assert services.could_become(incident=incident, more=1, now=now) == "critical"


def test_to_what_another_has_resolved_meanwhile_none_is_linked(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    read_before = Incident.objects.get(pk=incident.pk)
    services.say(incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved")
    with pytest.raises(Over, match=f"{incident.reference} is over"):
        services.link_many(
            incident=read_before, references=[one.reference], actor=broken.ana, now=now,
            key=uuid4(),
        )  # fmt: skip
    assert not AffectedTicket.objects.exists()
    assert not BulkDeed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_links_while_another_resolves_waits_and_is_told_that_it_is_over(
    transactional_db: None, broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    read_before, is_held = Incident.objects.get(pk=incident.pk), threading.Event()

    def resolve() -> None:
        with transaction.atomic(), locked(incident):
            is_held.set()
            services.say(
                incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved"
            )

    def link() -> object:
        is_held.wait(timeout=20)
        return services.link_many(
            incident=read_before, references=[one.reference], actor=broken.ana, now=now,
            key=uuid4(),
        )  # fmt: skip

    resolved, refused = factories.at_once(resolve, link)
    assert resolved is None
    assert isinstance(refused, Over)
    assert not AffectedTicket.objects.exists()
