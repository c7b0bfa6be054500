"""Mentions: who is offered after «@», and what the writer is told of those whom a note mentioned."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tickets.access import ticket_for
from tickets.models import Ticket
from tickets.outbox.services import is_mailable
from tickets.people.models import User
from tickets.services.conversation import is_of_the_desk
from tickets.telling.models import NotificationKind as Kind
from tickets.telling.models import Preference
from tickets.views.away import is_out
from tickets.views.signed_in import reader
from tickets.words import shown

MOST = 8


@login_required
@require_safe
def offer(request: HttpRequest, ref: str) -> HttpResponse:
    """Colleagues at work here whose name or user name begins with what was typed after «@»."""
    user = reader(request)
    ticket_for(user, ref)
    word = request.GET.get("q", "").replace("\x00", "")[:60]
    named = Q(username__istartswith=word) | Q(first_name__istartswith=word)
    named |= Q(last_name__istartswith=word)
    people = User.objects.filter(named, is_active=True).exclude(pk=user.pk)
    offered = [
        {"name": shown(each.name), "text": f"@{each.username} ", "gist": each.get_role_display()}
        for each in people.order_by("first_name", "username", "pk")[:MOST]
    ]
    context = {"offered": offered, "empty": "Nobody here is called so."}
    return render(request, "components/options.html", context)


def told(ticket: Ticket, person: User, now: datetime) -> str:
    """The sentences, asked before the note is written: afterwards everybody mentioned sees it."""
    who = shown(person.name)
    mail = _way(person)
    knew = _is_known(ticket, person)
    if knew:
        said = f"{who} was {mail}." if mail else ""
    elif is_of_the_desk(person):
        said = f"{who} follows this ticket from now on{f' and was {mail}' if mail else ''}."
    else:
        said = f"This ticket is before {who} from now on{f', who was {mail}' if mail else ''}."
    if not knew and not _sees(ticket, person):
        said = f"{said} They did not see it before."
    if not mail:
        said = f"{said} {who} {_why_not(person)}: tell them yourself."
    return f"{said} {is_out(person, now)}".strip()


def _way(person: User) -> str:
    """How they hear of it at once; the desk tells them besides."""
    refused = Preference.objects.refusing("by_mail").filter(person=person, kind=Kind.MENTIONED)
    told = refused.values_list("on_desk", flat=True).first()
    if told is None:
        return "told by mail" if is_mailable(person.email) else ""
    return "told on the desk" if told else ""


def _why_not(person: User) -> str:
    if not is_mailable(person.email):
        return "has no address that mail can go to"
    return "does not want to be told of mentions"


def _is_known(ticket: Ticket, person: User) -> bool:
    """Whether a mention changes nothing but the mail: it was brought to them before."""
    return (
        ticket.followers.filter(pk=person.pk).exists()
        or ticket.involvements.filter(user=person).exists()
    )


def _sees(ticket: Ticket, person: User) -> bool:
    return Ticket.objects.reachable_by(person).filter(pk=ticket.pk).exists()
