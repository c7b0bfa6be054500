"""Requests nobody sends in good faith: refused in words, at the field where there is one."""

import json
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from tickets.models import Ticket
from tickets.services import opening

TICKETS = "/api/v1/tickets/"
GOOD = {"subject": "s", "body": "b", "requester_email": "a@b.example"}


@pytest.fixture
def ticket(cast: SimpleNamespace, now: Any) -> Ticket:
    return opening.open_ticket(
        subject="Lamp", body="It hums.", requester=cast.carla, channel="email", now=now
    )


@pytest.mark.parametrize(
    "position",
    [
        "p=garbage", "p=%00", "p=2026-01-01", "p=2026-02-30 00:00:00+00:00",
        "p=0001-01-01 00:00:00+14:00", "p=9999-12-31 23:59:59-14:00",
        "o=99999999999999999999&p=x", "p=2026-01-01 00:00:00+00:00",
        "p=2026-01-01 00:00:00%2B00:00~x", "p=2026-01-01 00:00:00%2B00:00~99999999999999999999",
        "p=2026-01-01 00:00:00%2B00:00~-1", "p=2026-01-01 00:00:00%2B00:00~٣", "p=~1", "p=",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "{}/messages/", "{}/events/", "{}/clocks/", "{}/grants/"])
def test_a_cursor_that_was_not_made_here_leads_nowhere(
    api: Any, cast: SimpleNamespace, ticket: Ticket, path: str, position: str
) -> None:
    address = TICKETS + path.format(ticket.reference)
    answer = api(cast.ana).get(address, {"cursor": b64encode(position.encode()).decode()})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("updated_after", "0001-01-01T00:00:00+14:00"),
        ("updated_after", "9999-12-31T23:59:59-14:00"),
        ("team", "1.5"), ("team", "٢"), ("team", "1_0"), ("category", "-1"),
        ("assignee", "\0"),
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_named(
    api: Any, cast: SimpleNamespace, ticket: Ticket, field: str, value: str
) -> None:
    answer = api(cast.ana).get(TICKETS, {field: value})
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize("field", ["subject", "body", "priority", "requester_email"])
def test_half_a_character_is_refused_at_its_field(
    api: Any, cast: SimpleNamespace, field: str
) -> None:
    raw = json.dumps(GOOD | {field: "\ud800"})
    answer = api(cast.ana).generic("POST", TICKETS, raw, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"subject": NaN}', b"nothing", b"",
        b'{"category": ' + b"9" * 5_000 + b"}", b"null", b'"words"',
    ],
    ids=["nest", "nested objects", "bytes", "NaN", "words", "empty", "digits", "null", "text"],
)  # fmt: skip
def test_a_body_that_is_not_an_object_of_json_is_refused(
    api: Any, cast: SimpleNamespace, raw: bytes
) -> None:
    answer = api(cast.ana).generic("POST", TICKETS, raw, content_type="application/json")
    assert answer.status_code == 400
    assert not Ticket.objects.exists()


def test_a_body_past_the_bound_is_not_read_to_its_end(api: Any, cast: SimpleNamespace) -> None:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    raw = json.dumps(GOOD | {"body": "x" * most})
    answer = api(cast.ana).generic("POST", TICKETS, raw, content_type="application/json")
    assert answer.status_code == 413
    assert f"{most:,}" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "nonsense"])
def test_what_is_not_json_is_no_media_type_of_ours(
    api: Any, cast: SimpleNamespace, kind: str
) -> None:
    answer = api(cast.ana).generic("POST", TICKETS, b"subject=x", content_type=kind)
    assert answer.status_code == 415


@pytest.mark.parametrize("charset", ["zlib", "rot13", "utf-16", "nonsense"])
def test_json_is_utf_8_whatever_else_the_header_says(
    api: Any, cast: SimpleNamespace, charset: str
) -> None:
    kind = f"application/json; charset={charset}"
    said = json.dumps(GOOD | {"subject": "Grüße"}, ensure_ascii=False)
    answer = api(cast.ana).generic("POST", TICKETS, said.encode(), content_type=kind)
    assert (answer.status_code, answer.json()["subject"]) == (201, "Grüße")


@pytest.mark.parametrize(
    "said", ["Token", "Token a b", "Token \xff", "Token nobody", "Bearer x", "Basic eA=="]
)
def test_credentials_that_open_nothing_are_401(api: Any, ticket: Ticket, said: str) -> None:
    answer = Client(headers={"Authorization": said}).get(TICKETS)
    assert answer.status_code == 401


def test_someone_who_has_left_is_no_longer_answered(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    client = api(cast.ana)
    cast.ana.is_active = False
    cast.ana.save()
    assert client.get(TICKETS).status_code == 401


def test_a_browsers_session_needs_its_csrf_token_to_change_anything(
    cast: SimpleNamespace, ticket: Ticket
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.ana)
    assert browser.get(TICKETS).status_code == 200
    answer = browser.post(TICKETS, GOOD, content_type="application/json")
    assert answer.status_code == 403
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    ("rest", "said", "field"),
    [
        ("hand-over/", {"reason": ""}, "reason"),
        ("hand-over/", {"reason": "x" * 1_000_000}, "reason"),
        ("hand-over/", {"reason": "a\0b"}, "reason"),
        ("hand-over/", {"reason": "a\nb"}, "reason"),
        ("hand-over/", {"reason": {"a": 1}}, "reason"),
        ("take-over/", {"note": "\x07"}, "note"),
        ("take-over/", {"note": None}, "note"),
        ("hand-back/", {"note": "x" * 201}, "note"),
        ("hand-back/", {"note": "Go on.", "to": 10**30}, "to"),
        ("hand-back/", {"note": "Go on.", "to": "٢"}, "to"),
        ("hand-back/", {"note": "Go on.", "to": "1_0"}, "to"),
        ("hand-back/", {"note": "Go on.", "to": 999_999}, "to"),
        ("grants/", {"offer": -1, "amount": "5"}, "offer"),
        ("grants/", {"offer": 999_999, "amount": "5"}, "offer"),
        ("grants/", {"offer": "NaN", "amount": "5"}, "offer"),
        ("messages/", {"kind": "reply", "body": "\0"}, "body"),
        ("messages/", {"kind": "reply", "body": " \n\t "}, "body"),
        ("messages/", {"kind": "reply", "body": "x" * 100_001}, "body"),
        ("messages/", {"kind": "opening", "body": "x"}, "kind"),
        ("messages/", {"kind": "reply", "body": "x", "version": -1}, "version"),
        ("messages/", {"kind": "reply", "body": "x", "version": 1e300}, "version"),
        ("messages/", {"kind": "reply", "body": "x", "version": "١"}, "version"),
        ("messages/", {"kind": "reply", "body": "x", "status_after": "merged"}, "status_after"),
        ("", {"subject": "x" * 1_000_000, "version": 1}, "subject"),
        ("", {"subject": "a\u2028b", "version": 1}, "subject"),
        ("", {"assignee": "sue", "version": 1}, "assignee"),
        ("", {"priority": "\ud800", "version": 1}, "priority"),
        ("", {"add_tags": ["a\0b"], "version": 1}, "add_tags"),
        ("", {"add_tags": ["x"] * 21, "version": 1}, "add_tags"),
        ("", {"subject": "x"}, "version"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(
    api: Any, cast: SimpleNamespace, ticket: Ticket, rest: str, said: dict[str, Any], field: str
) -> None:
    ticket.refresh_from_db()
    before = (ticket.version, ticket.events.count(), ticket.messages.count())
    how = "POST" if rest else "PATCH"
    address = f"{TICKETS}{ticket.reference}/{rest}"
    answer = api(cast.sue).generic(how, address, json.dumps(said), content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, [field])
    ticket.refresh_from_db()
    assert (ticket.version, ticket.events.count(), ticket.messages.count()) == before


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/v2/", "/api/v1/tickets/x/nothing/"])
@pytest.mark.parametrize("verb", ["get", "post"])
def test_an_address_that_is_none_is_said_to_a_program_in_json(
    api: Any, cast: SimpleNamespace, path: str, verb: str
) -> None:
    for client in (api(cast.ana), Client()):
        answer = getattr(client, verb)(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
        assert answer.json() == {"detail": "There is nothing at this address."}


def test_a_verb_that_is_none_is_said_in_json(api: Any, cast: SimpleNamespace) -> None:
    answer = api(cast.ana).delete(TICKETS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json")
    assert "DELETE" in answer.json()["detail"]


def test_a_mistake_of_ours_is_said_in_json_and_tells_nothing_inside(
    api: Any, cast: SimpleNamespace
) -> None:
    client = api(cast.ana)
    client.raise_request_exception = False

    def breaks(execute: Any, sql: str, *rest: Any) -> Any:
        if "tickets_ticket" in sql:
            raise OperationalError("the inner secret")
        return execute(sql, *rest)

    with connection.execute_wrapper(breaks):
        answer = client.get(TICKETS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/json")
    assert "secret" not in answer.json()["detail"]
