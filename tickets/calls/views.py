"""Logging a call on the ticket page."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from tickets.access import Action
from tickets.calls import services
from tickets.calls.forms import CallForm
from tickets.calls.models import Call
from tickets.views.acting import Act, act
from tickets.views.signed_in import posted


@posted
def log(request: HttpRequest, ref: str) -> HttpResponse:
    """A call that ended just now; one of ours that reached the customer keeps an owed callback."""

    def do(its: Act) -> Call:
        return services.log_call(
            ticket=its.ticket, contact=its.ticket.requester, direction=its.said["direction"],
            outcome=its.said["outcome"], summary=its.said["summary"], actor=its.actor, now=its.now,
            started_at=its.now - timedelta(minutes=its.said["minutes"]), ended_at=its.now,
        )  # fmt: skip

    return act(request, ref, CallForm, Action.CALL, do, "The call is in the log.")
