"""Granting within one's authority, and asking for what lies above it: once, whatever races."""

from datetime import datetime
from decimal import Decimal

from kb.offers.models import Grant, Offer
from kb.offers.services.booking import book, checked_amount, cost_of
from kb.offers.services.choosing import (
    Facts,
    approvers_in_words,
    given_this_month,
    own_limit,
)
from kb.offers.services.telling import tell_approvers
from tickets import access, events
from tickets.access import Action
from tickets.errors import Conflict, Invalid
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked

Kind = TicketEvent.Kind


def grant(
    *, ticket: Ticket, offer: Offer, amount: Decimal, actor: User, now: datetime, key: str
) -> Grant:
    """Grants ``offer`` within ``actor``'s authority and books it.

    ``key`` names the request: the same key again returns the same grant and books nothing. A second
    request for an offer that lives on this ticket raises Conflict; an amount above the authority,
    the budget or the offer raises Invalid. Raises NotAllowed.
    """
    with locked(ticket) as fresh:
        access.require(actor, Action.OFFER, fresh)
        if known := _known(key, fresh):
            return known
        amount = _fitting(fresh, offer, amount)
        limit = own_limit(
            offer.authorities.all(), offer, actor, given_this_month(offer, actor, now)
        )
        if amount > limit:
            who = approvers_in_words(offer, actor) or "nobody"
            raise Invalid(
                f"You may give {limit} by yourself now; {who} can approve more.", field="amount"
            )
        row = _create(fresh, offer, amount, actor, now, key, "", Grant.State.GRANTED)
        book(row, actor, now)
        _record(fresh, Kind.OFFER_GRANTED, row, actor, now)
        return row


def request_approval(
    *,
    ticket: Ticket,
    offer: Offer,
    amount: Decimal,
    actor: User,
    now: datetime,
    key: str,
    reason: str = "",
) -> Grant:
    """Asks those with the authority; they are told by mail. Raises like ``grant``."""
    reason = words.reason(reason) if reason else ""
    with locked(ticket) as fresh:
        access.require(actor, Action.OFFER, fresh)
        if known := _known(key, fresh):
            return known
        amount = _fitting(fresh, offer, amount)
        row = _create(fresh, offer, amount, actor, now, key, reason, Grant.State.REQUESTED)
        _record(fresh, Kind.OFFER_REQUESTED, row, actor, now)
        tell_approvers(row, now)
        return row


def _known(key: str, ticket: Ticket) -> Grant | None:
    if not key or len(key) > 80:
        raise Invalid("The request carries no usable key.", field="key")
    known = Grant.objects.filter(key=key).first()
    if known and known.ticket_id != ticket.pk:
        raise Conflict("This request was already used on another ticket.")
    return known


def _fitting(ticket: Ticket, offer: Offer, amount: Decimal) -> Decimal:
    """The amount, where the offer is in place and not yet living on the ticket."""
    facts = Facts(ticket)
    if not offer.active or not any(facts.fit(each) for each in offer.situations.all()):
        raise Invalid(f"{offer} does not fit this ticket.", field="offer")
    living = ticket.grants.filter(offer=offer, state__in=["requested", "granted"]).first()
    if living:
        said = living.get_state_display().lower()
        raise Conflict(f"{offer} is {said} on this ticket already, by {living.requested_by.name}.")
    return checked_amount(offer, amount)


def _create(
    ticket: Ticket,
    offer: Offer,
    amount: Decimal,
    actor: User,
    now: datetime,
    key: str,
    reason: str,
    state: str,
) -> Grant:
    return Grant.objects.create(
        ticket=ticket, offer=offer, amount=amount, cost=cost_of(offer, amount, ticket, now),
        state=state, key=key, reason=reason, requested_by=actor, requested_at=now,
    )  # fmt: skip


def _record(ticket: Ticket, kind: TicketEvent.Kind, row: Grant, actor: User, now: datetime) -> None:
    events.record(
        ticket, kind, at=now, now=now, actor=actor, offer=row.offer.name, amount=str(row.amount),
        unit=row.offer.unit, currency=row.offer.currency, grant=row.pk,
    )  # fmt: skip
