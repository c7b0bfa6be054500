"""The columns a queue can have: what each needs of a ticket, and how it draws its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from tickets.models import STATUS_CHOICES, Ticket
from tickets.templatetags.desk import ago, back, clock, leaving, until
from tickets.words import clock_badge, shown

STATUSES = dict(STATUS_CHOICES)
PRIORITIES = dict(Ticket.Priority.choices)
CHANNELS = dict(Ticket.Channel.choices)
Values = dict[str, Any]
# A cell is text that is known to be safe: what comes from elsewhere goes through ``escape``, which
# costs a tenth of ``format_html``, and a page has hundreds of them.
Cell = str


@dataclass(frozen=True, slots=True)
class Telling:
    """What every cell of a page may draw on: names by number, kind by kind, and the hour."""

    names: dict[str, dict[int, str]]
    tags: dict[int, list[str]]
    now: datetime
    out: dict[int, str] = field(default_factory=dict)  # of the assignees: until when


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    needs: tuple[str, ...]
    cell: Callable[[Values, Telling], Cell]
    # The order that a click on its head gives, and the one of a second click.
    sorts: tuple[str, str] | None = None


def _due(values: Values, telling: Telling) -> Cell:
    level = values["escalation_level"]
    escalated = f" {_LEVEL} {level}</span>" if level else ""
    said = f"{badge(values, telling.now)} {waiting(values, telling.now)}{escalated}"
    return f'<td role="cell" class="due">{said}</td>'


_LEVEL = '<span class="badge strong"><span class="unseen">escalated, </span>level'


def badge(values: Values, now: datetime) -> Cell:
    """What a ticket's clock says in a list, or what stands in its place in the view's own."""
    if leaves_at := values.get("leaves_at"):
        return f'<span class="badge held">leaves {until(leaves_at, now)}</span>'
    if call_at := values.get("call_at"):
        # A callback has a clock of its own; the words are those of every clock.
        call = clock_badge(
            status="open", due_at=call_at, metric="callback", is_paused=False, now=now
        )
        return clock(call)
    own = clock_badge(
        status=values["status"],
        due_at=values["next_due_at"],
        metric=values["next_due_metric"],
        is_paused=values["is_paused"],
        now=now,
    )
    back_at = values.get("comes_back_at")
    if back_at is None:
        return clock(own)
    # When it comes back says more than that its clocks stand still until then.
    both = [clock(own)] if own.due_at else []
    both.insert(0 if "returns_at" in values else len(both), back(back_at, now))
    return " ".join(both)


def waiting(values: Values, now: datetime) -> Cell:
    """That a reply is written and when it leaves, where the view does not say that of itself."""
    if values["waiting_until"] is None or values.get("leaves_at"):
        return ""
    return leaving(values["waiting_kind"], values["waiting_until"], now)


def _status(values: Values, telling: Telling) -> Cell:
    status = values["status"]
    return (
        f'<td role="cell" class="state"><span class="badge {status}">{STATUSES[status]}</span></td>'
    )


def _priority(values: Values, telling: Telling) -> Cell:
    priority = values["priority"]
    return f'<td role="cell" class="priority {priority}">{PRIORITIES[priority]}</td>'


def _who(values: Values, telling: Telling) -> Cell:
    team = escape(telling.names["team"][values["team_id"]])
    who = escape(telling.names["assignee"].get(values["assignee_id"], "unassigned"))
    until = telling.out.get(values["assignee_id"])
    # The day is enough in a row; the hour stands on the ticket, and would reach into the next column.
    out = f' <span class="nowrap">({escape(until.partition(",")[0])})</span>' if until else ""
    return f'<td role="cell" class="who"><bdi>{team}</bdi>{_BELOW}<bdi>{who}</bdi>{out}</span></td>'


_BELOW = '<span class="quietly">'


def _more(said: str) -> Cell:
    """A cell that a narrow window leaves out where it is empty."""
    inside = f"<bdi>{escape(said)}</bdi>" if said else ""
    return f'<td role="cell" class="more">{inside}</td>'


def _category(values: Values, telling: Telling) -> Cell:
    return _more(telling.names["category"][values["category_id"]])


def _tier(values: Values, telling: Telling) -> Cell:
    name = values["requester__tier__name"] or values["requester__organization__tier__name"]
    return _more(shown(name or ""))


def _channel(values: Values, telling: Telling) -> Cell:
    return _more(CHANNELS[values["channel"]])


def _tags(values: Values, telling: Telling) -> Cell:
    return _more(", ".join(telling.tags.get(values["pk"], ())))


def _last(values: Values, telling: Telling) -> Cell:
    """Who wrote last: where it is the customer, it is our turn."""
    at = values["last_message_at"]
    who = "customer" if values["last_message_by_customer"] else "us"
    return _when(f"{who}, {ago(at, telling.now)}" if at else "")


def _instant(column: str) -> Callable[[Values, Telling], Cell]:
    return lambda values, telling: _when(ago(values[column], telling.now))


def _when(said: str) -> Cell:
    return f'<td role="cell" class="when quietly">{said}</td>'


COLUMNS = {
    column.key: column
    for column in (
        Column(
            "due", "Next deadline",
            (
                "next_due_at", "next_due_metric", "is_paused", "escalation_level", "status",
                "comes_back_at",
            ),
            _due, ("due", "due"),
        ),
        Column("status", "Status", ("status",), _status),
        Column("priority", "Priority", ("priority",), _priority, ("priority", "priority")),
        Column("who", "Team, assignee", ("team_id", "assignee_id"), _who),
        Column("category", "Category", ("category_id",), _category),
        Column(
            "tier", "Tier", ("requester__tier__name", "requester__organization__tier__name"), _tier
        ),
        Column("channel", "Channel", ("channel",), _channel),
        Column("tags", "Tags", (), _tags),
        Column("last", "Last word", ("last_message_at", "last_message_by_customer"), _last),
        Column("opened", "Opened", ("opened_at",), _instant("opened_at"), ("opened", "oldest")),
        Column(
            "changed", "Changed", ("updated_at",), _instant("updated_at"), ("changed", "unchanged")
        ),
    )
}  # fmt: skip
USUAL = ("due", "status", "priority", "who", "changed")


def chosen(keys: Iterable[object]) -> list[Column]:
    """The columns of these keys, in the order of all columns; the usual ones for none at all."""
    wanted = {str(key) for key in keys} & COLUMNS.keys() or set(USUAL)
    return [column for key, column in COLUMNS.items() if key in wanted]
