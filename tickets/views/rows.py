"""One ticket as the queue shows it: only the columns it needs, said once, in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.utils.safestring import SafeString

from tickets import choices
from tickets.models import Ticket
from tickets.views.columns import Column, Telling, Values, waiting
from tickets.words import shown

# Of every row, whatever the columns; the pages' cursors need some of it.
ALWAYS = (
    "pk", "reference", "subject", "priority", "next_due_at", "requester__name",
    "requester__email", "requester__phone", "organization__name", "category_id", "waiting_kind",
    "waiting_until",
)  # fmt: skip
# What the first column of a view shows in the deadline's place.
OF_TAB = {"held": ("leaves_at",), "callbacks": ("call_at",), "aside": ("returns_at",)}
Listed = dict[str, choices.Choices]


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket's line; ``cells`` is all of it, drawn here because a template would take as long as
    the rest of the page."""

    reference: str
    subject: str
    cells: SafeString


def needed(columns: Sequence[Column], *others: str) -> list[str]:
    """What to ask of the database for these columns; ``others`` beside them."""
    return list(
        dict.fromkeys([*ALWAYS, *(name for each in columns for name in each.needs), *others])
    )


def rows_of(
    values: list[Values],
    listed: Listed,
    now: datetime,
    columns: Sequence[Column],
    place: Callable[[Values], str],
) -> list[Row]:
    """The rows of a page. Plain columns, because making six objects a row costs more than the rest;
    and names from the lists that the page has anyway, because planning six joins does, too.

    ``place`` is the address of a row's ticket.
    """
    telling = telling_of(values, listed, now, columns)
    # The deadline stands before the ticket, the rest behind it.
    first = [each for each in columns if each.key == "due"]
    others = [each for each in columns if each.key != "due"]
    return [_row(each, telling, place(each), first, others) for each in values]


def telling_of(
    values: list[Values], listed: Listed, now: datetime, columns: Sequence[Column]
) -> Telling:
    """What the cells of these rows draw on; a query for their tags, and one for who left."""
    names = {kind: dict(listed[kind]) for kind in ("category", "team", "assignee")}
    assigned = {each.get("assignee_id") for each in values} - {None}
    names["assignee"] |= choices.names_of(assigned - names["assignee"].keys())
    tags = _tags(values) if any(each.key == "tags" for each in columns) else {}
    return Telling(names, tags, now, dict(listed.get("out", [])))


def _row(
    values: Values, telling: Telling, address: str, first: list[Column], others: list[Column]
) -> Row:
    reference, subject = values["reference"], subject_of(values)
    customer = [customer_of(values), values["organization__name"]]
    who = escape(" · ".join(shown(each) for each in customer if each))
    category = escape(telling.names["category"][values["category_id"]])
    before = "".join(each.cell(values, telling) for each in first)
    after = "".join(each.cell(values, telling) for each in others)
    # Beside the deadline, or here where that is not shown.
    leaves = "" if first else waiting(values, telling.now)
    cells = (
        '<td role="cell" class="pick"><input type="checkbox" form="bulk" name="t" '
        f'value="{reference}" aria-label="Select {reference}"></td>{before}'
        f'<td role="cell" class="what"><a id="t-{reference}" data-stop href="{escape(address)}">'
        f'<bdi>{escape(subject)}</bdi></a> <span class="quietly"><span class="ref">{reference}'
        f"</span> · <bdi>{who}</bdi> · <bdi>{category}</bdi></span>{leaves}</td>{after}"
    )
    return Row(reference, subject, SafeString(cells))


def _tags(values: list[Values]) -> dict[int, list[str]]:
    """The tags of a page's tickets, by ticket; one query."""
    rows = Ticket.tags.through.objects.filter(ticket__in=[each["pk"] for each in values])
    found: dict[int, list[str]] = {}
    for pk, name in rows.order_by("tag__name").values_list("ticket", "tag__name"):
        found.setdefault(pk, []).append(shown(name))
    return found


def subject_of(values: Values) -> str:
    return shown(values["subject"]) or "(no subject)"


def customer_of(values: Values) -> str:
    """As Contact.display_name has it."""
    known = (values[f"requester__{each}"] for each in ("name", "email", "phone"))
    return next(filter(None, known), "Unknown customer")
