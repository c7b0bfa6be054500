"""Offers on tickets that move: to another team, or into another ticket as one matter with it."""

from datetime import datetime

from kb.offers.models import LIVING, Grant
from kb.offers.services.authority import approvers
from kb.offers.services.deciding import withdraw
from kb.offers.services.telling import put_before
from tickets.models import Ticket
from tickets.people.models import User

ASKED, GRANTED = Grant.State.REQUESTED, Grant.State.GRANTED


def ask_elsewhere(*, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """What waits for approval is put before those who may approve it in the ticket's new team."""
    for row in ticket.grants.filter(state=ASKED).order_by("pk"):
        _ask_anew(row, f"{ticket.reference} was moved to {ticket.team.name}", actor, now)


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
            _ask_anew(row, merged, actor, now)


def _living(row: Grant, target: Ticket) -> Grant | None:
    """What stands on ``target`` in the way of ``row``."""
    if row.state not in LIVING:
        return None
    living = target.grants.filter(offer=row.offer_id, state__in=LIVING).order_by("beside", "pk")
    if (
        row.state == GRANTED
    ):  # Two grants both stand; the one beside keeps nothing from being first.
        living = living.filter(beside=False)
    return living.first()


def _ask_anew(moved: Grant, why: str, actor: User | None, now: datetime) -> None:
    """Another team may lead to others who approve, and the address is another one."""
    row = Grant.objects.select_related("ticket", "offer", "requested_by").get(pk=moved.pk)
    people = approvers(
        offer=row.offer, amount=row.amount, ticket=row.ticket, asker=row.requested_by, now=now
    )
    if people:
        put_before(people, row, now)
    else:
        reason = f"{why}. Nobody can approve it there."
        withdraw(grant=row, actor=actor, now=now, reason=reason)
