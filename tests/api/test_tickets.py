"""Tickets over REST, as agents and strangers meet them."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.factories import order
from tickets.models import Ticket
from tickets.people.models import Contact
from tickets.services import opening, triage


@pytest.fixture
def ticket(cast: SimpleNamespace, now: Any) -> Ticket:
    return opening.open_ticket(
        subject="Lamp", body="It hums.", requester=cast.carla, channel="email", now=now
    )


def test_an_agent_lists_the_tickets_of_her_teams_only(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    assert [
        row["reference"] for row in api(cast.ana).get("/api/v1/tickets/").json()["results"]
    ] == [ticket.reference]
    assert api(cast.bo).get("/api/v1/tickets/").json()["results"] == []


def test_a_ticket_one_may_not_see_does_not_exist(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    for path in ("", "messages/", "events/"):
        answer = api(cast.bo).get(f"/api/v1/tickets/{ticket.reference}/{path}")
        assert answer.status_code == 404


def test_without_a_token_nothing_is_told(cast: SimpleNamespace, ticket: Ticket) -> None:
    assert APIClient().get(f"/api/v1/tickets/{ticket.reference}/").status_code == 401


def test_opening_makes_the_contact_and_answers_with_the_reference(
    api: Any, cast: SimpleNamespace
) -> None:
    answer = api(cast.ana).post(
        "/api/v1/tickets/",
        {"subject": "New", "body": "Hello", "requester_email": "New@Customer.example"},
        format="json",
    )
    assert answer.status_code == 201
    made = Ticket.objects.get(reference=answer.json()["reference"])
    assert (made.requester.email, made.channel) == ("new@customer.example", "api")


def test_an_executive_opens_nothing(api: Any, cast: SimpleNamespace) -> None:
    answer = api(cast.eve).post(
        "/api/v1/tickets/", {"subject": "x", "body": "y", "requester_email": "a@b.example"},
        format="json",
    )  # fmt: skip
    assert answer.status_code == 403
    assert not Ticket.objects.exists()


def test_changes_apply_together_or_not_at_all(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    client, path = api(cast.ana), f"/api/v1/tickets/{ticket.reference}/"
    version = client.get(path).json()["version"]
    refused = client.patch(
        path, {"version": version, "priority": "high", "subject": "a\nb"}, format="json"
    )
    assert refused.status_code == 400
    assert "subject" in refused.json()
    assert client.get(path).json()["priority"] == "normal"
    done = client.patch(
        path, {"version": version, "priority": "high", "assignee": cast.ben.pk, "status": "pending"},
        format="json",
    ).json()  # fmt: skip
    assert (done["priority"], done["assignee"]["username"], done["status"]) == (
        "high", "ben", "pending",
    )  # fmt: skip


def test_the_second_of_two_writers_is_told_who_was_first(
    api: Any, cast: SimpleNamespace, ticket: Ticket, now: Any
) -> None:
    stale = ticket.version
    triage.set_priority(ticket=ticket, priority="low", actor=cast.ben, now=now)
    answer = api(cast.ana).patch(
        f"/api/v1/tickets/{ticket.reference}/",
        {"version": stale, "priority": "urgent"},
        format="json",
    )
    assert answer.status_code == 409
    assert "Ben" in answer.json()["detail"]


def test_nobody_assigns_fields_that_are_not_offered(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    client, path = api(cast.ana), f"/api/v1/tickets/{ticket.reference}/"
    client.patch(
        path, {"version": ticket.version, "reference": "HD-AAAAAA", "next_due_at": None, "version_": 9},
        format="json",
    )  # fmt: skip
    ticket.refresh_from_db()
    assert ticket.reference != "HD-AAAAAA"


def test_a_reply_is_held_edited_recalled_and_then_too_late(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    client = api(cast.ana)
    path = f"/api/v1/tickets/{ticket.reference}/messages/"
    written = client.post(path, {"kind": "reply", "body": "Hm"}, format="json").json()
    assert written["mail_state"] == "held"
    one = f"{path}{written['id']}/"
    assert client.patch(one, {"body": "Better"}, format="json").json()["version"] == [
        "This field is required."
    ]
    better = {"body": "Better", "version": written["version"]}
    assert client.patch(one, better, format="json").json()["body"] == "Better"
    stale = client.patch(one, {**better, "body": "Stale"}, format="json")
    assert (stale.status_code, client.get(path).json()["results"][-1]["body"]) == (409, "Better")
    assert client.post(f"{one}recall/").json()["mail_state"] == "recalled"
    assert client.post(f"{one}recall/").status_code == 409
    assert client.post(f"{one}send-now/").status_code == 409


def test_another_tickets_reply_cannot_be_recalled_through_this_one(
    api: Any, cast: SimpleNamespace, ticket: Ticket, now: Any
) -> None:
    other = opening.open_ticket(
        subject="Other", body="x", requester=cast.carl, channel="email", now=now, team=cast.billing
    )
    written = api(cast.bo).post(
        f"/api/v1/tickets/{other.reference}/messages/", {"kind": "reply", "body": "Hm"}, format="json"
    ).json()  # fmt: skip
    answer = api(cast.ana).post(
        f"/api/v1/tickets/{ticket.reference}/messages/{written['id']}/recall/"
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("kind", ["note", "progress"])
def test_notes_and_progress_lines_are_written(
    api: Any, cast: SimpleNamespace, ticket: Ticket, kind: str
) -> None:
    path = f"/api/v1/tickets/{ticket.reference}/messages/"
    answer = api(cast.ana).post(path, {"kind": kind, "body": "Looking"}, format="json")
    assert answer.status_code == 201
    listed = api(cast.ana).get(path).json()["results"]
    assert [row["kind"] for row in listed][-1] == kind


def test_a_progress_line_is_held_and_recalled_like_a_reply(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    path = f"/api/v1/tickets/{ticket.reference}/messages/"
    line = api(cast.ana).post(path, {"kind": "progress", "body": "Looking"}, format="json").json()
    assert line["mail_state"] == "held"
    held = api(cast.ana).get("/api/v1/held/").json()["results"]
    assert [row["id"] for row in held] == [line["id"]]
    taken = api(cast.ana).post(f"{path}{line['id']}/recall/").json()
    assert taken["mail_state"] == "recalled"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "x" * 251), ("subject", "nul\x00"), ("subject", ""), ("priority", "huge"),
        ("requester_email", "nobody"), ("category", 10**30), ("category", "NaN"), ("tags", ["x" * 61]),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_opens_nothing(
    api: Any, cast: SimpleNamespace, field: str, value: Any
) -> None:
    fields = {"subject": "s", "body": "b", "requester_email": "a@b.example"} | {field: value}
    answer = api(cast.ana).post("/api/v1/tickets/", fields, format="json")
    assert answer.status_code == 400
    assert field in answer.json()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "status=bogus",
        "team=1e400",
        "updated_after=32-13-2026",
        f"category={10**30}",
        "cursor=%FF%FE",
    ],
)
def test_nonsense_filters_are_refused_not_ignored(
    api: Any, cast: SimpleNamespace, query: str
) -> None:
    assert api(cast.ana).get(f"/api/v1/tickets/?{query}").status_code in {400, 404}


def test_a_list_asks_the_database_equally_often_for_3_and_30_tickets(
    api: Any, cast: SimpleNamespace, now: Any, django_assert_num_queries: Any
) -> None:
    def more(count: int) -> None:
        for number in range(count):
            opening.open_ticket(
                subject=f"T{number}", body="x", requester=cast.carla, channel="api", now=now,
                tags=["one", "two"], acknowledge=False,
            )  # fmt: skip

    client = api(cast.ana)
    more(3)
    client.get("/api/v1/tickets/")
    with django_assert_num_queries(4):
        client.get("/api/v1/tickets/")
    more(27)
    with django_assert_num_queries(4):
        assert len(client.get("/api/v1/tickets/").json()["results"]) == 30


@pytest.mark.parametrize(
    "address",
    ['"ab"@example.com', "a@exa\u2028mple.com", "support+x@helpdesk.localhost"],
    ids=ascii,
)
def test_an_address_no_mail_can_go_to_is_refused_at_its_field(
    api: Any, cast: SimpleNamespace, address: str
) -> None:
    wanted = {"subject": "Lamp", "body": "Hums", "requester_email": address}
    answer = api(cast.ana).post("/api/v1/tickets/", wanted, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["requester_email"])
    assert not Ticket.objects.exists()


def test_a_stale_version_is_refused_though_nothing_is_to_change(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    address = f"/api/v1/tickets/{ticket.reference}/"
    assert api(cast.ana).patch(address, {"version": ticket.version + 9}).status_code == 409
    assert api(cast.ana).patch(address, {"version": ticket.version}).status_code == 200


def test_another_form_than_json_is_refused_as_documented(api: Any, cast: SimpleNamespace) -> None:
    answer = api(cast.ana).get("/api/v1/tickets/", HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/json")
    paths = api(cast.ana).get("/api/v1/schema/?format=json").json()["paths"]
    operations = [each for path in paths.values() for each in path.values()]
    assert all("406" in each["responses"] for each in operations)


@pytest.mark.parametrize("kind", ["note", "progress"])
@pytest.mark.parametrize("given", [{"version": 99}, {"status_after": "solved"}])
def test_what_only_a_reply_takes_is_not_ignored_elsewhere(
    cast: SimpleNamespace, ticket: Ticket, api: Any, kind: str, given: dict[str, Any]
) -> None:
    address = f"/api/v1/tickets/{ticket.reference}/messages/"
    answer = api(cast.ana).post(address, {"kind": kind, "body": "x"} | given)
    assert answer.status_code == 400
    assert list(answer.json()) == list(given)
    assert not ticket.messages.filter(kind=kind).exists()


def test_the_customer_of_a_ticket_is_changed_or_nobody_is_made(
    cast: SimpleNamespace, ticket: Ticket, api: Any
) -> None:
    address = f"/api/v1/tickets/{ticket.reference}/"
    stale = {"version": 99, "requester_email": "new@home.example"}
    assert api(cast.ana).patch(address, stale).status_code == 409
    assert not Contact.objects.filter(email="new@home.example").exists()
    done = api(cast.ana).patch(address, stale | {"version": ticket.version})
    assert done.json()["requester"]["email"] == "new@home.example"


def test_only_an_order_of_the_customer_is_linked(
    cast: SimpleNamespace, ticket: Ticket, api: Any, now: Any
) -> None:
    order(cast.carla, now, number="NL-1")
    order(cast.carl, now, number="NL-2")
    address = f"/api/v1/tickets/{ticket.reference}/orders/"
    assert api(cast.ana).post(address, {"order": "nl-1"}).status_code == 200
    for strange in ("NL-2", "NL-404"):
        refused = api(cast.ana).post(address, {"order": strange})
        assert (refused.status_code, list(refused.json())) == (400, ["order"])
    assert [each.number for each in ticket.orders.all()] == ["NL-1"]


def test_merging_two_customers_takes_the_number_of_the_other(
    cast: SimpleNamespace, ticket: Ticket, api: Any, now: Any
) -> None:
    carls = opening.open_ticket(
        subject="Lamp", body="Dark.", requester=cast.carl, channel="email", now=now
    )
    address, client = f"/api/v1/tickets/{carls.reference}/merge/", api(cast.ana)
    said = {"into": ticket.reference, "version": carls.version}
    refused = client.post(address, said)
    assert (refused.status_code, list(refused.json())) == (400, ["other_customer"])
    for into in (carls.reference, "HD-404404"):
        refused = client.post(address, said | {"into": into})
        assert (refused.status_code, list(refused.json())) == (400, ["into"])
    assert client.post(address, said | {"version": 99}).status_code == 409
    done = client.post(address, said | {"other_customer": cast.carla.pk})
    assert (done.status_code, done.json()["reference"]) == (200, ticket.reference)
    carls.refresh_from_db()
    assert carls.merged_into == ticket


def test_a_date_to_come_back_is_set_read_and_taken_away(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    address, client = f"/api/v1/tickets/{ticket.reference}/", api(cast.ana)
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    said = {"version": ticket.version, "status": "on_hold", "comes_back_at": until.isoformat()}
    answer = client.patch(address, said, format="json").json()
    assert (answer["status"], datetime.fromisoformat(answer["comes_back_at"])) == ("on_hold", until)
    found = client.get("/api/v1/tickets/?comes_back=true").json()["results"]
    assert [row["reference"] for row in found] == [ticket.reference]
    assert client.get("/api/v1/tickets/?comes_back=false").json()["results"] == []
    said = {"version": answer["version"], "comes_back_at": None}
    assert client.patch(address, said, format="json").json()["comes_back_at"] is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"comes_back_at": "2020-01-01T09:00Z", "status": "pending"}, "within the coming year"),
        ({"comes_back_at": "9999-12-31T23:59:59-12:00", "status": "pending"}, ""),
        ({"comes_back_at": "2020-01-01T09:00Z"}, "Only what is pending or on hold"),
    ],
)
def test_a_date_that_cannot_be_is_refused_at_its_field(
    api: Any, cast: SimpleNamespace, ticket: Ticket, said: dict[str, str], why: str
) -> None:
    address = f"/api/v1/tickets/{ticket.reference}/"
    answer = api(cast.ana).patch(address, {"version": ticket.version} | said, format="json")
    assert answer.status_code == 400
    assert why in answer.json()["comes_back_at"][0]


def test_a_reply_takes_its_date_along_and_a_note_has_none(
    api: Any, cast: SimpleNamespace, ticket: Ticket
) -> None:
    address, client = f"/api/v1/tickets/{ticket.reference}/messages/", api(cast.ana)
    until = timezone.now() + timedelta(days=3)
    said = {"kind": "reply", "body": "We look.", "comes_back_at": until.isoformat()}
    assert client.post(address, said, format="json").status_code == 400
    assert (
        client.post(address, said | {"status_after": "pending"}, format="json").status_code == 201
    )
    assert ticket.messages.get(kind="reply").comes_back_at == until
    refused = client.post(address, said | {"kind": "note"}, format="json")
    assert refused.json() == {"comes_back_at": ["Only a reply takes this."]}
