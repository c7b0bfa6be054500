"""The page of one offer, where the mail to its approvers leads: facts, two buttons, no surprises."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Authority, Budget, Grant, LedgerEntry
from tests.kb.conftest import Offers, ask, give
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Order


@pytest.fixture
def asked(cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime) -> Grant:
    return ask(problem, offers["Credit"], "120", cast.ana, now)


def page_of(grant: Grant) -> str:
    return reverse("offer", args=[grant.ticket.reference, grant.pk])


def seen(client: Client, grant: Grant) -> str:
    return " ".join(client.get(page_of(grant)).content.decode().split())


def test_the_mail_leads_to_the_page_after_the_log_in(
    cast: SimpleNamespace, asked: Grant, client: Client
) -> None:
    mail = OutgoingMail.objects.get(purpose="alert")
    link = next(word for word in mail.text.split() if word.startswith("http"))
    path = urlsplit(link).path
    assert path == page_of(asked)
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"].split("next=")[1]) == (302, path)


def test_the_page_says_the_facts_and_has_two_buttons(
    cast: SimpleNamespace, asked: Grant, client: Client, now: datetime
) -> None:
    Budget.objects.create(
        team=cast.support, month=date(now.year, now.month, 1), amount=Decimal(500)
    )
    client.force_login(cast.sue)
    page = seen(client, asked)
    for said in ("Credit, 120.00 USD", "Ana", "Fourth parcel", "Carla Customer", "Acme", "Gold",
                 "Something we sold or did went wrong.", "120.00 USD", "up to 150.00 USD now"):  # fmt: skip
        assert said in page, said
    assert reverse("offer-approve", args=[asked.ticket.reference, asked.pk]) in page
    assert reverse("offer-refuse", args=[asked.ticket.reference, asked.pk]) in page


def test_looking_decides_nothing(cast: SimpleNamespace, asked: Grant, client: Client) -> None:
    client.force_login(cast.sue)
    client.get(page_of(asked))
    client.head(page_of(asked))
    for name in ("offer-approve", "offer-refuse", "offer-reverse", "offer-words"):
        address = reverse(name, args=[asked.ticket.reference, asked.pk])
        assert client.get(address).headers["Location"] == f"/tickets/{asked.ticket.reference}/"
    asked.refresh_from_db()
    assert asked.state == "requested"


def test_approving_there_leads_back_there(
    cast: SimpleNamespace, asked: Grant, client: Client
) -> None:
    client.force_login(cast.sue)
    address = reverse("offer-approve", args=[asked.ticket.reference, asked.pk])
    answer = client.post(address, {"page": "1"}, follow=True)
    assert answer.redirect_chain == [(page_of(asked), 302)]
    page = " ".join(answer.content.decode().split())
    assert "Its words are in the reply of who asked" in page
    assert "Granted by" in page
    assert address not in page


def test_a_second_approver_is_told_who_was_first(
    cast: SimpleNamespace, asked: Grant, client: Client, now: datetime
) -> None:
    services.approve(grant=asked, actor=cast.sue, now=now)
    client.force_login(cast.ada)
    address = reverse("offer-approve", args=[asked.ticket.reference, asked.pk])
    answer = client.post(address, {"page": "1"})
    assert answer.status_code == 422
    assert "This was granted already, by Sue." in answer.content.decode()
    assert LedgerEntry.objects.count() == 1


def test_who_asked_and_who_has_no_authority_get_no_button(
    cast: SimpleNamespace, asked: Grant, client: Client
) -> None:
    approve = reverse("offer-approve", args=[asked.ticket.reference, asked.pk])
    client.force_login(cast.ana)
    assert approve not in seen(client, asked)
    Authority.objects.filter(offer=asked.offer, role="supervisor").update(most=50)
    client.force_login(cast.sue)
    page = seen(client, asked)
    assert approve not in page
    assert "This is more than you may approve now." in page


def test_who_may_not_see_the_ticket_finds_no_page(
    cast: SimpleNamespace, asked: Grant, client: Client, problem: Ticket
) -> None:
    client.force_login(cast.bo)
    assert client.get(page_of(asked)).status_code == 404
    client.force_login(cast.sue)
    assert client.get(reverse("offer", args=[problem.reference, asked.pk + 1])).status_code == 404


def test_a_reason_too_long_is_said_there_and_kept(
    cast: SimpleNamespace, asked: Grant, client: Client
) -> None:
    client.force_login(cast.sue)
    address = reverse("offer-refuse", args=[asked.ticket.reference, asked.pk])
    answer = client.post(address, {"page": "1", "reason": "No, because " + "x" * 300})
    assert answer.status_code == 422
    assert "x" * 300 in answer.content.decode()
    assert "The reason:" in answer.content.decode()


def test_a_granted_offer_is_taken_back_there_with_a_reason(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = give(problem, offers["Credit"], "20", cast.ana, now)
    client.force_login(cast.sue)
    address = reverse("offer-reverse", args=[problem.reference, row.pk])
    assert client.post(address, {"page": "1", "reason": ""}).status_code == 422
    client.post(address, {"page": "1", "reason": "Given by mistake"})
    page = seen(client, row)
    assert "Reversed by" in page
    assert "Given by mistake" in page


def test_the_order_and_what_is_left_of_it_are_said(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    order = Order.objects.create(
        number="NL-1", contact=cast.carla, amount=Decimal(200), placed_at=now
    )
    problem.orders.add(order)
    row = ask(problem, offers["Refund"], "150", cast.ana, now)
    client.force_login(cast.sue)
    page = seen(client, row)
    assert "of order <bdi>NL-1</bdi> (200.00 USD)" in page
    assert "200.00 USD of it are left to give back." in page


def test_the_panel_says_what_is_left_of_ones_month(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    Authority.objects.filter(offer=offers["Credit"], role="agent").update(most_a_month=40)
    client.force_login(cast.ana)
    panel = client.get(reverse("offers-panel", args=[problem.reference])).content.decode()
    assert "40.00 USD of your 40.00 USD are left this month." in panel
