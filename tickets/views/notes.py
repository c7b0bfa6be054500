"""Notes about the customer of a ticket, kept from there."""

from django.http import HttpRequest, HttpResponse

from tickets.access import Action
from tickets.forms import NotesForm
from tickets.people.noting import keep_notes
from tickets.views.acting import Act, act
from tickets.views.signed_in import posted


@posted
def notes(request: HttpRequest, ref: str) -> HttpResponse:
    """What we know of the person and of their company, for whoever has their next ticket."""

    def do(its: Act) -> str:
        changed = keep_notes(
            contact=its.ticket.requester,
            notes=its.said["notes"],
            of_company=its.said.get("of_company", ""),
            seen=its.said["as_read"],
            actor=its.actor,
            now=its.now,
        )
        return "The notes are saved." if changed else "Nothing was different."

    return act(request, ref, NotesForm, Action.TRIAGE, do, "The notes are saved.")
