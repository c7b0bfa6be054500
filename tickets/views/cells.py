"""The queue's columns as the cells of a file: plain words, instants as ISO 8601 in UTC, no formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tickets.views.columns import CHANNELS, PRIORITIES, STATUSES, Column, Telling, Values
from tickets.views.rows import customer_of, subject_of
from tickets.words import METRICS, shown

Tell = Callable[[Values, Telling], str]
# What a spreadsheet takes for the beginning of a formula, in its wide forms too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Where another separator than the comma is set, a cell may begin within the text, too.
_INNER = re.compile("([;\t\r\n])(?=[=+@＝＋－＠-])")


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of the queue may be several of a file."""

    heads: tuple[str, ...]
    tell: tuple[Tell, ...]


def guarded(text: str) -> str:
    """The text as a spreadsheet shows it: what it would calculate gets a quote before it."""
    clean = _INNER.sub(r"\1'", shown(text))
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def heads_of(columns: Iterable[Column], tab: str) -> list[str]:
    return [head for cells in _of(columns, tab) for head in cells.heads]


def cells_of(values: Values, telling: Telling, columns: Iterable[Column], tab: str) -> list[str]:
    found = (tell(values, telling) for cells in _of(columns, tab) for tell in cells.tell)
    return [guarded(each) for each in found]


def _of(columns: Iterable[Column], tab: str) -> Iterable[Cells]:
    """What every row begins with, what the view is about, and the columns that were chosen."""
    yield ALWAYS
    if tab in OF_TAB:
        yield OF_TAB[tab]
    yield from (CELLS[column.key] for column in columns if column.key in CELLS)


def _instant(name: str) -> Tell:
    return lambda values, _: _iso(values[name])


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def _name(kind: str) -> Tell:
    return lambda values, telling: telling.names[kind].get(values[f"{kind}_id"], "")


def _tier(values: Values, telling: Telling) -> str:
    own, company = values["requester__tier__name"], values["requester__organization__tier__name"]
    return str(own or company or "")


def _last_by(values: Values, telling: Telling) -> str:
    if not values["last_message_at"]:
        return ""
    return "customer" if values["last_message_by_customer"] else "us"


def _due_for(values: Values, telling: Telling) -> str:
    metric: str = values["next_due_metric"]
    return METRICS.get(metric, metric.replace("_", " "))


ALWAYS = Cells(
    ("Reference", "Subject", "Customer", "Company", "Category"),
    (
        lambda values, _: values["reference"],
        lambda values, _: subject_of(values),
        lambda values, _: customer_of(values),
        lambda values, _: values["organization__name"] or "",
        _name("category"),
    ),
)
OF_TAB = {
    "held": Cells(("Reply leaves",), (_instant("leaves_at"),)),
    "callbacks": Cells(("Call owed",), (_instant("call_at"),)),
    "aside": Cells(("Comes back",), (_instant("returns_at"),)),
}
# The category is in every row.
CELLS = {
    "due": Cells(
        ("Next deadline", "Deadline of", "Paused", "Escalation level"),
        (
            _instant("next_due_at"),
            _due_for,
            lambda values, _: "yes" if values["is_paused"] else "",
            lambda values, _: str(values["escalation_level"] or ""),
        ),
    ),
    "status": Cells(("Status",), (lambda values, _: str(STATUSES[values["status"]]),)),
    "priority": Cells(("Priority",), (lambda values, _: str(PRIORITIES[values["priority"]]),)),
    "who": Cells(("Team", "Assignee"), (_name("team"), _name("assignee"))),
    "tier": Cells(("Tier",), (_tier,)),
    "channel": Cells(("Channel",), (lambda values, _: str(CHANNELS[values["channel"]]),)),
    "tags": Cells(("Tags",), (lambda values, told: ", ".join(told.tags.get(values["pk"], ())),)),
    "last": Cells(("Last word", "Last word by"), (_instant("last_message_at"), _last_by)),
    "opened": Cells(("Opened",), (_instant("opened_at"),)),
    "changed": Cells(("Changed",), (_instant("updated_at"),)),
}
