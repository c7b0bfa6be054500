"""What was offered on a ticket counts where the ticket is merged into: one matter, one grant."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from kb.offers import services
from kb.offers.models import Grant, LedgerEntry
from tests.kb.conftest import Offers, ask, give
from tickets import access
from tickets.access import Action
from tickets.errors import Conflict, Over
from tickets.models import Ticket, TicketEvent
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.services import triage

Opens = Callable[..., Ticket]
Merges = Callable[[Ticket, Ticket], None]


@pytest.fixture
def merge(cast: SimpleNamespace, now: datetime) -> Merges:
    def merged(source: Ticket, target: Ticket) -> None:
        triage.merge(source=source, target=target, actor=cast.ben, now=now)

    return merged


def told(subject: str) -> list[str]:
    mails = OutgoingMail.objects.filter(subject__contains=subject)
    return list(Delivery.objects.filter(mail__in=mails).values_list("email", flat=True))


def test_a_grant_comes_along_and_is_not_given_again(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    first, second = broken(), broken()
    row = give(first, offers["Credit"], "10", cast.ana, now)
    merge(first, second)
    assert list(second.grants.all()) == [row]
    with pytest.raises(Conflict, match="Ana"):
        give(second, offers["Credit"], "10", cast.ben, now)
    with pytest.raises(Conflict, match="Ana"):
        ask(second, offers["Credit"], "100", cast.ben, now)
    assert LedgerEntry.objects.count() == 1
    services.reverse(grant=second.grants.get(), actor=cast.sue, reason="Wrong customer", now=now)
    assert give(second, offers["Credit"], "10", cast.ben, now).state == "granted"


def test_a_grant_comes_along_through_two_merges(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    first, second, third = broken(), broken(), broken()
    give(first, offers["Credit"], "10", cast.ana, now)
    merge(first, second)
    merge(second, third)
    with pytest.raises(Conflict, match="Ana"):
        give(third, offers["Credit"], "10", cast.ben, now)


def test_two_grants_made_before_the_merge_both_stand_and_both_must_be_taken_back_first(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    tickets = [broken(), broken(), broken()]
    for ticket in tickets:
        give(ticket, offers["Credit"], "10", cast.ana, now)
    merge(tickets[0], tickets[1])
    merge(tickets[1], tickets[2])
    target = tickets[2]
    for row in target.grants.all():
        with pytest.raises(Conflict):
            give(target, offers["Credit"], "5", cast.ben, now)
        services.reverse(grant=row, actor=cast.sue, reason="Twice", now=now)
    assert target.grants.count() == 3
    assert give(target, offers["Credit"], "5", cast.ben, now).state == "granted"


def test_what_is_merged_away_is_offered_nothing_any_more(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    first, second = broken(), broken()
    stale = Ticket.objects.get(pk=first.pk)
    merge(first, second)
    for make in (give, ask):
        with pytest.raises(Over, match=second.reference):
            make(stale, offers["Credit"], "10", cast.ana, now)
    assert services.available(ticket=first, user=cast.ana, now=now) == []
    client = Client()
    client.force_login(cast.ana)
    page = client.get(f"/tickets/{first.reference}/offers/").content.decode()
    assert f"/tickets/{second.reference}/offers/" in page
    assert not Grant.objects.exists()


def test_what_was_asked_comes_along_and_is_decided_there(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    first, second = broken(), broken(team=cast.billing)
    row = ask(first, offers["Credit"], "100", cast.ana, now)
    merge(first, second)
    for decide in (services.approve, services.refuse):
        with pytest.raises(Conflict, match=second.reference):
            decide(grant=row, actor=cast.sue, now=now)
    moved = second.grants.get()
    assert cast.stan.email in told("Approval asked"), "who leads the other team is asked now"
    assert access.may(cast.stan, Action.APPROVE_OFFER, moved.ticket)
    assert services.approve(grant=moved, actor=cast.stan, now=now).state == "granted"


@pytest.mark.parametrize("granted_on", ["source", "target", "neither"])
def test_of_two_only_one_is_left_to_decide(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime,
    granted_on: str,
) -> None:  # fmt: skip
    source, target = broken(), broken()
    made: dict[str, Grant] = {}
    for name, ticket in (("source", source), ("target", target)):
        make: Any = give if granted_on == name else ask
        made[name] = make(ticket, offers["Credit"], "10", cast.ana, now)
    merge(source, target)
    lost = made["target" if granted_on == "source" else "source"]
    lost.refresh_from_db()
    assert (lost.state, lost.decided_by, lost.ticket) == ("refused", cast.ben, target)
    assert source.reference in lost.decision
    assert target.grants.filter(state__in=["requested", "granted"]).count() == 1
    assert target.events.get(kind=TicketEvent.Kind.OFFER_REFUSED).data["grant"] == lost.pk
    assert told("refused") == [cast.ana.email]


def test_an_ask_gives_way_to_a_second_grant_too_once_the_first_was_taken_back(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    first, target, asking = broken(), broken(), broken()
    second = give(first, offers["Credit"], "10", cast.ana, now)
    main = give(target, offers["Credit"], "10", cast.ana, now)
    merge(first, target)
    services.reverse(grant=main, actor=cast.sue, reason="Given twice", now=now)
    row = ask(asking, offers["Credit"], "100", cast.ben, now)
    merge(asking, target)
    row.refresh_from_db()
    assert row.state == "refused"
    assert "granted already" in row.decision
    assert list(target.grants.filter(state__in=["requested", "granted"])) == [second]


def test_an_ask_that_nobody_may_approve_there_is_withdrawn(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    source, target = broken(), broken(team=cast.billing)
    row = ask(source, offers["Credit"], "100", cast.ana, now)
    offers["Credit"].authorities.exclude(role__in=["agent", "supervisor"]).delete()
    cast.stan.is_active = False
    cast.stan.save()
    merge(source, target)
    row.refresh_from_db()
    assert (row.state, row.ticket) == ("refused", target)
    assert "Nobody" in row.decision


def test_nobody_who_cannot_see_the_other_ticket_decides_about_what_went_there(
    cast: SimpleNamespace, offers: Offers, broken: Opens, merge: Merges, now: datetime
) -> None:
    source, target = broken(), broken(team=cast.billing)
    row = give(source, offers["Credit"], "10", cast.ana, now)
    stale = Grant.objects.get(pk=row.pk)
    merge(source, target)
    with pytest.raises(Conflict, match=target.reference):
        services.reverse(grant=stale, actor=cast.sue, reason="Mine", now=now)


def test_the_link_of_the_mail_leads_to_it_after_a_merge_and_decides_there(
    cast: SimpleNamespace,
    offers: Offers,
    broken: Opens,
    merge: Merges,
    now: datetime,
    client: Client,
) -> None:
    asked_on, target = broken(), broken()
    row = ask(asked_on, offers["Credit"], "100", cast.ana, now)
    merge(asked_on, target)
    client.force_login(cast.sue)
    address = f"/tickets/{asked_on.reference}/offers/{row.pk}/"
    page = client.get(address)
    assert page.status_code == 200
    assert target.reference in page.content.decode()
    assert client.post(f"{address}approve/", {"page": "1"}, follow=True).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("granted", cast.sue)
