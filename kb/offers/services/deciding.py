"""Approving and refusing what was asked for: by somebody else, with the authority, once."""

from datetime import datetime

from kb.offers.models import Grant
from kb.offers.services.booking import book
from kb.offers.services.choosing import own_limit
from kb.offers.services.telling import tell_requester
from tickets import access, events
from tickets.access import Action, NotAllowed
from tickets.errors import Conflict
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked

Kind = TicketEvent.Kind


def approve(*, grant: Grant, actor: User, now: datetime) -> Grant:
    """Grants what was asked for and books it. Raises NotAllowed, Conflict, Invalid (budget)."""
    with locked(grant.ticket) as ticket:
        _check(grant, ticket, actor)
        if own_limit(grant.offer.authorities.all(), grant.offer, actor, None) < grant.amount:
            raise NotAllowed("This is more than you may approve.")
        row = _decide(grant, Grant.State.GRANTED, actor, now, "")
        book(row, actor, now)
        _tell(ticket, Kind.OFFER_GRANTED, row, actor, now)
        return row


def refuse(*, grant: Grant, actor: User, now: datetime, reason: str = "") -> Grant:
    """Says no, with a reason for the one who asked. Raises NotAllowed, Conflict, Invalid."""
    reason = words.reason(reason) if reason else ""
    with locked(grant.ticket) as ticket:
        _check(grant, ticket, actor)
        row = _decide(grant, Grant.State.REFUSED, actor, now, reason)
        _tell(ticket, Kind.OFFER_REFUSED, row, actor, now)
        return row


def _check(grant: Grant, ticket: Ticket, actor: User) -> None:
    access.require(actor, Action.APPROVE_OFFER, ticket)
    if grant.requested_by_id == actor.pk:
        raise NotAllowed("Nobody decides about their own request.")


def _decide(grant: Grant, state: str, actor: User, now: datetime, said: str) -> Grant:
    waiting = Grant.objects.filter(pk=grant.pk, state=Grant.State.REQUESTED)
    if not waiting.update(state=state, decided_by=actor, decided_at=now, decision=said):
        row = Grant.objects.select_related("decided_by").get(pk=grant.pk)
        who = row.decided_by.name if row.decided_by else "somebody"
        raise Conflict(f"This was {row.get_state_display().lower()} already, by {who}.")
    return Grant.objects.select_related("ticket__team", "offer", "requested_by").get(pk=grant.pk)


def _tell(ticket: Ticket, kind: TicketEvent.Kind, row: Grant, actor: User, now: datetime) -> None:
    events.record(
        ticket, kind, at=now, now=now, actor=actor, offer=row.offer.name, amount=str(row.amount),
        unit=row.offer.unit, currency=row.offer.currency, grant=row.pk, approval=True,
        reason=row.decision,
    )  # fmt: skip
    tell_requester(row, actor, now)
