"""Rules by fact: once per ticket and rule, on opening or whenever the fact becomes true."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from escalation import publishing
from escalation.models import Action, Condition, Escalation, Firing, Rule
from tests.escalation.conftest import DAY, HOUR, MINUTE, path, policy, sweep
from tests.escalation.test_clocks import say
from tests.escalation.test_raising import told
from tests.factories import customer_writes
from tickets.calls.models import Callback
from tickets.models import Tag, Ticket, TicketEvent
from tickets.people.models import Contact, ExchangeRate, Order, Organization
from tickets.services import triage, words

Open = Callable[..., Ticket]


def order(contact: Contact, amount: str, now: datetime, currency: str = "USD") -> Order:
    number = f"NL-{Order.objects.count() + 1000}"
    return Order.objects.create(
        number=number, contact=contact, amount=Decimal(amount), currency=currency, placed_at=now
    )


def rule(name: str, when: list[dict[str, Any]], then: list[dict[str, Any]]) -> Rule:
    made = Rule.objects.create(name=name)
    for fields in when:
        Condition.objects.create(rule=made, **fields)
    for fields in then:
        Action.objects.create(rule=made, **fields)
    publishing.announce()
    return made


FLAG = [{"kind": "flag", "text": "Look at this."}]


def fired(ticket: Ticket) -> list[str]:
    return list(Firing.objects.filter(ticket=ticket).values_list("rule_name", flat=True))


@pytest.mark.parametrize(
    ("amount", "fires"),
    [("499.99", False), ("500.00", False), ("500.01", True), ("99999999.99", True)],
)
def test_an_order_strictly_above_500_goes_to_the_executives(
    desk, opened: Open, now: datetime, amount: str, fires: bool
) -> None:
    bought = order(desk.carl, amount, now)
    ticket = opened(body=f"Where is {bought.number}?")
    assert (fired(ticket) == ["Orders above 500 USD"]) is fires
    assert (told(ticket) == [("rule", 1, 0, ["Eve"])]) is fires
    assert Ticket.objects.visible_to(desk.eve).filter(pk=ticket.pk).exists() is fires


def test_the_reason_names_the_order_and_the_amounts(desk, opened: Open, now: datetime) -> None:
    bought = order(desk.carl, "812.50", now)
    firing = Firing.objects.get(ticket=opened(body=bought.number))
    assert firing.because == (
        f"«Orders above 500 USD»: order {bought.number} is worth 812.50 USD, more than 500.00 USD."
    )


@pytest.mark.parametrize(("amount", "fires"), [("462.96", False), ("462.97", True)])
def test_another_currency_is_converted_exactly(
    desk, opened: Open, now: datetime, amount: str, fires: bool
) -> None:
    ExchangeRate.objects.create(currency="EUR", rate="1.08", valid_from=date(2026, 1, 1))
    ticket = opened(body=order(desk.carl, amount, now, "EUR").number)
    assert bool(fired(ticket)) is fires


def test_without_a_rate_the_ticket_is_flagged_for_a_person_once(
    desk, opened: Open, now: datetime
) -> None:
    bought = order(desk.carl, "900000", now, "XAU")
    ticket = opened(body=bought.number)
    assert fired(ticket) == []
    assert told(ticket) == [("flag", 1, 0, ["Sue"])]
    flag = TicketEvent.objects.get(ticket=ticket, kind="flagged")
    assert f"Order {bought.number} is worth 900000" in flag.data["because"]
    say(ticket, now + HOUR)
    assert TicketEvent.objects.filter(ticket=ticket, kind="flagged").count() == 1


def test_a_known_order_above_the_limit_needs_no_rate_of_another(
    desk, opened: Open, now: datetime
) -> None:
    strange, large = order(desk.carl, "5", now, "XAU"), order(desk.carl, "700", now)
    ticket = opened(body=f"{strange.number} and {large.number}")
    assert fired(ticket) == ["Orders above 500 USD"]
    assert not TicketEvent.objects.filter(ticket=ticket, kind="flagged").exists()


def test_an_order_linked_later_fires_then(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    large = order(desk.carl, "501", now)
    triage.link_order(ticket=ticket, order=large, actor=desk.ana, now=now + HOUR)
    assert fired(ticket) == ["Orders above 500 USD"]


def test_a_rule_fires_once_per_ticket(desk, opened: Open, now: datetime) -> None:
    ticket = opened(body=order(desk.carl, "501", now).number)
    another = order(desk.carl, "502", now)
    triage.link_order(ticket=ticket, order=another, actor=desk.ana, now=now + HOUR)
    assert len(fired(ticket)) == 1
    assert Escalation.objects.filter(ticket=ticket).count() == 1


def test_a_named_customer_goes_to_the_named_person(desk, opened: Open, now: datetime) -> None:
    desk.acme.responsible = desk.max
    desk.acme.save()
    ticket = opened(requester=desk.carla)
    assert fired(ticket) == ["Named customers"]
    assert told(ticket) == [("rule", 1, 0, ["Max"])]
    assert Ticket.objects.visible_to(desk.max).filter(pk=ticket.pk).exists()


def test_a_ticket_that_becomes_a_named_customers_fires_then(
    desk, opened: Open, now: datetime
) -> None:
    desk.carla.responsible = desk.max
    desk.carla.save()
    ticket = opened()
    triage.change_requester(ticket=ticket, requester=desk.carla, actor=desk.ana, now=now + HOUR)
    assert fired(ticket) == ["Named customers"]


def test_a_management_decision_is_flagged_escalated_and_owed_a_call(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(category=desk.management)
    assert TicketEvent.objects.filter(ticket=ticket, kind="flagged").count() == 1
    assert told(ticket) == [("rule", 1, 0, ["Sue"])]
    owed = Callback.objects.get(ticket=ticket)
    assert owed.promised_by is None
    assert ticket.clocks.get(metric="callback").due_at == now + 4 * HOUR


def test_filing_it_later_as_a_management_decision_counts_from_then(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    triage.set_category(ticket=ticket, category=desk.management, actor=desk.ana, now=now + HOUR)
    assert fired(ticket) == ["Management decisions at once"]
    assert ticket.clocks.get(metric="callback").due_at == now + 5 * HOUR


@pytest.mark.parametrize("targets", [(), ({"metric": "callback", "duration": None},)])
def test_a_call_owed_where_no_schedule_says_until_when_is_put_before_a_person(
    desk, opened: Open, now: datetime, targets: tuple[dict[str, Any], ...]
) -> None:
    policy("No calls", now, {"metric": "first_reply", "duration": DAY}, *targets)
    rule("Call", [{"kind": "channel", "channel": "email"}], [{"kind": "owe_call"}])
    ticket = opened()
    assert Callback.objects.get(ticket=ticket).state == "open"
    assert not ticket.clocks.filter(metric="callback").exists()
    flag = ticket.escalations.get(trigger="flag")
    assert "this ticket's schedule says no time for calls" in flag.because
    assert told(ticket)[0][0] == "flag"


@pytest.mark.parametrize("within", [None, HOUR])
def test_a_call_owed_until_some_time_needs_no_flag(
    desk, opened: Open, now: datetime, within: timedelta | None
) -> None:
    calls = [] if within else [{"metric": "callback", "duration": HOUR}]
    policy("Calls", now, {"metric": "first_reply", "duration": DAY}, *calls)
    then = [{"kind": "owe_call", "within": within}]
    rule("Call", [{"kind": "channel", "channel": "email"}], then)
    ticket = opened()
    assert ticket.clocks.get(metric="callback").due_at == now + HOUR
    assert not ticket.escalations.exists()


@pytest.mark.parametrize(
    ("body", "fires"),
    [
        ("I want a LAWYER now", True),
        ("My lawyers agree", False),
        ("Let us go to court.", True),
        ("courtesy of you", False),
    ],
)
def test_words_are_whole_words_in_any_case(
    desk, opened: Open, now: datetime, body: str, fires: bool
) -> None:
    rule("Legal", [{"kind": "words", "words": "lawyer, go to court"}], FLAG)
    assert bool(fired(opened(body=body))) is fires


def test_words_said_later_count_too(desk, opened: Open, now: datetime) -> None:
    rule("Waiting", [{"kind": "words", "words": "and now"}], FLAG)
    ticket = opened()
    say(ticket, now + HOUR)
    assert fired(ticket) == ["Waiting"]


def test_words_said_after_the_longest_of_mails_count_too(desk, opened: Open, now: datetime) -> None:
    rule("Legal", [{"kind": "words", "words": "lawyer"}], FLAG)
    ticket = opened(body="x" * words.MAX_CUSTOMER_BODY)
    customer_writes(ticket, now + MINUTE, body="y" * words.MAX_CUSTOMER_BODY)
    assert fired(ticket) == []
    customer_writes(ticket, now + HOUR, body="I call my lawyer now.")
    assert fired(ticket) == ["Legal"]


def test_words_said_long_ago_count_for_what_becomes_true_later(
    desk, opened: Open, now: datetime
) -> None:
    wants = [{"kind": "words", "words": "lawyer"}, {"kind": "priority", "priority": "high"}]
    rule("Legal", wants, FLAG)
    ticket = opened(body="I call my lawyer now.")
    customer_writes(ticket, now + MINUTE, body="y" * words.MAX_CUSTOMER_BODY)
    triage.set_priority(ticket=ticket, priority="high", actor=desk.ana, now=now + HOUR)
    assert fired(ticket) == ["Legal"]


def test_no_words_are_read_out_of_two_messages_together(desk, opened: Open, now: datetime) -> None:
    rule("Legal", [{"kind": "words", "words": "go to court"}], FLAG)
    ticket = opened(body="Where should I go")
    customer_writes(ticket, now + MINUTE, body="to court my neighbour?")
    assert fired(ticket) == []


@pytest.mark.parametrize(
    ("when", "fits", "does_not"),
    [
        ({"kind": "channel", "channel": "phone"}, {"channel": "phone"}, {}),
        ({"kind": "priority", "priority": "high"}, {"priority": "high"}, {}),
        ({"kind": "nature", "nature": "suggestion"}, "suggestion", {}),
        ({"kind": "category"}, "suggestion", {}),
        ({"kind": "team"}, "billing", {}),
        ({"kind": "tier"}, "carla", {}),
        ({"kind": "organization"}, "carla", {}),
        ({"kind": "contact"}, "carla", {}),
        ({"kind": "tag"}, {"tags": ["vip"]}, {"tags": ["not vip"]}),
    ],
)
def test_each_kind_of_fact_is_recognised(
    desk, opened: Open, now: datetime, when: dict[str, Any], fits: Any, does_not: Any
) -> None:
    known = {
        "category": desk.suggestion, "team": desk.billing, "tier": desk.gold,
        "organization": desk.acme, "contact": desk.carla,
    }  # fmt: skip
    if when["kind"] in known:
        when = when | {when["kind"]: known[when["kind"]]}
    if when["kind"] == "tag":
        when = when | {"tag": Tag.objects.create(name="vip")}
    rule("It", [when], FLAG)
    meant = {
        "suggestion": {"category": desk.suggestion}, "billing": {"team": desk.billing},
        "carla": {"requester": desk.carla},
    }  # fmt: skip
    assert fired(opened(**(fits if isinstance(fits, dict) else meant[fits]))) == ["It"]
    assert fired(opened(**does_not)) == []


def test_all_conditions_must_hold(desk, opened: Open, now: datetime) -> None:
    both = [{"kind": "channel", "channel": "phone"}, {"kind": "priority", "priority": "high"}]
    rule("Both", both, FLAG)
    assert fired(opened(channel="phone")) == []
    assert fired(opened(channel="phone", priority="high")) == ["Both"]


def test_a_rule_without_a_condition_never_fires(desk, opened: Open, now: datetime) -> None:
    rule("Empty", [], FLAG)
    assert fired(opened()) == []


def test_actions_change_the_ticket(desk, opened: Open, now: datetime) -> None:
    rule(
        "Phone",
        [{"kind": "channel", "channel": "phone"}],
        [
            {"kind": "set_priority", "priority": "urgent"},
            {"kind": "assign_team", "team": desk.billing},
            {"kind": "assign_person", "person": desk.bo},
            {"kind": "add_tag", "tag": Tag.objects.create(name="by phone")},
            {"kind": "involve", "person": desk.max},
            {"kind": "owe_call", "within": HOUR},
        ],
    )
    ticket = opened(channel="phone")
    assert (ticket.priority, ticket.team, ticket.assignee) == ("urgent", desk.billing, desk.bo)
    assert [tag.name for tag in ticket.tags.all()] == ["by phone"]
    assert Ticket.objects.visible_to(desk.max).filter(pk=ticket.pk).exists()
    assert ticket.clocks.get(metric="callback").due_at == now + HOUR
    assert ticket.clocks.get(metric="first_reply").due_at == now + 4 * HOUR
    assert (ticket.next_due_at, ticket.next_due_metric) == (now + HOUR, "callback")


def test_rules_that_set_each_other_off_come_to_rest(desk, opened: Open, now: datetime) -> None:
    for name, sees, sets in (("Up", "low", "high"), ("Down", "high", "low")):
        rule(
            name,
            [{"kind": "priority", "priority": sees}],
            [{"kind": "set_priority", "priority": sets}],
        )
    ticket = opened(priority="low")
    assert sorted(fired(ticket)) == ["Down", "Up"]
    assert ticket.priority == "low"


def test_a_person_who_left_is_replaced_by_a_flag(desk, opened: Open, now: datetime) -> None:
    rule(
        "Gone",
        [{"kind": "channel", "channel": "phone"}],
        [{"kind": "assign_person", "person": desk.ben}, {"kind": "involve", "person": desk.ben}],
    )
    desk.ben.is_active = False
    desk.ben.save()
    publishing.announce()
    ticket = opened(channel="phone")
    assert TicketEvent.objects.filter(ticket=ticket, kind="flagged").count() == 2
    assert {step[3][0] for step in told(ticket)} == {"Sue"}


def test_a_switched_off_rule_stays_silent(desk, opened: Open, now: datetime) -> None:
    Rule.objects.update(active=False)
    publishing.announce()
    assert fired(opened(category=desk.management)) == []


def test_a_path_started_by_a_rule_climbs_on(desk, opened: Open, now: datetime) -> None:
    climb = path("Legal", now, {"who": "supervisors"}, {"who": "admins", "delay": HOUR})
    rule(
        "Legal",
        [{"kind": "words", "words": "lawyer"}],
        [{"kind": "start_path", "path": climb}],
    )
    ticket = opened(body="My lawyer says no.")
    sweep(now + HOUR)
    assert told(ticket) == [("rule", 1, 0, ["Sue"]), ("rule", 2, 0, ["Ada"])]
    assert sweep(now + DAY - MINUTE) >= 0


def test_a_call_that_a_rule_owes_says_all_of_why(desk, opened: Open, now: datetime) -> None:
    words = ",".join(f"word{number:03}" for number in range(30))
    conditions = [
        {"kind": "words", "words": words},
        {"kind": "organization", "organization": desk.acme},
    ]
    rule("A" * 80, conditions, [{"kind": "owe_call", "within": HOUR}])
    Organization.objects.filter(pk=desk.acme.pk).update(name="Acme " + "and sons " * 15)
    ticket = opened(requester=Contact.objects.get(pk=desk.carla.pk), body="word029")
    owed, firing = ticket.callbacks.get(), ticket.firings.get()
    assert len(firing.because) > 200
    assert owed.because == firing.because
