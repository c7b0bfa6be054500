"""What may be offered on a ticket, and why: the situations that fit and one's own limit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from kb.offers.models import Authority, Budget, Grant, Offer, Situation
from kb.scripts.rendering import fill_in
from kb.scripts.services import fields_of
from tickets.models import Ticket, TicketEvent
from tickets.people.models import Order, User
from tickets.people.money import to_base


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


def available(*, ticket: Ticket, user: User, now: datetime) -> list[Option]:
    """The active offers whose situation fits ``ticket``, by name; a fixed number of queries."""
    offers = list(
        Offer.objects.filter(active=True).prefetch_related(
            "situations__tier_at_least", "authorities"
        )
    )
    if not offers:
        return []
    facts, fields = Facts(ticket), fields_of(ticket, user)
    given = _given_this_month(user, now)
    living = {
        row.offer_id: row
        for row in ticket.grants.filter(state__in=["requested", "granted"]).select_related(
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
                    limit=own_limit(offer.authorities.all(), offer, user, given.get(offer.pk)),
                    most=offer.most,
                    needs_approval_by=approvers_in_words(offer, user),
                    words=fill_in(offer.words, fields),
                    living=living.get(offer.pk),
                )
            )
    return options


class Facts:
    """What situations ask about a ticket, each looked up at most once."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.nature = ticket.category.nature
        self.tier = ticket.requester.effective_tier
        self.biggest_order = max(
            (value for order in ticket.orders.all() if (value := _value(order)) is not None),
            default=Decimal(0),
        )
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


def own_limit(
    authorities: Iterable[Authority], offer: Offer, user: User, given: Decimal | None
) -> Decimal:
    """How much of ``offer`` ``user`` may give in one grant now, without asking anybody."""
    mine = next((each for each in authorities if each.role == user.role), None)
    if mine is None:
        return Decimal(0)
    limit = min(mine.most, offer.most)
    if mine.most_a_month is not None:
        limit = min(limit, mine.most_a_month - (given or Decimal(0)))
    return Decimal(max(limit, Decimal(0)))


def given_this_month(offer: Offer, user: User, now: datetime) -> Decimal:
    return _given_this_month(user, now).get(offer.pk, Decimal(0))


def approvers_in_words(offer: Offer, user: User) -> str:
    """The roles that may give more than ``user``'s, from the smallest authority up."""
    mine = next(
        (each.most for each in offer.authorities.all() if each.role == user.role), Decimal(0)
    )
    higher = [each for each in offer.authorities.all() if each.most > mine]
    return " or ".join(each.get_role_display().lower() for each in higher)


def budget_of(ticket: Ticket, now: datetime) -> Budget | None:
    """The budget that a grant on this ticket now draws from."""
    month = now.date().replace(day=1)
    return Budget.objects.filter(team=ticket.team_id, month=month).first()


def _given_this_month(user: User, now: datetime) -> dict[int, Decimal]:
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Grant.objects.filter(
        requested_by=user, state=Grant.State.GRANTED, requested_at__gte=begin
    )
    return {
        row["offer"]: row["sum"]
        for row in rows.values("offer").annotate(sum=Sum("amount")).order_by()
    }


def _value(order: Order) -> Decimal | None:
    return to_base(order.amount, order.currency, order.placed_at.date())
