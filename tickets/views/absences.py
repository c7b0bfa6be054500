"""Out of office: who is, who will be, and saying so."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods

from tickets.errors import ServiceRefused
from tickets.forms.absences import AbsenceForm
from tickets.leading import colleagues, spoken_for
from tickets.people.models import Absence
from tickets.services import absences
from tickets.views.signed_in import reader, writes
from tickets.words import out_until, shown

MOST = 100


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The list with the form; ``?person=`` chooses whom it is about."""
    user, now = reader(request), timezone.now()
    people = [(each.pk, shown(each.name)) for each in spoken_for(user)]
    if request.method != "POST":
        wanted = {"person": request.GET.get("person") or user.pk}
        return _page(request, AbsenceForm(people=people, initial=wanted), 200)
    form = AbsenceForm(request.POST, people=people)
    if not form.is_valid() or (person := form.chosen("person")) is None:
        return _page(request, form, 422)
    said = form.cleaned_data
    try:
        planned = absences.plan(
            person=person, starts_at=said["starts_at"], ends_at=said["ends_at"], actor=user,
            now=now, note=said["note"], deputy=form.chosen("deputy"),
        )  # fmt: skip
    except ServiceRefused as refusal:
        form.refuse(refusal)
        return _page(request, form, 422)
    messages.success(request, f"{shown(planned.user.name)} is out of office in that time.")
    if warning := _is_out_too(planned, now):
        messages.warning(request, warning)
    return redirect("absences")


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        user = reader(request)
        rows = Absence.objects.filter(user__in=colleagues(user)).select_related("user")
        absence = get_object_or_404(rows, pk=pk)
        absences.end(absence=absence, actor=user, now=timezone.now())
        messages.success(request, f"{shown(absence.user.name)} is at work from now on.")
    return redirect("absences")


def _is_out_too(planned: Absence, now: datetime) -> str:
    """A warning where the deputy is out all that time."""
    if (deputy := planned.deputy) is None:
        return ""
    start = max(planned.starts_at, now)
    until = Absence.objects.all().all_through(start, planned.ends_at, deputy)
    if until is None:
        return ""
    who = shown(deputy.name)
    said = f"{who}, who is to stand in, is {out_until(localtime(until))} too"
    return f"{said}: escalations go to whoever stands in for {who}, else to the next level."


def _page(request: HttpRequest, form: AbsenceForm, status: int) -> HttpResponse:
    user, now = reader(request), timezone.now()
    rows = Absence.objects.not_over(now).filter(user__in=colleagues(user))
    listed = list(rows.select_related("user", "deputy").order_by("starts_at", "pk")[:MOST])
    context: dict[str, Any] = {
        "form": form,
        "out": [row for row in listed if row.starts_at <= now],
        "coming": [row for row in listed if row.starts_at > now],
        "mine": {number for number, _ in form.fields["person"].choices},  # type: ignore[attr-defined]
        "now": now,
    }
    return render(request, "tickets/absences.html", context, status=status)
