"""What an incident does: how many tickets, customers, orders and promises hang on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from escalation.incidents.models import Incident
from escalation.models import Clock
from escalation.sla.state import State
from tickets.counting import Count as Number
from tickets.counting import counted
from tickets.models import Ticket
from tickets.people.models import Contact, Order, Tier

SOON = timedelta(hours=1)
# Of those who only might be hit, more than this are «over 999».
MOST = 999


@dataclass(frozen=True, slots=True)
class OfTier:
    """How many customers with linked tickets have a tier; a better tier has a higher rank."""

    name: str
    rank: int
    customers: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """The orders linked to those tickets, in one currency."""

    currency: str
    number: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Impact:
    """Numbers of one incident. ``asking`` are the customers with an open ticket, ``late`` and ``soon`` count tickets with a promise broken, and those
    with one that breaks within the hour; ``next_due_at`` is the first of the latter."""

    tickets: int
    active: int
    customers: int
    asking: int
    organizations: int
    tiers: Sequence[OfTier]
    orders: Sequence[Ordered]
    late: int
    soon: int
    next_due_at: datetime | None

    def of_tier(self, tier: Tier) -> int:
        """The customers of ``tier`` or a better one."""
        return sum(each.customers for each in self.tiers if each.rank >= tier.rank)


def impact_of(incident: Incident, now: datetime) -> Impact:
    """Counted from the linked tickets, in four queries however many there are."""
    linked = Ticket.objects.filter(affected_by__incident=incident)
    its = Clock.objects.filter(ticket=OuterRef("pk"))
    is_active = Q(pk__in=linked.active().values("pk"))
    soon, late = its.filter(_breaks_soon(now)), its.filter(_is_broken(now))
    numbers = linked.annotate(broken=Exists(late), breaking=Exists(soon)).aggregate(
        tickets=Count("pk"),
        active=Count("pk", filter=is_active),
        customers=Count("requester", distinct=True),
        asking=Count("requester", filter=is_active, distinct=True),
        organizations=Count("organization", distinct=True),
        late=Count("pk", filter=Q(broken=True)),
        soon=Count("pk", filter=Q(breaking=True, broken=False)),
    )
    first = Clock.objects.filter(_breaks_soon(now), ticket__affected_by__incident=incident)
    return Impact(
        **numbers,
        tiers=_tiers(linked),
        orders=_orders(incident),
        next_due_at=first.aggregate(at=Min("due_at"))["at"],
    )


def might_be_hit(incident: Incident) -> Number:
    """How many customers use what is broken, whether they have written or not; at most «over 999»."""
    uses = Contact.products.through.objects.filter(
        contact=OuterRef("pk"), product__components__incidents=incident
    )
    named = Q(organization__in=incident.organizations.values("pk"))
    return counted(Contact.objects.filter(Q(Exists(uses)) | named), MOST)


def _breaks_soon(now: datetime) -> Q:
    """A clock that runs and whose promise breaks within the hour."""
    return Q(state=State.RUNNING.value, due_at__gt=now, due_at__lte=now + SOON)


def _is_broken(now: datetime) -> Q:
    """A clock whose promise is broken, whether a sweep has seen it or not."""
    return Q(state=State.BREACHED.value) | Q(state=State.RUNNING.value, due_at__lte=now)


def _tiers(linked: QuerySet[Ticket]) -> list[OfTier]:
    tier = Coalesce("requester__tier", "requester__organization__tier")
    rows = linked.order_by().annotate(its=tier).exclude(its=None).values("its")
    numbers = dict(rows.annotate(n=Count("requester", distinct=True)).values_list("its", "n"))
    tiers = Tier.objects.filter(pk__in=numbers) if numbers else Tier.objects.none()
    return [OfTier(each.name, each.rank, numbers[each.pk]) for each in tiers]


def _orders(incident: Incident) -> list[Ordered]:
    ids = Order.objects.filter(tickets__affected_by__incident=incident).order_by().values("pk")
    sums = Order.objects.filter(pk__in=ids).order_by().values("currency")
    rows = sums.annotate(number=Count("pk"), total=Sum(F("amount"))).order_by("currency")
    return [Ordered(each["currency"], each["number"], each["total"]) for each in rows]
