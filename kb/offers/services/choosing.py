"""What may be offered on a ticket, and why: the situations that fit and one's own limit."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kb.offers.models import LIVING, Budget, Grant, Offer, Situation
from kb.offers.services.authority import (
    approvers_in_words,
    given_this_month,
    month_of,
    own_limit,
)
from kb.scripts.rendering import fill_in
from kb.scripts.services import fields_of
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
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
            "requested_by", "decided_by"
        )
    }
    options = []
    for offer in offers:
        situation = next((each for each in offer.situations.all() if facts.fit(each)), None)
        if situation:
            options.append(
                Option(
                    offer=offer,
                    reason=situation.reason,
                    limit=own_limit(offer, user, given),
                    most=offer.most,
                    needs_approval_by=approvers_in_words(offer, user),
                    words=fill_in(offer.words, fields),
                    living=living.get(offer.pk),
                )
            )
    return options


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
        known = (value for value in worth.values() if value is not None)
        self.biggest_order = max(known, default=Decimal(0))
        # The currency of an order whose worth is not known.
        self.strange = next((each.currency for each, value in worth.items() if value is None), "")
        missed = TicketEvent.objects.filter(ticket=ticket, kind=TicketEvent.Kind.BREACHED)
        self.was_late = ticket.is_late or missed.exists()

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
    return Budget.objects.filter(team=ticket.team_id, month=month_of(now).date()).first()
