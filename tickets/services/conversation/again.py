"""What one page sends twice, by Back or because the answer was lost, is said once."""

from collections.abc import Sequence
from datetime import datetime

from tickets.files import File
from tickets.models import Message, Ticket
from tickets.people.models import User


def said_already(
    ticket: Ticket,
    author: User,
    kind: str,
    body: str,
    since: datetime | None,
    files: Sequence[File] = (),
) -> Message | None:
    """The message with these words and files that ``author`` has written since their page was loaded;
    none where it was recalled, or nobody knows when that was. It knows that it ``is_again``. Call it under
    the ticket's lock."""
    if since is None:
        return None
    written = Message.objects.filter(ticket=ticket, author=author, kind=kind, body=body)
    rows = written.filter(at__gte=since).exclude(mail__state="recalled").order_by("-pk")
    names = sorted((each.name, len(each.content)) for each in files)
    for row in rows.prefetch_related("attachments"):
        if sorted((each.name, each.size) for each in row.attachments.all()) == names:
            row.is_again = True
            return row
    return None
