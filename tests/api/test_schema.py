"""Generated requests over the whole schema: none breaks the server, each answer is as documented."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.authtoken.models import Token
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from escalation.defaults import install_defaults
from escalation.models import Clock, Escalation
from kb.defaults import install_defaults as install_knowledge
from kb.offers import services as offers
from kb.offers.models import Offer
from tickets.calls import services as calls
from tickets.models import Ticket
from tickets.people.models import Absence
from tickets.services import conversation, opening, triage

Headers = dict[str, str]


class Aim(NamedTuple):
    """Numbers of rows that exist: for the address, and for the fields of a body."""

    path: dict[str, Any]
    fields: dict[str, Any]


BOUNDED = settings(max_examples=8, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
AS_DOCUMENTED = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip


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
    calls.promise_callback(ticket=made, due_at=None, actor=cast.ana, because="Owed", now=now)
    calls.begin(direction="outbound", actor=cast.ana, now=now, ticket=made)
    week = timedelta(days=7)
    Absence.objects.create(user=cast.ana, starts_at=now + week, ends_at=now + 2 * week)
    return made


@pytest.mark.parametrize("who", ["ana", "sue", "eve"])
def test_no_request_whatever_it_says_breaks_the_server_and_each_answer_is_as_documented(
    cast: SimpleNamespace, ticket: Ticket, who: str
) -> None:
    token, _ = Token.objects.get_or_create(user=getattr(cast, who))
    headers = {"Authorization": f"Token {token.key}"}
    address = "/api/v1/schema/?format=json"
    schema = schemathesis.openapi.from_wsgi(address, application, headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 25
    for operation in operations:
        aim = Aim(_real(operation.path, ticket), _known(ticket))
        _send(operation, headers, GenerationMode.POSITIVE, aim, AS_DOCUMENTED)
        _send(operation, headers, GenerationMode.POSITIVE, None, [not_a_server_error])
        if operation.body or operation.query:  # otherwise there is nothing to get wrong
            astray = aim._replace(fields={})
            _send(operation, headers, GenerationMode.NEGATIVE, astray, AS_DOCUMENTED)


def _send(
    operation: Any, headers: Headers, mode: GenerationMode, aim: Aim | None, checks: list[Any]
) -> None:
    """Generated requests, at rows that exist where ``aim`` names them, each undone before the next."""

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        if aim and aim.path:
            case.path_parameters = aim.path
        if aim and isinstance(case.body, dict):
            case.body |= {name: row for name, row in aim.fields.items() if name in case.body}
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=checks)
            transaction.set_rollback(True)

    send()


def _known(ticket: Ticket) -> dict[str, Any]:
    """What would be right in the fields that name rows: a guessed number never is."""
    return {
        "version": ticket.version,
        "category": ticket.category_id,
        "team": ticket.team_id,
        "assignee": ticket.assignee_id,
        "to": ticket.assignee_id,
        "contact": ticket.requester_id,
        "ticket": ticket.reference,
        "user": ticket.assignee_id,
        "deputy": None,
        "offer": ticket.grants.get().offer_id,
    }


def _real(path: str, ticket: Ticket) -> dict[str, Any]:
    """A ticket, and of the last kind that ``path`` names, a row on which something can be done."""
    rows: dict[str, Any] = {
        "messages": ticket.messages.filter(kind="reply"),
        "clocks": Clock.objects,
        "escalations": Escalation.objects.filter(state="open"),
        "grants": ticket.grants,
        "calls": ticket.calls,
        "callbacks": ticket.callbacks,
        "absences": Absence.objects,
    }
    real: dict[str, Any] = {"reference": ticket.reference} if "{reference}" in path else {}
    if "{id}" in path:
        kind = next(part for part in reversed(path.split("/")) if part in rows)
        real["id"] = rows[kind].order_by("-pk")[0].pk
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
