"""Offers whose approvers change: the ticket moves, into another one as one matter with it too, or an
approver leaves."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from kb.offers.models import LIVING, Grant
from kb.offers.services.authority import approvers
from kb.offers.services.deciding import withdraw
from kb.offers.services.telling import put_before
from tickets.lifecycle import Status
from tickets.models import Involvement, Ticket
from tickets.people.models import Membership, User
from tickets.services.locking import locked

NOBODY_THERE = "Nobody can approve it there."
ASKED, GRANTED = Grant.State.REQUESTED, Grant.State.GRANTED


def ask_elsewhere(*, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """What waits for approval is put before those who may approve it in the ticket's new team."""
    for row in ticket.grants.filter(state=ASKED).order_by("pk"):
        reason = f"{ticket.reference} was moved to {ticket.team.name}. {NOBODY_THERE}"
        _ask_anew(row, reason, actor, now)


def waiting_for(people: Collection[User]) -> QuerySet[Grant]:
    """What one of ``people`` may have been asked to approve: an admin, anything at all."""
    if any(each.role == User.Role.ADMIN for each in people):
        return _waiting()
    return _near(people)


def ask_instead(*, person: User, actor: User | None, now: datetime) -> None:
    """What waits for ``person``, who left, is put before those who may approve it now."""
    reason = f"{person.name} does not work here any more. Nobody else can approve it."
    near = set(_near([person]).values_list("pk", flat=True))
    for row in waiting_for([person]).select_related("ticket").order_by("ticket", "pk"):
        with locked(row.ticket):
            if Grant.objects.filter(pk=row.pk, ticket=row.ticket, state=ASKED).exists():
                _ask_anew(row, reason, actor, now, asked_before=row.pk not in near)


def _waiting() -> QuerySet[Grant]:
    return Grant.objects.filter(state=ASKED).exclude(ticket__status=Status.CLOSED)


def _near(people: Collection[User]) -> QuerySet[Grant]:
    """What one of them may have been asked as a lead, or as an executive."""
    led = Membership.objects.filter(user__in=people, leads=True).values("team")
    shown = Involvement.objects.filter(user__in=people, user__role=User.Role.EXECUTIVE)
    return _waiting().filter(Q(ticket__team__in=led) | Q(ticket__in=shown.values("ticket")))


def bring_along(*, source: Ticket, target: Ticket, actor: User | None, now: datetime) -> None:
    """Moves ``source``'s grants to ``target``, whose offers are then granted once for both.

    Of an offer that lives on both, a request gives way and who asked is told; two grants both
    stand, because both were given. Who may approve what is still asked for there is asked anew.
    """
    merged = f"{source.reference} was merged into {target.reference}"
    for row in source.grants.order_by("pk"):
        here = _living(row, target)
        if here and here.state == ASKED and row.state == GRANTED:
            reason = f"{merged}, and had been granted there."
            withdraw(grant=here, actor=actor, now=now, reason=reason)
            here = None
        Grant.objects.filter(pk=row.pk).update(ticket=target, beside=here is not None)
        if row.state == ASKED and here:
            reason = f"{merged}, where it is {here.get_state_display().lower()} already."
            withdraw(grant=row, actor=actor, now=now, reason=reason)
        elif row.state == ASKED:
            _ask_anew(row, f"{merged}. {NOBODY_THERE}", actor, now)


def _living(row: Grant, target: Ticket) -> Grant | None:
    """What stands on ``target`` in the way of ``row``."""
    if row.state not in LIVING:
        return None
    living = target.grants.filter(offer=row.offer_id, state__in=LIVING).order_by("beside", "pk")
    if row.state == GRANTED:  # Both stand; one beside is not in the way.
        living = living.filter(beside=False)
    return living.first()


def _ask_anew(
    moved: Grant, reason: str, actor: User | None, now: datetime, asked_before: bool = False
) -> None:
    """Others may approve it now, maybe at another address; ``reason`` is why where nobody may.

    ``asked_before``: an admin left, who was asked only if nobody nearer could be.
    """
    row = Grant.objects.select_related("ticket", "offer", "requested_by").get(pk=moved.pk)
    people = approvers(
        offer=row.offer, amount=row.amount, ticket=row.ticket, asker=row.requested_by, now=now
    )
    if people and asked_before and any(each.role != User.Role.ADMIN for each in people):
        return
    if people:
        put_before(people, row, now)
    else:
        withdraw(grant=row, actor=actor, now=now, reason=reason)
