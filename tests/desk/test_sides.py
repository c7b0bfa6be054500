"""What stands beside the conversation: the customer's orders, linked tickets, tags."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import customer_writes, order, ticket
from tickets.errors import Invalid, Over
from tickets.models import Ticket
from tickets.people.models import Contact, User
from tickets.services import triage


def history(client: Client, reader: User, one: Ticket) -> str:
    client.force_login(reader)
    return client.get(reverse("history-panel", args=[one.reference])).content.decode()


def test_an_order_of_a_colleague_that_is_linked_is_seen_with_whose_it_is(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    cora = Contact.objects.create(name="Cora", email="cora@acme.example", organization=cast.acme)
    for number in range(9):
        order(cast.carla, now, number=f"NL-{number}")
    order(cora, now, number="NL-7777")
    one = ticket(cast, now, body="About order NL-7777")
    told = history(client, cast.ana, one)
    assert told.index("NL-7777") < told.index("NL-8")
    assert "of <bdi>Cora</bdi>" in told


def test_the_customers_other_tickets_are_told_as_far_as_the_reader_may_see(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one, other = ticket(cast, now), ticket(cast, now, subject="Asked earlier")
    secret = ticket(cast, now, team=cast.billing, subject="Owes us money")
    told = history(client, cast.ana, one)
    assert other.reference in told
    assert "Asked earlier" in told
    assert secret.reference not in told
    assert client.get(reverse("history-panel", args=[secret.reference])).status_code == 404


def test_a_link_reads_right_from_both_ends_and_hides_no_second_kind(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one, other = ticket(cast, now), ticket(cast, now)
    for kind in ("follow_up", "related", "split"):
        triage.link(ticket=one, other=other, kind=kind, actor=None, now=now)
    client.force_login(cast.ana)
    for end, wanted in (
        (one, ["Split from", "Related to", "Follow-up of"]),
        (other, ["Split off", "Related to", "Followed up by"]),
    ):
        links = client.get(reverse("ticket", args=[end.reference])).context["links"]
        assert [kind for kind, _ in links] == wanted


def test_links_to_what_one_may_not_see_take_no_room_from_the_others(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one, seen = ticket(cast, now), ticket(cast, now)
    triage.link(ticket=one, other=seen, actor=None, now=now)
    client.force_login(cast.ana)
    client.get(reverse("ticket", args=[one.reference]))
    counts = []
    for _ in range(2):
        for _ in range(12):
            secret = ticket(cast, now, team=cast.billing)
            triage.link(ticket=secret, other=one, actor=None, now=now)
        with CaptureQueriesContext(connection) as asked:
            links = client.get(reverse("ticket", args=[one.reference])).context["links"]
        assert links == [("Related to", seen)]
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("change", [triage.add_tags, triage.remove_tags])
def test_tags_of_a_closed_ticket_stay(cast: SimpleNamespace, now: datetime, change) -> None:
    one = ticket(cast, now, tags=["vip"])
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    with pytest.raises(Over):
        change(
            ticket=one, tags=["vip" if change is triage.remove_tags else "x"], actor=None, now=now
        )
    assert [tag.name for tag in one.tags.all()] == ["vip"]


@pytest.mark.parametrize("tags", [["red, blue"], [f"t{n}" for n in range(30)]])
def test_a_tag_that_no_form_could_show_again_is_refused(
    cast: SimpleNamespace, now: datetime, tags: list[str]
) -> None:
    one = ticket(cast, now, tags=["vip"])
    with pytest.raises(Invalid) as refusal:
        triage.add_tags(ticket=one, tags=tags, actor=None, now=now)
    assert refusal.value.field == "tags"
    assert one.tags.count() == 1


def test_the_longest_tags_a_ticket_may_have_can_be_saved_again(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one = ticket(cast, now, tags=[f"{n:02}" + "x" * 58 for n in range(30)])
    client.force_login(cast.ana)
    form = client.get(f"/tickets/{one.reference}/", {"form": "tags"}).context["forms"]["tags"]
    said = {"tags": form["tags"].value(), "version": one.version}
    assert client.post(f"/tickets/{one.reference}/tags/", said).status_code == 302


def test_the_split_page_reads_the_beginning_of_a_long_message_only(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    customer_writes(one, now, "Begins here. " + "x" * 100_000)
    client.force_login(cast.ana)
    with CaptureQueriesContext(connection) as asked:
        told = client.get(f"/tickets/{one.reference}/split/").content.decode()
    assert "Begins here." in told
    assert not [each for each in asked if '"tickets_message"."body", "tickets' in each["sql"]]


@pytest.mark.parametrize(
    ("action", "said"), [("split", {"subject": "Typed words"}), ("merge", {"reference": "HD-7"})]
)
def test_what_was_typed_on_a_page_of_its_own_is_shown_after_the_log_in_ended(
    cast: SimpleNamespace, now: datetime, client: Client, action: str, said: dict[str, str]
) -> None:
    answer = client.post(f"/tickets/{ticket(cast, now).reference}/{action}/", said)
    assert answer.status_code == 403
    assert next(iter(said.values())) in answer.content.decode()
