"""A ticket's events as the engine's facts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from escalation.sla.values import Fact, FactKind, Metric
from tickets.models import TicketEvent

Kind = TicketEvent.Kind

KINDS = {
    Kind.OPENED.value: FactKind.OPENED,
    Kind.CUSTOMER_MESSAGE.value: FactKind.CUSTOMER_MESSAGE,
    Kind.REPLY_RELEASED.value: FactKind.REPLY_RELEASED,
    Kind.CALL_REACHED.value: FactKind.CALL_REACHED,
    Kind.CALL_ATTEMPTED.value: FactKind.CALL_ATTEMPTED,
    Kind.CALL_TO_ANOTHER.value: FactKind.CALL_TO_ANOTHER,
    Kind.PROGRESS.value: FactKind.PROGRESS,
    Kind.STATUS_CHANGED.value: FactKind.STATUS,
    Kind.CALLBACK_PROMISED.value: FactKind.CALLBACK_PROMISED,
    Kind.CALLBACK_WITHDRAWN.value: FactKind.CALLBACK_WITHDRAWN,
    Kind.EXPERT_ASKED.value: FactKind.EXPERT_ASKED,
    Kind.EXPERT_ANSWERED.value: FactKind.EXPERT_ANSWERED,
    Kind.EXPERT_WITHDRAWN.value: FactKind.EXPERT_WITHDRAWN,
    Kind.MERGED_AWAY.value: FactKind.MERGED_AWAY,
    Kind.MERGED_IN.value: FactKind.MERGED_IN,
    # Brings a wait along, as the merge did in which it came.
    Kind.STILL_WAITING.value: FactKind.MERGED_IN,
    Kind.BREACHED.value: FactKind.BREACH_RECORDED,
}
# Which key of an event's data names what it is about.
SUBJECTS = {
    FactKind.CALL_REACHED: "callback",
    FactKind.CALL_ATTEMPTED: "callback",
    FactKind.CALL_TO_ANOTHER: "callback",
    FactKind.CALLBACK_PROMISED: "callback",
    FactKind.CALLBACK_WITHDRAWN: "callback",
    FactKind.EXPERT_ASKED: "question",
    FactKind.EXPERT_ANSWERED: "question",
    FactKind.EXPERT_WITHDRAWN: "question",
    FactKind.BREACH_RECORDED: "subject",
}


def read(tickets: Iterable[int]) -> dict[int, list[Fact]]:
    """The facts of each ticket, in one query."""
    found: dict[int, list[Fact]] = {}
    rows = TicketEvent.objects.filter(ticket__in=list(tickets), kind__in=list(KINDS))
    for ticket, *row in rows.order_by("at", "pk").values_list(
        "ticket_id", "kind", "at", "recorded_at", "data", "pk"
    ):
        found.setdefault(ticket, []).append(fact(*row))
    return found


def fact(
    kind: str, at: datetime, recorded_at: datetime, data: dict[str, Any], number: int = 0
) -> Fact:
    means = KINDS[kind]
    metric = data.get("metric")
    return Fact(
        kind=means,
        at=at,
        recorded_at=recorded_at,
        status=str(data.get("to") or "") if means is FactKind.STATUS else "",
        subject=str(data.get(SUBJECTS.get(means, "")) or ""),
        wait_since=_instant(data.get("wait_since")),
        due_at=_instant(data.get("due_at")) if means is FactKind.CALLBACK_PROMISED else None,
        metric=Metric(metric) if metric else None,
        cycle=int(data.get("cycle") or 0),
        number=number,
        promises=_names(data.get("promises")),
    )


def _names(found: list[str] | None) -> tuple[str, ...] | None:
    return None if found is None else tuple(found)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
