"""What lists show of words that wait to leave; stored on the ticket, so that no list looks for it."""

from tickets.models import Message, Ticket
from tickets.outbox.models import OutgoingMail

_WAITING = (OutgoingMail.State.HELD, OutgoingMail.State.RELEASED)


def show_waiting(ticket: Ticket) -> None:
    """Stores when the ticket's next words leave: a reply's before those of a progress line.

    Call it under the ticket's lock, after whatever holds words, moves them, lets them go or takes
    them back. What has left its hold and is not sent yet is still on its way. Counts no version.
    """
    rows = Message.objects.filter(ticket=ticket, kind__in=Message.HELD, mail__state__in=_WAITING)
    rows = rows.order_by("-kind", "mail__release_at", "pk")
    kind, leaves = rows.values_list("kind", "mail__release_at").first() or ("", None)
    if (kind, leaves) == (ticket.waiting_kind, ticket.waiting_until):
        return
    Ticket.objects.filter(pk=ticket.pk).update(waiting_kind=kind, waiting_until=leaves)
    ticket.waiting_kind, ticket.waiting_until = kind, leaves
