"""Reversing a granted offer: a booking of its own, with a reason; nothing is deleted.

And nobody is promised it any more: what waits to be said is recalled, who wrote it is told.
"""

from datetime import datetime

from kb.offers.models import Grant
from kb.offers.services.booking import unbook
from kb.offers.services.deciding import already, current
from kb.offers.services.reaching import (
    Reach,
    called_back,
    granted_on,
    is_known,
    reach_of,
    replies_on,
)
from kb.offers.services.telling import tell_of_reversal
from tickets import access, events
from tickets.access import Action
from tickets.errors import Conflict
from tickets.models import TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked, reload

KNOWN = (
    "Meanwhile a reply of {who} has left that tells the customer of it. Nothing was reversed: "
    "do it again if it is to be reversed all the same."
)
SAID = (
    "Meanwhile {who} said that the customer knows of it. Nothing was reversed: "
    "do it again if it is to be reversed all the same."
)


def reverse(
    *, grant: Grant, actor: User, reason: str, now: datetime, untold: bool = False
) -> Grant:
    """Reverses a granted offer; ``reach`` of what is returned says what became of its words.

    They leave every draft. A held reply that says them is recalled into its writer's draft, in the
    same transaction. Whose replies these are, who asked and who granted it are told by mail, not
    ``actor``. ``untold``: ``actor`` was shown that the customer does not know.

    Raises NotAllowed, Invalid without a reason, and Conflict, also where the customer has come to
    know of what was ``untold``.
    """
    reason = words.reason(reason)
    with locked(grant.ticket) as ticket:
        access.require(actor, Action.APPROVE_OFFER, ticket)
        was = current(grant, ticket)
        granted = Grant.objects.filter(pk=was.pk, state=Grant.State.GRANTED)
        if not granted.update(
            state=Grant.State.REVERSED, decided_by=actor, decided_at=now, decision=reason
        ):
            raise Conflict(f"{already(was)} Only what is granted can be reversed.")
        reach = reach_of(was, replies_on(ticket, was.given_at), granted_on(ticket))
        if untold and is_known(was, reach):
            raise Conflict(_by_whom(was, reach))
        reach = called_back(was, reach, actor, now)
        reload(ticket)
        row = current(was, ticket)
        row.reach = reach
        unbook(row, actor, now)
        events.record(
            ticket, TicketEvent.Kind.OFFER_REVERSED, at=now, now=now, actor=actor,
            offer=row.words, grant=row.pk, reason=reason,
        )  # fmt: skip
        tell_of_reversal(was, row, reach, now)
        return row


def _by_whom(was: Grant, reach: Reach) -> str:
    author = reach.left[0].author if reach.left else was.told_by
    said = SAID if was.told == Grant.Told.BY_PERSON and not reach.left else KNOWN
    return said.format(who=author.name if author else "ours")
