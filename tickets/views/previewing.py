"""What the customer will see of words that are being written; nothing is sent, held or changed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tickets.access import Action, ticket_for
from tickets.forms import EditHeldForm, ProgressForm, ReplyForm
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import conversation, mailing
from tickets.views.drafts import keep_typed
from tickets.views.page import ticket_page
from tickets.views.signed_in import posted, reader
from tickets.views.writing import edit_page, message_of
from tickets.words import is_blank, shown

_FORMS: dict[str, type[ReplyForm | ProgressForm]] = {
    ReplyForm.key: ReplyForm,
    ProgressForm.key: ProgressForm,
}
Preview = dict[str, object]


@posted
def written(request: HttpRequest, ref: str, kind: str) -> HttpResponse:
    """Of a reply or a progress line; without JavaScript the whole page, the words kept as a draft."""
    if kind not in _FORMS:
        raise Http404
    user = reader(request)
    ticket = ticket_for(user, ref, action=Action.REPLY)
    address = reverse("ticket-preview", args=[ticket.reference, kind])
    preview = _preview(request, ticket, ticket.reference, user, address)
    if request.htmx:  # type: ignore[attr-defined]
        return _alone(request, kind, preview)
    keep_typed(request, ticket, kind, timezone.now())
    form = _FORMS[kind](request.POST, ticket=ticket)
    status = 200 if form.is_valid() else 422
    return ticket_page(request, ticket, form, preview=preview, status=status)


@posted
def edited(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Of other words for a reply that waits."""
    message = message_of(request, ref, pk, Action.REPLY)
    address = reverse("ticket-edit-preview", args=[message.ticket.reference, pk])
    writer, reference = message.author or reader(request), conversation.written_on(message)
    preview = _preview(request, message.ticket, reference, writer, address)
    if request.htmx:  # type: ignore[attr-defined]
        return _alone(request, EditHeldForm.key, preview)
    form = EditHeldForm(request.POST, ticket=message.ticket)
    status = 200 if form.is_valid() else 422
    return edit_page(request, message, form, status, preview=preview)


def _preview(
    request: HttpRequest, ticket: Ticket, reference: str, writer: User, address: str
) -> Preview:
    body = request.POST.get("body", "").replace("\r\n", "\n").strip()
    return {
        "address": address,
        "to": shown(ticket.requester.display_name),
        "subject": shown(mailing.subject_for(ticket)),
        "html": "" if is_blank(body) else mailing.reply_shown(reference, body, writer),
        "files": [shown(each.name or "") for each in request.FILES.getlist("attachments")],
        # Fetched anew while one types, it must not take the focus from the words.
        "is_asked_for": not request.headers.get("HX-Trigger", "").endswith("-preview"),
    }


def _alone(request: HttpRequest, key: str, preview: Preview) -> HttpResponse:
    return render(request, "tickets/preview.html", {"key": key, "preview": preview})
