"""Offers: who may give what, once, within budget; and taking it back."""

import threading
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Sum

from kb.offers import services
from kb.offers.models import Budget, Grant, LedgerEntry
from kb.offers.services.granting import USED
from tests.kb.conftest import Offers, ask, give
from tickets.access import NotAllowed
from tickets.errors import Conflict, Invalid, ServiceRefused
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Order


def test_only_offers_whose_situation_fits_are_shown_with_the_reason_and_ones_limit(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    options = {
        option.offer.name: option
        for option in services.available(ticket=problem, user=cast.ana, now=now)
    }
    assert set(options) == {"Credit", "Discount", "Refund", "Free gift"}
    assert options["Credit"].limit == 25
    assert options["Credit"].reason == "Something we sold or did went wrong."
    assert "supervisor" in options["Credit"].needs_approval_by
    assert options["Refund"].limit == 0


def test_a_missed_deadline_opens_the_offers_for_lateness(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: Any
) -> None:
    Ticket.objects.filter(pk=problem.pk).update(is_late=True, category=cast.question)
    late = Ticket.objects.get(pk=problem.pk)
    names = {o.offer.name for o in services.available(ticket=late, user=cast.ana, now=now)}
    assert "Free month" in names


def test_within_ones_authority_an_offer_is_granted_booked_and_told(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    grant = give(problem, offers["Credit"], "25", cast.ana, now)
    assert grant.state == "granted"
    assert LedgerEntry.objects.get(grant=grant).cost == 25
    assert problem.events.filter(kind=TicketEvent.Kind.OFFER_GRANTED).count() == 1


def test_one_cent_above_ones_authority_is_refused_with_who_can_approve(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    with pytest.raises(Invalid, match="supervisor"):
        give(problem, offers["Credit"], "25.01", cast.ana, now)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-5", "0", "1e30", "10.001", "0.999", "501", "sNaN"]
)
def test_impossible_amounts_are_refused_at_the_field(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any, amount: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        give(problem, offers["Credit"], amount, cast.ada, now)
    assert refusal.value.field == "amount"
    assert not Grant.objects.exists()


def test_half_a_gift_cannot_be_given(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    with pytest.raises(Invalid, match="step"):
        give(problem, offers["Free gift"], "1.5", cast.sue, now)


def test_the_same_request_twice_is_one_grant(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    first = give(problem, offers["Credit"], "10", cast.ana, now, key="click")
    second = give(problem, offers["Credit"], "10", cast.ana, now, key="click")
    assert first.pk == second.pk
    assert LedgerEntry.objects.count() == 1


def test_a_second_grant_of_a_living_offer_is_refused_naming_the_first(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    give(problem, offers["Credit"], "10", cast.ana, now, key="one")
    with pytest.raises(Conflict, match="Ana"):
        give(problem, offers["Credit"], "10", cast.ben, now, key="two")


def test_an_executive_who_was_only_shown_a_ticket_cannot_grant(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    with pytest.raises(NotAllowed):
        give(problem, offers["Credit"], "10", cast.eve, now)
    assert not Grant.objects.exists()


def test_above_authority_the_supervisor_is_told_and_approves_once(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    grant = ask(problem, offers["Credit"], "120", cast.ana, now)
    alert = OutgoingMail.objects.get(purpose="alert")
    assert cast.sue.email in {row.email for row in alert.deliveries.all()}
    services.approve(grant=grant, actor=cast.sue, now=now)
    with pytest.raises(Conflict, match="Sue"):
        services.approve(grant=grant, actor=cast.ada, now=now)
    assert LedgerEntry.objects.get().cost == 120


def test_nobody_approves_their_own_request(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    grant = ask(problem, offers["Credit"], "120", cast.sue, now)
    with pytest.raises(NotAllowed, match="own"):
        services.approve(grant=grant, actor=cast.sue, now=now)


def test_an_agent_approves_nothing(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    grant = ask(problem, offers["Credit"], "20", cast.ana, now)
    with pytest.raises(NotAllowed):
        services.approve(grant=grant, actor=cast.ben, now=now)


def test_a_supervisor_cannot_approve_more_than_she_may_give(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    grant = ask(problem, offers["Credit"], "300", cast.ana, now)
    with pytest.raises(NotAllowed, match="more than"):
        services.approve(grant=grant, actor=cast.sue, now=now)


def test_a_tab_in_an_offers_name_keeps_nobody_from_asking(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: Any
) -> None:
    offer = offers["Credit"]
    offer.name = "Cre\tdit"
    offer.save()
    row = ask(problem, offer, "100", cast.ana, now)
    services.refuse(grant=row, actor=cast.sue, now=now)
    asked, said = OutgoingMail.objects.filter(purpose="alert").order_by("pk")
    assert asked.subject == "Approval asked: Cre dit, 100.00 USD"
    assert said.subject == "Cre dit, 100.00 USD: refused"


def test_a_refused_request_can_be_asked_again(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    first = ask(problem, offers["Credit"], "100", cast.ana, now, key="one")
    services.refuse(grant=first, actor=cast.sue, now=now, reason="Too much")
    assert ask(problem, offers["Credit"], "50", cast.ana, now, key="two").state == "requested"


def test_the_budget_is_never_exceeded_and_comes_back_with_a_reversal(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    budget = Budget.objects.create(team=cast.support, month=date(2026, 3, 1), amount=Decimal(20))
    with pytest.raises(Invalid, match="budget"):
        give(problem, offers["Credit"], "20.01", cast.ana, now, key="too much")
    grant = give(problem, offers["Credit"], "20", cast.ana, now)
    services.reverse(grant=grant, actor=cast.sue, reason="Wrong customer", now=now)
    budget.refresh_from_db()
    assert budget.spent == 0
    assert LedgerEntry.objects.aggregate(sum=Sum("cost"))["sum"] == 0
    with pytest.raises(Conflict):
        services.reverse(grant=grant, actor=cast.sue, reason="Again", now=now)


@pytest.mark.parametrize(("percent", "cost"), [("5", "5.01"), ("10", "10.01"), ("6.5", "6.51")])
def test_a_cost_is_rounded_to_the_nearest_cent_and_half_a_cent_up(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any, percent: str, cost: str
) -> None:
    problem.orders.add(
        Order.objects.create(
            number="A-1", contact=cast.carla, amount=Decimal("100.10"), placed_at=now
        )
    )
    grant = give(problem, offers["Discount"], percent, cast.sue, now)
    assert grant.cost == Decimal(cost)


def test_percent_of_an_order_whose_worth_is_not_known_cannot_be_booked(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    problem.orders.add(
        Order.objects.create(
            number="A-1", contact=cast.carla, amount=Decimal(100), currency="EUR", placed_at=now
        )
    )
    with pytest.raises(Invalid, match="exchange rate from EUR") as refusal:
        give(problem, offers["Discount"], "10", cast.ana, now)
    assert refusal.value.field == "amount"
    assert not Grant.objects.exists()


def race(count: int, attempt: Any) -> list[str]:
    """Runs ``attempt(n)`` on ``count`` threads at one moment; returns how each ended."""
    barrier, ends = threading.Barrier(count), []

    def run(number: int) -> None:
        barrier.wait(timeout=30)
        try:
            attempt(number)
            ends.append("done")
        except ServiceRefused as refusal:
            ends.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


@pytest.mark.django_db(transaction=True)
def test_many_threads_granting_one_offer_have_one_winner(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    count = 50 if connection.vendor == "postgresql" else 8
    ends = race(
        count, lambda n: give(problem, offers["Credit"], "10", cast.ana, now, key=f"click {n}")
    )
    assert len(ends) == count
    assert ends.count("done") == 1
    assert all("Ana" in end for end in ends if end != "done"), "the others are told who was first"
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_threads_with_one_key_book_once_and_all_see_the_grant(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: Any
) -> None:
    count = 20 if connection.vendor == "postgresql" else 5
    ends = race(count, lambda _: give(problem, offers["Credit"], "10", cast.ana, now, key="same"))
    assert ends.count("done") == count
    assert LedgerEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_on_many_tickets_is_granted_on_one_and_refused_in_words_on_the_others(
    cast: SimpleNamespace, broken: Any, offers: Offers, now: Any
) -> None:
    tickets = [broken() for _ in range(8)]
    ends = race(8, lambda n: give(tickets[n], offers["Credit"], "10", cast.ana, now, key="same"))
    assert ends.count("done") == 1
    assert set(ends) == {"done", USED}
    assert len(ends) == 8
