"""Whatever a request says, the API answers it: thousands of generated requests, none of them a 5xx."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from rest_framework.authtoken.models import Token

from config.wsgi import application
from escalation.defaults import install_defaults
from escalation.models import Clock, Escalation
from kb.defaults import install_defaults as install_knowledge
from kb.offers import services as offers
from kb.offers.models import Offer
from tickets.models import Ticket
from tickets.services import conversation, opening, triage

EXAMPLES = 12


@pytest.fixture
def one_connection() -> Iterator[None]:
    """As Django's own test client does: a request's end must not close the test's transaction."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def ticket(cast: SimpleNamespace, one_connection: None) -> Ticket:
    """Something of everything: a held reply, clocks, an escalation, an offer asked for."""
    now = timezone.now()
    install_defaults(now=now)
    install_knowledge(now=now)
    made = opening.open_ticket(
        subject="A manager!", body="Now.", requester=cast.carla, channel="email", now=now,
        category=cast.management, team=cast.support, assignee=cast.ana,
    )  # fmt: skip
    conversation.reply(ticket=made, author=cast.ana, body="At once.", now=now)
    for fit in offers.available(ticket=made, user=cast.ana, now=now)[:1]:
        offers.request_approval(
            ticket=made, offer=fit.offer, amount=fit.offer.least, actor=cast.ana, now=now, key="k"
        )
    triage.follow(ticket=made, user=cast.eve, actor=cast.ana, now=now)
    return made


BOUNDED = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.parametrize("who", ["sue", "eve"])
def test_no_request_whatever_it_says_breaks_the_server(
    cast: SimpleNamespace, ticket: Ticket, who: str
) -> None:
    token, _ = Token.objects.get_or_create(user=getattr(cast, who))
    headers = {"Authorization": f"Token {token.key}"}
    address = "/api/v1/schema/?format=json"
    schema = schemathesis.openapi.from_wsgi(address, application, headers=headers)
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        tried.add(operation.label)

        @BOUNDED
        @given(case=operation.as_strategy())
        def try_it(case: Any) -> None:
            _answers(case, headers)

        try_it()
    assert len(tried) >= 25


def _answers(case: Any, headers: dict[str, str]) -> None:
    """As generated, and again where its path leads to something that exists."""
    assert case.call(headers=headers).status_code < 500
    if real := _real(case.path):
        case.path_parameters = {**(case.path_parameters or {}), **real}
        assert case.call(headers=headers).status_code < 500


def _real(path: str) -> dict[str, Any]:
    ticket = Ticket.objects.order_by("pk")[0]
    rows: dict[str, Any] = {
        "messages": ticket.messages,
        "clocks": Clock.objects,
        "escalations": Escalation.objects,
        "grants": ticket.grants,
    }
    real: dict[str, Any] = {"reference": ticket.reference} if "{reference}" in path else {}
    last = next((rows[part] for part in reversed(path.split("/")) if part in rows), None)
    for name in ("{id}", "{pk}"):
        if name in path and last is not None and (row := last.order_by("-pk").first()):
            real[name.strip("{}")] = row.pk
    return real


def test_the_schema_is_told_to_those_who_have_an_account(
    api: Any, cast: SimpleNamespace, client: Client
) -> None:
    assert client.get("/api/v1/schema/").status_code == 401
    assert client.get("/api/v1/docs/").status_code == 302
    schema = api(cast.ana).get("/api/v1/schema/?format=json").json()
    assert schema["openapi"] == "3.1.0"
    assert len(schema["paths"]) >= 20
    assert Offer.objects.count() == 0
