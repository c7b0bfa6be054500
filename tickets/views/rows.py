"""One ticket as the queue shows it: only the columns it needs, said once, in Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tickets.models import STATUS_CHOICES, Ticket
from tickets.templatetags.desk import ago, clock, until
from tickets.views.words import clock_badge, shown

STATUSES = dict(STATUS_CHOICES)
PRIORITIES = dict(Ticket.Priority.choices)
COLUMNS = (
    "pk", "reference", "subject", "status", "priority", "next_due_at", "next_due_metric",
    "is_paused", "escalation_level", "updated_at", "requester__name", "requester__email",
    "requester__phone", "organization__name", "category__name", "team__name",
    "assignee__first_name", "assignee__last_name", "assignee__username",
)  # fmt: skip
Values = dict[str, Any]


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


def rows_of(values: list[Values], now: datetime) -> list[Row]:
    """The rows of a page. Plain columns, because making six objects a row costs more than the rest."""
    sample = reverse("ticket", args=["REFERENCE"])
    return [_row(each, sample, now) for each in values]


def _row(values: Values, sample: str, now: datetime) -> Row:
    reference = values["reference"]
    customer = [_customer(values), values["organization__name"]]
    return Row(
        reference=reference,
        address=sample.replace("REFERENCE", reference),
        subject=shown(values["subject"]) or "(no subject)",
        customer=" · ".join(shown(each) for each in customer if each),
        category=shown(values["category__name"]),
        status=values["status"],
        status_words=STATUSES[values["status"]],
        priority=values["priority"],
        priority_words=PRIORITIES[values["priority"]],
        team=shown(values["team__name"]),
        assignee=shown(_assignee(values)),
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


def _assignee(values: Values) -> str:
    """As User.name has it."""
    full = f"{values['assignee__first_name'] or ''} {values['assignee__last_name'] or ''}"
    return full.strip() or values["assignee__username"] or "unassigned"
