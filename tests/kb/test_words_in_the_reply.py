"""What was granted is said in the reply: its words are in the draft, and no typed word is lost."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Offer
from tests.kb.conftest import Offers, ask, give
from tickets.models import Draft, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, Order
from tickets.services import drafting

CREDIT = "To make up for it we have put a credit of 20.00 USD on your account."
BIGGER = CREDIT.replace("20.00", "120.00")


def draft(ticket: Ticket, author: Any) -> str:
    found = Draft.objects.filter(ticket=ticket, author=author, kind="reply").first()
    return found.body if found else ""


def test_the_words_are_in_the_reply_of_who_granted(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    give(problem, offers["Credit"], "20", cast.ana, now)
    assert draft(problem, cast.ana) == CREDIT
    assert not Draft.objects.exclude(author=cast.ana).exists()


def test_what_was_typed_already_stays_above(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    drafting.keep(ticket=problem, author=cast.ana, kind="reply", body="Dear Carla,", now=now)
    give(problem, offers["Credit"], "20", cast.ana, now)
    assert draft(problem, cast.ana) == f"Dear Carla,\n\n{CREDIT}"


def test_once_however_often_it_is_asked(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime, client: Client
) -> None:
    row = give(problem, offers["Credit"], "20", cast.ana, now)
    client.force_login(cast.ana)
    address = reverse("offer-words", args=[problem.reference, row.pk])
    answer = client.post(address)
    assert answer.headers["Location"] == f"/tickets/{problem.reference}/#reply"
    assert draft(problem, cast.ana) == CREDIT
    drafting.forget(ticket=problem, author=cast.ana, kind="reply")
    client.post(address)
    assert CREDIT in client.get(f"/tickets/{problem.reference}/").content.decode()


def test_fields_are_filled_with_the_order_it_is_given_of(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    for number, amount in (("NL-1", 200), ("NL-2", 50)):
        problem.orders.add(
            Order.objects.create(
                number=number, contact=cast.carla, amount=Decimal(amount), placed_at=now
            )
        )
    Offer.objects.filter(name="Refund").update(words="{first_name}, {order} is refunded.")
    give(problem, Offer.objects.get(name="Refund"), "100", cast.ada, now)
    assert draft(problem, cast.ada) == "Carla, NL-1 is refunded."


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("200", "We have refunded 200.00 USD for NL-1;"),
        ("50", "We have refunded 50.00 USD for part of NL-1;"),
    ],
)
def test_a_refund_says_how_much_and_whether_it_is_a_part(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime, amount: str, told: str
) -> None:
    order = {"number": "NL-1", "contact": cast.carla, "amount": Decimal(200), "placed_at": now}
    problem.orders.add(Order.objects.create(**order))
    give(problem, offers["Refund"], amount, cast.ada, now)
    assert draft(problem, cast.ada).startswith(told)


@pytest.mark.parametrize(
    ("name", "told"),
    [("Discount", "a discount of 10 % on"), ("Refund", "refunded 10.00 USD for your order;")],
)
def test_what_is_given_of_no_order_says_how_much(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime, name: str, told: str
) -> None:
    give(problem, offers[name], "10", cast.ada, now)
    assert told in draft(problem, cast.ada)


def test_words_without_the_amount_stay_what_they_were(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    offers["Credit"].words = "There is a credit for {order}."
    offers["Credit"].full_clean()
    offers["Credit"].save()
    give(problem, offers["Credit"], "10", cast.ana, now)
    assert draft(problem, cast.ana) == "There is a credit for your order."


def test_what_is_approved_is_in_the_reply_of_who_asked_and_they_are_told(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime, mailoutbox: list[Any]
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    assert draft(problem, cast.ana) == ""
    services.approve(grant=row, actor=cast.sue, now=now)
    assert draft(problem, cast.ana) == BIGGER
    assert draft(problem, cast.sue) == ""


def test_what_is_not_granted_is_not_told_to_the_customer(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    client.force_login(cast.ana)
    refused = client.post(reverse("offer-words", args=[problem.reference, row.pk]))
    assert refused.status_code == 422
    assert "the customer is told nothing of it" in refused.content.decode()
    assert not Draft.objects.exists()


def test_what_is_refused_puts_no_words_anywhere(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    services.refuse(grant=row, actor=cast.sue, now=now, reason="No")
    assert not Draft.objects.exists()


def test_on_the_page_the_words_are_put_in_at_once_or_by_a_form(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client
) -> None:
    client.force_login(cast.ana)
    make = reverse("offer-make", args=[problem.reference])
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "10", "grant": "1"}
    part = client.post(make, fields, headers={"HX-Request": "true"}).content.decode()
    assert "data-at-once" in part
    again = client.get(
        reverse("offers-panel", args=[problem.reference]), headers={"HX-Request": "true"}
    ).content.decode()
    assert "data-at-once" not in again
    assert (
        'action="' + reverse("offer-words", args=[problem.reference, problem.grants.get().pk])
        in again
    )


def test_who_may_not_reply_puts_no_words_in(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "400", cast.ana, now)
    client.force_login(cast.eve)
    address = reverse("offer-words", args=[problem.reference, row.pk])
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("name", ["bo", "stan"])
def test_a_ticket_one_does_not_see_takes_no_words(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime, name: str
) -> None:
    row = give(problem, offers["Credit"], "20", cast.ana, now)
    client.force_login(getattr(cast, name))
    assert client.post(reverse("offer-words", args=[problem.reference, row.pk])).status_code == 404


def typed(client: Client, ticket: Ticket, **said: Any) -> None:
    """What an open page keeps."""
    assert client.post(f"/tickets/{ticket.reference}/drafts/reply/", said).status_code == 200


def test_approved_words_outlive_the_page_that_the_asker_has_open(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    client.force_login(cast.ana)
    typed(client, problem, body="Dear Carla,")
    services.approve(grant=row, actor=cast.sue, now=now)
    typed(client, problem, body="Dear Carla, we")
    assert draft(problem, cast.ana) == f"Dear Carla, we\n\n{BIGGER}"
    client.post(f"/tickets/{problem.reference}/reply/", {"body": "Dear Carla, we hurry."})
    assert draft(problem, cast.ana) == BIGGER


def test_what_the_panel_writes_into_the_open_reply_counts_as_shown_there(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client
) -> None:
    client.force_login(cast.ana)
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "10", "grant": "1"}
    make = reverse("offer-make", args=[problem.reference])
    part = client.post(make, fields, headers={"HX-Request": "true"}).content.decode()
    mark = Draft.objects.get().marks[0]
    assert (
        '<span hx-swap-oob="beforeend:#reply-shown">'
        f'<input type="hidden" name="shown" value="{mark}"></span>'
    ) in part
    assert 'id="reply-shown"' in client.get(f"/tickets/{problem.reference}/").content.decode()
    typed(client, problem, body="10 USD are on your account.", shown=mark)
    assert draft(problem, cast.ana) == "10 USD are on your account."
    panel = reverse("offers-panel", args=[problem.reference])
    assert "swap-oob" not in client.get(panel, headers={"HX-Request": "true"}).content.decode()


def test_where_the_offers_stand_alone_no_reply_is_marked(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client
) -> None:
    client.force_login(cast.ana)
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "10", "grant": "1"}
    alone = "http://testserver" + reverse("offers-panel", args=[problem.reference])
    part = client.post(
        reverse("offer-make", args=[problem.reference]), fields,
        headers={"HX-Request": "true", "HX-Current-URL": alone},
    ).content.decode()  # fmt: skip
    assert "is granted." in part
    assert "swap-oob" not in part


def test_nobody_is_told_that_words_are_where_they_are_not(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    Membership.objects.filter(user=cast.ana).delete()
    client.force_login(cast.sue)
    address = reverse("offer-approve", args=[problem.reference, row.pk])
    part = client.post(address, headers={"HX-Request": "true"}).content.decode()
    assert not Draft.objects.exists()
    assert "Who asked may not reply here any more: see to it that the customer is told." in part
    assert "in the reply of who asked" not in part
    told = OutgoingMail.objects.get(subject="Credit, 120.00 USD: granted").text
    assert "in your reply" not in told
    assert "You may not reply there any more" in told


def test_where_they_are_it_is_said(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    client.force_login(cast.sue)
    address = reverse("offer-approve", args=[problem.reference, row.pk])
    part = client.post(address, headers={"HX-Request": "true"}).content.decode()
    assert "Its words are in the reply of who asked, who is told." in part
    told = OutgoingMail.objects.get(subject="Credit, 120.00 USD: granted").text
    assert "Its words are in your reply on the ticket: send them." in told


def test_what_is_taken_back_is_taken_out_of_the_replies_that_wait(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    drafting.keep(ticket=problem, author=cast.ana, kind="reply", body="Dear Carla,", now=now)
    services.approve(grant=row, actor=cast.sue, now=now)
    client.force_login(cast.sue)
    client.post(reverse("offer-words", args=[problem.reference, row.pk]))
    drafting.keep(
        ticket=problem, author=cast.ana, kind="reply", now=now,
        body=f"Dear Carla,\n\n{BIGGER}\n\nKind regards",
    )  # fmt: skip
    services.reverse(grant=row, actor=cast.ada, reason="Paid twice", now=now)
    assert draft(problem, cast.ana) == "Dear Carla,\n\nKind regards"
    assert draft(problem, cast.sue) == ""


def test_words_that_were_changed_since_stay_with_their_writer(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    row = give(problem, offers["Credit"], "20", cast.ana, now)
    mark = Draft.objects.get().marks
    body = "We gave you 20 USD."
    drafting.keep(ticket=problem, author=cast.ana, kind="reply", body=body, now=now, shown=mark)
    services.reverse(grant=row, actor=cast.sue, reason="Paid twice", now=now)
    assert draft(problem, cast.ana) == body
