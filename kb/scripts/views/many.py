"""A macro on many tickets: chosen here, then previewed, done and undone as any change of many."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kb.scripts.macros import changing_alone
from kb.scripts.models import Macro
from tickets.forms import BulkForm
from tickets.models import Ticket
from tickets.people.models import User
from tickets.views.addresses import back
from tickets.views.bulk import previewed
from tickets.views.signed_in import reader, writes


@writes
def choose(request: HttpRequest) -> HttpResponse:
    """Buttons for the bar where htmx asks for them; a page that carries the selection otherwise."""
    macros = changing_alone()
    if request.headers.get("HX-Request"):
        return render(request, "kb/bulk_macros.html#buttons", {"macros": macros})
    if request.method != "POST":
        return redirect("queue")
    said = request.POST.get("back", "")
    context = {
        "macros": macros, "chosen": request.POST.getlist("t"), "back": said, "leave": back(said),
    }  # fmt: skip
    return render(request, "kb/bulk_macros.html", context)


@writes
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the macro would change, as the form of many tickets says it; nothing is done yet.

    From here on its changes stand in the form: what is done is what was previewed, whatever
    becomes of the macro meanwhile.
    """
    macro = get_object_or_404(changing_alone(), pk=pk)

    def alone(ticket: Ticket) -> str:
        if macro.only_for is None or ticket.category_id == macro.only_for_id:
            return ""
        return f"«{macro.name}» is only for «{macro.only_for.name}»."

    form = BulkForm(_as_typed(macro, reader(request)))
    return previewed(request, form, by=macro.name, alone=alone)


def _as_typed(macro: Macro, user: User) -> dict[str, Any]:
    return {
        "status": macro.status,
        "priority": macro.priority,
        "category": macro.category_id or "",
        "assignee": user.pk if macro.takes else "",
        "add_tags": ", ".join(macro.tag_list),
    }
