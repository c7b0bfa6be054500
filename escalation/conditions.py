"""Whether a rule's facts are true of a ticket, and the words that say which."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.conf import settings

from escalation.models import Condition, Rule
from tickets.models import Message, Ticket
from tickets.people.models import Order
from tickets.people.money import to_base

Kind = Condition.Kind
# Ten of the longest mails. What lies further back was looked through when it came.
MOST_TEXT = 10_000_000


@dataclass(slots=True)
class Verdict:
    """``reasons`` one per fulfilled condition; ``unknown`` are orders nobody can value."""

    holds: bool = True
    reasons: list[str] = field(default_factory=list)
    unknown: list[Order] = field(default_factory=list)


class Known:
    """What rules look at, each asked of the database once and only when a rule wants it."""

    def __init__(self, ticket: Ticket, now: datetime) -> None:
        self.ticket = ticket
        self.now = now

    @cached_property
    def orders(self) -> list[Order]:
        return list(self.ticket.orders.order_by("pk"))

    @cached_property
    def tags(self) -> set[int]:
        return set(self.ticket.tags.values_list("pk", flat=True))

    @cached_property
    def texts(self) -> list[str]:
        return texts_of(self.ticket)


def texts_of(ticket: Ticket) -> list[str]:
    """The subject and each message of the customer, in one case, the latest learned of first."""
    said = Message.objects.filter(ticket=ticket, kind=Message.Kind.CUSTOMER)
    found, length = [ticket.subject.casefold()], 0
    for body in said.order_by("-pk").values_list("body", flat=True).iterator(chunk_size=10):
        length += len(body)
        if length > MOST_TEXT:
            break
        found.append(body.casefold())
    return found


def judge(rule: Rule, known: Known) -> Verdict:
    """All conditions must hold. A rule without any fires on nothing."""
    verdict = Verdict(holds=False)
    for condition in rule.conditions.all():
        verdict.holds = True
        reason = TESTS[Kind(condition.kind)](condition, known, verdict)
        if reason is None:
            return Verdict(holds=False)
        if reason:
            verdict.reasons.append(reason)
    return verdict


def _order_above(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    """Strictly more (rule 14). An order without a rate neither passes nor fails: it is named."""
    limit = condition.amount
    if limit is None:
        return None
    unknown = []
    for order in known.orders:
        above = _above(order, limit, condition.currency, known.now)
        if above is None:
            unknown.append(order)
        elif above:
            return f"order {order.number} is worth {_money(order)}, more than {limit} {condition.currency}"
    verdict.unknown.extend(unknown)
    return "" if unknown else None


def _above(order: Order, limit: Decimal, currency: str, now: datetime) -> bool | None:
    if order.currency == currency:
        return order.amount > limit
    today = now.date()
    worth, bar = to_base(order.amount, order.currency, today), to_base(limit, currency, today)
    return None if worth is None or bar is None else worth > bar


def _money(order: Order) -> str:
    base = settings.BASE_CURRENCY
    return f"{order.amount} {order.currency}" if order.currency else f"{order.amount} {base}"


def _named(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    person = known.ticket.requester.named_person
    return f"{person.name} answers for this customer" if person and person.is_active else None


def _contact(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    requester = known.ticket.requester
    same = requester.pk == condition.contact_id
    return f"the customer is {requester.display_name}" if same else None


def _organization(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    organization = known.ticket.requester.organization
    same = organization is not None and organization.pk == condition.organization_id
    return f"the customer belongs to {organization.name}" if same and organization else None


def _tier(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    tier = known.ticket.requester.effective_tier
    same = tier is not None and tier.pk == condition.tier_id
    return f"the customer's tier is {tier.name}" if same and tier else None


def _words(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    for word in split_words(condition.words):
        if any(says(text, word.casefold()) for text in known.texts):
            return f"the customer wrote «{word}»"
    return None


def says(text: str, word: str) -> bool:
    """Whether ``word`` stands there by itself; asked of megabytes, so the cheap question first."""
    return word in text and bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _field(name: str, label: str) -> Callable[[Condition, Known, Verdict], str | None]:
    """A condition that a field of the ticket equals the condition's own."""

    def test(condition: Condition, known: Known, verdict: Verdict) -> str | None:
        wanted = getattr(condition, name)
        same = bool(wanted) and getattr(known.ticket, name) == wanted
        return f"{label} {wanted}" if same else None

    return test


def _nature(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    category = known.ticket.category
    same = category.nature == condition.nature
    return f"it is filed under «{category.name}»" if same else None


def _tag(condition: Condition, known: Known, verdict: Verdict) -> str | None:
    same = condition.tag_id in known.tags
    return f"it is tagged «{condition.tag}»" if same else None


TESTS: Mapping[Kind, Callable[[Condition, Known, Verdict], str | None]] = {
    Kind.ORDER_ABOVE: _order_above,
    Kind.NAMED: _named,
    Kind.CONTACT: _contact,
    Kind.ORGANIZATION: _organization,
    Kind.TIER: _tier,
    Kind.WORDS: _words,
    Kind.NATURE: _nature,
    Kind.CATEGORY: _field("category", "its category is"),
    Kind.CHANNEL: _field("channel", "it came by"),
    Kind.PRIORITY: _field("priority", "its priority is"),
    Kind.TEAM: _field("team", "its team is"),
    Kind.TAG: _tag,
}


def split_words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
