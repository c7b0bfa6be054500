"""What the search page shows of a ticket that was found: its head and where the words stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tickets.models import Message, Ticket
from tickets.searching.excerpts import Piece, excerpt, marked
from tickets.searching.ranking import Hit
from tickets.searching.words import Term
from tickets.templatetags.desk import clock
from tickets.views.timeline import NEWEST
from tickets.words import clock_badge, shown

MOST_EXCERPTS = 2
_NEVER_SENT = {
    "held": "held, not sent yet",
    "recalled": "recalled, never sent",
    "dead": "not delivered",
}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A message in which the words stand."""

    address: str
    who: str
    kind: str
    kind_words: str
    state_words: str
    at: datetime
    pieces: SafeString


@dataclass(frozen=True, slots=True)
class Result:
    ticket: Ticket
    address: str
    subject: SafeString
    customer: SafeString
    company: SafeString
    due: SafeString
    excerpts: Sequence[Excerpt]
    more: int  # further messages that say it


def results_of(hits: Sequence[Hit], terms: Sequence[Term], now: datetime) -> list[Result]:
    """In the order of ``hits``; two queries, however many there are."""
    tickets = Ticket.objects.for_queue().in_bulk([hit.ticket for hit in hits])
    wanted = [pk for hit in hits for pk in hit.messages[:MOST_EXCERPTS]]
    messages = _messages(wanted).in_bulk(wanted) if wanted else {}
    # A ticket that went meanwhile is left out.
    return [
        _result(tickets[hit.ticket], hit, messages, terms, now)
        for hit in hits
        if hit.ticket in tickets
    ]


def _messages(wanted: Iterable[int]) -> QuerySet[Message]:
    """With how many came after each: an old one is not on the ticket's first page."""
    later = Message.objects.order_by().filter(ticket=OuterRef("ticket"), pk__gt=OuterRef("pk"))
    count = later.values("ticket").annotate(n=Count("pk")).values("n")
    messages = Message.objects.filter(pk__in=wanted).select_related("author", "contact", "mail")
    return messages.annotate(later=Coalesce(Subquery(count), 0))


def _result(
    ticket: Ticket, hit: Hit, messages: dict[int, Message], terms: Sequence[Term], now: datetime
) -> Result:
    said = [messages[pk] for pk in hit.messages[:MOST_EXCERPTS] if pk in messages]
    badge = clock_badge(
        status=ticket.status, due_at=ticket.next_due_at, metric=ticket.next_due_metric,
        is_paused=ticket.is_paused, now=now,
    )  # fmt: skip
    company = ticket.organization.name if ticket.organization else ""
    return Result(
        ticket=ticket,
        address=reverse("ticket", args=[ticket.reference]),
        subject=as_html(marked(shown(ticket.subject) or "(no subject)", terms)),
        customer=as_html(marked(shown(ticket.requester.display_name), terms)),
        company=as_html(marked(shown(company), terms)),
        due=clock(badge),
        excerpts=[_excerpt(ticket, message, terms) for message in said],
        more=max(0, len(hit.messages) - len(said)),
    )


def _excerpt(ticket: Ticket, message: Message, terms: Sequence[Term]) -> Excerpt:
    page = reverse("ticket", args=[ticket.reference])
    if message.later >= NEWEST:  # type: ignore[attr-defined]
        page += f"?before={message.pk + 1}"
    if message.author:
        who = message.author.name
    else:
        who = message.contact.display_name if message.contact else "Helpdesk"
    return Excerpt(
        address=f"{page}#m{message.pk}",
        who=shown(who),
        kind=message.kind,
        kind_words=message.get_kind_display(),
        state_words=_NEVER_SENT.get(message.mail.state, "") if message.mail else "",
        at=message.at,
        pieces=as_html(excerpt(shown(message.body), terms)),
    )


def as_html(pieces: Iterable[Piece]) -> SafeString:
    """Every piece escaped on its own, the hits within <mark>."""
    html = (format_html("<mark>{}</mark>" if hit else "{}", text) for text, hit in pieces)
    return SafeString("".join(html))
