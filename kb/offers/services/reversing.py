"""Taking a granted offer back: a booking of its own, with a reason; nothing is deleted."""

from datetime import datetime

from kb.offers.models import Grant
from kb.offers.services.booking import unbook
from kb.offers.services.deciding import already, current
from kb.offers.services.wording import out_of_the_replies
from tickets import access, events
from tickets.access import Action
from tickets.errors import Conflict
from tickets.models import TicketEvent
from tickets.people.models import User
from tickets.services import words
from tickets.services.locking import locked


def reverse(*, grant: Grant, actor: User, reason: str, now: datetime) -> Grant:
    """Reverses a granted offer; its words leave the replies that wait to be sent. Raises NotAllowed, Invalid without a reason, Conflict."""
    reason = words.reason(reason)
    with locked(grant.ticket) as ticket:
        access.require(actor, Action.APPROVE_OFFER, ticket)
        was = current(grant, ticket)
        granted = Grant.objects.filter(pk=was.pk, state=Grant.State.GRANTED)
        if not granted.update(
            state=Grant.State.REVERSED, decided_by=actor, decided_at=now, decision=reason
        ):
            raise Conflict(f"{already(was)} Only what is granted can be taken back.")
        row = current(was, ticket)
        unbook(row, actor, now)
        out_of_the_replies(was, now)
        events.record(
            ticket, TicketEvent.Kind.OFFER_REVERSED, at=now, now=now, actor=actor,
            offer=row.words, grant=row.pk, reason=reason,
        )  # fmt: skip
        return row
