"""What an admin enters about customers and their orders can make a rule's fact true (rule 14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.db import models, transaction
from django.db.models import Q

from escalation import matching, rules
from escalation.models import Condition
from tickets.models import Ticket
from tickets.people.models import Contact, ExchangeRate, Order, Organization
from tickets.services import orders

AT_ONCE = 100
# Whose tickets a row is about.
CONCERNS: Mapping[type[models.Model], Callable[[Any], Q]] = {
    Order: lambda order: Q(orders=order),
    Contact: lambda contact: Q(requester=contact),
    Organization: lambda organization: Q(requester__organization=organization),
    ExchangeRate: lambda rate: _valued_by(rate),
}


def entered(instance: LogEntry, **_: Any) -> None:
    """The admin's own log says what was saved, when, and after all of it was stored."""
    model = instance.content_type.model_class() if instance.content_type else None
    if model and model in CONCERNS and instance.action_flag != DELETION:
        row = model._default_manager.filter(pk=instance.object_id).first()
        if isinstance(row, Order):
            orders.link_where_named(order=row, actor=None, now=instance.action_time)
        if isinstance(row, ExchangeRate):
            _hear(row, instance.action_time)
        elif row:
            judge_again(CONCERNS[model](row), now=instance.action_time)


def hear_rates(now: datetime) -> int:
    """Judges by the rates that are valid since today, however they were entered; says how many.

    A rate that was entered for a later day values nothing before, and nothing else happens on that
    day. It counts as heard only afterwards: one that is cut off is heard again, and rules fire once.
    """
    waiting = ExchangeRate.objects.filter(is_heard=False, valid_from__lte=now.date())
    rates = list(waiting.order_by("valid_from", "pk"))
    for rate in rates:
        _hear(rate, now)
    return len(rates)


def _hear(rate: ExchangeRate, now: datetime) -> None:
    is_valid = rate.valid_from <= now.date()
    if is_valid:
        judge_again(_valued_by(rate), now=now)
    ExchangeRate.objects.filter(pk=rate.pk).update(is_heard=is_valid)


def _valued_by(rate: ExchangeRate) -> Q:
    """Orders in its currency, and every order where a rule's limit is in its currency."""
    limits = Condition.objects.filter(
        kind=Condition.Kind.ORDER_ABOVE, currency=rate.currency, rule__active=True
    )
    if limits.exists():
        return Q(orders__isnull=False)
    return Q(orders__currency=rate.currency)


def judge_again(whose: Q, *, now: datetime) -> None:
    """Applies the rules to the active tickets that ``whose`` finds, each under its lock."""
    found = Ticket.objects.active().filter(whose).order_by("pk").distinct()
    numbers = list(found.values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            config = matching.configuration(now)
            chunk = Ticket.objects.select_for_update().order_by("pk")
            for ticket in chunk.filter(pk__in=numbers[start : start + AT_ONCE]):
                rules.apply(ticket=ticket, config=config, now=now)
