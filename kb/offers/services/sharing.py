"""Orders that are given back, whole or in part: never more of one than it was worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F

from kb.offers.models import Grant, Offer, OrderShare
from tickets.errors import Invalid
from tickets.people.models import Order
from tickets.people.money import to_base

_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Left:
    """An order, and what of it was not given back yet, in its currency."""

    order: Order
    left: Decimal

    @property
    def words(self) -> str:
        """«Order NL-1001 (100.00 USD): 60.00 USD of it are left to give back.»"""
        order, left = self.order, self.left.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{_named(order)}: {left} {order.currency} of it are left to give back."


def is_of_an_order(offer: Offer) -> bool:
    """Whether it gives an order back: a refund, or a percentage of one."""
    return offer.kind == Offer.Kind.REFUND or offer.unit == Offer.Unit.PERCENT


def left_of(order: Order) -> Left:
    return all_left([order])[0]


def all_left(orders: Sequence[Order]) -> list[Left]:
    """What is left of each, in one query; none where there are no orders."""
    shares = OrderShare.objects.filter(pk__in=[each.pk for each in orders])
    given = dict(shares.values_list("pk", "given")) if orders else {}
    return [
        Left(each, max(each.amount - given.get(each.pk, Decimal(0)), Decimal(0))) for each in orders
    ]


def counted(grant: Grant, order: Order, cost: Decimal) -> Decimal:
    """How much of ``order`` the grant takes, in the order's currency; ``cost`` is in the base one.

    Raises Invalid where the order's worth is not known.
    """
    share: Decimal
    if grant.unit == Offer.Unit.PERCENT:
        share = order.amount * grant.amount / 100
    elif grant.currency == order.currency:
        share = grant.amount
    else:
        worth = to_base(order.amount, order.currency, order.placed_at.date())
        if not worth:
            raise Invalid(f"Nobody knows what {_named(order)} is worth.", field="amount")
        share = cost * order.amount / worth
    return share.quantize(_STEP, ROUND_HALF_UP)


def take(grant: Grant) -> None:
    """Counts the grant against its order, in whatever transactions others do so: once for all
    tickets. Raises Invalid where less than that is left.
    """
    order = grant.order
    if order is None:
        return
    OrderShare.objects.get_or_create(order=order, defaults={"total": order.amount})
    room = OrderShare.objects.filter(pk=order.pk, given__lte=order.amount - grant.counted)
    if not room.update(given=F("given") + grant.counted, total=order.amount):
        raise Invalid(left_of(order).words, field="amount")


def must_have_room(grant: Grant) -> None:
    """Raises Invalid where its order has less left: what can only be refused need not be asked."""
    if grant.order and grant.counted > (left := left_of(grant.order)).left:
        raise Invalid(left.words, field="amount")


def give_back(grant: Grant) -> None:
    """The grant was reversed: its part of the order can be given once more."""
    if grant.order_id:
        OrderShare.objects.filter(pk=grant.order_id).update(given=F("given") - grant.counted)


def _named(order: Order) -> str:
    return f"Order {order.number} ({order.amount:.2f} {order.currency})"
