"""What an admin enters about customers and their orders can make a rule's fact true (rule 14)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.db import InterfaceError, OperationalError, models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from escalation import matching, rules
from escalation.models import Condition
from tickets.models import Ticket
from tickets.people.models import Contact, ExchangeRate, Order, Organization
from tickets.services import orders

logger = logging.getLogger(__name__)
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


def moved(contact: Contact, now: datetime, **_: Any) -> None:
    """Another company: its tier, its named person, rules about it."""
    judge_again(CONCERNS[Contact](contact), now=now)


def hear_next(now: datetime) -> bool:
    """Judges a batch of tickets by a rate that is valid since today, however it was entered.

    A rate that was entered for a later day values nothing before, and nothing else happens on that
    day. Of each currency the newest judges, batch by batch: the next call goes on after the last
    ticket. Returns whether there was anything to do.
    """
    if not _waiting(now).exists():
        return False
    _pass_over_the_superseded(now)
    rate = _waiting(now).order_by("valid_from", "pk").first()
    return rate is not None and _judge_some(rate, now)


def _waiting(now: datetime) -> QuerySet[ExchangeRate]:
    return ExchangeRate.objects.filter(is_heard=False, valid_from__lte=now.date())


def _pass_over_the_superseded(now: datetime) -> None:
    """What a newer rate of the same currency has replaced values nothing any more."""
    newer = ExchangeRate.objects.filter(
        currency=OuterRef("currency"), valid_from__gt=OuterRef("valid_from"),
        valid_from__lte=now.date(),
    )  # fmt: skip
    _waiting(now).filter(Exists(newer)).update(is_heard=True, heard_to=0)


def _hear(rate: ExchangeRate, now: datetime) -> None:
    """It was entered or changed: the first batch is judged at once, the others by the timers."""
    ExchangeRate.objects.filter(pk=rate.pk).update(is_heard=False, heard_to=0)
    _pass_over_the_superseded(now)
    if fresh := _waiting(now).filter(pk=rate.pk).first():
        _judge_some(fresh, now)


def _judge_some(rate: ExchangeRate, now: datetime) -> bool:
    """The next batch, in one transaction with how far it got; False where another run took it."""
    with transaction.atomic():
        left = _concerned(_valued_by(rate)).filter(pk__gt=rate.heard_to)
        numbers = list(left.values_list("pk", flat=True)[:AT_ONCE])
        ends = len(numbers) < AT_ONCE
        mine = ExchangeRate.objects.filter(pk=rate.pk, is_heard=False, heard_to=rate.heard_to)
        if not mine.update(is_heard=ends, heard_to=0 if ends else numbers[-1]):
            return False
        _judge(numbers, now)
    return True


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
    numbers = list(_concerned(whose).values_list("pk", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            _judge(numbers[start : start + AT_ONCE], now)


def _concerned(whose: Q) -> QuerySet[Ticket]:
    return Ticket.objects.active().filter(whose).order_by("pk").distinct()


def _judge(numbers: list[int], now: datetime) -> None:
    """One that fails is left as it was: it must not keep the others from being judged."""
    if not numbers:
        return
    config = matching.configuration(now)
    for ticket in (
        Ticket.objects.select_for_update(no_key=True).order_by("pk").filter(pk__in=numbers)
    ):
        try:
            with transaction.atomic():
                rules.apply(ticket=ticket, config=config, now=now)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Ticket %s could not be judged.", ticket.reference)
