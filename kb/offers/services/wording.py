"""What the customer is told of an offer, filled in and put into the reply that tells them."""

from datetime import datetime

from kb.offers.amounts import in_words
from kb.offers.models import Grant, Offer
from kb.scripts.rendering import fill_in
from kb.scripts.services import fields_of
from tickets.access import Action, may
from tickets.models import Message
from tickets.people.models import Order, User
from tickets.services import drafting

REPLY = Message.Kind.REPLY.value


def filled(
    offer: Offer, fields: dict[str, str], order: Order | None, given: Grant | None = None
) -> str:
    """The offer's words; ``order`` is the one that it is given of, where it is of one.

    ``given`` says how much: «25.00 USD», and whether that is only a part of the order.
    """
    number = order.number if order else fields.get("order", "")
    known = fields | {"order": number, "order_part": number}
    if given is not None:
        known["amount"] = in_words(given.amount, given.unit, offer.kind, given.currency)
        if order and given.counted < order.amount:
            known["order_part"] = f"part of {number}"
    return fill_in(offer.words, known)


def words_of(grant: Grant, user: User, now: datetime) -> str:
    """What ``user`` tells the customer of a grant."""
    return filled(grant.offer, fields_of(grant.ticket, user, now), grant.order, grant)


def texts_of(grant: Grant, user: User, *at: datetime) -> list[str]:
    """What ``user`` would have been given to tell the customer at these instants, each text once.

    A promised moment passes; all else in it mostly stays.
    """
    return list(dict.fromkeys(words_of(grant, user, each) for each in at))


def into_the_reply(grant: Grant, author: User, now: datetime) -> bool:
    """Puts its words below what ``author`` has typed in their reply; False where they may not reply."""
    if not author.is_active or not may(author, Action.REPLY, grant.ticket):
        return False
    text = words_of(grant, author, now)
    drafting.add(ticket=grant.ticket, author=author, kind=REPLY, text=text, now=now)
    return True
