"""Somebody leaves who gives or approves offers: no request waits for them, no grant for their row."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from tests.kb.conftest import Offers, ask, give
from tests.people.test_admin import said_of
from tests.tickets.test_lock_order import meanwhile
from tickets.models import Ticket
from tickets.services.locking import lock

Opens = Callable[..., Ticket]


@pytest.fixture
def admin(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(cast.ada)
    return client


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["agent"])
def test_who_leaves_waits_for_what_they_give_at_that_moment_and_holds_nothing_of_it(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime, who: str
) -> None:
    one = broken(assignee=cast.ana)
    person = {"agent": cast.ana, "lead": cast.sue}[who]
    asked = ask(one, offers["Credit"], "100", cast.ana, now) if who == "lead" else None
    address = reverse("admin:people_user_change", args=[person.pk])
    said = said_of(person, is_active=None)

    def decide() -> None:
        if asked:
            services.approve(grant=asked, actor=person, now=now)
        else:
            give(one, offers["Credit"], "5", person, now)

    with meanwhile(lambda: admin.post(address, said), then=decide):
        lock(one)
    assert one.grants.get().state == "granted"
    person.refresh_from_db()
    assert not person.is_active
    assert who == "lead" or Ticket.objects.get(pk=one.pk).assignee is None
