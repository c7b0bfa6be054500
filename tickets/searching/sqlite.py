"""Where words stand, on SQLite: by the word lists, or plainly, piece by piece, where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from tickets.models import Message
from tickets.querysets import MessageQuerySet, TicketQuerySet
from tickets.searching import word_lists
from tickets.searching.lines import HEAD, Line, Lines, Place
from tickets.searching.words import Term

PLAINLY = (
    "This database has no word lists, so pieces of text are looked for: accents count, and «lamp» "
    "is found in «lamps», too."
)


def newest(
    terms: Sequence[Term],
    tickets: TicketQuerySet,
    *,
    before: Place | None,
    now: datetime,
    most: int,
) -> Lines:
    """The newest lines of ``tickets`` in which all ``terms`` stand."""
    heads = tickets.filter(_in_heads(terms)).filter(_older_head(before))
    said = _saying(terms).filter(ticket__in=tickets.order_by().values("pk"))
    said = said.filter(_older_message(before)).order_by("-at", "-ticket_id", "-pk")
    heads = heads.order_by("-opened_at", "-pk")
    rows = [
        *(Line(pk, HEAD, at, 1) for pk, at in heads.values_list("pk", "opened_at")[: most + 1]),
        *(Line(*row, 1) for row in said.values_list("ticket_id", "pk", "at")[: most + 1]),
    ]
    rows.sort(key=attrgetter("place"), reverse=True)
    return Lines(rows[:most], is_cut=len(rows) > most)


def headed(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` in whose subject or reference all ``terms`` stand."""
    return tickets.filter(_in_heads(terms))


def without(terms: Sequence[Term], tickets: TicketQuerySet) -> TicketQuerySet:
    """Those of ``tickets`` that say none of ``terms`` anywhere."""
    for term in terms:
        tickets = tickets.exclude(_in_heads([term]))
        tickets = tickets.exclude(pk__in=_saying([term]).order_by().values("ticket_id"))
    return tickets


def note() -> str:
    """What a reader should know of how words are looked for here."""
    return "" if word_lists.has_lists(connection) else PLAINLY


def _in_heads(terms: Sequence[Term]) -> Q:
    if word_lists.has_lists(connection):
        return _listed("searching_heads", terms)
    wanted = Q()
    for each in terms:
        wanted &= Q(subject__icontains=each.text) | Q(reference__icontains=each.text)
    return wanted


def _saying(terms: Sequence[Term]) -> MessageQuerySet:
    messages = Message.objects.exclude(kind=Message.Kind.AUTOMATIC)
    if word_lists.has_lists(connection):
        return messages.filter(_listed("searching_messages", terms))
    for each in terms:
        messages = messages.filter(body__icontains=each.text)
    return messages


def _listed(name: str, terms: Sequence[Term]) -> Q:
    """Rows of the list ``name`` that have all ``terms``, each of them quoted as FTS5 wants it."""
    quoted = (
        '"{}"{}'.format(each.text.replace('"', " "), " *" * each.is_beginning) for each in terms
    )
    rows = RawSQL(f"SELECT rowid FROM {name} WHERE {name} MATCH %s", [" AND ".join(quoted)])  # noqa: S608,S611
    return Q(pk__in=rows)


def _older_head(before: Place | None) -> Q:
    if before is None:
        return Q()
    same = Q(opened_at=before.at)
    older = Q(opened_at__lt=before.at) | same & Q(pk__lt=before.ticket)
    return older | same & Q(pk=before.ticket) if before.message else older


def _older_message(before: Place | None) -> Q:
    if before is None:
        return Q()
    same = Q(at=before.at)
    older = Q(at__lt=before.at) | same & Q(ticket_id__lt=before.ticket)
    return older | same & Q(ticket_id=before.ticket, pk__lt=before.message)
