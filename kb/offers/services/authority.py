"""By whose authority: what a person may still give this month, and who approves more.

A grant counts against the month of whose authority it was given by: of who granted it alone, or of
who approved it. The month of who only asked stays untouched.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Sum

from kb.offers.models import Grant, LedgerEntry, Offer
from kb.offers.months import begins, month_of
from tickets.models import Ticket
from tickets.people.models import Absence, User

Role = User.Role
# Whose role may approve at all.
_APPROVE = (Role.SUPERVISOR, Role.EXECUTIVE, Role.ADMIN)
# What was given this month, by person and offer.
Given = Mapping[tuple[int, int], Decimal]


def given_this_month(people: Iterable[User], now: datetime) -> Given:
    """What each gave by their own authority since the month began, without what was reversed.

    And without what was counted in another unit or currency: it cannot be added to the rest.
    """
    booked = LedgerEntry.objects.filter(
        by__in=people, at__gte=begins(month_of(now)), is_reversal=False,
        grant__state=Grant.State.GRANTED, grant__unit=F("grant__offer__unit"),
        grant__currency=F("grant__offer__currency"),
    )  # fmt: skip
    sums = booked.values("by", "grant__offer").annotate(sum=Sum("grant__amount")).order_by()
    return {(row["by"], row["grant__offer"]): row["sum"] for row in sums}


def left_of_month(offer: Offer, user: User, given: Given) -> tuple[Decimal, Decimal] | None:
    """What is left of the month, and all of it; None where the month has no limit of its own."""
    mine = next((each for each in offer.authorities.all() if each.role == user.role), None)
    if mine is None or mine.most_a_month is None:
        return None
    left = mine.most_a_month - given.get((user.pk, offer.pk), Decimal(0))
    return max(left, Decimal(0)), mine.most_a_month


def own_limit(offer: Offer, user: User, given: Given) -> Decimal:
    """How much of ``offer`` ``user`` may give in one grant now, without asking anybody.

    Zero where what is left of the month is less than the least that can be given.
    """
    mine = next((each for each in offer.authorities.all() if each.role == user.role), None)
    if mine is None:
        return Decimal(0)
    limit = min(mine.most, offer.most)
    if mine.most_a_month is not None:
        limit = min(limit, mine.most_a_month - given.get((user.pk, offer.pk), Decimal(0)))
    return limit if limit >= offer.least else Decimal(0)


def held_limit(offer: Offer, user: User, now: datetime) -> Decimal:
    """``own_limit``, and the person's row is held: no other ticket spends the same month meanwhile.

    The lock order everywhere: ticket, person, budget. Not the whole key: rows that only point to
    the person, such as every event, need not wait.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk=user.pk)
    return own_limit(offer, user, given_this_month(list(people), now))


def approvers(
    *, offer: Offer, amount: Decimal, ticket: Ticket, asker: User, now: datetime
) -> list[User]:
    """The nearest who may approve it now: leads of the team, else executives, else admins.

    Each has the authority and room in their month; never ``asker``. Who has no e-mail address
    cannot be told, and who is out of office does not answer: they are asked only where nobody else
    is left. Empty where nobody may.
    """
    left: list[User] = []
    out = set(Absence.objects.at(now).values_list("user", flat=True))
    others = User.objects.filter(is_active=True).exclude(pk=asker.pk).order_by("pk")
    leads = others.filter(memberships__team=ticket.team_id, memberships__leads=True)
    near = (
        leads.filter(role__in=[Role.SUPERVISOR, Role.ADMIN]),
        others.filter(role=Role.EXECUTIVE),
        others.filter(role=Role.ADMIN),
    )
    for people in near:
        given = given_this_month(people, now)
        able = [each for each in people if own_limit(offer, each, given) >= amount]
        if there := [each for each in able if each.email and each.pk not in out]:
            return there
        left = left or able
    return left


def approvers_in_words(offer: Offer, user: User) -> str:
    """Who may approve more than ``user`` may give, by role, from the smallest authority up."""
    rows = offer.authorities.all()
    mine = next((each.most for each in rows if each.role == user.role), Decimal(0))
    higher = [each for each in rows if each.most > mine and each.role in _APPROVE]
    roles = [each.get_role_display().lower() for each in higher]
    names = [f"{'an' if role[0] in 'aeiou' else 'a'} {role}" for role in roles]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
