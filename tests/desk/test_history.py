"""The customer beside a ticket: notes, all they bought and asked, orders linked by one click."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desk.conftest import Opener
from tests.factories import order
from tickets.models import Ticket
from tickets.people.models import Contact, Order, System, User
from tickets.services import conversation, triage
from tickets.services.orders import named_but_not_linked

Desk = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def figures(client: Client, ticket: Ticket) -> str:
    answer = client.get(f"/tickets/{ticket.reference}/history/", headers=HTMX)
    assert answer.status_code == 200
    told = answer.content.decode()
    assert "<html" not in told
    return re.sub(r"\s+", " ", told)


def seen(client: Client, ticket: Ticket) -> str:
    """The word for the notes that the form carries."""
    form = client.get(f"/tickets/{ticket.reference}/?form=notes", headers=HTMX).content.decode()
    found = re.search(r'name="as_read" value="(\w+)"', form)
    assert found is not None
    return found[1]


def test_orders_are_summed_by_currency_and_for_the_whole_company(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    cora = Contact.objects.create(name="Cora", email="cora@acme.example", organization=cast.acme)
    for number in range(12):
        order(cast.carla, now, number=f"NL-{number}", amount="100.50")
    order(cora, now, number="NL-C", amount="1000")
    Order.objects.create(
        number="NL-E", contact=cast.carla, amount=Decimal("49"), currency="EUR", placed_at=now
    )
    order(cast.carl, now, number="NL-X", amount="77777")
    told = figures(desk(cast.ana), opened())
    assert '12 orders: <span class="nowrap">1,206.00 USD</span>' in told
    assert '1 order: <span class="nowrap">49.00 EUR</span>' in told
    assert '13 orders: <span class="nowrap">2,206.00 USD</span>' in told
    assert "77,777" not in told


def test_tickets_are_counted_as_far_as_one_may_see_them(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    one, done, _ = opened(), opened(), opened()
    triage.set_status(ticket=done, status="closed", actor=cast.ana, now=now)
    opened(team=cast.billing, subject="Secret matter")
    System.objects.create(organization=cast.acme, name="Hub 3", details="In the cellar")
    client = desk(cast.ana)
    told = figures(client, one)
    assert "2 other tickets you may see, 1 not solved yet" in told
    assert "Hub 3" in told
    page = client.get(f"/tickets/{one.reference}/history/").content.decode()
    assert done.reference in page
    assert "Secret matter" not in page


def test_the_figures_ask_the_same_for_few_and_many(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    client, one, counts = desk(cast.ana), opened(), []
    for start in (0, 100):
        for number in range(start, start + 3 + start // 4):
            order(cast.carla, now, number=f"NL-{number}")
            opened(body=f"About NL-{number}")
        figures(client, one)
        with CaptureQueriesContext(connection) as asked:
            figures(client, one)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_what_one_may_not_see_has_no_customer(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    address = f"/tickets/{opened(team=cast.billing).reference}/"
    client = desk(cast.ana)
    assert client.get(f"{address}history/").status_code == 404
    assert client.post(f"{address}notes/", {"notes": "x"}).status_code == 404
    assert Client().get(f"{address}history/").status_code == 302


def test_notes_on_the_person_and_on_the_company_stand_on_every_ticket_of_theirs(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, other = opened(), opened()
    client = desk(cast.ana)
    said = {
        "notes": "Likes it\r\nshort.",
        "of_company": "Pays <late>.",
        "as_read": seen(client, one),
    }
    answer = client.post(f"/tickets/{one.reference}/notes/", said, follow=True)
    assert "The notes are saved." in answer.content.decode()
    page = client.get(f"/tickets/{other.reference}/").content.decode()
    assert "Likes it\nshort." in page
    assert "Pays &lt;late&gt;." in page


def test_beside_the_notes_stands_who_changed_them_and_the_form_has_what_they_were(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, ana, ben = opened(), desk(cast.ana), desk(cast.ben)
    address = f"/tickets/{one.reference}/notes/"
    assert "changed by" not in ana.get(f"/tickets/{one.reference}/").content.decode()
    ana.post(address, {"notes": "Likes it <short>.", "as_read": seen(ana, one)})
    ben.post(address, {"notes": "Likes it long.", "of_company": "Late.", "as_read": seen(ben, one)})
    page = ana.get(f"/tickets/{one.reference}/").content.decode()
    assert (
        len(re.findall(r"changed by <bdi>Ben</bdi>, <time [^>]+>\w{3} \d\d:\d\d</time>", page)) == 2
    )
    assert "Likes it &lt;short&gt;." not in page
    form = ana.get(f"/tickets/{one.reference}/?form=notes", headers=HTMX).content.decode()
    told = " ".join(form.split())
    assert "The person's, until <bdi>Ben</bdi> changed them, " in told
    assert '<p class="words" dir="auto">Likes it &lt;short&gt;.</p>' in told
    assert "The company's, until <bdi>Ben</bdi> changed them, " in told
    cast.ben.is_active = False
    cast.ben.save()
    assert "changed by <bdi>Ben</bdi>" in ana.get(f"/tickets/{one.reference}/").content.decode()
    cast.ben.delete()
    page = ana.get(f"/tickets/{one.reference}/").content.decode()
    assert "changed by <bdi>somebody who has left</bdi>" in page


def test_notes_changed_meanwhile_are_shown_and_what_was_typed_can_be_saved_then(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, client = opened(), desk(cast.ana)
    word = seen(client, one)
    Contact.objects.filter(pk=cast.carla.pk).update(notes="Ben was here.")
    address = f"/tickets/{one.reference}/notes/"
    refused = client.post(address, {"notes": "Ana was here.", "as_read": word})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Somebody changed these notes" in page
    assert "Ben was here." in page
    assert "Ana was here." in page
    fresh = re.search(r'name="as_read" value="(\w+)"', page.split('id="notes"')[1])
    assert fresh is not None
    said = {"notes": "Both were here.", "as_read": fresh[1]}
    assert client.post(address, said).status_code == 302
    assert Contact.objects.get(pk=cast.carla.pk).notes == "Both were here."


def test_who_only_advises_writes_no_notes(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    one = opened()
    triage.involve(ticket=one, user=cast.max, because="Knows lamps", now=now)
    client = desk(cast.max)
    assert (
        "Note something about them" not in client.get(f"/tickets/{one.reference}/").content.decode()
    )
    assert client.post(f"/tickets/{one.reference}/notes/", {"notes": "x"}).status_code == 403


def test_a_closed_ticket_still_takes_notes_about_its_customer(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    one, client = opened(), desk(cast.ana)
    triage.set_status(ticket=one, status="closed", actor=cast.ana, now=now)
    said = {"notes": "Back in May.", "as_read": seen(client, one)}
    assert client.post(f"/tickets/{one.reference}/notes/", said).status_code == 302
    assert Contact.objects.get(pk=cast.carla.pk).notes == "Back in May."


def test_an_order_that_a_colleague_names_is_linked_by_one_click(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    one, client = opened(), desk(cast.ana)
    order(cast.carla, now, number="NL-7777")
    order(cast.carl, now, number="NL-8888")
    conversation.note(
        ticket=one, author=cast.ben, body="On the phone: nl-7777, and NL-8888.", now=now
    )
    told = figures(client, one)
    assert 'Link<span class="unseen"> order NL-7777</span>' in told
    assert "order NL-8888" not in told
    assert client.post(f"/tickets/{one.reference}/order/", {"order": "NL-7777"}).status_code == 302
    assert [each.number for each in one.orders.all()] == ["NL-7777"]
    assert "not linked yet" not in figures(client, one)


def test_an_order_of_the_new_customer_named_before_is_offered(
    cast: SimpleNamespace, opened: Opener, now: datetime
) -> None:
    one = opened(body="About NL-9, please.")
    mine = order(cast.carl, now, number="NL-9")
    assert named_but_not_linked(one) == []
    triage.change_requester(ticket=one, requester=cast.carl, actor=cast.ana, now=now)
    assert named_but_not_linked(one) == [mine]


def test_on_a_closed_ticket_nothing_is_offered_to_link(
    cast: SimpleNamespace, desk: Desk, opened: Opener, now: datetime
) -> None:
    one = opened()
    order(cast.carla, now, number="NL-7777")
    conversation.note(ticket=one, author=cast.ben, body="NL-7777", now=now)
    triage.set_status(ticket=one, status="closed", actor=cast.ana, now=now)
    told = figures(desk(cast.ana), one)
    assert "NL-7777" in told
    assert "not linked yet" not in told


@pytest.mark.parametrize("part", ["history/", "?form=notes"])
def test_without_javascript_it_is_a_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener, part: str
) -> None:
    page = desk(cast.ana).get(f"/tickets/{opened().reference}/{part}").content.decode()
    assert "<html" in page
