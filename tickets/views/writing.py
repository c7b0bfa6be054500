"""What is said on a ticket: replies and their hold, notes, progress lines; files that came along."""

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tickets.access import Action, ticket_for
from tickets.errors import ServiceRefused
from tickets.forms import DeskForm, EditHeldForm, NoteForm, ProgressForm, ReplyForm
from tickets.models import Attachment, Message, Ticket
from tickets.services import conversation
from tickets.views.acting import Act, act
from tickets.views.mentioned import told
from tickets.views.reasons import FileMissing
from tickets.views.signed_in import posted, reader, writes
from tickets.views.ways import ticket_address
from tickets.words import shown

log = structlog.get_logger(__name__)
_GONE = "The file «{}» is not where it was stored. Ask whoever runs this helpdesk to look for it."
_HELD = "Your {} is held and leaves by itself; until then you can recall or edit it."


@posted
def reply(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> Message:
        return conversation.reply(
            ticket=its.ticket,
            author=its.actor,
            body=its.said["body"],
            cc=its.said["cc"],
            status_after=its.said["status_after"] or None,
            expected_version=its.version,
            files=its.said["attachments"],
            seen=its.said["seen"],
            shown=its.said["shown"] or (),
            now=its.now,
        )

    return act(request, ref, ReplyForm, Action.REPLY, do, _HELD.format("reply"))


@posted
def note(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is mentioned sees the ticket from then on; the writer is told so, or who is not meant."""
    hints: list[str] = []

    def do(its: Act) -> Message:
        meant = its.said["mentions"]
        people = [person for person in meant.people if person != its.actor]
        hints.extend([*(told(its.ticket, person, its.now) for person in people), *meant.hints])
        return conversation.note(
            ticket=its.ticket, author=its.actor, body=its.said["body"], mentions=people,
            files=its.said["attachments"], now=its.now,
        )  # fmt: skip

    answer = act(request, ref, NoteForm, Action.NOTE, do, "Noted. Only staff see it.")
    if answer.status_code == 302:
        for hint in hints:
            messages.info(request, hint)
    return answer


@posted
def progress(request: HttpRequest, ref: str) -> HttpResponse:
    def do(its: Act) -> Message:
        return conversation.progress(
            ticket=its.ticket, author=its.actor, text=its.said["body"], now=its.now,
            seen=its.said["seen"],
        )  # fmt: skip

    return act(request, ref, ProgressForm, Action.REPLY, do, _HELD.format("progress line"))


@writes
@require_http_methods(["GET", "HEAD", "POST"])
def edit_held(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """A page of its own; the reply stays held and leaves at its time."""
    message = message_of(request, ref, pk, Action.REPLY)
    if request.method != "POST":
        form = EditHeldForm(ticket=message.ticket, initial={"body": message.body})
        return edit_page(request, message, form, 200)

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


@posted
def recall(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Takes a held reply back and puts its words into the composer again."""
    message = message_of(request, ref, pk, Action.REPLY)
    try:
        conversation.recall(message=message, actor=reader(request), now=timezone.now())
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
        return redirect(_page_of(request, message) + f"#m{pk}")
    messages.success(request, "Recalled: it was never sent. Its text is in the composer again.")
    return redirect(_page_of(request, message, draft=pk) + f"#{message.kind}")


@posted
def send_now(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    message = message_of(request, ref, pk, Action.REPLY)
    try:
        conversation.send_now(message=message, actor=reader(request), now=timezone.now())
        messages.success(request, "On its way to the customer.")
    except ServiceRefused as refusal:
        messages.warning(request, refusal.message)
    return redirect(_page_of(request, message) + f"#m{pk}")


@login_required
@require_safe
def whole_message(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """A very long message as plain text, which no browser runs."""
    message = message_of(request, ref, pk, Action.READ)
    return HttpResponse(message.body, content_type="text/plain; charset=utf-8")


@login_required
@require_safe
def attachment(request: HttpRequest, ref: str, pk: int) -> FileResponse:
    """Always a download of unnamed bytes, whatever the sender called it."""
    ticket = ticket_for(reader(request), ref)
    found = get_object_or_404(Attachment, pk=pk, message__ticket=ticket)
    try:
        content = found.file.open("rb")
    except OSError as problem:
        log.exception("An attachment's file is missing", attachment=pk, ticket=ticket.reference)
        raise FileMissing(_GONE.format(shown(found.name))) from problem
    return FileResponse(
        content,
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )


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
        "message": message,
        "ticket": message.ticket,
        "form": form,
        "preview": preview,
        "version": form.data.get("version") if preview else message.version,
        "now": timezone.now(),
    }
    return render(request, "tickets/edit_held.html", context, status=status)
