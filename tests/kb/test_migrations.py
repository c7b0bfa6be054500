"""What an upgrade makes of the offers that were given before."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.upgrading import Upgrade

NOW = datetime(2026, 3, 3, 14, tzinfo=UTC)
BEFORE = (
    ("offers", "0006_choices_are_held_by_the_database"),
    ("people", "0007_choices_are_held_by_the_database"),
)
AFTER = ("offers", "0008_what_was_given_before_counts")
TOLD = ("offers", "0009_whether_the_customer_was_told")

pytestmark = pytest.mark.django_db(transaction=True)


class World:
    """An installation as it was before orders were counted."""

    def __init__(self, apps: Any) -> None:
        self.get = apps.get_model
        self.team = self.make("people", "Team", name="Support", is_default=True)
        self.ana = self.make("people", "User", username="ana", role="agent")
        self.carla = self.make("people", "Contact", name="Carla")
        self.category = self.make("tickets", "Category", name="Fault", nature="problem")
        self.refund = self.offer("Refund", "refund", "money")
        self.percent = self.offer("Discount", "discount", "percent")
        self.credit = self.offer("Credit", "credit", "money")

    def make(self, app: str, model: str, **fields: Any) -> Any:
        return self.get(app, model).objects.create(**fields)

    def offer(self, name: str, kind: str, unit: str) -> Any:
        return self.make(
            "offers", "Offer", name=name, kind=kind, unit=unit, currency="USD", least=1, most=100,
            words="For you.",
        )  # fmt: skip

    def order(self, number: str, amount: str, currency: str = "USD") -> Any:
        return self.make(
            "people", "Order", number=number, contact=self.carla, amount=Decimal(amount),
            currency=currency, placed_at=NOW,
        )  # fmt: skip

    def grant(self, offer: Any, amount: str, *orders: Any, state: str = "granted") -> int:
        count = self.get("tickets", "Ticket").objects.count()
        ticket = self.make(
            "tickets", "Ticket", reference=f"T-{count}", subject="Broken", requester=self.carla,
            category=self.category, team=self.team, channel="email", opened_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        ticket.orders.set(orders)
        row = self.make(
            "offers", "Grant", ticket=ticket, offer=offer, amount=Decimal(amount), unit=offer.unit,
            currency="USD", cost=Decimal(amount), state=state, key=str(count),
            requested_by=self.ana, requested_at=NOW,
        )  # fmt: skip
        number: int = row.pk
        return number


def test_what_was_given_of_an_order_before_counts_after(upgrade: Upgrade) -> None:
    world = World(upgrade.to(*BEFORE))
    small, big = world.order("NL-1", "20"), world.order("NL-2", "100")
    euros = world.order("NL-3", "80", "EUR")
    world.make("people", "ExchangeRate", currency="EUR", rate=Decimal("1.25"), valid_from=NOW)
    strange = world.order("NL-4", "50", "XAU")
    given = {
        world.grant(world.refund, "60", small, big): ("NL-2", 60),
        world.grant(world.percent, "30", big): ("NL-2", 30),
        # More than was left of it.
        world.grant(world.refund, "70", big): ("NL-2", 10),
        world.grant(world.refund, "50", euros): ("NL-3", 40),
        world.grant(world.refund, "5", strange): ("NL-4", 0),
        world.grant(world.percent, "10", strange): ("NL-4", 5),
        world.grant(world.credit, "25", big): (None, 0),
        world.grant(world.refund, "25", big, state="reversed"): (None, 0),
        world.grant(world.refund, "25", big, state="requested"): (None, 0),
        world.grant(world.refund, "25"): (None, 0),
    }
    apps = upgrade.to(AFTER)
    grants = apps.get_model("offers", "Grant").objects.values_list("pk", "order__number", "counted")
    assert {pk: (number, counted) for pk, number, counted in grants} == given
    shares = apps.get_model("offers", "OrderShare").objects.order_by("pk")
    assert list(shares.values_list("order__number", "given", "total")) == [
        ("NL-2", 100, 100), ("NL-3", 40, 80), ("NL-4", 5, 50),
    ]  # fmt: skip


def test_nobody_cries_that_customers_were_not_told_of_what_was_granted_before(
    upgrade: Upgrade,
) -> None:
    """Nobody knows what they were told then."""
    world = World(upgrade.to(AFTER))
    row = world.grant(world.credit, "25")
    apps = upgrade.to(TOLD)
    grant = apps.get_model("offers", "Grant").objects.get(pk=row)
    assert (grant.told, grant.told_at, grant.told_in) == ("", None, None)
    # A worker of the version before still grants while the upgrade runs.
    later = apps.get_model("offers", "Grant").objects.get(pk=world.grant(world.credit, "5"))
    assert later.told == ""


def test_articles_are_still_written_by_the_version_before_while_the_upgrade_runs(
    upgrade: Upgrade,
) -> None:
    before = upgrade.to(("kb", "0002_choices_are_held_by_the_database"))
    article = before.get_model("kb", "Article")
    after = upgrade.to(("kb", "0003_drafts_and_words_that_fit"))
    row = article.objects.create(slug="lamps", title="Lamps", updated_at=NOW)
    assert after.get_model("kb", "Article").objects.get(pk=row.pk).remark == ""
