"""Tickets that are about an incident, and what comes of it."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.incidents import services
from escalation.incidents.impact import Impact, impact_of, might_be_hit
from escalation.incidents.models import AffectedTicket, Component, Incident, SeverityRule, Telling
from escalation.incidents.services import worsening
from escalation.incidents.touching import candidates, touching
from tests import factories
from tests.escalation.conftest import sweep
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.access import NotAllowed
from tickets.errors import Over
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.services import triage


def test_a_ticket_is_linked_once_and_says_so(broken: SimpleNamespace, now: datetime) -> None:
    incident, ticket = declared(broken, now), factories.ticket(broken, now)
    for _ in range(2):
        services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
    assert factories.kinds(ticket).count("incident_linked") == 1
    assert AffectedTicket.objects.count() == 1


def test_nobody_links_a_ticket_they_do_not_see(broken: SimpleNamespace, now: datetime) -> None:
    incident, ticket = declared(broken, now), factories.ticket(broken, now)
    with pytest.raises(NotAllowed):
        services.link(incident=incident, tickets=[ticket], actor=broken.bo, now=now)


def test_what_a_merge_has_taken_away_is_not_linked(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    one, two = factories.ticket(broken, now), factories.ticket(broken, now)
    seen_before = Ticket.objects.get(pk=one.pk)
    triage.merge(source=one, target=two, actor=broken.ana, now=now)
    with pytest.raises(Over):
        services.link(incident=incident, tickets=[seen_before], actor=broken.ana, now=now)
    assert not AffectedTicket.objects.exists()


def test_nothing_is_linked_to_what_was_resolved_meanwhile(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, ticket = declared(broken, now), factories.ticket(broken, now)
    seen_before = Incident.objects.get(pk=incident.pk)
    services.say(incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved")
    with pytest.raises(Over, match="nothing is linked to it any more"):
        services.link(incident=seen_before, tickets=[ticket], actor=broken.ana, now=now)
    assert not AffectedTicket.objects.exists()


def test_taken_off_its_customer_hears_no_more(broken: SimpleNamespace, now: datetime) -> None:
    incident, ticket = declared(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    services.unlink(incident=incident, ticket=ticket, actor=broken.ana, now=now)
    services.spread_next(now)
    assert Telling.objects.get().because == "taken off the incident"
    assert not OutgoingMail.objects.filter(purpose="reply").exists()


def test_a_merge_takes_incidents_along_and_tells_nobody_twice(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    one, two = factories.ticket(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one, two], actor=broken.ana, now=now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    triage.merge(source=one, target=two, actor=broken.ana, now=now)
    services.spread_next(now)
    assert list(AffectedTicket.objects.values_list("ticket", flat=True)) == [two.pk]
    assert two.messages.filter(kind="progress").count() == 1


@pytest.mark.parametrize("how", ["product", "organisation", "words", "link"])
def test_an_open_incident_stands_beside_whom_it_touches_and_says_why(
    broken: SimpleNamespace, now: datetime, how: str
) -> None:
    ticket = factories.ticket(broken, now)
    broken.carla.products.clear()
    fields: dict[str, object] = {"components": []}
    if how == "product":
        broken.carla.products.add(broken.hub)
        fields = {}
    elif how == "organisation":
        fields |= {"organizations": [broken.acme]}
    elif how == "words":
        fields |= {"customers_write": "flickers, hums"}
    incident = declared(broken, now, **fields)
    if how == "link":
        services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
    said = {
        "product": "The customer uses Hub, which needs Updates.",
        "organisation": "It touches Acme.",
        "words": "The customer wrote «hums».",
        "link": "This ticket is linked to it.",
    }
    assert [each.because for each in touching(ticket)] == [said[how]]


def test_it_stands_beside_nobody_else(broken: SimpleNamespace, now: datetime) -> None:
    declared(broken, now, customers_write="flickers")
    other = factories.ticket(broken, now, requester=broken.carl)
    assert touching(other) == []


def test_what_is_over_stands_only_beside_linked_tickets(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    one, two = factories.ticket(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    services.say(incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved")
    assert [each.is_linked for each in touching(one)] == [True]
    assert touching(two) == []


def test_the_panel_asks_the_same_of_the_database_for_one_and_for_many(
    broken: SimpleNamespace, now: datetime, django_assert_max_num_queries: object
) -> None:
    ticket = factories.ticket(broken, now)
    for number in range(12):
        declared(broken, now, title=f"Incident {number}", customers_write=f"word{number}")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(touching(ticket)) == 12


def test_tickets_that_may_be_about_it_are_found_by_product_and_by_words(
    broken: SimpleNamespace, now: datetime
) -> None:
    old = factories.ticket(broken, now - 9 * HOUR)
    uses = factories.ticket(broken, now)
    says = factories.ticket(
        broken, now, requester=broken.carl, subject="Trouble", body="It restarts in a circle."
    )
    neither = factories.ticket(broken, now, requester=broken.carl)
    incident = declared(broken, now, customers_write="restarts")
    found = candidates(incident, broken.ana)
    assert [(each.ticket, each.is_said) for each in found] == [(says, True), (uses, False)]
    assert candidates(incident, broken.bo) == []
    seen = {each.ticket for each in candidates(incident, broken.ada)}
    assert seen == {says, uses}
    assert {old, neither}.isdisjoint(seen)


def test_impact_counts_tickets_customers_tiers_orders_and_promises(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    one = factories.ticket(broken, now)
    two = factories.ticket(broken, now, requester=broken.carl)
    one.orders.add(factories.order(broken.carla, now, amount="700"))
    services.link(incident=incident, tickets=[one, two], actor=broken.ana, now=now)
    impact = impact_of(incident, now)
    assert (impact.tickets, impact.active, impact.customers, impact.organizations) == (2, 2, 2, 1)
    assert [(each.name, each.customers) for each in impact.tiers] == [("Gold", 1)]
    assert [(each.currency, each.number, each.total) for each in impact.orders] == [("USD", 1, 700)]
    assert might_be_hit(incident).number == 1


def test_promises_about_to_break_and_broken_are_counted(
    desk: SimpleNamespace, now: datetime
) -> None:
    desk.updates = Component.objects.create(name="Updates")
    factories.ticket(desk, now)  # so that no clock has the number of its ticket
    incident, ticket = declared(desk, now), factories.ticket(desk, now)
    services.link(incident=incident, tickets=[ticket], actor=desk.ana, now=now)
    ticket.refresh_from_db()
    due = ticket.next_due_at
    assert due is not None
    before, near = impact_of(incident, due - 2 * HOUR), impact_of(incident, due - MINUTE)
    assert (before.soon, before.late) == (0, 0)
    assert (near.soon, near.late, near.next_due_at) == (1, 0, due)
    sweep(due + MINUTE)
    assert impact_of(incident, due + MINUTE).late == 1


def rule(**fields: object) -> SeverityRule:
    given: dict[str, object] = {"measure": "tickets", "at_least": 2, "severity": 2}
    return SeverityRule.objects.create(**given | fields)


def test_a_rule_raises_it_once_so_many_tickets_are_linked_and_says_why(
    broken: SimpleNamespace, now: datetime
) -> None:
    rule()
    incident = declared(broken, now)
    OutgoingMail.objects.all().delete()
    one, two = factories.ticket(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    assert impact_of(incident, now).tickets == 1
    incident.refresh_from_db()
    assert incident.severity == 1
    services.link(incident=incident, tickets=[two], actor=broken.ana, now=now)
    incident.refresh_from_db()
    assert incident.severity == 2
    assert "2 linked tickets that are open" in incident.updates.first().text
    assert OutgoingMail.objects.filter(subject__contains="Major").count() == 1


def test_who_lowers_it_again_knows_better_than_the_rule(
    broken: SimpleNamespace, now: datetime
) -> None:
    rule(at_least=1)
    incident, ticket = declared(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
    incident.refresh_from_db()
    services.change(incident=incident, actor=broken.sue, now=now, severity=1)
    assert services.judge_open(now) == 0
    incident.refresh_from_db()
    assert incident.severity == 1


def test_customers_of_a_tier_or_a_better_one_are_counted(
    broken: SimpleNamespace, now: datetime
) -> None:
    rule(measure="tier", tier=broken.gold, at_least=1, severity=3)
    incident = declared(broken, now)
    plain = factories.ticket(broken, now, requester=broken.carl)
    services.link(incident=incident, tickets=[plain], actor=broken.ana, now=now)
    incident.refresh_from_db()
    assert incident.severity == 1
    gold = factories.ticket(broken, now)
    services.link(incident=incident, tickets=[gold], actor=broken.ana, now=now)
    incident.refresh_from_db()
    assert incident.severity == 3


def test_one_incident_that_cannot_be_judged_keeps_no_other(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(at_least=1)
    good, bad = declared(broken, now), declared(broken, now, severity=1, started_at=now)
    for incident in (good, bad):
        AffectedTicket.objects.create(
            incident=incident, ticket=factories.ticket(broken, now), linked_at=now
        )

    def impact(incident: Incident, now: datetime) -> Impact:
        if incident == bad:
            raise ValueError("no numbers")
        return impact_of(incident, now)

    monkeypatch.setattr(worsening, "impact_of", impact)
    assert services.judge_open(now) == 1


def test_promises_come_near_by_themselves(desk: SimpleNamespace, now: datetime) -> None:
    desk.updates = Component.objects.create(name="Updates")
    rule(measure="soon", at_least=1)
    incident, ticket = declared(desk, now), factories.ticket(desk, now)
    services.link(incident=incident, tickets=[ticket], actor=desk.ana, now=now)
    ticket.refresh_from_db()
    due = ticket.next_due_at
    assert due is not None
    assert services.judge_open(due - 2 * HOUR) == 0
    assert services.judge_open(due - MINUTE) == 1
    assert services.judge_open(due - MINUTE) == 0


@pytest.mark.parametrize("told_on", ["source", "target"])
def test_where_one_of_two_was_told_before_they_merge_they_hear_it_once(
    broken: SimpleNamespace, now: datetime, told_on: str
) -> None:
    incident = declared(broken, now)
    source, target = factories.ticket(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[source, target], actor=broken.ana, now=now)
    update = services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True
    )
    first, second = (source, target) if told_on == "source" else (target, source)
    update.tellings.create(ticket=first, next_at=now)
    services.spread_next(now)
    update.tellings.create(ticket=second, next_at=now)
    triage.merge(source=source, target=target, actor=broken.ana, now=now)
    services.spread_next(now + HOUR)
    assert target.messages.filter(kind="progress").count() == 1
    assert list(update.tellings.values_list("ticket", "state")) == [(target.pk, "told")]


@pytest.mark.parametrize("told_on", ["source", "target"])
def test_where_two_customers_meet_the_one_who_has_not_heard_hears_it(
    broken: SimpleNamespace, now: datetime, told_on: str
) -> None:
    incident = declared(broken, now)
    source = factories.ticket(broken, now)
    target = factories.ticket(broken, now, requester=broken.carl)
    services.link(incident=incident, tickets=[source, target], actor=broken.ana, now=now)
    update = services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True
    )
    first, second = (source, target) if told_on == "source" else (target, source)
    update.tellings.create(ticket=first, next_at=now)
    services.spread_next(now)
    update.tellings.create(ticket=second, next_at=now)
    triage.merge(
        source=source, target=target, actor=broken.ana, now=now, other_customer=broken.carl.pk
    )
    services.spread_next(now + HOUR)
    heard = set(Delivery.objects.filter(mail__purpose="reply").values_list("email", flat=True))
    assert heard == {"carla@acme.example", "carl@home.example"}
    assert target.messages.filter(kind="progress").count() == 2


@pytest.mark.parametrize(("lowered_to", "becomes"), [(1, 1), (2, 2)])
def test_who_lowers_it_knows_better_than_a_rule_that_was_reached_while_it_was_worse(
    broken: SimpleNamespace, now: datetime, lowered_to: int, becomes: int
) -> None:
    rule(at_least=1, severity=2), rule(at_least=1, severity=3)
    incident, ticket = declared(broken, now, severity=3), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
    services.change(incident=incident, actor=broken.sue, now=now, severity=lowered_to)
    services.judge_open(now + MINUTE)
    incident.refresh_from_db()
    assert incident.severity == becomes


def test_a_rule_that_was_not_reached_when_it_was_lowered_raises_it_later(
    broken: SimpleNamespace, now: datetime
) -> None:
    rule(at_least=2)
    incident = declared(broken, now, severity=3)
    one, two = factories.ticket(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    services.change(incident=incident, actor=broken.sue, now=now, severity=1)
    services.link(incident=incident, tickets=[two], actor=broken.ana, now=now)
    incident.refresh_from_db()
    assert incident.severity == 2


def test_customers_with_an_open_ticket_are_counted_apart(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    tickets = [factories.ticket(broken, now) for _ in range(2)]
    tickets += [factories.ticket(broken, now, requester=broken.carl)]
    services.link(incident=incident, tickets=tickets, actor=broken.ana, now=now)
    triage.set_status(ticket=tickets[2], status="solved", actor=broken.ana, now=now)
    impact = impact_of(incident, now)
    assert (impact.customers, impact.asking) == (2, 1)
