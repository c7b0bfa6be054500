"""Facts that an admin enters later fire the rules of tickets that are open then."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.utils import timezone

from escalation import learning, rules, tasks
from tests.escalation.conftest import DAY, HOUR
from tests.escalation.test_rules import FLAG, fired, order, rule
from tests.factories import at_once
from tickets.models import Ticket
from tickets.people.models import ExchangeRate, Order
from tickets.services import triage

Open = Callable[..., Ticket]
LARGE = ["Orders above 500 USD"]


@pytest.fixture
def saved(desk, rf: RequestFactory) -> Callable[[Model], None]:
    """Saves a row, and writes it down, the way the admin's own form does."""

    def save(row: Model) -> None:
        request = rf.post("/")
        request.user = desk.ada
        row.save()
        admin.site._registry[type(row)].log_change(request, row, "Changed.")

    return save


def test_an_order_that_grows_past_the_limit_fires(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    bought = order(desk.carl, "20", now)
    ticket, solved = opened(body=bought.number), opened(body=bought.number)
    triage.set_status(ticket=solved, status="solved", actor=desk.ana, now=now + HOUR)
    bought.amount = Decimal(900)
    saved(bought)
    assert (fired(ticket), fired(solved)) == (LARGE, [])
    saved(bought)
    assert fired(ticket) == LARGE


@pytest.mark.parametrize("renumbered", [False, True])
def test_an_order_entered_or_renumbered_after_the_mail_that_names_it_fires(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None], renumbered: bool
) -> None:
    ticket, another = opened(body="My order is late-77."), opened(body="It hums.")
    bought = order(desk.carl, "900", now) if renumbered else Order(
        contact=desk.carl, amount=Decimal(900), placed_at=now
    )  # fmt: skip
    assert fired(ticket) == []
    bought.number = "LATE-77"
    saved(bought)
    assert (fired(ticket), fired(another)) == (LARGE, [])
    assert list(ticket.orders.all()) == [bought]


def test_a_named_person_entered_later_fires(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    rule("Named", [{"kind": "named"}], FLAG)
    ticket = opened()
    desk.carl.responsible = desk.eve
    saved(desk.carl)
    assert "Named" in fired(ticket)


def test_a_tier_given_to_the_organization_fires_for_its_people(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    desk.acme.tier = None
    desk.acme.save()
    rule("Gold", [{"kind": "tier", "tier": desk.gold}], FLAG)
    theirs, others = opened(requester=desk.carla), opened()
    desk.acme.tier = desk.gold
    saved(desk.acme)
    assert ("Gold" in fired(theirs), "Gold" in fired(others)) == (True, False)


def test_a_rate_entered_later_settles_what_was_unknown(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    ticket = opened(body=order(desk.carl, "900000", now, "XAU").number)
    assert fired(ticket) == []
    saved(ExchangeRate(currency="XAU", rate=Decimal(1), valid_from=now.date()))
    assert fired(ticket) == LARGE


def test_a_rate_of_the_limits_own_currency_entered_later_settles_what_was_unknown(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    limit = {"kind": "order_above", "amount": Decimal(500), "currency": "XAU"}
    rule("Gold", [limit], FLAG)
    big = opened(body=order(desk.carl, "2000", now).number)
    small = opened(body=order(desk.carl, "400", now).number)
    assert big.escalations.filter(trigger="flag").exists()
    saved(ExchangeRate(currency="XAU", rate=Decimal("1.1"), valid_from=now.date()))
    assert ("Gold" in fired(big), "Gold" in fired(small)) == (True, False)


def test_a_rate_that_no_limit_is_in_judges_only_orders_in_it(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    ticket = opened(body=order(desk.carl, "900", now).number)
    ticket.firings.all().delete()
    saved(ExchangeRate(currency="XAU", rate=Decimal("1.1"), valid_from=now.date()))
    assert fired(ticket) == []


def test_the_form_itself_is_heard(desk, opened: Open, now: datetime, client: Client) -> None:
    bought = order(desk.carl, "20", now)
    ticket = opened(body=bought.number)
    client.force_login(desk.ada)
    page = f"/admin/people/order/{bought.pk}/change/"
    given = client.get(page).context["adminform"].form.initial
    fields = {name: value for name, value in given.items() if value is not None}
    placed = {"placed_at_0": now.date().isoformat(), "placed_at_1": "14:00"}
    answer = client.post(page, fields | placed | {"amount": "900"})
    assert answer.status_code == 302, answer.context["errors"]
    assert fired(ticket) == LARGE


def test_a_rate_for_a_later_day_judges_on_that_day(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    bought = order(desk.carl, "900", now, currency="EUR")
    ticket, today = opened(body=bought.number), timezone.now()  # the admin writes down when it is
    day = today + timedelta(days=2)
    saved(ExchangeRate(currency="EUR", rate=Decimal(2), valid_from=day.date()))
    assert not learning.hear_next(today)
    assert fired(ticket) == []
    assert learning.hear_next(day)
    assert fired(ticket) == LARGE
    assert not learning.hear_next(day + HOUR)


def test_a_rate_that_was_written_past_the_admin_is_heard_too(
    desk, opened: Open, now: datetime
) -> None:
    bought = order(desk.carl, "900", now, currency="EUR")
    ticket = opened(body=bought.number)
    ExchangeRate.objects.create(currency="EUR", rate=Decimal(2), valid_from=now.date())
    learning.hear_next(now)
    assert fired(ticket) == LARGE


def test_a_rate_moved_to_a_later_day_is_heard_again(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None]
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    rate = ExchangeRate(currency="EUR", rate=Decimal("0.1"), valid_from=now.date())
    saved(rate)
    rate.valid_from = tomorrow.date()
    saved(rate)
    rate.refresh_from_db()
    assert not rate.is_heard
    assert learning.hear_next(tomorrow)


def rates(*days: tuple[datetime, str]) -> list[ExchangeRate]:
    return [
        ExchangeRate.objects.create(currency="EUR", rate=Decimal(rate), valid_from=day.date())
        for day, rate in days
    ]


def test_of_several_rates_of_a_currency_only_the_newest_judges(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened(body=order(desk.carl, "900", now, currency="EUR").number)
    rates(*((now - timedelta(days=days), "2") for days in range(9)), (now + DAY, "3"))
    assert batches_of(now) == 1
    assert fired(ticket) == LARGE
    waiting = ExchangeRate.objects.filter(is_heard=False)
    assert [each.valid_from for each in waiting] == [(now + DAY).date()]


def test_a_rate_judges_batch_by_batch(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "AT_ONCE", 2)
    bought = order(desk.carl, "900", now, currency="EUR")
    tickets = [opened(body=bought.number) for _ in range(5)]
    (rate,) = rates((now, "2"))
    for so_far in (2, 4, 5):
        assert learning.hear_next(now)
        assert [bool(fired(each)) for each in tickets].count(True) == so_far
    assert not learning.hear_next(now)
    rate.refresh_from_db()
    assert rate.is_heard


def test_a_run_does_one_batch_where_it_has_no_time_and_the_next_goes_on(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "AT_ONCE", 2)
    bought = order(desk.carl, "900", now, currency="EUR")
    tickets = [opened(body=bought.number) for _ in range(5)]
    rates((now, "2"))
    assert tasks.hear_rates(longest=0) == 1
    assert [fired(each) for each in tickets].count(LARGE) == 2
    assert tasks.hear_rates() == 2
    assert [fired(each) for each in tickets].count(LARGE) == 5


def test_a_rate_that_is_changed_while_it_judges_begins_anew(
    desk, opened: Open, now: datetime, saved: Callable[[Model], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(learning, "AT_ONCE", 1)
    bought = order(desk.carl, "900", now, currency="EUR")
    tickets = [opened(body=bought.number) for _ in range(2)]
    (rate,) = rates((now, "0.1"))
    learning.hear_next(timezone.now())
    rate.refresh_from_db()
    rate.rate = Decimal(2)
    saved(rate)
    while learning.hear_next(timezone.now()):
        pass
    assert [fired(each) for each in tickets] == [LARGE, LARGE]


def test_a_ticket_that_cannot_be_judged_stops_no_other(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = order(desk.carl, "900", now, currency="EUR")
    bad, good = opened(body=bought.number), opened(body=bought.number)
    apply = rules.apply

    def stumbling(*, ticket: Ticket, **rest: Any) -> bool:
        if ticket == bad:
            raise ValueError("This one")
        return apply(ticket=ticket, **rest)

    monkeypatch.setattr(rules, "apply", stumbling)
    rates((now, "2"))
    assert learning.hear_next(now)
    assert not learning.hear_next(now)
    assert (fired(bad), fired(good)) == ([], LARGE)


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_runs_beside_each_other_judge_each_batch_once(
    desk, opened: Open, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "AT_ONCE", 2)
    bought = order(desk.carl, "900", now, currency="EUR")
    tickets = [opened(body=bought.number) for _ in range(9)]
    rates((now, "2"))
    batches = at_once(*[lambda: batches_of(now)] * 4)
    assert sum(batches) + batches_of(now) == 5
    assert all(fired(each) == LARGE for each in tickets)


def batches_of(now: datetime) -> int:
    """Hears until nothing is left; returns in how many batches."""
    found = 0
    while learning.hear_next(now):
        found += 1
    return found
