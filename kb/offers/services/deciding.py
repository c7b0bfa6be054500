"""Approving and refusing what was asked for: by somebody else, with the authority, once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from kb.offers.models import Grant, Offer
from kb.offers.services.authority import held_limit
from kb.offers.services.booking import book, price, worth
from kb.offers.services.telling import tell_requester
from kb.offers.services.wording import into_the_reply
from tickets import access, events
from tickets.access import Action, NotAllowed
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked, over

Kind = TicketEvent.Kind


def approve(*, grant: Grant, actor: User, now: datetime) -> Grant:
    """Grants what was asked for by ``actor``'s authority, out of their month, and books it.

    At the rate and from the budget of this day. Its words go into the reply of who asked, where
    they may still reply. Raises NotAllowed, Conflict, Invalid, Over.
    """
    with locked(grant.ticket) as ticket:
        row = _asked(grant, ticket, actor)
        if ticket.status == Status.CLOSED:
            raise over(ticket, "The customer cannot be told of it there any more: refuse it.")
        if not row.offer.active:
            raise Invalid(f"{row.offer} is not offered any more; refuse it.")
        limit = held_limit(row.offer, actor, now)
        if _is_more(row, limit, now):
            said = row.offer.counted(limit)
            raise NotAllowed(f"This is more than you may approve: you may give {said} now.")
        price(row, ticket, now)
        priced = {"cost": row.cost, "order": row.order, "counted": row.counted,
                  "told": Grant.Told.NOT_YET}  # fmt: skip
        row = _decide(row, Grant.State.GRANTED, actor, now, "", **priced)
        book(row, actor, now)
        row.is_in_reply = into_the_reply(row, row.requested_by, now)
        _tell(Kind.OFFER_GRANTED, row, actor, now)
        return row


def refuse(*, grant: Grant, actor: User, now: datetime, reason: str = "") -> Grant:
    """Says no, with a reason for the one who asked. Raises NotAllowed, Conflict, Invalid."""
    reason = words.reason(reason) if reason else ""
    with locked(grant.ticket) as ticket:
        row = _asked(grant, ticket, actor)
        row = _decide(row, Grant.State.REFUSED, actor, now, reason)
        _tell(Kind.OFFER_REFUSED, row, actor, now)
        return row


def withdraw(*, grant: Grant, actor: User | None, now: datetime, reason: str) -> Grant:
    """Ends a request that has become pointless, under its ticket's lock; who asked hears why."""
    row = _decide(grant, Grant.State.REFUSED, actor, now, reason)
    _tell(Kind.OFFER_REFUSED, row, actor, now)
    return row


def current(grant: Grant, ticket: Ticket) -> Grant:
    """The row as it is under ``ticket``'s lock. Raises Conflict where a merge took it elsewhere."""
    row = Grant.objects.select_related("ticket__team", "offer", "order", "requested_by").get(
        pk=grant.pk
    )
    if row.ticket_id != ticket.pk:
        raise Conflict(f"A merge took this to {row.ticket.reference}; go on there.")
    return row


def already(grant: Grant) -> str:
    """What became of it meanwhile, and who saw to that."""
    row = Grant.objects.select_related("decided_by", "requested_by").get(pk=grant.pk)
    if row.state == Grant.State.REQUESTED:
        return "This still waits for approval."
    who = (row.decided_by or row.requested_by).name
    return f"This was {row.get_state_display().lower()} already, by {who}."


def _is_more(row: Grant, limit: Decimal, now: datetime) -> bool:
    """Whether it is beyond a limit that counts as the offer counts today. Raises Invalid."""
    offer, amount = row.offer, Decimal(row.amount)
    if row.unit != offer.unit:
        raise Invalid(f"{offer} is counted otherwise now; refuse it, and let it be asked for anew.")
    if row.unit != Offer.Unit.MONEY or row.currency == offer.currency:
        return amount > limit
    return worth(amount, row.currency, now) > worth(limit, offer.currency, now)


def _asked(grant: Grant, ticket: Ticket, actor: User) -> Grant:
    access.require(actor, Action.APPROVE_OFFER, ticket)
    row = current(grant, ticket)
    if row.requested_by_id == actor.pk:
        raise NotAllowed("Nobody decides about their own request.")
    return row


def _decide(
    grant: Grant, state: str, actor: User | None, now: datetime, said: str, **more: Any
) -> Grant:
    waiting = Grant.objects.filter(pk=grant.pk, state=Grant.State.REQUESTED)
    if not waiting.update(state=state, decided_by=actor, decided_at=now, decision=said, **more):
        raise Conflict(already(grant))
    return Grant.objects.select_related("ticket__team", "offer", "order", "requested_by").get(
        pk=grant.pk
    )


def _tell(kind: TicketEvent.Kind, row: Grant, actor: User | None, now: datetime) -> None:
    events.record(
        row.ticket, kind, at=now, now=now, actor=actor, offer=row.words, grant=row.pk,
        approval=True, reason=row.decision,
    )  # fmt: skip
    tell_requester(row, now)
