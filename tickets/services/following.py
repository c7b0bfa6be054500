"""What a held reply makes of its ticket once it has left: one rule for the deed and for what is said of it
while it waits."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tickets.lifecycle import Status, allowed, words
from tickets.models import Message, Ticket, TicketEvent
from tickets.services import addressees

Kind = TicketEvent.Kind
# After these, what the writer of a held reply wanted the ticket to be is out of date.
OVERTAKES = {
    Kind.CUSTOMER_MESSAGE: "the customer has written since",
    Kind.STATUS_CHANGED: "the status was changed since",
    Kind.PUT_ASIDE: "when it comes back was changed since",
    Kind.MERGED_IN: "another ticket was merged into this one since",
}
_ELSEWHERE = "this reply goes to another customer than the ticket's"
_UNREACHED = "somebody who waits here is not among those it goes to"
Facts = list[tuple[str, datetime]]


def hindrance(message: Message, ticket: Ticket) -> str:
    """Why the ticket does not become what the writer chose for when the reply has left; "" where it
    does. Asked where the reply answers everybody who waits."""
    return _hindrance(message, ticket, _since(ticket, message.at))


def hindrances(
    ticket: Ticket, held: Iterable[Message], reached: Mapping[int | None, set[str]], now: datetime
) -> dict[int, str]:
    """The same of replies that still wait, by number, as things are ``now``: also where a reply goes to
    others than those who wait. ``reached`` are the addresses of each mail."""
    choosing = [each for each in held if each.status_after]
    if not choosing:
        return {}
    facts = _since(ticket, min(each.at for each in choosing))
    waits = addressees.brought_along(ticket, now)
    found = {}
    for each in choosing:
        addresses = reached.get(each.mail_id, set())
        if not addressees.answers(ticket, addresses):
            found[each.pk] = _ELSEWHERE
        elif why := _hindrance(each, ticket, facts):
            found[each.pk] = why
        elif addressees.missed(waits, addresses):
            found[each.pk] = _UNREACHED
    return found


def _hindrance(message: Message, ticket: Ticket, facts: Facts) -> str:
    wanted = Status(message.status_after)
    if wanted not in {*allowed(ticket.status), ticket.status}:
        return f"what is {words(ticket.status)} cannot become {words(wanted)}"
    return next((OVERTAKES[Kind(kind)] for kind, at in facts if at > message.at), "")


def _since(ticket: Ticket, at: datetime) -> Facts:
    """What was said or decided, the newest first. That the ticket came back by itself was no decision."""
    events = ticket.events.filter(kind__in=list(OVERTAKES), recorded_at__gt=at)
    events = events.exclude(data__has_key="by_itself").order_by("-recorded_at", "-pk")
    return [*events.values_list("kind", "recorded_at")]
