"""By whose authority: the month's limit, whom an approval is asked of, and what they may approve."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from kb.offers import services
from kb.offers.models import Authority, Budget, Grant, LedgerEntry, Offer
from tests.kb.conftest import Offers, ask, give
from tests.outbox.conftest import at_once, many_connections
from tickets import access
from tickets.access import Action, NotAllowed
from tickets.errors import Invalid, ServiceRefused
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import ExchangeRate, Membership, User
from tickets.services import absences, triage

__all__ = ["many_connections"]
Opens = Callable[..., Ticket]


def a_month(offer: Offer, role: str, most: str) -> None:
    Authority.objects.filter(offer=offer, role=role).update(most_a_month=Decimal(most))


def limit_of(user: User, ticket: Ticket, offer: Offer, now: datetime) -> Decimal:
    options = services.available(ticket=ticket, user=user, now=now)
    return next(each.limit for each in options if each.offer == offer)


def asked() -> set[str]:
    mails = OutgoingMail.objects.filter(subject__startswith="Approval asked")
    return set(Delivery.objects.filter(mail__in=mails).values_list("email", flat=True))


@pytest.mark.django_db(transaction=True)
def test_grants_on_many_tickets_at_once_stay_within_the_month(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime, many_connections: int
) -> None:
    a_month(offers["Credit"], "agent", "30")
    tickets = [broken() for _ in range(many_connections)]

    def attempt(ticket: Ticket) -> str:
        try:
            give(ticket, offers["Credit"], "10", cast.ana, now)
        except ServiceRefused as refusal:
            return str(refusal)
        return "granted"

    ends = at_once([lambda ticket=ticket: attempt(ticket) for ticket in tickets])
    assert ends.count("granted") == 3
    assert all("supervisor" in end for end in ends if end != "granted")
    assert sum(LedgerEntry.objects.values_list("cost", flat=True)) == 30


@pytest.mark.django_db(transaction=True)
def test_approvals_on_many_tickets_at_once_stay_within_the_approvers_month(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime, many_connections: int
) -> None:
    rows = [ask(broken(), offers["Credit"], "100", cast.ana, now) for _ in range(many_connections)]
    a_month(offers["Credit"], "supervisor", "200")

    def attempt(row: Grant) -> str:
        try:
            return services.approve(grant=row, actor=cast.sue, now=now).state
        except NotAllowed as refusal:
            return str(refusal)

    ends = at_once([lambda row=row: attempt(row) for row in rows])
    assert ends.count("granted") == 2


def test_what_somebody_approved_counts_in_their_month_and_not_in_the_askers(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    credit = offers["Credit"]
    a_month(credit, "agent", "40")
    a_month(credit, "supervisor", "150")
    services.approve(grant=ask(broken(), credit, "100", cast.ana, now), actor=cast.sue, now=now)
    other = broken()
    assert limit_of(cast.ana, other, credit, now) == 25
    assert limit_of(cast.sue, other, credit, now) == 50
    with pytest.raises(NotAllowed, match=r"50\.00"):
        services.approve(grant=ask(other, credit, "60", cast.ana, now), actor=cast.sue, now=now)


def test_an_approval_counts_in_the_month_in_which_it_was_given(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    credit = offers["Credit"]
    a_month(credit, "supervisor", "150")
    row = ask(broken(), credit, "100", cast.ana, now)
    services.approve(grant=row, actor=cast.sue, now=now + timedelta(days=31))
    assert limit_of(cast.sue, broken(), credit, now + timedelta(days=31)) == 50


def test_what_was_taken_back_is_free_to_give_again(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    a_month(offers["Credit"], "agent", "30")
    row = give(broken(), offers["Credit"], "20", cast.ana, now)
    assert limit_of(cast.ana, broken(), offers["Credit"], now) == 10
    services.reverse(grant=row, actor=cast.sue, reason="Wrong customer", now=now)
    assert limit_of(cast.ana, broken(), offers["Credit"], now) == 25


@pytest.mark.parametrize(("amount", "person"), [("120", "sue"), ("300", "eve"), ("5000", "ada")])
def test_an_approval_is_asked_of_the_nearest_who_may_give_it_and_they_can(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime, amount: str, person: str
) -> None:
    Offer.objects.filter(name="Credit").update(most=Decimal(5000))
    Authority.objects.filter(offer__name="Credit", role="admin").update(most=Decimal(5000))
    row = ask(problem, Offer.objects.get(name="Credit"), amount, cast.ana, now)
    asked_of = getattr(cast, person)
    assert asked() == {asked_of.email}
    fresh = Ticket.objects.get(pk=problem.pk)
    assert access.ticket_for(asked_of, fresh.reference, action=Action.APPROVE_OFFER) == fresh
    event = problem.events.get(kind=TicketEvent.Kind.OFFER_REQUESTED)
    assert event.data["told"] == [asked_of.name]
    assert services.approve(grant=row, actor=asked_of, now=now).state == "granted"


def test_a_lead_whose_month_is_used_up_is_passed_over(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    a_month(offers["Credit"], "supervisor", "150")
    give(broken(), offers["Credit"], "140", cast.sue, now)
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.eve.email}


def test_an_admin_who_leads_the_team_is_asked_like_its_supervisors(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    Membership.objects.create(user=cast.ada, team=cast.support, leads=True)
    ask(problem, offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.sue.email, cast.ada.email}


def test_who_is_out_of_office_is_passed_over_and_asked_only_where_nobody_else_is_left(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    def out(person: User) -> None:
        absences.plan(
            person=person, starts_at=now, ends_at=now + timedelta(days=2), actor=cast.ada, now=now
        )

    out(cast.sue)
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.eve.email}
    User.objects.filter(pk__in=[cast.eve.pk, cast.ada.pk]).update(is_active=False)
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.eve.email, cast.sue.email}


def test_who_cannot_be_told_is_asked_only_where_nobody_else_is_left(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    User.objects.filter(pk=cast.sue.pk).update(email="")
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.eve.email}
    Authority.objects.filter(offer=offers["Credit"], role__in=["executive", "admin"]).delete()
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert services.approve(grant=row, actor=cast.sue, now=now).state == "granted"


def test_what_nobody_may_approve_is_refused_at_once_and_nothing_is_asked(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    Authority.objects.filter(offer=offers["Credit"]).exclude(role="agent").delete()
    with pytest.raises(Invalid, match=r"^Nobody can approve this") as refusal:
        ask(problem, offers["Credit"], "120", cast.ana, now)
    assert refusal.value.field == "amount"
    assert not Grant.objects.exists()
    assert not OutgoingMail.objects.filter(purpose="alert").exists()


def test_who_cannot_approve_is_not_named_as_an_approver(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    Authority.objects.filter(offer=offers["Credit"]).exclude(role="agent").delete()
    Authority.objects.create(offer=offers["Credit"], role="expert", most=Decimal(500))
    [option] = [
        each
        for each in services.available(ticket=problem, user=cast.ana, now=now)
        if each.offer == offers["Credit"]
    ]
    assert option.needs_approval_by == ""


def test_a_month_begins_where_the_company_is(
    cast: SimpleNamespace, offers: Offers, broken: Opens, settings: Any
) -> None:
    settings.TIME_ZONE = "America/New_York"
    a_month(offers["Credit"], "agent", "20")
    budget = Budget.objects.create(team=cast.support, month=date(2026, 3, 1), amount=Decimal(500))
    evening = datetime(2026, 4, 1, 2, tzinfo=UTC)  # 31 March, 22:00 in New York
    give(broken(), offers["Credit"], "20", cast.ana, evening)
    budget.refresh_from_db()
    assert budget.spent == 20
    assert limit_of(cast.ana, broken(), offers["Credit"], evening) == 0
    morning = evening + timedelta(hours=3)
    assert limit_of(cast.ana, broken(), offers["Credit"], morning) == 20


def test_what_is_left_below_the_least_is_nothing_to_give(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime
) -> None:
    a_month(offers["Credit"], "agent", "20")
    give(broken(), offers["Credit"], "19.50", cast.ana, now)
    assert limit_of(cast.ana, broken(), offers["Credit"], now) == 0


def test_whoever_leads_the_next_team_is_asked_when_the_ticket_moves_there(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "100", cast.ana, now)
    assert asked() == {cast.sue.email}
    triage.move_to_team(ticket=problem, team=cast.billing, actor=cast.ana, now=now)
    assert asked() == {cast.sue.email, cast.stan.email}
    assert services.approve(grant=row, actor=cast.stan, now=now).state == "granted"


def test_what_is_not_offered_any_more_is_not_approved(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "100", cast.ana, now)
    Offer.objects.filter(name="Credit").update(active=False)
    with pytest.raises(Invalid, match="not offered any more"):
        services.approve(grant=row, actor=cast.sue, now=now)
    assert services.refuse(grant=row, actor=cast.sue, now=now).state == "refused"


def test_an_approval_is_booked_at_the_rate_of_its_own_day(
    cast: SimpleNamespace, offers: Offers, problem: Ticket, now: datetime
) -> None:
    Offer.objects.filter(name="Credit").update(currency="EUR")
    ExchangeRate.objects.create(currency="EUR", rate="1.1", valid_from=now.date())
    row = ask(problem, Offer.objects.get(name="Credit"), "100", cast.ana, now)
    later = now + timedelta(days=2)
    ExchangeRate.objects.create(currency="EUR", rate="1.3", valid_from=later.date())
    approved = services.approve(grant=row, actor=cast.sue, now=later)
    assert (approved.cost, LedgerEntry.objects.get().cost) == (130, 130)
