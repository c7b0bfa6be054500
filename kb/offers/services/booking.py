"""Amounts, their cost, and the ledger: one booking a grant, and never past the budget."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.db.models import F

from kb.offers.amounts import CENT
from kb.offers.models import Budget, Grant, LedgerEntry, Offer
from kb.offers.services import sharing
from kb.offers.services.choosing import Facts, budget_of
from tickets.errors import Invalid, TooLate
from tickets.models import Ticket
from tickets.people.models import Order, User
from tickets.people.money import to_base

HUGE, MOST_BOOKED = Decimal(10) ** 9, Decimal(10) ** 10 - CENT


def checked_amount(offer: Offer, amount: Decimal) -> Decimal:
    """An amount the offer allows, in whole cents (or whole pieces). Raises Invalid."""
    if not isinstance(amount, Decimal) or not amount.is_finite() or abs(amount) > HUGE:
        raise Invalid("Write an amount, such as 20 or 12.50.", field="amount")
    step = Decimal(1) if offer.unit == Offer.Unit.PIECE else CENT
    if amount != amount.quantize(step):
        raise Invalid(f"The smallest step is {offer.counted(step)}.", field="amount")
    if not offer.least <= amount <= offer.most:
        raise Invalid(f"{offer} goes from {offer.span}.", field="amount")
    return amount.quantize(CENT)


def price(grant: Grant, ticket: Ticket, now: datetime) -> None:
    """Writes on the grant what it costs us, and how much of which order it takes. Raises Invalid.

    Of several orders the biggest that still has so much left; where none has, the one with most
    left, of which ``book`` then says how much that is.
    """
    facts = Facts(ticket)
    lefts = facts.left() if sharing.is_of_an_order(grant.offer) else []
    for each in filter(_share, lefts):
        _price_of(grant, facts, each.order, now)
        if grant.counted <= each.left:
            return
    most = max(lefts, key=lambda each: _share(each) * facts.worth.get(each.order, 0), default=None)
    _price_of(grant, facts, most.order if most else None, now)


def _price_of(grant: Grant, facts: Facts, order: Order | None, now: datetime) -> None:
    grant.order, grant.counted = order, Decimal(0)
    grant.cost = _booked(_cost(grant, facts, now))
    if order is not None:
        grant.counted = sharing.counted(grant, order, grant.cost)


def _share(left: sharing.Left) -> Decimal:
    return left.left / left.order.amount if left.order.amount else Decimal(0)


def _booked(cost: Decimal) -> Decimal:
    """In whole cents. Raises Invalid where it is more than the ledger can hold."""
    if cost > MOST_BOOKED:
        raise Invalid(f"This would cost {cost:,.2f}, more than can be booked.", field="amount")
    return cost.quantize(CENT, ROUND_HALF_UP)


def _cost(grant: Grant, facts: Facts, now: datetime) -> Decimal:
    """In the base currency, by the grant's own unit and currency. Raises Invalid without a rate."""
    amount: Decimal = grant.amount
    if grant.unit == Offer.Unit.PIECE:
        return amount * (grant.offer.piece_value or Decimal(0))
    if grant.unit == Offer.Unit.PERCENT:
        if facts.strange:
            raise _no_rate(facts.strange)
        return facts.worth[grant.order] * amount / 100 if grant.order else Decimal(0)
    return worth(amount, grant.currency, now)


def worth(amount: Decimal, currency: str, now: datetime) -> Decimal:
    """An amount of money in the base currency. Raises Invalid where no rate is known."""
    base = to_base(amount, currency, now.date())
    if base is None:
        raise _no_rate(currency)
    return base


def _no_rate(currency: str) -> Invalid:
    return Invalid(
        f"There is no exchange rate from {currency} to {settings.BASE_CURRENCY}; "
        "an admin has to enter one.",
        field="amount",
    )


def book(grant: Grant, actor: User, now: datetime) -> None:
    """Takes it from its order and from the team's budget, and writes the ledger. Raises Invalid.

    The lock order everywhere: ticket, person, order, budget.
    """
    sharing.take(grant)
    budget = budget_of(grant.ticket, now)
    if budget is not None:
        room = Budget.objects.filter(pk=budget.pk, spent__lte=F("amount") - grant.cost)
        if not room.update(spent=F("spent") + grant.cost):
            left = budget.amount - budget.spent
            raise Invalid(
                f"The team's budget for {budget.month:%B} has {left} {settings.BASE_CURRENCY} left; "
                f"this costs {grant.cost}.",
                field="amount",
            )
    LedgerEntry.objects.create(
        grant=grant, team=grant.ticket.team, budget=budget, cost=grant.cost, by=actor, at=now
    )


def unbook(grant: Grant, actor: User, now: datetime) -> None:
    """Gives the cost back to the order and the budget it came from. Raises TooLate if not booked."""
    entry = LedgerEntry.objects.filter(grant=grant, is_reversal=False).first()
    if entry is None:
        raise TooLate("This was never booked.")
    sharing.give_back(grant)
    if entry.budget_id:
        Budget.objects.filter(pk=entry.budget_id).update(spent=F("spent") - entry.cost)
    LedgerEntry.objects.create(
        grant=grant, team=entry.team, budget=entry.budget, cost=-entry.cost, by=actor, at=now,
        is_reversal=True,
    )  # fmt: skip
