"""Granting within one's authority, and asking for what lies above it: once, whatever races."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from kb.offers.models import LIVING, Grant, Offer
from kb.offers.services import sharing
from kb.offers.services.authority import approvers, approvers_in_words, held_limit
from kb.offers.services.booking import book, checked_amount, price
from kb.offers.services.choosing import Facts
from kb.offers.services.telling import put_before
from kb.offers.services.wording import into_the_reply
from tickets import access, events
from tickets.access import Action
from tickets.errors import Conflict, Invalid
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked, over

Kind = TicketEvent.Kind
USED = (
    "This request was already used on another ticket. Nothing was granted: fill it in again here."
)
USED_FOR = "This request was used already, for {}. Nothing more was granted: send a new one."
CLOSED = (
    "Nothing is offered on it any more; if the customer writes again, a follow-up ticket opens."
)


def grant(
    *,
    ticket: Ticket,
    offer: Offer,
    amount: Decimal,
    actor: User,
    now: datetime,
    key: str,
    reason: str = "",
) -> Grant:
    """Grants ``offer`` within ``actor``'s authority, books it, and puts its words into their reply.

    ``key`` names the request: the same key again returns the same grant and books nothing. A second
    request for an offer that lives on this ticket raises Conflict; an amount above the authority,
    the budget or the offer raises Invalid, a closed ticket Over. Raises NotAllowed. Without a
    ``reason`` the ledger says the situation's.
    """
    reason = words.reason(reason) if reason else ""
    with locked(ticket) as fresh:
        _must_be_open_to(actor, fresh)
        if known := _known(key, fresh, offer, amount):
            return known
        amount, situation = _fitting(fresh, offer, amount)
        limit = held_limit(offer, actor, now)
        if amount > limit:
            who = approvers_in_words(offer, actor) or "nobody"
            raise Invalid(
                f"You may give {offer.counted(limit)} by yourself now; {who} can approve more.",
                field="amount",
            )
        row = _create(
            fresh, offer, amount, actor, now, key, reason or situation, Grant.State.GRANTED
        )
        book(row, actor, now)
        _record(fresh, Kind.OFFER_GRANTED, row, actor, now)
        row.is_in_reply = into_the_reply(row, actor, now)
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
    """Asks the nearest with the authority: they see the ticket from now on and are told by mail.

    Raises like ``grant``, and Invalid where nobody may approve so much, or its order has less left.
    """
    reason = words.reason(reason) if reason else ""
    with locked(ticket) as fresh:
        _must_be_open_to(actor, fresh)
        if known := _known(key, fresh, offer, amount):
            return known
        amount, _ = _fitting(fresh, offer, amount)
        people = approvers(offer=offer, amount=amount, ticket=fresh, asker=actor, now=now)
        if not people:
            raise Invalid(
                "Nobody can approve this: it is more than anybody may give now.", field="amount"
            )
        row = _create(fresh, offer, amount, actor, now, key, reason, Grant.State.REQUESTED)
        sharing.must_have_room(row)
        _record(fresh, Kind.OFFER_REQUESTED, row, actor, now, told=[each.name for each in people])
        put_before(people, row, now)
        return row


def _must_be_open_to(actor: User, ticket: Ticket) -> None:
    access.require(actor, Action.OFFER, ticket)
    if ticket.status == Status.CLOSED:
        raise over(ticket, CLOSED)


def _known(key: str, ticket: Ticket, offer: Offer, amount: Decimal) -> Grant | None:
    """What the same request made before. Raises Conflict where another one used its key."""
    if not key or len(key) > 80:
        raise Invalid("The request carries no usable key.", field="key")
    known = Grant.objects.select_related("offer").filter(key=key).first()
    if known and known.ticket_id != ticket.pk:
        raise Conflict(USED)
    if known and (known.offer_id, known.amount) != (offer.pk, amount):
        raise Conflict(USED_FOR.format(known.words))
    return known


def _fitting(ticket: Ticket, offer: Offer, amount: Decimal) -> tuple[Decimal, str]:
    """The amount, where the offer is in place and not yet living on the ticket; and why it is."""
    facts = Facts(ticket)
    situation = next((each for each in offer.situations.all() if facts.fit(each)), None)
    if not offer.active or situation is None:
        raise Invalid(f"{offer} does not fit this ticket.", field="offer")
    living = ticket.grants.filter(offer=offer, state__in=LIVING).first()
    if living:
        said = living.get_state_display().lower()
        raise Conflict(
            f"{offer} is {said} on this ticket already, by {living.requested_by.name}: "
            "it is given once. The ledger below says more."
        )
    return checked_amount(offer, amount), situation.reason


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
    row = Grant(
        ticket=ticket, offer=offer, amount=amount, unit=offer.unit, currency=offer.currency,
        state=state, key=key, reason=reason, requested_by=actor, requested_at=now,
        told=Grant.Told.NOT_YET,
    )  # fmt: skip
    price(row, ticket, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # Under the ticket's lock only another ticket can hold the key.
        raise Conflict(USED) from None
    return row


def _record(
    ticket: Ticket, kind: TicketEvent.Kind, row: Grant, actor: User, now: datetime, **more: Any
) -> None:
    events.record(ticket, kind, at=now, now=now, actor=actor, offer=row.words, grant=row.pk, **more)
