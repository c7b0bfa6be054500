"""Triage from the ticket page, and opening a ticket for a caller."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.factories import order
from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.services import conversation, triage

Desk = Callable[[User], Client]


def post(client: Client, ticket: Ticket, action: str, **said: Any) -> Any:
    return client.post(f"/tickets/{ticket.reference}/{action}/", said)


def properties(ticket: Ticket, **changed: Any) -> dict[str, Any]:
    present = {
        "status": ticket.status,
        "priority": ticket.priority,
        "category": ticket.category_id,
        "team": ticket.team_id,
        "assignee": ticket.assignee_id or "",
        "version": ticket.version,
    }
    return present | changed


def test_properties_change_together_and_only_what_differs(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = properties(ticket, status="open", priority="urgent", assignee=cast.ben.pk)
    assert post(desk(cast.ana), ticket, "properties", **said).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, ticket.assignee) == ("open", "urgent", cast.ben)
    kinds = set(ticket.events.filter(actor=cast.ana).values_list("kind", flat=True))
    assert kinds - {"policy_bound"} == {"status_changed", "priority_changed", "assigned"}


def test_saving_what_is_already_so_changes_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    client = desk(cast.ana)
    client.post(f"/tickets/{ticket.reference}/properties/", properties(ticket))
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version
    told = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert "Nothing was different" in told


def test_a_stale_save_changes_nothing_and_names_who_was_faster(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    said = properties(ticket, status="solved")
    triage.set_priority(ticket=ticket, priority="urgent", actor=cast.ben, now=timezone.now())
    answer = post(desk(cast.ana), ticket, "properties", **said)
    assert answer.status_code == 409
    assert "Ben changed" in answer.content.decode()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("new", "urgent")
    # What was chosen is still chosen: saving again is one click.
    assert '<option value="solved" selected>' in answer.content.decode()
    assert '<option value="new" selected>' not in answer.content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"status": "sold"}, {"priority": ""}, {"team": "999"}, {"assignee": "x"}, {"category": "1e9"}],
)
def test_impossible_values_are_said_at_their_field(
    cast: SimpleNamespace, desk: Desk, opened: Opener, changed: dict[str, str]
) -> None:
    ticket = opened()
    answer = post(desk(cast.ana), ticket, "properties", **properties(ticket, **changed))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version


def test_moving_a_ticket_out_of_sight_leads_back_to_the_queue(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = post(desk(cast.ana), ticket, "properties", **properties(ticket, team=cast.billing.pk))
    assert answer.headers["Location"] == "/"


def test_taking_following_and_unfollowing(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    client = desk(cast.ana)
    post(client, ticket, "take", version=ticket.version)
    post(client, ticket, "follow")
    ticket.refresh_from_db()
    assert ticket.assignee == cast.ana
    assert cast.ana in ticket.followers.all()
    post(client, ticket, "unfollow")
    assert cast.ana not in ticket.followers.all()


def test_tags_become_what_was_typed(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened(tags=["old", "Kept"])
    post(desk(cast.ana), ticket, "tags", tags="kept, new  one ,, new one")
    assert sorted(tag.name for tag in ticket.tags.all()) == ["Kept", "new one"]


def test_too_many_or_too_long_tags_are_refused(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    for tags in ("x" * 61, ",".join(f"t{n}" for n in range(31))):
        assert post(desk(cast.ana), ticket, "tags", tags=tags).status_code == 422
    assert not ticket.tags.exists()


def test_the_subject_can_be_changed_but_not_emptied(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    assert post(desk(cast.ana), ticket, "subject", subject=" ").status_code == 422
    assert post(desk(cast.ana), ticket, "subject", subject="x" * 251).status_code == 422
    assert post(desk(cast.ana), ticket, "subject", subject="The lamp is dark").status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).subject == "The lamp is dark"


def test_linking_by_reference(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket, other, secret = opened(), opened(), opened(team=cast.billing)
    client = desk(cast.ana)
    said = {"kind": "related", "reference": other.reference.lower()}
    assert post(client, ticket, "link", **said).status_code == 302
    for reference in (secret.reference, "HD-000000", "nonsense", ticket.reference):
        refused = post(client, ticket, "link", kind="related", reference=reference)
        assert refused.status_code == 422
    assert ticket.links.count() + ticket.linked_from.count() == 1


@pytest.mark.parametrize(
    ("action", "said", "field"),
    [
        ("subject", {"subject": " "}, "subject-subject"),
        ("tags", {"tags": "x" * 61}, "tags-tags"),
        ("merge", {"reference": "nonsense"}, "merge-reference"),
        ("link", {"reference": "nonsense", "kind": "related"}, "link-reference"),
        ("properties", {"status": "nonsense", "priority": "nonsense"}, "properties-status"),
        ("reply", {"body": ""}, "reply-body"),
    ],
)
def test_the_first_field_that_is_wrong_has_the_keyboard(
    cast: SimpleNamespace, desk: Desk, opened: Opener, action: str, said: dict[str, str], field: str
) -> None:
    ticket = opened()
    client = desk(cast.ana)
    refused = post(client, ticket, action, version=ticket.version, **said)
    assert refused.status_code == 422
    tags = re.findall(r"<[^>]* autofocus[^>]*>", refused.content.decode())
    assert [re.findall(r' id="([^"]+)"', tag) for tag in tags] == [[field]]
    calm = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert " autofocus" not in calm


def test_merging_shows_the_ticket_that_stays(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, target = opened(body="From the source."), opened()
    client = desk(cast.ana)
    assert "cannot be undone" in client.get(f"/tickets/{source.reference}/merge/").content.decode()
    assert post(client, source, "merge", reference="x").status_code == 422
    answer = post(client, source, "merge", reference=target.reference, version=source.version)
    assert answer.headers["Location"] == f"/tickets/{target.reference}/"
    assert "From the source." in client.get(answer.headers["Location"]).content.decode()
    told = client.get(f"/tickets/{source.reference}/").content.decode()
    assert f'merged into <a href="/tickets/{target.reference}/"' in told


def test_the_customers_other_tickets_stand_there_to_merge_into_by_one_choice(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, target = opened(), opened(subject="Asked before <b>")
    opened(requester=cast.carl, subject="Of another")
    opened(team=cast.billing, subject="Not for Ana")
    client = desk(cast.ana)
    page = client.get(f"/tickets/{source.reference}/merge/").content.decode()
    assert "Asked before &lt;b&gt;" in page
    assert f'name="into" value="{target.reference}"' in page
    assert "Of another" not in page
    assert "Not for Ana" not in page
    assert f'name="into" value="{source.reference}"' not in page
    answer = post(client, source, "merge", into=target.reference, version=source.version)
    assert answer.headers["Location"] == f"/tickets/{target.reference}/"
    after = client.get(f"/tickets/{target.reference}/merge/").content.decode()
    assert 'name="into"' not in after


def test_who_chooses_a_ticket_and_names_another_is_asked_which(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, chosen, named = opened(), opened(), opened()
    client, said = desk(cast.ana), {"version": source.version, "into": chosen.reference}
    answer = post(client, source, "merge", **said, reference=named.reference)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose one of these or name another, not both." in page
    assert f'value="{chosen.reference}" checked' in page
    none = post(client, source, "merge", version=source.version)
    assert none.status_code == 422
    assert "Which ticket is to be kept?" in none.content.decode()
    same = post(client, source, "merge", **said, reference=chosen.reference.lower())
    assert same.headers["Location"] == f"/tickets/{chosen.reference}/"


def test_merging_the_tickets_of_two_customers_asks_first_and_then_says_who_takes_part(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, target = opened(requester=cast.carl), opened()
    client, said = desk(cast.ana), {"reference": target.reference, "version": source.version}
    asked = post(client, source, "merge", **said)
    page = asked.content.decode()
    assert asked.status_code == 422
    for name in ("Carl", "carl@home.example", "Carla Customer"):
        assert name in page.split("<legend")[1]
    assert f'name="other_customer" value="{cast.carla.pk}" aria-invalid="true"' in page
    wrong = post(client, source, "merge", **said, other_customer=cast.carl.pk)
    assert wrong.status_code == 422
    assert " checked" not in wrong.content.decode()
    assert post(client, source, "merge", **said, other_customer="x").status_code == 422
    done = post(client, source, "merge", **said, other_customer=cast.carla.pk)
    shown = client.get(done.headers["Location"]).content.decode()
    assert "<dt>Asks too</dt><dd><bdi>Carl carl@home.example</bdi></dd>" in shown
    assert "with a copy to <bdi>Carl carl@home.example</bdi>" in shown


def test_the_customer_of_a_ticket_one_may_not_see_is_not_told(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    source, secret = opened(), opened(requester=cast.carl, team=cast.billing)
    answer = post(desk(cast.ana), source, "merge", reference=secret.reference)
    assert answer.status_code == 422
    assert "Carl<" not in answer.content.decode()


def test_splitting_shows_the_new_ticket(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    now = timezone.now()
    second = conversation.customer_message(
        ticket=ticket, contact=cast.carla, body="And my invoice?", received_at=now, now=now
    )
    client = desk(cast.ana)
    assert "And my invoice?" in client.get(f"/tickets/{ticket.reference}/split/").content.decode()
    assert post(client, ticket, "split", subject="Invoice").status_code == 422
    foreign = opened().messages.get()
    assert post(client, ticket, "split", subject="I", messages=[foreign.pk]).status_code == 422
    answer = post(client, ticket, "split", subject="Invoice", messages=[second.pk])
    new = Ticket.objects.get(subject="Invoice")
    assert answer.headers["Location"] == f"/tickets/{new.reference}/"
    assert new.messages.get(kind="customer").body == "And my invoice?"


def test_opening_a_ticket_for_a_caller(cast: SimpleNamespace, desk: Desk) -> None:
    client = desk(cast.ana)
    said = {
        "channel": "phone", "phone": "+49 30 1234", "name": "Nina", "subject": "Lamp",
        "body": "It is dark.", "category": cast.question.pk, "priority": "high",
    }  # fmt: skip
    assert client.get("/tickets/new/").status_code == 200
    first = client.post("/tickets/new/", said)
    ticket = Ticket.objects.get()
    assert first.headers["Location"] == f"/tickets/{ticket.reference}/"
    client.post("/tickets/new/", said | {"phone": "+49 301234"})
    assert Contact.objects.filter(name="Nina").count() == 1
    assert Ticket.objects.filter(requester__name="Nina").count() == 2


@pytest.mark.parametrize(
    "said", [{}, {"email": "nobody"}, {"phone": "none"}, {"email": "a@b.example", "subject": ""}]
)
def test_a_caller_nobody_can_answer_is_not_taken(
    cast: SimpleNamespace, desk: Desk, said: dict[str, str]
) -> None:
    base = {
        "channel": "phone", "subject": "Lamp", "body": "Dark.", "priority": "low",
        "category": cast.question.pk,
    }  # fmt: skip
    answer = desk(cast.ana).post("/tickets/new/", base | said)
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert not Ticket.objects.exists()


def test_who_only_decides_opens_no_tickets(cast: SimpleNamespace, desk: Desk) -> None:
    assert desk(cast.eve).get("/tickets/new/").status_code == 403


def test_the_customer_is_changed_and_an_order_linked_on_the_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    order(cast.carl, ticket.opened_at, number="NL-9")
    assert post(client, ticket, "order", order="NL-9").status_code == 422
    said = {"email": "Carl@home.example", "version": ticket.version}
    assert post(client, ticket, "requester", **said).status_code == 302
    ticket.refresh_from_db()
    assert ticket.requester == cast.carl
    assert post(client, ticket, "order", order="nl-9").status_code == 302
    assert [each.number for each in ticket.orders.all()] == ["NL-9"]
