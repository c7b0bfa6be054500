"""The forms of the ticket page: those it always has, those it fetches when one opens them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tickets.access import Action, may
from tickets.calls.forms import CallForm
from tickets.forms import (
    DeskForm,
    LinkForm,
    NoteForm,
    NotesForm,
    OrderForm,
    ProgressForm,
    PropertiesForm,
    ReplyForm,
    RequesterForm,
    SubjectForm,
    TagsForm,
)
from tickets.models import Draft, Message, Ticket
from tickets.services import drafting
from tickets.views.signed_in import reader
from tickets.views.ways import way_of
from tickets.words import shown

ALWAYS: tuple[type[DeskForm], ...] = (ReplyForm, NoteForm, PropertiesForm)
# Most visits need none of these: each is fetched when somebody opens it.
LATER: dict[str, tuple[type[DeskForm], Action]] = {
    ProgressForm.key: (ProgressForm, Action.REPLY),
    CallForm.key: (CallForm, Action.CALL),
    SubjectForm.key: (SubjectForm, Action.TRIAGE),
    TagsForm.key: (TagsForm, Action.TRIAGE),
    LinkForm.key: (LinkForm, Action.TRIAGE),
    RequesterForm.key: (RequesterForm, Action.TRIAGE),
    OrderForm.key: (OrderForm, Action.TRIAGE),
    NotesForm.key: (NotesForm, Action.TRIAGE),
}
Given = Mapping[str, dict[str, Any]]


def forms(
    ticket: Ticket,
    bound: DeskForm | None,
    drafts: Mapping[str, Draft],
    given: Given,
    after: str = "",
) -> dict[str, DeskForm]:
    """Those the page always has, with what was drafted, and the one that was opened or refused.

    ``after`` is the status proposed for the reply to leave behind; one that cannot be is no harm.
    """
    made = {
        form.key: form(ticket=ticket, initial=_drafted(drafts, form.key), **given.get(form.key, {}))
        for form in ALWAYS
    }
    made[ReplyForm.key].initial["status_after"] = after
    return made | ({bound.key: bound} if bound else {})


def asked(request: HttpRequest, ticket: Ticket) -> DeskForm | None:
    """The form that the address asks for, where the reader may use it."""
    form, action = LATER.get(request.GET.get("form", ""), (None, Action.READ))
    user = reader(request)
    if form is None or not may(user, action, ticket):
        return None
    initial: dict[str, Any] = {}
    if form is SubjectForm:
        initial = {"subject": ticket.subject}
    elif form is TagsForm:
        initial = {"tags": ", ".join(sorted(shown(each.name) for each in ticket.tags.all()))}
    elif form is ProgressForm:
        initial = _drafted(drafting.of(ticket, user), form.key)
    return form(ticket=ticket, initial=initial)


def alone(request: HttpRequest, ticket: Ticket, form: DeskForm) -> HttpResponse:
    """What is fetched into the page carries the version that the page had shown."""
    context = {
        "ticket": ticket,
        "seen": number(request.GET.get("seen")),
        "newest": number(request.GET.get("message")) or "",
        "contact": ticket.requester,
        "forms": {form.key: form},
        "way": way_of(request, ticket.reference),
        "now": timezone.now(),
    }
    return render(request, f"tickets/tools/{form.key}.html", context)


def recalled(request: HttpRequest, ticket: Ticket) -> DeskForm | None:
    """The words of what was recalled, back in the composer, above what was drafted since."""
    pk = number(request.GET.get("draft"))
    if pk is None:
        return None
    message = ticket.messages.taken_back().filter(pk=pk).first()
    if message is None:
        return None
    form = ProgressForm if message.kind == Message.Kind.PROGRESS else ReplyForm
    initial = _drafted(drafting.of(ticket, reader(request)), form.key)
    drafted = initial.get("body", "")
    words = [message.body, *([drafted] if drafted not in message.body else [])]
    return form(ticket=ticket, initial=initial | {"body": "\n\n".join(words)})


def number(text: str | None) -> int | None:
    """A number in an address, or nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _drafted(drafts: Mapping[str, Draft], kind: str) -> dict[str, Any]:
    draft = drafts.get(kind)
    return {"body": draft.body, "cc": draft.cc, "shown": draft.marks} if draft else {}
