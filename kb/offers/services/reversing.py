"""Taking a granted offer back: a booking of its own, with a reason; nothing is deleted."""

from datetime import datetime

from kb.offers.models import Grant
from kb.offers.services.booking import unbook
from kb.offers.services.deciding import already, current
from tickets import access, events
from tickets.access import Action
from tickets.errors import Conflict
from tickets.models import TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked


def reverse(*, grant: Grant, actor: User, reason: str, now: datetime) -> Grant:
    """Reverses a granted offer. Raises NotAllowed, Invalid without a reason, Conflict."""
    reason = words.reason(reason)
    with locked(grant.ticket) as ticket:
        access.require(actor, Action.APPROVE_OFFER, ticket)
        row = current(grant, ticket)
        granted = Grant.objects.filter(pk=row.pk, state=Grant.State.GRANTED)
        if not granted.update(
            state=Grant.State.REVERSED, decided_by=actor, decided_at=now, decision=reason
        ):
            raise Conflict(f"{already(row)} Only what is granted can be taken back.")
        row = current(row, ticket)
        unbook(row, actor, now)
        events.record(
            ticket, TicketEvent.Kind.OFFER_REVERSED, at=now, now=now, actor=actor,
            offer=row.words, grant=row.pk, reason=reason,
        )  # fmt: skip
        return row
