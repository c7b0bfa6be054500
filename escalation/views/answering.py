"""People's answers to an escalation, wherever the form stands: ``refused`` shows that page again."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse

from escalation import raising
from escalation.forms import AcknowledgeForm, HandBackForm, TakeOverForm
from escalation.models import Escalation
from tickets.access import Action, ticket_for
from tickets.forms import DeskForm
from tickets.views.acting import Act, act
from tickets.views.away import told
from tickets.views.signed_in import reader

HANDED_BACK = "Handed back with your note."
Refused = Callable[..., HttpResponse]


def acknowledge(request: HttpRequest, ref: str, pk: int, *, refused: Refused) -> HttpResponse:
    """404 for an escalation that is not this ticket's."""
    ticket = ticket_for(reader(request), ref)
    row = Escalation.objects.filter(ticket=ticket, pk=pk).select_related("ticket").first()
    if row is None:
        raise Http404
    return act(
        request, ref, AcknowledgeForm, Action.READ,
        lambda its: raising.acknowledge(escalation=row, actor=its.actor, now=its.now),
        f"{ticket.reference}: acknowledged. Nobody above is told; it is yours to see to.",
        refused=refused,
    )  # fmt: skip


def take_over(request: HttpRequest, ref: str, *, refused: Refused) -> HttpResponse:
    """From whoever the page said has taken it over; from anybody else only once that is confirmed."""
    return act(
        request, ref, TakeOverForm, Action.TAKE_OVER,
        lambda its: raising.take_over(
            ticket=its.ticket, actor=its.actor, note=line(its.said["note"]), now=its.now,
            known_holders=cast(TakeOverForm, its.form).known_holders(),
        ),
        "The ticket is yours now. The agent follows it.",
        refused=refused,
    )  # fmt: skip


def hand_back(
    request: HttpRequest, ref: str, form: type[DeskForm], *, refused: Refused
) -> HttpResponse:
    """To whomever the form names, where it asks; whoever has it now may be out, which is said."""

    def do(its: Act) -> str:
        ticket = raising.hand_back(
            ticket=its.ticket, actor=its.actor, note=line(its.said["note"]), now=its.now,
            to=its.form.person() if isinstance(its.form, HandBackForm) else None,
        )  # fmt: skip
        return told(HANDED_BACK, ticket.assignee, its.now)

    return act(request, ref, form, Action.HAND_BACK, do, HANDED_BACK, refused=refused)


def line(text: str) -> str:
    """A text area's lines as one: it stands in lists and mails."""
    return " ".join(text.split())
