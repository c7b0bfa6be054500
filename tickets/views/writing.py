"""What is said on a ticket: replies and their hold, notes, progress lines."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tickets.access import Action, ticket_for
from tickets.errors import Conflict, ServiceRefused
from tickets.forms import DeskForm, EditHeldForm, NoteForm, ProgressForm, ReplyForm, SendNowForm
from tickets.lifecycle import Status
from tickets.models import Message, Ticket
from tickets.services import conversation, drafting
from tickets.services.words import draft as drafted
from tickets.views.acting import Act, act
from tickets.views.drafts import loaded_at
from tickets.views.mentioned import told
from tickets.views.page import ticket_page
from tickets.views.signed_in import posted, reader, writes
from tickets.views.ways import ticket_address

_LEFT = "Other words of yours were not part of it: they are in the box, as a draft."
_COMPOSED = "Your words are in the composer, as a draft. Nothing was sent."
_RECALLED = {
    Message.Kind.REPLY.value: "Recalled: it was never sent. It is in the composer again, whole.",
    Message.Kind.PROGRESS.value: "Recalled: it was never sent. Its text is in the composer again.",
}
_UNREADABLE = (
    "Not sent: the page did not say what it has shown. Look at it once more, then send it."
)
_HELD = "Your {} is held and leaves by itself; until then you can recall or edit it."


@posted
def reply(request: HttpRequest, ref: str) -> HttpResponse:
    hints: list[str] = []

    def do(its: Act) -> Message:
        until = cast(ReplyForm, its.form).comes_back_by(its.now)
        message = conversation.reply(
            ticket=its.ticket,
            author=its.actor,
            body=its.said["body"],
            comes_back_at=until,
            cc=its.said["cc"],
            status_after=its.said["status_after"] or None,
            expected_version=its.version,
            files=its.said["attachments"],
            seen=its.said["seen"],
            shown=its.said["shown"] or [],
            now=its.now,
            **its.drafted,
        )
        hints.extend(_still_drafted(its))
        return message

    answer = act(request, ref, ReplyForm, Action.REPLY, do, _HELD.format("reply"))
    return _hinted(request, answer, hints)


@posted
def note(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is mentioned sees the ticket from then on; the writer is told so, or who is not meant."""
    hints: list[str] = []

    def do(its: Act) -> Message:
        meant = its.said["mentions"]
        people = [person for person in meant.people if person != its.actor]
        hints.extend([*(told(its.ticket, person, its.now) for person in people), *meant.hints])
        message = conversation.note(
            ticket=its.ticket, author=its.actor, body=its.said["body"], mentions=people,
            files=its.said["attachments"], now=its.now, since=loaded_at(request), **its.drafted,
        )  # fmt: skip
        if message.is_again:
            hints.clear()
        hints.extend(_still_drafted(its))
        return message

    answer = act(request, ref, NoteForm, Action.NOTE, do, "Noted. Only staff see it.")
    return _hinted(request, answer, hints)


@posted
def progress(request: HttpRequest, ref: str) -> HttpResponse:
    hints: list[str] = []

    def do(its: Act) -> Message:
        message = conversation.progress(
            ticket=its.ticket, author=its.actor, text=its.said["body"], now=its.now,
            seen=its.said["seen"], since=loaded_at(request), **its.drafted,
        )  # fmt: skip
        hints.extend(_still_drafted(its))
        return message

    answer = act(request, ref, ProgressForm, Action.REPLY, do, _HELD.format("progress line"))
    return _hinted(request, answer, hints)


def _still_drafted(its: Act) -> list[str]:
    """That sending has left other words of theirs behind, which stand in the box again."""
    standing = drafting.of(its.ticket, its.actor).get(its.form.key)
    return [_LEFT] if standing and standing.has_words else []


def _hinted(request: HttpRequest, answer: HttpResponse, hints: list[str]) -> HttpResponse:
    if answer.status_code == 302:
        for hint in hints:
            messages.info(request, hint)
    return answer


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def edit_held(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """A page of its own; the reply stays held and leaves at its time. Where it was recalled or has
    left meanwhile, the words can go on in the composer."""
    message = message_of(request, ref, pk, Action.REPLY)
    if request.htmx:  # type: ignore[attr-defined]
        return _left(request, message)
    if message.kind not in Message.HELD:
        raise Http404
    if request.method != "POST":
        form = EditHeldForm(ticket=message.ticket, initial={"body": message.body})
        return edit_page(request, message, form, 200)
    if "compose" in request.POST:
        return _composed(request, message)

    def do(its: Act) -> Message:
        return conversation.edit_held(
            message=message, actor=its.actor, body=its.said["body"], now=its.now,
            expected_version=its.version,
        )  # fmt: skip

    def refused(_: HttpRequest, __: Ticket, form: DeskForm, status: int) -> HttpResponse:
        return edit_page(request, message_of(request, ref, pk, Action.REPLY), form, status)

    done = "Changed. It leaves at the time it had."
    ref = message.ticket.reference
    return act(request, ref, EditHeldForm, Action.REPLY, do, done, refused=refused)


def _left(request: HttpRequest, message: Message) -> HttpResponse:
    """For an open page that shows it as waiting; nothing while it waits."""
    over = conversation.why_not_held(message)
    if not over:
        return HttpResponse(status=204)
    context = {
        "over": over, "message": message, "ticket": message.ticket, "now": timezone.now(),
        "is_edited": request.htmx.target == "leaves",  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "tickets/left.html", context)


def _composed(request: HttpRequest, message: Message) -> HttpResponse:
    """Words for what is held no more, as a draft below what is drafted already."""
    ticket, form = message.ticket, EditHeldForm(request.POST, ticket=message.ticket)
    text = drafted(form.cleaned_data["body"]) if form.is_valid() else ""
    if not text or ticket.status == Status.CLOSED:
        return edit_page(request, message, form, 422)
    drafting.add(
        ticket=ticket, author=reader(request), kind=message.kind, text=text, now=timezone.now()
    )
    messages.success(request, _COMPOSED, extra_tags="saved")
    opened = {"form": message.kind} if message.kind == Message.Kind.PROGRESS else {}
    return redirect(_page_of(request, message, **opened) + f"#{message.kind}")


@posted
def recall(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Takes a held reply back and puts its words into the composer again."""
    message = message_of(request, ref, pk, Action.REPLY)
    try:
        conversation.recall(message=message, actor=reader(request), now=timezone.now())
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
        return redirect(_page_of(request, message) + f"#m{pk}")
    messages.success(request, _RECALLED[message.kind])
    return redirect(_page_of(request, message, draft=pk))  # the words take the keyboard


@posted
def send_now(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Asks first where something was said, or its words were edited, that the page has not shown; the page
    then shows it, and sends at the second press."""
    message = message_of(request, ref, pk, Action.REPLY)
    form = SendNowForm(request.POST, ticket=message.ticket)
    if not form.is_valid():
        messages.warning(request, _UNREADABLE)
        return redirect(_page_of(request, message) + f"#m{pk}")
    shown = form.cleaned_data
    try:
        conversation.send_now(
            message=message, actor=reader(request), now=timezone.now(), seen=shown["seen"],
            expected_version=shown["version"],
        )  # fmt: skip
        messages.success(request, "On its way to the customer.")
    except Conflict as refusal:
        fresh = message_of(request, ref, pk, Action.REPLY)
        form.refuse(refusal)
        return ticket_page(request, fresh.ticket, form, status=409, about=fresh)
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
    return redirect(_page_of(request, message) + f"#m{pk}")


@login_required
@require_safe
def whole_message(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """A very long message as plain text, which no browser runs."""
    message = message_of(request, ref, pk, Action.READ)
    return HttpResponse(message.body, content_type="text/plain; charset=utf-8")


def message_of(request: HttpRequest, ref: str, pk: int, action: Action) -> Message:
    """The message of the ticket, also where a merge has taken it along."""
    ticket = ticket_for(reader(request), ref, action=action)
    while ticket.merged_into and not ticket.messages.filter(pk=pk).exists():
        ticket = ticket_for(reader(request), ticket.merged_into.reference, action=action)
    return get_object_or_404(Message.objects.select_related("mail", "ticket"), pk=pk, ticket=ticket)


def _page_of(request: HttpRequest, message: Message, **query: str | int) -> str:
    return ticket_address(request, message.ticket.reference, **query)


def edit_page(
    request: HttpRequest,
    message: Message,
    form: DeskForm,
    status: int,
    *,
    preview: dict[str, object] | None = None,
) -> HttpResponse:
    """The page of its own; with a ``preview`` it still is at the version it was opened at."""
    overtaken = message.body if status == 409 else ""
    context = {
        "overtaken": overtaken,
        "over": conversation.why_not_held(message),
        "message": message,
        "ticket": message.ticket,
        "form": form,
        "preview": preview,
        "version": form.data.get("version") if preview else message.version,
        "now": timezone.now(),
    }
    return render(request, "tickets/edit_held.html", context, status=status)
