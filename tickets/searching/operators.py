"""What each operator asks of a ticket; a value that means nothing is said in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, Q, QuerySet

from tickets import references
from tickets.calls.models import Callback
from tickets.lifecycle import ACTIVE, Status
from tickets.models import Attachment, Category, Message, Tag, Ticket
from tickets.people.models import Order, Team, User
from tickets.querysets import MOST_NUMBERS, TicketQuerySet
from tickets.searching import moments
from tickets.searching.parsing import Clause
from tickets.searching.people import customers

MOST_NAMED = 20
_IS_ACTIVE = Q(status__in=sorted(ACTIVE))


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose words they are, and when: «me» and «yesterday» depend on it."""

    user: User
    now: datetime


class Meaningless(Exception):
    """The value means nothing; the message is for who typed it."""


Meaning = Callable[[str, Reader], Q]


def narrowed(
    tickets: TicketQuerySet, clauses: Iterable[Clause], reader: Reader
) -> tuple[TicketQuerySet, list[str]]:
    """Those of ``tickets`` that answer every clause; and what could not be understood."""
    problems = []
    for clause in clauses:
        wanted = Q(pk__in=[])
        for value in clause.values:
            try:
                wanted |= MEANINGS[clause.name](value, reader)
            except (Meaningless, ValueError) as problem:
                problems.append(str(problem))
        tickets = tickets.exclude(wanted) if clause.is_left_out else tickets.filter(wanted)
    return tickets, problems


def _few(rows: QuerySet[Any, int]) -> QuerySet[Any, int] | list[int]:
    """As numbers where they are few: then the planner knows how few, and starts from them."""
    found = list(rows[: MOST_NUMBERS + 1])
    return found if len(found) <= MOST_NUMBERS else rows


def _from(value: str, reader: Reader) -> Q:
    return Q(requester__in=_few(customers(value).values_list("pk", flat=True)))


def _to(value: str, reader: Reader) -> Q:
    if value.lower() in {"none", "nobody"}:
        return Q(assignee=None)
    if value.lower() == "me":
        return Q(assignee=reader.user)
    first, _, last = value.partition(" ")
    named = Q(username__iexact=value) | Q(first_name__istartswith=value)
    named |= Q(last_name__istartswith=value) | Q(
        first_name__iexact=first, last_name__istartswith=last
    )
    if "@" in value:
        named |= Q(email__iexact=value)
    return Q(assignee__in=_some(User.objects.filter(named), "Nobody here is called", value))


def _named(model: type[Model], field: str, otherwise: str) -> Meaning:
    def meaning(value: str, reader: Reader) -> Q:
        rows: QuerySet[Any] = model._default_manager.all()
        exact = list(rows.filter(name__iexact=value).values_list("pk", flat=True))
        return Q(
            **{
                f"{field}__in": exact
                or _some(rows.filter(name__istartswith=value), otherwise, value)
            }
        )

    return meaning


def _some(rows: QuerySet[Any], otherwise: str, value: str) -> list[int]:
    """The numbers of ``rows``; none is a problem, too many are not guessed at."""
    found = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST_NAMED + 1])
    if not found:
        raise Meaningless(f"{otherwise} «{value}».")
    if len(found) > MOST_NAMED:
        raise Meaningless(f"«{value}» begins more than {MOST_NAMED} names; write more of it.")
    return found


def _tag(value: str, reader: Reader) -> Q:
    exact = list(Tag.objects.filter(name__iexact=value).values_list("pk", flat=True))
    if not exact:
        raise Meaningless(f"There is no tag «{value}».")
    tagged = Ticket.tags.through._default_manager.filter(tag__in=exact)
    return Q(pk__in=_few(tagged.values_list("ticket_id", flat=True)))


def _one_of(what: str, field: str, values: Iterable[str], **groups: Q) -> Meaning:
    known = {each: Q(**{field: each}) for each in values} | groups

    def meaning(value: str, reader: Reader) -> Q:
        said = value.lower().replace("-", "_").replace(" ", "_")
        if said not in known:
            raise Meaningless(f"«{value}» is not a {what}; use {_listed(known)}.")
        return known[said]

    return meaning


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"


def _ref(value: str, reader: Reader) -> Q:
    begins = references.beginning(value)
    if begins is None:
        raise Meaningless(f"No reference begins with «{value}».")
    return Q(reference__startswith=begins)


def _order(value: str, reader: Reader) -> Q:
    orders = Order.objects.order_by("pk").values_list("pk", flat=True)
    found = list(orders.filter(number__iexact=value)[:1])
    found = found or list(orders.filter(number__iendswith=value)[:MOST_NAMED])
    if not found:
        raise Meaningless(f"There is no order «{value}».")
    linked = Ticket.orders.through._default_manager.filter(order__in=found)
    return Q(pk__in=_few(linked.values_list("ticket_id", flat=True)))


def _is(value: str, reader: Reader) -> Q:
    late = Q(is_late=True) | Q(next_due_at__lt=reader.now)
    states: dict[str, Callable[[], Q]] = {
        "late": lambda: (_IS_ACTIVE & late) | _late_call(reader.now),
        "escalated": lambda: _IS_ACTIVE & Q(escalation_level__gt=0),
        "unassigned": lambda: Q(assignee=None),
        "held": _held,
        "paused": lambda: _IS_ACTIVE & Q(is_paused=True),
        "merged": lambda: Q(merged_into__isnull=False),
        "followed": lambda: _followed(reader.user),
        "active": lambda: _IS_ACTIVE,
        "done": lambda: ~_IS_ACTIVE,
    }
    return _chosen("is", value, states)


def _late_call(now: datetime) -> Q:
    """Owed still to whom a ticket was solved for."""
    late = Callback.objects.after_all().filter(expected_at__lt=now)
    return Q(pk__in=_few(late.values_list("ticket_id", flat=True)))


def _held() -> Q:
    held = Message.objects.order_by().filter(mail__state="held")
    return Q(pk__in=_few(held.values_list("ticket_id", flat=True)))


def _followed(user: User) -> Q:
    followed = Ticket.followers.through._default_manager.filter(user=user)
    return Q(pk__in=_few(followed.values_list("ticket_id", flat=True)))


def _has(value: str, reader: Reader) -> Q:
    files = Attachment.objects.order_by().values("message__ticket_id")
    notes = Message.objects.order_by().filter(kind=Message.Kind.NOTE)
    things: dict[str, Callable[[], Q]] = {
        "attachment": lambda: Q(pk__in=files),
        "order": lambda: Q(pk__in=Ticket.orders.through._default_manager.values("ticket_id")),
        "tag": lambda: Q(pk__in=Ticket.tags.through._default_manager.values("ticket_id")),
        "note": lambda: Q(pk__in=notes.values("ticket_id")),
    }
    return _chosen("has", value, things)


def _chosen(name: str, value: str, known: dict[str, Callable[[], Q]]) -> Q:
    said = value.lower()
    plain = said if said in known else said.removesuffix("s")
    if plain not in known:
        raise Meaningless(f"«{name}:{value}» is not known; use {_listed(known)}.")
    return known[plain]()


def _moment(field: str) -> Meaning:
    def meaning(value: str, reader: Reader) -> Q:
        begins, ends = moments.span(value, now=reader.now, zone=reader.user.zone)
        wanted = Q(**{f"{field}__isnull": False})
        if begins:
            wanted &= Q(**{f"{field}__gte": begins})
        return wanted & Q(**{f"{field}__lt": ends}) if ends else wanted

    return meaning


MEANINGS: dict[str, Meaning] = {
    "from": _from,
    "to": _to,
    "status": _one_of("status", "status", Status, active=_IS_ACTIVE, done=~_IS_ACTIVE),
    "priority": _one_of("priority", "priority", Ticket.Priority.values),
    "team": _named(Team, "team", "There is no team"),
    "category": _named(Category, "category", "There is no category"),
    "tag": _tag,
    "channel": _one_of("channel", "channel", Ticket.Channel.values),
    "ref": _ref,
    "order": _order,
    "is": _is,
    "has": _has,
    "opened": _moment("opened_at"),
    "changed": _moment("updated_at"),
    "solved": _moment("solved_at"),
}
