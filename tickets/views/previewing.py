"""What the customer will see of words that are being written; nothing is sent, held or changed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tickets.access import Action, ticket_for
from tickets.errors import Invalid
from tickets.forms import EditHeldForm, ProgressForm, ReplyForm
from tickets.models import Message, Ticket
from tickets.outbox.models import Delivery
from tickets.outbox.services import is_mailable
from tickets.people.models import User
from tickets.services import conversation, mailing
from tickets.services.addressees import copies_for
from tickets.views.drafts import keep_typed, standing_after
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
    form = _FORMS[kind](request.POST, ticket=ticket)
    status = 200 if form.is_valid() else 422
    preview = _preview(request, ticket, ticket.reference, user, address) | _reached(ticket, form)
    if isinstance(form, ReplyForm):
        preview["files"] = [*(shown(each.name) for each in form.again), *_files(request)]
    if request.htmx:  # type: ignore[attr-defined]
        return _alone(request, kind, preview)
    kept = keep_typed(request, ticket, kind, timezone.now())
    standing = standing_after(kept, request, ticket, kind) if "draft" in request.POST else None
    return ticket_page(request, ticket, form, preview=preview, status=status, standing=standing)


@posted
def edited(request: HttpRequest, ref: str, pk: int) -> HttpResponse:
    """Of other words for a reply that waits."""
    message = message_of(request, ref, pk, Action.REPLY)
    address = reverse("ticket-edit-preview", args=[message.ticket.reference, pk])
    writer, reference = message.author or reader(request), conversation.written_on(message)
    preview = _preview(request, message.ticket, reference, writer, address)
    preview |= _addressed(message)
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
        "files": _files(request),
        # Fetched anew while one types, it must not take the focus from the words.
        "is_asked_for": not request.headers.get("HX-Trigger", "").endswith("-preview"),
    }


def _files(request: HttpRequest) -> list[str]:
    return [shown(each.name or "") for each in request.FILES.getlist("attachments")]


def _reached(ticket: Ticket, form: ReplyForm | ProgressForm) -> Preview:
    """Whom the mail would go to, and what is wrong with the copies that were asked for."""
    to, cc = ticket.requester.email or "", form.cleaned_data.get("cc") or []
    wrong = " ".join(map(str, form.errors.get("cc", [])))
    try:
        copies = mailing.copies(cc)
    except Invalid as refusal:
        copies, wrong = [], refusal.message
    if not is_mailable(to):
        return {"reaches": "", "copies": [], "wrong": wrong}
    others = [each for each in copies_for(ticket, copies) if each.lower() != to.lower()]
    return {"reaches": to, "copies": others, "wrong": wrong}


def _addressed(message: Message) -> Preview:
    """Whom the mail that waits goes to: to whom it was written, whatever became of the ticket."""
    rows = list(message.mail.deliveries.all()) if message.mail else []
    to = [each.email for each in rows if each.kind == Delivery.Kind.TO]
    copies = [each.email for each in rows if each.kind == Delivery.Kind.CC]
    return {"reaches": ", ".join(to), "copies": copies, "wrong": ""}


def _alone(request: HttpRequest, key: str, preview: Preview) -> HttpResponse:
    return render(request, "tickets/preview.html", {"key": key, "preview": preview})
