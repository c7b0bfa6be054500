"""The ledger: who gave what, when and why, by team and month, against the budgets."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kb.offers import ledger, services
from kb.offers.models import Budget, Grant
from tests.kb.conftest import Offers, ask, give
from tickets.models import Ticket
from tickets.people.models import Membership, Team

Opens = Callable[..., Ticket]
PLACE = "/offers/"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def month(at: datetime) -> date:
    return date(at.year, at.month, 1)


def seen(client: Client, person: object, **query: object) -> str:
    client.force_login(person)  # type: ignore[arg-type]
    answer = client.get(PLACE, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_says_who_gave_what_when_why_on_which_ticket_and_what_was_reversed(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    assert reverse("offers-ledger") == PLACE
    kept, back = broken(), broken()
    give(kept, offers["Credit"], "20", cast.ana, now)
    row = ask(back, offers["Credit"], "120", cast.ana, now)
    services.approve(grant=row, actor=cast.sue, now=now)
    services.reverse(grant=row, actor=cast.sue, reason="Paid twice", now=now)
    page = seen(client, cast.sue)
    for said in ("Credit, 20.00 USD", "Something we sold or did went wrong.", "Ana", "Sue",
                 "Fourth parcel", "Paid twice", "reversed", "reversal", "-120.00",
                 kept.reference, back.reference):  # fmt: skip
        assert said in page, said


def test_sums_and_budgets_are_those_of_the_month(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime
) -> None:
    before = month(now) - timedelta(days=1)
    Budget.objects.create(team=cast.support, month=month(now), amount=Decimal(500))
    Budget.objects.create(team=cast.billing, month=month(now), amount=Decimal(50))
    give(broken(), offers["Credit"], "20", cast.ana, now)
    row = give(broken(), offers["Credit"], "5", cast.ana, now)
    services.reverse(grant=row, actor=cast.sue, reason="No", now=now)
    earlier = datetime(before.year, before.month, before.day, 12, tzinfo=now.tzinfo)
    give(broken(), offers["Credit"], "7", cast.ana, earlier)
    teams = list(Team.objects.order_by("name"))
    billing, support = ledger.page(reader=cast.ada, teams=teams, month=month(now)).sums
    assert (support.given, support.back, support.net, support.count) == (25, 5, 20, 2)
    assert support.budget is not None
    assert support.budget.left == 480
    assert (billing.given, billing.count) == (0, 0)
    assert billing.budget is not None
    assert billing.budget.left == 50
    last = ledger.page(reader=cast.ada, teams=teams, month=month(earlier))
    assert [each.entry.cost for each in last.rows] == [7]


def test_a_supervisor_sees_their_own_teams_and_an_executive_all(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    ticket = broken()
    give(ticket, offers["Credit"], "20", cast.ana, now)
    assert ticket.reference in seen(client, cast.sue)
    assert ticket.reference not in seen(client, cast.stan)
    assert ticket.reference not in seen(client, cast.stan, team=cast.support.pk)
    page = seen(client, cast.eve)
    assert ticket.reference in page
    assert reverse("ticket", args=[ticket.reference]) not in page  # not put before her
    assert reverse("ticket", args=[ticket.reference]) in seen(client, cast.ada)


@pytest.mark.parametrize("name", ["ana", "max"])
def test_to_everybody_else_there_is_no_such_page(
    cast: SimpleNamespace, client: Client, name: str
) -> None:
    client.force_login(getattr(cast, name))
    assert client.get(PLACE).status_code == 404
    assert f'href="{PLACE}"' not in client.get("/").content.decode()


def test_those_who_see_it_are_led_to_it(cast: SimpleNamespace, client: Client) -> None:
    for name in ("sue", "eve", "ada"):
        client.force_login(getattr(cast, name))
        page = client.get(reverse("queue")).content.decode()
        assert f'href="{PLACE}"' in page, name


def test_a_supervisor_who_leads_no_team_is_led_to_an_empty_page_that_says_why(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    ticket = broken()
    give(ticket, offers["Credit"], "20", cast.ana, now)
    Membership.objects.filter(user=cast.sue).update(leads=False)
    page = seen(client, cast.sue)
    assert "You lead no team" in page
    assert ticket.reference not in page
    assert f'href="{PLACE}"' in client.get(reverse("queue")).content.decode()


def test_team_and_month_narrow_it_and_nonsense_narrows_nothing(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    here, there = broken(), broken(team=cast.billing)
    give(here, offers["Credit"], "20", cast.ana, now)
    give(there, offers["Credit"], "10", cast.bo, now)
    page = seen(client, cast.ada, team=cast.billing.pk, month=f"{now:%Y-%m}")
    assert there.reference in page
    assert here.reference not in page
    for query in ({"team": "x"}, {"month": "2026-99"}, {"before": "\u0661"}, {"before": "9" * 40}):
        assert here.reference in seen(client, cast.ada, **query)
    give(broken(), offers["Credit"], "3", cast.ana, now - timedelta(days=800))
    long_ago = f"{now - timedelta(days=800):%Y-%m}"
    assert here.reference not in seen(client, cast.ada, month=long_ago)
    assert "3.00" in seen(client, cast.ada, month=long_ago)


def test_older_bookings_are_a_page_away_and_lists_cost_the_same(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    counts = []
    for more in (3, 50):
        for _ in range(more):
            give(broken(), offers["Credit"], "1", cast.ana, now)
        client.force_login(cast.sue)
        client.get(PLACE)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(PLACE)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    older = page.context["page"].before
    assert f"before={older}" in page.content.decode()
    assert len(client.get(PLACE, {"before": older}).context["page"].rows) == 3


def test_the_newest_stands_first_whenever_it_was_written_down(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime
) -> None:
    hours = [now - timedelta(seconds=each) for each in (20, 10, 30)]
    rows = [give(broken(), offers["Credit"], "1", cast.ana, each) for each in hours]
    page = ledger.page(reader=cast.ada, teams=[cast.support], month=month(now))
    assert [each.entry.grant for each in page.rows] == [rows[1], rows[0], rows[2]]
    newest = page.rows[0].entry.pk
    older = ledger.page(reader=cast.ada, teams=[cast.support], month=month(now), before=newest)
    assert [each.entry.grant for each in older.rows] == [rows[0], rows[2]]


def test_any_month_since_the_first_booking_can_be_chosen_and_any_with_a_budget(
    cast: SimpleNamespace, broken: Opens, offers: Offers
) -> None:
    now = datetime(2026, 2, 10, tzinfo=UTC)
    assert ledger.months([cast.support], now) == [date(2026, 2, 1)]
    give(broken(), offers["Credit"], "3", cast.ana, datetime(2022, 11, 20, tzinfo=UTC))
    Budget.objects.create(team=cast.support, month=date(2026, 4, 1), amount=Decimal(50))
    found = [f"{each:%Y-%m}" for each in ledger.months([cast.support], now)]
    assert found[:4] == ["2026-04", "2026-02", "2026-01", "2025-12"]
    assert found[-2:] == ["2022-12", "2022-11"]
    assert len(found) == 41
    assert ledger.months([cast.billing], now) == [date(2026, 2, 1)]


def test_months_are_cut_where_budgets_and_limits_are_whoever_reads(
    cast: SimpleNamespace, broken: Opens, offers: Offers, settings: SimpleNamespace, client: Client
) -> None:
    settings.TIME_ZONE = "America/New_York"
    cast.ada.time_zone = "Asia/Tokyo"
    cast.ada.save()
    Budget.objects.create(team=cast.support, month=date(2026, 3, 1), amount=Decimal(500))
    evening = datetime(2026, 4, 1, 2, tzinfo=UTC)  # 31 March, 22:00 in New York, 1 April in Tokyo
    give(broken(), offers["Credit"], "20", cast.ana, evening)
    [march] = ledger.page(reader=cast.ada, teams=[cast.support], month=date(2026, 3, 1)).sums
    assert march.budget is not None
    assert (march.given, march.budget.left) == (20, 480)
    assert ledger.page(reader=cast.ada, teams=[cast.support], month=date(2026, 4, 1)).rows == []
    page = seen(client, cast.ada, month="2026-03")
    assert "Credit, 20.00 USD" in page
    assert "begin at midnight in America/New_York" in page


def test_all_months_are_shown_together_without_budgets(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    Budget.objects.create(team=cast.support, month=month(now), amount=Decimal(500))
    for days in (0, 40, 400):
        give(broken(), offers["Credit"], "20", cast.ana, now - timedelta(days=days))
    page = ledger.page(reader=cast.ada, teams=[cast.support], month=None)
    assert (page.sums[0].given, page.sums[0].budget, len(page.rows)) == (60, None, 3)
    assert "All months, in USD" in seen(client, cast.ada, month="all")


def test_what_the_customers_do_not_know_is_found_in_all_months(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    untold, known, asked, gone, old = (broken() for _ in range(5))
    long_ago = now - timedelta(days=70)
    give(untold, offers["Credit"], "20", cast.ana, long_ago)
    row = give(known, offers["Credit"], "20", cast.ana, now)
    services.say_told(grant=row, actor=cast.ana, now=now)
    ask(asked, offers["Credit"], "120", cast.ana, now)
    row = give(gone, offers["Credit"], "20", cast.ana, now)
    services.reverse(grant=row, actor=cast.sue, reason="No", now=now)
    row = give(old, offers["Credit"], "20", cast.ana, now)
    Grant.objects.filter(pk=row.pk).update(told="")
    page = seen(client, cast.sue)
    assert "One offer is granted of which the customer has not been told." in page
    assert 'href="?month=all&amp;which=untold"' in page
    page = seen(client, cast.sue, month="all", which="untold")
    assert untold.reference in page
    assert "customer not told</span>" in page
    for each in (known, asked, gone, old):
        assert each.reference not in page
    page = seen(client, cast.sue, which="untold")
    assert untold.reference not in page
    assert "Of everything that was granted in this month, the customers know." in page
    assert "has not been told" not in seen(client, cast.stan)


def test_older_pages_stay_what_was_asked_for(
    cast: SimpleNamespace, broken: Opens, offers: Offers, now: datetime, client: Client
) -> None:
    for _ in range(51):
        give(broken(), offers["Credit"], "1", cast.ana, now)
    page = seen(client, cast.sue, month="all", which="untold", team=cast.support.pk)
    older = f"month=all&amp;team={cast.support.pk}&amp;which=untold&amp;before="
    assert older in page
    first = client.get(PLACE, {"month": "all", "which": "untold"}).context["page"]
    rest = client.get(PLACE, {"month": "all", "which": "untold", "before": first.before})
    assert len(rest.context["page"].rows) == 1
