"""One ticket as the queue shows it: only the columns it needs, said once, in Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tickets import choices
from tickets.models import STATUS_CHOICES, Ticket
from tickets.templatetags.desk import ago, clock, until
from tickets.words import clock_badge, shown

STATUSES = dict(STATUS_CHOICES)
PRIORITIES = dict(Ticket.Priority.choices)
COLUMNS = (
    "pk", "reference", "subject", "status", "priority", "next_due_at", "next_due_metric",
    "is_paused", "escalation_level", "updated_at", "requester__name", "requester__email",
    "requester__phone", "organization__name", "category_id", "team_id", "assignee_id",
)  # fmt: skip
Values = dict[str, Any]
Listed = dict[str, choices.Choices]


@dataclass(frozen=True, slots=True)
class Row:
    reference: str
    address: str
    subject: str
    customer: str
    category: str
    status: str
    status_words: str
    priority: str
    priority_words: str
    team: str
    assignee: str
    level: int
    due: SafeString
    changed: SafeString


def rows_of(values: list[Values], listed: Listed, now: datetime) -> list[Row]:
    """The rows of a page. Plain columns, because making six objects a row costs more than the rest;
    and names from the lists that the page has anyway, because planning six joins does, too.
    """
    names = {kind: dict(listed[kind]) for kind in ("category", "team")}
    names["assignee"] = dict(choices.with_absences(listed["assignee"], listed.get("out", [])))
    assigned = {each["assignee_id"] for each in values} - {None}
    names["assignee"] |= choices.names_of(assigned - names["assignee"].keys())
    sample = reverse("ticket", args=["REFERENCE"])
    return [_row(each, names, sample, now) for each in values]


def _row(values: Values, names: dict[str, dict[int, str]], sample: str, now: datetime) -> Row:
    reference = values["reference"]
    customer = [_customer(values), values["organization__name"]]
    return Row(
        reference=reference,
        address=sample.replace("REFERENCE", reference),
        subject=shown(values["subject"]) or "(no subject)",
        customer=" · ".join(shown(each) for each in customer if each),
        category=names["category"][values["category_id"]],
        status=values["status"],
        status_words=STATUSES[values["status"]],
        priority=values["priority"],
        priority_words=PRIORITIES[values["priority"]],
        team=names["team"][values["team_id"]],
        assignee=names["assignee"].get(values["assignee_id"], "unassigned"),
        level=values["escalation_level"],
        due=_due(values, now),
        changed=ago(values["updated_at"], now),
    )


def _due(values: Values, now: datetime) -> SafeString:
    if leaves_at := values.get("leaves_at"):
        return format_html('<span class="badge held">leaves {}</span>', until(leaves_at, now))
    badge = clock_badge(
        status=values["status"],
        due_at=values["next_due_at"],
        metric=values["next_due_metric"],
        is_paused=values["is_paused"],
        now=now,
    )
    return clock(badge)


def _customer(values: Values) -> str:
    """As Contact.display_name has it."""
    known = (values[f"requester__{each}"] for each in ("name", "email", "phone"))
    return next(filter(None, known), "Unknown customer")
