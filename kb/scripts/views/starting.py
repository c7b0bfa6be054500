"""New tickets from templates: what is to be chosen from, and the form filled in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from kb.scripts.beginning import filled_in
from kb.scripts.models import Template
from tickets.access import may_open
from tickets.forms import NewTicketForm
from tickets.views.opening import page
from tickets.views.signed_in import reader, writes


@login_required
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """A part of the page of a new ticket where htmx asks for it, a page otherwise."""
    may_open(reader(request))
    found = Template.objects.filter(active=True).select_related("category", "team")
    part = "#offered" if request.headers.get("HX-Request") else ""
    return render(request, f"kb/templates.html{part}", {"templates": found})


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a new ticket with the template's words; what was typed before goes along."""
    may_open(reader(request))
    template = get_object_or_404(Template, pk=pk, active=True)
    typed = {name: request.POST.get(name, "") for name in NewTicketForm.base_fields}
    form = NewTicketForm(initial=filled_in(template, typed))
    return page(request, form, from_template=template.name)
