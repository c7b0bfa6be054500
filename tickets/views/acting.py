"""One action on one ticket: fetch and authorise, check the form, call the service, show the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from tickets.access import Action, ticket_for
from tickets.errors import Conflict, ServiceRefused
from tickets.forms import DeskForm
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.views.page import ticket_page
from tickets.views.reasons import overtaken, reason
from tickets.views.signed_in import reader
from tickets.views.tools import based_on
from tickets.views.ways import ticket_address, way_of


@dataclass(frozen=True, slots=True)
class Act:
    """What a service needs to be told."""

    ticket: Ticket
    actor: User
    now: datetime
    form: DeskForm

    @property
    def said(self) -> dict[str, Any]:
        return self.form.cleaned_data

    @property
    def drafted(self) -> dict[str, Any]:
        """What the page says of the draft that is sent."""
        return based_on(self.form.data)

    @property
    def version(self) -> int | None:
        return self.form.cleaned_data.get("version")


AGAIN = "It was sent already: nothing was sent again."
Refused = Callable[[HttpRequest, Ticket, DeskForm, int], HttpResponse]


def _on_the_ticket(
    request: HttpRequest, ticket: Ticket, form: DeskForm, status: int
) -> HttpResponse:
    return ticket_page(request, ticket, form, status=status)


def act(
    request: HttpRequest,
    ref: str,
    form_class: type[DeskForm],
    action: Action,
    do: Callable[[Act], object],
    done: str,
    *,
    refused: Refused = _on_the_ticket,
) -> HttpResponse:
    """Does it and returns to the ticket; a refusal shows the form again with every typed word."""
    user, now = reader(request), timezone.now()
    ticket = ticket_for(user, ref, action=action)
    form = form_class(request.POST, files=request.FILES, ticket=ticket)
    if not form.is_valid():
        if changed := overtaken(form, ticket, user, now):
            form.add_error(None, changed)
        return refused(request, ticket, form, 422)
    try:
        outcome = do(Act(ticket, user, now, form))
    except ServiceRefused as refusal:
        fresh = ticket_for(user, ref)
        form.refuse(refusal, reason(refusal, fresh, user, now))
        return refused(request, fresh, form, 409 if isinstance(refusal, Conflict) else 422)
    done = AGAIN if isinstance(outcome, Message) and outcome.is_again else done
    said = outcome if isinstance(outcome, str) else done
    messages.success(request, said, extra_tags="saved")  # the browser may forget what was typed
    return back_to(user, outcome if isinstance(outcome, Ticket | Message) else ticket, request)


def back_to(
    user: User, outcome: Ticket | Message, request: HttpRequest, place: str = "", **query: str
) -> HttpResponse:
    """The ticket again, at the message just written or at ``place``; the queue where one may no
    longer see it."""
    ticket = outcome.ticket if isinstance(outcome, Message) else outcome
    if not Ticket.objects.visible_to(user).filter(pk=ticket.pk).exists():
        messages.info(
            request, f"{ticket.reference} is now with people whose tickets you do not see."
        )
        way = way_of(request, ticket.reference)
        return redirect(way.back if way else "queue")
    place = f"#m{outcome.pk}" if isinstance(outcome, Message) else place
    return redirect(ticket_address(request, ticket.reference, **query) + place)
