"""The forms of the ticket page: those it always has, those it fetches when one opens them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localtime

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
from tickets.forms.aside import AT
from tickets.models import Message, Ticket
from tickets.services import drafting
from tickets.services.addressees import copied_to
from tickets.services.drafting import Standing
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
    drafts: Mapping[str, Standing],
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
        "drafts": drafting.of(ticket, reader(request)) if form.key == ProgressForm.key else {},
        "way": way_of(request, ticket.reference),
        "now": timezone.now(),
    }
    return render(request, f"tickets/tools/{form.key}.html", context)


def recalled(request: HttpRequest, ticket: Ticket) -> DeskForm | None:
    """What was recalled, back in the composer: its words above what was drafted since, and all else that
    was chosen for it. Its files come along, unless they are left out."""
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
    initial |= {"body": "\n\n".join(words)}
    if form is ReplyForm:
        initial |= _chosen(ticket, message, initial.get("cc", ""))
    again = form(ticket=ticket, initial=initial)
    again.fields["body"].widget.attrs["autofocus"] = True
    return again


def _chosen(ticket: Ticket, message: Message, drafted: str) -> dict[str, Any]:
    """Copies, status, return date and files of a reply, as its form says them."""
    known = {each.lower() for each in ticket.participants.values_list("email", flat=True) if each}
    copies = [*copied_to([message]).get(message.mail_id, []), *drafted.split(",")]
    cc = dict.fromkeys(each.strip() for each in copies if each.strip().lower() not in known)
    chosen: dict[str, Any] = {
        "cc": ", ".join(filter(None, cc)),
        "status_after": "" if message.status_after == ticket.status else message.status_after,
        "enclosed": [*message.attachments.values_list("pk", flat=True)],
    }
    if message.comes_back_at:
        chosen |= {
            "comes_back": AT,
            "comes_back_at": f"{localtime(message.comes_back_at):%Y-%m-%dT%H:%M}",
        }
    return chosen


def number(text: str | None) -> int | None:
    """A number in an address, or nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def based_on(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of its draft: the version that it has shown, and its words aside."""
    return {"base": said.get("draft"), "aside": number(said.get("aside"))}


def _drafted(drafts: Mapping[str, Standing], kind: str) -> dict[str, Any]:
    draft = drafts[kind].draft if kind in drafts else None
    return {"body": draft.body, "cc": draft.cc, "shown": draft.marks} if draft else {}
