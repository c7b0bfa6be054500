"""Which response schedule holds for a ticket, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalation import loading
from escalation.fallback import ensure_fallback
from escalation.loading import Candidate, Config
from escalation.models import Binding
from escalation.sentences import NATURES
from tickets import events
from tickets.models import Category, Ticket, TicketEvent
from tickets.people.models import User


@dataclass(frozen=True, slots=True)
class Match:
    candidate: Candidate
    because: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What conditions look at, as numbers and words."""

    nature: str
    channel: str
    priority: str
    category: int
    tier: int | None
    team: int
    tags: Callable[[], set[int]]


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of condition: where its answer lies, and how a fulfilled one reads."""

    key: str
    holds: Callable[[Traits, Sequence[Any]], Any]
    words: Callable[[Any], str]


def _one(name: str) -> Callable[[Traits, Sequence[Any]], Any]:
    def holds(traits: Traits, wanted: Sequence[Any]) -> Any:
        value = getattr(traits, name)
        return next((each for each in wanted if _key(each) == value), None)

    return holds


def _any_tag(traits: Traits, wanted: Sequence[Any]) -> Any:
    present = traits.tags()
    return next((each for each in wanted if _key(each) in present), None)


def _key(each: Any) -> Any:
    return each[0] if isinstance(each, list) else each


QUESTIONS = (
    Question("natures", _one("nature"), lambda found: f"it {NATURES[Category.Nature(found)]}"),
    Question("categories", _one("category"), lambda found: f"its category is «{found[1]}»"),
    Question(
        "channels", _one("channel"), lambda found: f"it came by {Ticket.Channel(found).label}"
    ),
    Question("tiers", _one("tier"), lambda found: f"the customer's tier is «{found[1]}»"),
    Question("priorities", _one("priority"), lambda found: f"its priority is {found}"),
    Question("teams", _one("team"), lambda found: f"its team is «{found[1]}»"),
    Question("tags", _any_tag, lambda found: f"it is tagged «{found[1]}»"),
)


def match(config: Config, ticket: Ticket) -> Match:
    """The first active policy in order whose every condition holds; the fallback otherwise."""
    traits = _traits(ticket)
    for candidate in config.candidates:
        reasons = fits(candidate, traits)
        if reasons is not None:
            return Match(candidate, _sentence(candidate, reasons))
    raise LookupError("There is no fallback policy.")


def fits(candidate: Candidate, traits: Traits) -> list[str] | None:
    """Why the policy fits, one reason per condition; None where it does not."""
    reasons = []
    for question in QUESTIONS:
        wanted = candidate.conditions[question.key]
        if wanted:
            found = question.holds(traits, wanted)
            if found is None:
                return None
            reasons.append(question.words(found))
    return reasons


def configuration(now: datetime) -> Config:
    """The configuration in force, which always has a fallback policy."""
    config = loading.current()
    if any(candidate.is_fallback for candidate in config.candidates):
        return config
    ensure_fallback(now)
    return loading.current()


def bind(
    *, ticket: Ticket, config: Config, at: datetime, now: datetime, actor: User | None = None
) -> Binding | None:
    """Binds the ticket to the schedule that fits it from ``at`` on; None when nothing changes.

    A ticket that stays with its policy keeps the version it has (rule 8); only its priority may
    choose other targets (rule 7).
    """
    found = match(config, ticket)
    last = (
        Binding.objects.filter(ticket=ticket).select_related("version").order_by("at", "pk").last()
    )
    return _bind(ticket, found, last, at=at, now=now, actor=actor)


def bind_first(*, ticket: Ticket, config: Config, at: datetime, now: datetime) -> Binding:
    """Binds a ticket that has just been opened."""
    binding = _bind(ticket, match(config, ticket), None, at=at, now=now, actor=None)
    assert binding is not None  # noqa: S101  nothing before it could be the same
    return binding


def _bind(
    ticket: Ticket,
    found: Match,
    last: Binding | None,
    *,
    at: datetime,
    now: datetime,
    actor: User | None,
) -> Binding | None:
    version_id, number = found.candidate.version_id, found.candidate.number
    if last and last.version.policy_id == found.candidate.policy_id:
        version_id, number = last.version_id, last.version.number
        if last.priority == ticket.priority:
            return None
    # What is written last holds, though another's change was on its way with a later instant.
    at = max(at, last.at) if last else at
    binding = Binding.objects.create(
        ticket=ticket, version_id=version_id, priority=ticket.priority, at=at,
        because=found.because, made_by=actor,
    )  # fmt: skip
    events.record(
        ticket, TicketEvent.Kind.POLICY_BOUND, at=at, now=now, actor=actor,
        policy=found.candidate.name, version=number, priority=ticket.priority,
        because=found.because,
    )  # fmt: skip
    return binding


def _traits(ticket: Ticket) -> Traits:
    tier = ticket.requester.effective_tier
    known: list[set[int]] = []

    def tags() -> set[int]:
        if not known:
            known.append(set(ticket.tags.values_list("pk", flat=True)))
        return known[0]

    return Traits(
        nature=ticket.category.nature,
        channel=ticket.channel,
        priority=ticket.priority,
        category=ticket.category_id,
        tier=tier.pk if tier else None,
        team=ticket.team_id,
        tags=tags,
    )


def _sentence(candidate: Candidate, reasons: list[str]) -> str:
    if candidate.is_fallback:
        return f"No other schedule fits, so «{candidate.name}» holds."
    if not reasons:
        return f"«{candidate.name}» fits every ticket."
    return f"«{candidate.name}» is the first that fits: {' and '.join(reasons)}."
