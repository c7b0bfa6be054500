"""The ticket's panels of this floor, as pages and as fragments."""

from types import SimpleNamespace

from django.test import Client

from kb.offers.models import Grant, Offer
from tickets.models import Ticket


def test_an_agent_grants_and_sees_it_in_the_ledger(
    cast: SimpleNamespace, problem: Ticket, offers: dict[str, Offer]
) -> None:
    client = Client()
    client.force_login(cast.ana)
    base = f"/tickets/{problem.reference}/offers/"
    page = client.get(base)
    assert "What you may offer here" in page.content.decode()
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
    assert "lies between" in answer.content.decode()
    assert "9999999" in answer.content.decode()
    assert not Grant.objects.exists()


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
