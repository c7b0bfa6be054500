"""What may be offered on a ticket, and why: the situations that fit and one's own limit."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kb.offers.models import LIVING, Budget, Grant, Offer, Situation
from kb.offers.months import month_of
from kb.offers.services.authority import (
    approvers_in_words,
    given_this_month,
    left_of_month,
    own_limit,
)
from kb.offers.services.sharing import Left, all_left, is_of_an_order
from kb.offers.services.wording import filled
from kb.scripts.services import fields_of
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Order, User
from tickets.people.money import all_to_base


@dataclass(frozen=True)
class Option:
    """An offer that fits: the reason, what one may give by oneself, who approves more."""

    offer: Offer
    reason: str
    limit: Decimal  # by oneself, now; zero: only with approval
    most: Decimal  # by anybody
    needs_approval_by: str  # roles in words, or nothing where nobody may give more
    words: str
    living: Grant | None
    month: tuple[Decimal, Decimal] | None = None  # left of one's own month, and all of it
    order: Left | None = None  # what it is given of, and how much of that is left

    @property
    def of_the_month(self) -> str:
        """«40.00 USD of your 100.00 USD are left this month», or nothing."""
        if self.month is None:
            return ""
        left, whole = map(self.offer.counted, self.month)
        return f"{left} of your {whole} are left this month"

    @property
    def by_oneself(self) -> str:
        """The limit in words."""
        return self.offer.counted(self.limit)


def available(*, ticket: Ticket, user: User, now: datetime) -> list[Option]:
    """The active offers whose situation fits ``ticket``, by name; a fixed number of queries.

    None where the ticket is closed: the customer could not be told of it there any more.
    """
    if ticket.status == Status.CLOSED:
        return []
    offers = list(
        Offer.objects.filter(active=True).prefetch_related(
            "situations__tier_at_least", "authorities"
        )
    )
    if not offers:
        return []
    facts, fields = Facts(ticket), fields_of(ticket, user, now)
    given = given_this_month([user], now)
    living = {
        row.offer_id: row
        for row in ticket.grants.filter(state__in=LIVING).select_related(
            "requested_by", "decided_by", "order"
        )
    }
    lefts = facts.left()
    left = next((each for each in lefts if each.left), next(iter(lefts), None))
    options = []
    for offer in offers:
        of_it = left if is_of_an_order(offer) else None
        situation = next((each for each in offer.situations.all() if facts.fit(each)), None)
        granted = living.get(offer.pk)
        if situation:
            options.append(
                Option(
                    offer=offer,
                    reason=situation.reason,
                    limit=own_limit(offer, user, given),
                    most=offer.most,
                    needs_approval_by=approvers_in_words(offer, user),
                    words=filled(offer, fields, _order_of(granted, of_it), granted),
                    living=granted,
                    month=left_of_month(offer, user, given),
                    order=of_it,
                )
            )
    return options


def _order_of(living: Grant | None, left: Left | None) -> Order | None:
    """The order that its words name: what it was given of, or what it would be given of."""
    if living is not None:
        return living.order
    return left.order if left else None


def reasons_for(offer: Offer, ticket: Ticket) -> list[str]:
    """Why ``offer`` is in place on ``ticket``, as its situations say; none where none fits any more."""
    facts = Facts(ticket)
    situations = offer.situations.select_related("tier_at_least")
    return [each.reason for each in situations if facts.fit(each)]


def limit_of(offer: Offer, user: User, now: datetime) -> str:
    """What ``user`` may give of it now, in words."""
    return offer.counted(own_limit(offer, user, given_this_month([user], now)))


def approvable(*, ticket: Ticket, user: User, now: datetime) -> set[int]:
    """The numbers of the waiting grants that ``user``'s own authority reaches now."""
    if ticket.status == Status.CLOSED:
        return set()
    waiting = ticket.grants.filter(state=Grant.State.REQUESTED).select_related("offer")
    given = given_this_month([user], now)
    return {
        row.pk
        for row in waiting.prefetch_related("offer__authorities")
        if row.amount <= own_limit(row.offer, user, given)
    }


class Facts:
    """What situations ask about a ticket, each looked up at most once."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.nature = ticket.category.nature
        self.tier = ticket.requester.effective_tier
        orders = list(ticket.orders.all())
        bought = [(each.amount, each.currency, each.placed_at.date()) for each in orders]
        worth = dict(zip(orders, all_to_base(bought), strict=True))
        known = {each: value for each, value in worth.items() if value is not None}
        # From the biggest down; one that nobody can value comes only where there is no other.
        self.orders = sorted(known, key=lambda each: (-known[each], -each.pk)) or orders[:1]
        self.worth = known
        self.biggest_order = max(known.values(), default=Decimal(0))
        # The currency of an order whose worth is not known.
        self.strange = next((each.currency for each, value in worth.items() if value is None), "")
        missed = TicketEvent.objects.filter(ticket=ticket, kind=TicketEvent.Kind.BREACHED)
        self.was_late = ticket.is_late or missed.exists()

    def left(self) -> list[Left]:
        """What is left of each order, the biggest first; one query."""
        return all_left(self.orders)

    def fit(self, situation: Situation) -> bool:
        tier = situation.tier_at_least
        return (
            (not situation.nature or situation.nature == self.nature)
            and (tier is None or (self.tier is not None and self.tier.rank >= tier.rank))
            and (situation.order_at_least or Decimal(0)) <= self.biggest_order
            and (not situation.missed_deadline or self.was_late)
        )


def budget_of(ticket: Ticket, now: datetime) -> Budget | None:
    """The budget that a grant on this ticket now draws from."""
    return Budget.objects.filter(team=ticket.team_id, month=month_of(now)).first()
