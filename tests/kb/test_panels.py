"""The ticket's panels of this floor, as pages and as fragments."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Grant, Offer
from kb.scripts.models import Script
from tests.kb.conftest import ask, give
from tickets.models import Draft, Ticket, TicketEvent
from tickets.people.models import ExchangeRate, Order
from tickets.services import drafting, triage
from tickets.views.telling import sentence


def test_an_agent_grants_and_sees_it_in_the_ledger(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.ana)
    base = f"/tickets/{problem.reference}/offers/"
    page = client.get(base)
    assert "What you may offer here" in page.content.decode()
    assert "approved by a supervisor, an executive or an admin." in page.content.decode()
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "10", "grant": "1"}
    assert client.post(f"{base}make/", fields).status_code == 302
    assert "granted" in client.get(base, headers={"HX-Request": "true"}).content.decode()


def test_a_bad_amount_is_named_at_its_field_and_what_was_typed_stays(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.ana)
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "9999999", "grant": "1"}
    answer = client.post(f"/tickets/{problem.reference}/offers/make/", fields)
    assert answer.status_code == 422
    assert "goes from 1.00 USD to 500.00 USD" in answer.content.decode()
    assert "9999999" in answer.content.decode()
    assert not Grant.objects.exists()


@pytest.mark.parametrize("typed", ["25,00", "€10", "10 EUR", "ten"])
def test_an_amount_that_is_no_plain_number_is_shown_how_one_is_typed(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], typed: str
) -> None:
    client = Client()
    client.force_login(cast.ana)
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": typed, "grant": "1"}
    answer = client.post(f"/tickets/{problem.reference}/offers/make/", fields)
    assert answer.status_code == 422
    told = answer.content.decode()
    assert "Enter an amount such as 25.00, without its currency." in told
    assert f'value="{typed}"' in told


def test_panels_of_a_ticket_one_may_not_see_do_not_exist(
    cast: SimpleNamespace, problem: Ticket
) -> None:
    client = Client()
    client.force_login(cast.bo)
    for panel in ("offers", "scripts"):
        assert client.get(f"/tickets/{problem.reference}/{panel}/").status_code == 404


def test_a_dangerous_customer_name_is_inert_in_the_scripts(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    cast.carla.name = '"><script>alert(1)</script>'
    cast.carla.save()
    client = Client()
    client.force_login(cast.ana)
    page = client.get(f"/tickets/{problem.reference}/scripts/").content.decode()
    assert "<script>alert(1)" not in page


def test_a_script_is_listed_by_its_name_once(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.ana)
    page = client.get(f"/tickets/{problem.reference}/scripts/").content.decode()
    assert page.count("A supervisor takes over") == 1
    assert "Putting somebody on hold" in page


def test_the_agent_is_warned_of_a_promise_that_has_passed(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    Ticket.objects.filter(pk=problem.pk).update(answer_due_at=problem.opened_at)
    client = Client()
    client.force_login(cast.ana)
    page = client.get(f"/tickets/{problem.reference}/scripts/").content.decode()
    assert "Tuesday 3 March, 14:00 UTC, has passed: choose a new one." in page
    assert "I shall write again as soon as we can." in page


def test_pieces_months_percent_and_money_are_called_what_they_are(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    Ticket.objects.filter(pk=problem.pk).update(is_late=True)
    give(problem, offers["Free gift"], "1", cast.ana, now)
    ask(problem, offers["Discount"], "12.5", cast.ana, now)
    client = Client()
    client.force_login(cast.ana)
    page = " ".join(client.get(f"/tickets/{problem.reference}/offers/").content.decode().split())
    for said in (
        "up to 25.00 USD by yourself", "1 month to 3 months.", "up to 1 month by yourself",
        "5 % to 40 % of the order.", "Free gift, 1 piece</a>: <strong>granted",
        "Discount, 12.5 %</a>: <strong>waiting",
    ):  # fmt: skip
        assert said in page
    told = [entry.data["offer"] for entry in problem.events.filter(kind__startswith="offer_")]
    assert sorted(told) == ["Discount, 12.5 %", "Free gift, 1 piece"]


def test_a_grant_reads_as_one_sentence_in_the_history(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    give(problem, offers["Credit"], "25", cast.ana, now)
    event = problem.events.get(kind=TicketEvent.Kind.OFFER_GRANTED)
    assert sentence(event, by="Ana") == "Ana granted an offer: Credit, 25.00 USD"


def test_approve_is_offered_to_who_may_give_so_much_and_refuse_to_all_who_decide(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    row = ask(problem, offers["Credit"], "300", cast.ana, now)
    base = f"/tickets/{problem.reference}/offers/"
    seen = {}
    for person in (cast.sue, cast.eve, cast.ben):
        client = Client()
        client.force_login(person)
        page = client.get(base).content.decode()
        seen[person.username] = (f"{row.pk}/approve/" in page, f"{row.pk}/refuse/" in page)
    assert seen == {"sue": (False, True), "eve": (True, True), "ben": (False, False)}


def test_who_approves_more_than_they_may_reads_why_in_the_panel(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    row = ask(problem, offers["Credit"], "300", cast.ana, now)
    client = Client()
    client.force_login(cast.sue)
    address = f"/tickets/{problem.reference}/offers/{row.pk}/approve/"
    answer = client.post(address, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "you may give 150.00 USD now" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "requested"


def test_who_may_not_offer_is_not_told_what_they_could_give(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    ask(problem, offers["Credit"], "300", cast.ana, now)
    client = Client()
    client.force_login(cast.eve)
    page = client.get(f"/tickets/{problem.reference}/offers/").content.decode()
    assert "by yourself" not in page
    assert "5 % to 40 % of the order." in " ".join(page.split())


def test_a_grant_that_is_none_does_not_exist(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.sue)
    for number in (999_999, 10**30):
        address = f"/tickets/{problem.reference}/offers/{number}/refuse/"
        assert client.post(address, {"reason": ""}).status_code == 404


def test_enter_in_the_reason_for_refusing_never_approves(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    ask(problem, offers["Credit"], "100", cast.ana, now)
    client = Client()
    client.force_login(cast.sue)
    page = client.get(f"/tickets/{problem.reference}/offers/").content.decode()
    [approving] = [form for form in page.split("<form ") if "/approve/" in form]
    assert 'name="reason"' not in approving.partition("</form>")[0]


def test_the_ledger_says_who_gave_and_who_only_asked(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: Any
) -> None:
    give(problem, offers["Free gift"], "1", cast.ana, now)
    row = ask(problem, offers["Credit"], "100", cast.ana, now)
    services.approve(grant=row, actor=cast.sue, now=now)
    client = Client()
    client.force_login(cast.ana)
    page = client.get(f"/tickets/{problem.reference}/offers/").content.decode()
    assert ">by Ana (Something we sold or did went wrong.)<" in page
    assert ">asked by Ana, granted by Sue (Fourth parcel)<" in page


def test_who_has_granted_reads_what_is_left_to_do_with_the_words_at_hand(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.ana)
    address = f"/tickets/{problem.reference}/offers/make/"
    fields = {"offer": offers["Credit"].pk, "key": "k", "amount": "10", "grant": "1"}
    page = client.post(address, fields, headers={"HX-Request": "true"}).content.decode()
    assert "Credit, 10.00 USD is granted. The customer does not know yet" in page
    [granted] = [each for each in page.split("<details ") if "data-insert" in each]
    assert granted.startswith('class="offer" open')
    fields = {"offer": offers["Refund"].pk, "key": "r", "amount": "10", "ask": "1"}
    page = client.post(address, fields, headers={"HX-Request": "true"}).content.decode()
    assert "is asked for. You are told by mail what is decided; promise nothing before." in page


def test_the_offers_ask_as_often_for_three_foreign_orders_as_for_thirty(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], now: datetime, client: Client
) -> None:
    ExchangeRate.objects.create(currency="EUR", rate="1.1", valid_from="2020-01-01")
    client.force_login(cast.ana)
    address = f"/tickets/{problem.reference}/offers/"
    client.get(address)
    asked = []
    for numbers in (range(3), range(3, 30)):
        for number in numbers:
            bought = {"number": f"E{number}", "currency": "EUR", "amount": 5, "placed_at": now}
            problem.orders.add(Order.objects.create(contact=cast.carla, **bought))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_script_is_put_into_the_reply_from_its_page_below_what_was_typed(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], client: Client, now: datetime
) -> None:
    script = Script.objects.create(name="Sorry", kind="apology", body="Sorry, {first_name}.")
    drafting.keep(ticket=problem, author=cast.ana, kind="reply", body="Dear Carla,", now=now)
    client.force_login(cast.ana)
    words = reverse("script-words", args=[problem.reference, script.pk])
    page = client.get(f"/tickets/{problem.reference}/scripts/").content.decode()
    assert f'action="{words}"' in page
    for _ in range(2):
        answer = client.post(words)
        assert answer.headers["Location"] == f"/tickets/{problem.reference}/#reply"
    assert Draft.objects.get().body == "Dear Carla,\n\nSorry, Carla."


def test_a_script_that_fits_no_more_is_not_put_in_and_that_is_said(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], client: Client
) -> None:
    script = Script.objects.create(name="Old", kind="apology", body="Sorry.", active=False)
    client.force_login(cast.ana)
    words = reverse("script-words", args=[problem.reference, script.pk])
    page = client.post(words, follow=True).content.decode()
    assert "This script is not offered on this ticket any more." in page
    assert not Draft.objects.exists()


def test_who_may_not_reply_is_offered_no_button_that_puts_words_into_a_reply(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer], client: Client, now: datetime
) -> None:
    triage.involve(ticket=problem, user=cast.eve, because="asked", now=now)
    client.force_login(cast.eve)
    address = f"/tickets/{problem.reference}/scripts/"
    assert "Put into the reply" not in client.get(address).content.decode()
    client.force_login(cast.ana)
    assert "Put into the reply" in client.get(address).content.decode()
    Ticket.objects.filter(pk=problem.pk).update(status="closed", closed_at=now)
    assert "Put into the reply" not in client.get(address).content.decode()
