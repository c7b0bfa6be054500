"""Why an action was refused: who did what meanwhile, if that is the reason, and what to do now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from tickets.errors import Over, ServiceRefused, Stale
from tickets.forms import DeskForm, VersionedForm
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.people.models import User
from tickets.services.locking import CHANGES, CLOSED, over
from tickets.views.telling import sentence
from tickets.words import ago

Kept = list[tuple[str, str]]
Kind = TicketEvent.Kind
AGAIN = (
    "Nothing of yours was saved. What you typed or chose is still here: "
    "do it again if it still fits."
)
# What people type at length, by the names of its fields in any form of a ticket.
_TYPED = {
    "reference": "Reference", "order": "Order", "email": "E-mail", "subject": "Subject", "body": "Text", "cc": "Copy to (Cc)", "tags": "Tags",
    "summary": "What was said", "reason": "Reason", "note": "Note", "amount": "Amount",
    "title": "Title", "name": "Name", "phone": "Phone", "company": "Company", "notes": "Notes", "of_company": "Notes on the company",
}  # fmt: skip


class FileMissing(Http404):
    """A row says that there is a file, and there is none; its words are for who asked for it."""


def reason(refusal: ServiceRefused, ticket: Ticket, user: User, now: datetime) -> SafeString:
    """What the service said; before it, where a change of somebody's is the cause, that change."""
    if isinstance(refusal, Stale):
        return format_html("{} {}", _last(ticket, CHANGES, now), AGAIN)
    if isinstance(refusal, Over) and ticket.merged_into:
        return _merged(ticket, ticket.merged_into, user, now)
    if isinstance(refusal, Over):
        return format_html("{} {}", _last(ticket, [Kind.STATUS_CHANGED], now), refusal.message)
    return conditional_escape(refusal.message)


def overtaken(form: DeskForm, ticket: Ticket, user: User, now: datetime) -> str:
    """What changed since a form was shown whose choices are not to be had any more; or nothing."""
    seen = form.data.get("version", "")
    tells = isinstance(form, VersionedForm) and form.is_of_the_ticket
    if not tells or not seen or str(seen) == str(ticket.version):
        return ""
    if ticket.status == Status.CLOSED:
        return reason(over(ticket, CLOSED), ticket, user, now)
    return format_html("{} {}", _last(ticket, CHANGES, now), AGAIN)


def joined(errors: Iterable[object]) -> SafeString:
    """Every message in a row, each still to be escaped unless it is known to be safe."""
    return format_html_join(" ", "{}", ((each,) for each in errors))


def kept(form: forms.Form) -> Kept:
    """The words somebody typed into a form, by label, for where it is not shown again."""
    fields = [field for field in form.visible_fields() if isinstance(field.field, forms.CharField)]
    typed = ((str(each.label), form.data.get(each.html_name, "").strip()) for each in fields)
    return [(label, text) for label, text in typed if text]


def kept_of(data: QueryDict) -> Kept:
    """The same of a request of which no form came to be."""
    typed = ((label, data.get(name, "").strip()) for name, label in _TYPED.items())
    return [(label, text) for label, text in typed if text]


def _merged(ticket: Ticket, there: Ticket, user: User, now: datetime) -> SafeString:
    merged = _event(ticket, [Kind.MERGED_AWAY])
    who = merged.actor.name if merged and merged.actor else "Somebody"
    return format_html(
        "{} merged this ticket into {}, {}: {}.",
        who,
        destination(there, user),
        ago(merged.recorded_at if merged else now, now),
        "go on there" if _sees(user, there) else f"ask {who} to go on there",
    )


def _last(ticket: Ticket, kinds: Iterable[str], now: datetime) -> str:
    """The last such change in words: «Ben changed the status: open → closed, 3 min ago.»"""
    last = _event(ticket, kinds)
    if last is None:
        return "Somebody changed this ticket after you opened it."
    who = last.actor.name if last.actor else ""
    return f"{sentence(last, who)}, {ago(last.recorded_at, now)}."


def _event(ticket: Ticket, kinds: Iterable[str]) -> TicketEvent | None:
    found = ticket.events.filter(kind__in=kinds).select_related("actor")
    last: TicketEvent | None = found.order_by("-recorded_at", "-pk").first()
    return last


def destination(there: Ticket, user: User) -> SafeString:
    """Where a merged ticket goes on: a link, or the bare reference to ask somebody for."""
    if not _sees(user, there):
        return format_html("{} (not yours to see)", there.reference)
    address = reverse("ticket", args=[there.reference])
    return format_html('<a href="{}">{}</a>', address, there.reference)


def _sees(user: User, ticket: Ticket) -> bool:
    return Ticket.objects.reachable_by(user).filter(pk=ticket.pk).exists()
