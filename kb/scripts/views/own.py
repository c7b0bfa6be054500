"""An agent's own scripts: kept from the composer, made, changed and thrown away at the desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from kb.scripts.forms import OwnScriptForm
from kb.scripts.keeping import keep as keep_script
from kb.scripts.keeping import throw_away
from kb.scripts.models import Script
from kb.scripts.rendering import with_fields
from kb.scripts.services import fields_of
from kb.scripts.views.typed import keep_typed
from tickets.access import Action, ticket_for
from tickets.errors import ServiceRefused
from tickets.models import Message, Ticket
from tickets.people.models import User
from tickets.views.signed_in import posted, reader, writes

# What in a reply is only of this customer and this day; of two that are the same the first.
_OF_THE_TICKET = (
    "first_name", "customer", "organization", "agent", "reference", "subject", "order", "expected_by",
)  # fmt: skip


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """What one keeps for oneself, and the form of one more; ``ticket`` is where to go back to."""
    user = reader(request)
    ticket = _ticket(user, request.POST.get("ticket", ""))
    if request.method != "POST":
        return _page(request, OwnScriptForm(script=Script(owner=user)))
    form = OwnScriptForm(request.POST, script=Script(owner=user))
    if not _kept(request, form, user):
        return _page(request, form, 422, ticket=ticket)
    return redirect("ticket", ticket.reference) if ticket else redirect("own-scripts")


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    user = reader(request)
    script = get_object_or_404(Script.objects.own_of(user), pk=pk)
    form = OwnScriptForm(request.POST if request.method == "POST" else None, script=script)
    if form.is_bound and _kept(request, form, user):
        return redirect("own-scripts")
    return _page(request, form, 422 if form.errors else 200, changed=pk)


@writes
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    script = get_object_or_404(Script.objects.own_of(reader(request)), pk=pk)
    if request.method == "POST":
        throw_away(script=script)
        messages.success(request, f"«{script.name}» is thrown away.")
    return redirect("own-scripts")


@posted
def keep(request: HttpRequest, ref: str) -> HttpResponse:
    """The form with what stands in the composer, whose words stay in its draft, too."""
    user, now = reader(request), timezone.now()
    ticket = ticket_for(user, ref, action=Action.REPLY)
    body = keep_typed(request, ticket, user, now, Message.Kind.REPLY.value)
    said = fields_of(ticket, user, now)
    known = {name: said[name] for name in _OF_THE_TICKET}
    given = {"body": with_fields(body, known), "kind": Script.Kind.REPLY}
    form = OwnScriptForm(script=Script(owner=user), initial=given)
    return _page(request, form, ticket=ticket)


def _kept(request: HttpRequest, form: OwnScriptForm, user: User) -> bool:
    if not form.is_valid():
        return False
    try:
        script = keep_script(script=form.save(commit=False), owner=user)
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return False
    told = f"«{script.name}» is kept: «/» in the reply offers it, to you alone."
    messages.success(request, told, extra_tags="saved")
    return True


def _ticket(user: User, ref: str) -> Ticket | None:
    return ticket_for(user, ref) if ref else None


def _page(
    request: HttpRequest,
    form: OwnScriptForm,
    status: int = 200,
    *,
    ticket: Ticket | None = None,
    changed: int | None = None,
) -> HttpResponse:
    scripts = Script.objects.own_of(reader(request)).select_related("category")
    context = {"form": form, "ticket": ticket, "changed": changed, "scripts": scripts}
    return render(request, "kb/own_scripts.html", context, status=status)
