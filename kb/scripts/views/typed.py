"""What stands in the composer from which another page was asked for: kept as its draft."""

from datetime import datetime

from django.http import HttpRequest

from tickets.models import Draft, Ticket
from tickets.people.models import User
from tickets.views import drafts


def keep_typed(
    request: HttpRequest, ticket: Ticket, user: User, now: datetime, usual: str = ""
) -> str:
    """Returns what was typed; ``usual`` is the kind of the draft where the page does not say it."""
    said = request.POST
    kind, body = said.get("typed", usual), said.get("body", "").replace("\r\n", "\n")
    if kind in dict(Draft.KINDS):
        drafts.keep_typed(request, ticket, kind, now)
    return body
