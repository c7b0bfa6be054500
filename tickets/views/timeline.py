"""The conversation of one ticket: messages with what happened between them, newest last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tickets import choices
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import Contact
from tickets.rendering import message_parts
from tickets.services.following import hindrances
from tickets.views.folding import (
    FOLD,
    FOLD_LINES,
    LONG,
    MOST_LINES,
    Part,
    carried,
    folded,
    parts_of,
)
from tickets.views.telling import SAID_BY_MESSAGES, sentence
from tickets.words import shown

# The page begins with the few newest messages; each step back brings more.
NEWEST, MORE, EVENTS = 8, 30, 60
OPEN_AT_THE_END = 3
HELD, RECALLED = OutgoingMail.State.HELD, OutgoingMail.State.RECALLED
OPENED = TicketEvent.Kind.OPENED
CALLS = {
    TicketEvent.Kind.CALL_REACHED,
    TicketEvent.Kind.CALL_ATTEMPTED,
    TicketEvent.Kind.CALL_TO_ANOTHER,
    TicketEvent.Kind.CALL_RECEIVED,
}
# The mail repeats the words, and has headers beside them.
SHOWN = (
    "ticket_id", "kind", "author_id", "contact_id", "body", "at", "status_after", "comes_back_at",
    "is_proven", "message_id", "version",
    "mail__state", "mail__release_at",
)  # fmt: skip
# What staff send is shown as the customer gets it: as Markdown, or as text where that was sent.
SENT = {Message.Kind.REPLY, Message.Kind.PROGRESS}
# Of the recipients of a mail the page tells who was given up, and who gets a copy.
_TOLD = Q(state=Delivery.State.DEAD) | Q(kind=Delivery.Kind.CC)
WAITING = {HELD, OutgoingMail.State.RELEASED}
Names = dict[int, str]


@dataclass(slots=True)
class Said:
    """A message as the page shows it: in ``parts`` and a ``rest``, or as ``html`` and ``more``."""

    message: Message
    who: str
    parts: list[Part]
    rest: str
    gist: str
    is_cut: bool
    not_reached: list[Delivery]
    html: str = ""
    more: str = ""
    copies: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    # Why the status chosen for when it has left does not hold any more.
    hindrance: str = ""
    is_taken_back: bool = False
    is_open: bool = False
    is_newest: bool = False

    @property
    def at(self) -> datetime:
        return self.message.at

    @property
    def state(self) -> str:
        return self.message.mail.state if self.message.mail else ""


@dataclass(slots=True)
class Happened:
    """One event, or several in a row."""

    at: datetime
    lines: list[tuple[datetime, str]] = field(default_factory=list)
    is_call: bool = False  # part of the conversation: never folded away


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest message and event that a page shows; empty on a page of older ones."""

    message: int | str = ""
    event: int | str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """``earlier`` is the message before which there are more."""

    entries: list[Said | Happened]
    earlier: int | None
    has_newer: bool
    seen: Seen


def timeline(ticket: Ticket, staff: Names, *, before: int | None = None) -> Timeline:
    """The newest messages, or those before the message ``before``, and what happened meanwhile.

    ``staff`` has the names at hand; only whom it lacks is asked for.
    """
    messages, has_more = _messages(ticket, before)
    since = messages[0].at if messages and has_more else None
    earlier = min(each.pk for each in messages) if messages and has_more else None
    if before is None and earlier:
        messages = [*_still_held(ticket, earlier), *messages]
    elif before is not None:  # the first page has shown them
        messages = [each for each in messages if not (each.mail and each.mail.state == HELD)]
    events = _events(ticket, since, _begins(ticket, before))
    who = _Who(ticket, staff, messages, events)
    said = _said(messages, who, is_first=before is None)
    _foresee(ticket, said)
    entries: list[Said | Happened] = [*said]
    entries += [_happened(each, who) for each in events]
    entries.sort(key=lambda entry: entry.at)
    return Timeline(
        entries=list(_joined(entries)),
        earlier=earlier,
        has_newer=before is not None,
        seen=Seen() if before is not None else Seen(_newest(messages), _newest(events)),
    )


def _newest(rows: list[Message] | list[TicketEvent]) -> int:
    return max((each.pk for each in rows), default=0)


def _begins(ticket: Ticket, message: int | None) -> datetime | None:
    """Where the page after this one begins, so that no event falls between the two."""
    if message is None:
        return None
    return ticket.messages.filter(pk=message).values_list("at", flat=True).first()


def _all(ticket: Ticket) -> QuerySet[Message]:
    told = Delivery.objects.filter(_TOLD, mail=OuterRef("mail"))
    messages = ticket.messages.select_related("mail").annotate(has_told=Exists(told))
    # Whether it has HTML, without the HTML.
    messages = messages.annotate(is_text=Q(mail__html="")).only(*SHOWN)
    return messages.prefetch_related("attachments").order_by("-pk")


def _messages(ticket: Ticket, before: int | None) -> tuple[list[Message], bool]:
    messages = _all(ticket)
    if before is not None:
        # Messages are numbered as they are stored; a merge may mix times, so the number pages.
        messages = messages.filter(pk__lt=before)
    size = NEWEST if before is None else MORE
    rows = list(messages[: size + 1])
    return sorted(rows[:size], key=lambda each: (each.at, each.pk)), len(rows) > size


def _still_held(ticket: Ticket, before: int) -> list[Message]:
    """Whatever was said since, a reply that can still be recalled is never out of sight."""
    return [*reversed(_all(ticket).filter(pk__lt=before, mail__state=HELD))]


class _Who:
    """Names for a page of messages and events: two more queries at most, and mostly none."""

    def __init__(
        self, ticket: Ticket, staff: Names, messages: list[Message], events: list[TicketEvent]
    ) -> None:
        acting = {each.author_id for each in messages} | {each.actor_id for each in events}
        self.staff = staff | choices.names_of(acting - {None} - staff.keys())
        writing = {each.contact_id for each in messages} - {None, ticket.requester_id}
        self.contacts = {ticket.requester_id: ticket.requester}
        self.contacts |= Contact.objects.in_bulk(writing) if writing else {}

    def said(self, message: Message) -> str:
        if message.author_id:
            return self.staff[message.author_id]
        if message.contact_id:
            return self.contacts[message.contact_id].display_name
        return "Helpdesk"

    def acted(self, event: TicketEvent) -> str:
        return self.staff[event.actor_id] if event.actor_id else ""


def _said(messages: list[Message], who: _Who, *, is_first: bool) -> list[Said]:
    deliveries = _deliveries(messages)
    said = [_told(each, who, deliveries.get(each.mail_id, [])) for each in messages]
    recalled = [each.message.pk for each in said if each.state == RECALLED]
    offered = set(_taken_back(recalled)) if recalled else set()
    for each in said:
        each.is_taken_back = each.message.pk in offered
    by_people = [each for each in said if each.message.kind != Message.Kind.AUTOMATIC]
    for each in by_people[-OPEN_AT_THE_END:]:
        each.is_open = True
    for each in said:
        each.is_open |= each.state == "held"
    if said and is_first:
        said[-1].is_newest = True
    return said


def _taken_back(recalled: list[int]) -> QuerySet[Message, int]:
    """Those whose words were not sent anew."""
    return Message.objects.taken_back().filter(pk__in=recalled).values_list("pk", flat=True)


def _deliveries(messages: list[Message]) -> dict[int | None, list[Delivery]]:
    """By mail, its recipients; asked for only where something is told of one."""
    mails = [each.mail_id for each in messages if each.has_told or _foresees(each)]  # type: ignore[attr-defined]
    found: dict[int | None, list[Delivery]] = {}
    if mails:
        for row in Delivery.objects.filter(mail__in=mails).order_by("pk"):
            found.setdefault(row.mail_id, []).append(row)
    return found


def _foresees(message: Message) -> bool:
    return bool(message.status_after and message.mail and message.mail.state == HELD)


def _foresee(ticket: Ticket, said: list[Said]) -> None:
    """Of what waits it is said what becomes of the ticket."""
    held = {each.message: each for each in said if _foresees(each.message)}
    reached = {each.mail_id: said.reached for each, said in held.items()}
    found = hindrances(ticket, held, reached, timezone.now()) if held else {}
    for message, entry in held.items():
        entry.hindrance = found.get(message.pk, "")


def _told(message: Message, who: _Who, deliveries: list[Delivery]) -> Said:
    text = carried(message.body)
    is_cut = len(text) < len(message.body)
    text = shown(text)
    parts, rest = folded(parts_of(text))
    html, more = "", ""
    if _is_markdown(message):
        most = (FOLD_LINES, FOLD) if rest else (MOST_LINES, LONG)
        html, more = message_parts(text, lines=most[0], size=most[1])
    return Said(
        message=message,
        who=shown(who.said(message)),
        parts=parts,
        rest=rest,
        gist=" ".join(text[:400].split())[:160],
        is_cut=is_cut,
        not_reached=[each for each in deliveries if each.state == Delivery.State.DEAD],
        copies=[each.email for each in deliveries if each.kind == Delivery.Kind.CC],
        reached={each.email.lower() for each in deliveries},
        html=html,
        more=more,
    )


def _is_markdown(message: Message) -> bool:
    if message.kind in SENT and message.mail:
        return message.mail.state in WAITING or not message.is_text  # type: ignore[attr-defined]
    return message.kind == Message.Kind.NOTE


def _events(ticket: Ticket, since: datetime | None, until: datetime | None) -> list[TicketEvent]:
    told = ticket.events.exclude(kind__in=SAID_BY_MESSAGES)
    # The first message says that the ticket was opened, unless one of us did it.
    events = told.exclude(kind=OPENED, actor=None)
    if since:
        events = events.filter(at__gte=since)
    if until:
        events = events.filter(at__lt=until)
    return list(events.order_by("-at", "-pk")[:EVENTS])


def _happened(event: TicketEvent, who: _Who) -> Happened:
    line = (event.at, sentence(event, who.acted(event)))
    return Happened(event.at, [line], is_call=event.kind in CALLS)


def _joined(entries: Iterable[Said | Happened]) -> Iterator[Said | Happened]:
    """Neighbouring events become one entry."""

    def folds(entry: Said | Happened) -> bool:
        return isinstance(entry, Happened) and not entry.is_call

    for is_event, run in groupby(entries, key=folds):
        if not is_event:
            yield from run
            continue
        events = [entry for entry in run if isinstance(entry, Happened)]
        yield Happened(events[0].at, [line for event in events for line in event.lines])
