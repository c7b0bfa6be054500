"""What a queue can be narrowed by: the filter form and its chips."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import Exact
from django.http import QueryDict

from tickets import choices
from tickets.filters.tabs import tab_for
from tickets.models import RANKS, STATUS_CHOICES, URGENCY, Ticket
from tickets.people.models import Contact, Tier, User
from tickets.querysets import MOST_NUMBERS, TicketQuerySet
from tickets.searching import engine, parsing
from tickets.searching.finding import TOO_LONG
from tickets.searching.listing import fitting

ME, NOBODY = "me", "none"
WITHIN = {
    "1h": ("the last hour", timedelta(hours=1)),
    "24h": ("the last 24 hours", timedelta(hours=24)),
    "7d": ("the last 7 days", timedelta(days=7)),
    "30d": ("the last 30 days", timedelta(days=30)),
}
_SPANS = [(key, said) for key, (said, _) in WITHIN.items()]
_NO_SPAN = "This is no span of time."


def _one_of(otherwise: str, **options: Any) -> django_filters.ChoiceFilter:
    """A choice that says ``otherwise`` where an old or mistyped address names none of them."""
    given = {"empty_label": "any", "error_messages": {"invalid_choice": otherwise}}
    return django_filters.ChoiceFilter(**(given | options))


def lists_to_choose_from() -> choices.Lists:
    """Teams, people, categories and tiers."""
    return choices.lists_of_the_desk() | {"tier": Tier.objects.all()}


_LISTS = choices.Composed(lists_to_choose_from)


class TicketFilter(django_filters.FilterSet):
    """The filter form. Its choices are read once and serve the form, the check and the chips."""

    q = django_filters.CharFilter(
        label="Search", method="by_words", max_length=parsing.MOST_TEXT,
        help_text="Words and operators as in the search, such as from:name or opened:7d.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    status = _one_of("«%(value)s» is not a status.", choices=STATUS_CHOICES)
    priority = _one_of(
        "«%(value)s» is not a priority.",
        choices=Ticket.Priority.choices,
        method="by_priority",
        label="Priority",
    )
    team = _one_of("There is no such team.")
    assignee = _one_of(
        "Nobody of this number works here.",
        empty_label="anybody",
        method="by_assignee",
        label="Assignee",
    )
    category = _one_of("There is no such category.")
    channel = _one_of("«%(value)s» is not a channel.", choices=Ticket.Channel.choices)
    tier = _one_of("There is no such tier.", method="by_tier", label="Tier")
    escalated = _one_of(
        "Escalated is «yes» or «no».", choices=[("yes", "yes"), ("no", "no")],
        method="by_escalation", label="Escalated",
    )  # fmt: skip
    aside = _one_of(
        "Put aside is «until» or «open».",
        choices=[("until", "until a date"), ("open", "without a date")],
        method="by_return", label="Put aside",
    )  # fmt: skip
    opened = _one_of(_NO_SPAN, choices=_SPANS, method="by_age", label="Opened within")
    changed = _one_of(_NO_SPAN, choices=_SPANS, method="by_age", label="Changed within")
    tag = django_filters.CharFilter(label="Tag", method="by_tag", max_length=60)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def __init__(
        self,
        data: QueryDict,
        queryset: TicketQuerySet,
        *,
        user: User,
        now: datetime,
        listed: dict[str, choices.Choices] | None = None,
    ) -> None:
        """``listed`` is what ``listed()`` reads, where somebody has read it already."""
        super().__init__(data, queryset)
        self.user, self.now, self.is_cut = user, now, False
        self.listed = listed or self.lists()
        own = {"assignee": [(ME, "me"), (NOBODY, "nobody")]}
        for name, pairs in self.listed.items():
            if name in self.filters:
                self.filters[name].extra["choices"] = [*own.get(name, []), *pairs]

    @staticmethod
    def lists() -> dict[str, choices.Choices]:
        """What ``lists_to_choose_from`` has, in one query."""
        return _LISTS.read()

    def filter_queryset(self, queryset: TicketQuerySet) -> TicketQuerySet:
        """The words last: then they are looked for in little."""
        asked = self.form.cleaned_data
        for name in sorted(asked, key=lambda each: each == "q"):
            queryset = self.filters[name].filter(queryset, asked[name])
        return queryset

    def by_words(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """What the search would find; what it would not understand is wrong here too."""
        found = fitting(text=value, tickets=tickets, user=self.user, now=self.now)
        for problem in found.problems:
            self.form.add_error(name, problem)
        self.is_cut = found.is_cut
        return found.tickets

    def asks_in_time(self) -> AbstractContextManager[None]:
        """Around reading what was ``found()``: operators may ask for much. Raises TooLong."""
        return engine.in_time() if self.form.cleaned_data.get("q") else nullcontext()

    def takes_too_long(self) -> None:
        """What was found could not be read in time."""
        self.form.add_error("q", TOO_LONG)

    def by_priority(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """Among what is active by its rank: the index of that order then serves the filter too."""
        if tab_for(self.data.get("tab", ""), self.data.get("status", "")).is_active:
            return tickets.filter(Exact(URGENCY, RANKS[value]))
        return tickets.filter(priority=value)

    def by_assignee(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        if value == NOBODY:
            return tickets.filter(assignee=None)
        return tickets.filter(assignee=self.user.pk if value == ME else int(value))

    def by_tier(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """The contact's own tier counts before the organisation's."""
        theirs = Q(tier=None, organization__tier=value)
        people = (
            Contact.objects.filter(Q(tier=value) | theirs).order_by().values_list("pk", flat=True)
        )
        few = list(people[: MOST_NUMBERS + 1])
        # As numbers, so that PostgreSQL knows how few they are, and goes from them to their tickets.
        return tickets.filter(requester__in=few if len(few) <= MOST_NUMBERS else people)

    def by_escalation(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        if value == "yes":
            return tickets.filter(escalation_level__gt=0)
        return tickets.filter(escalation_level=0)

    def by_return(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return tickets.put_aside() if value == "until" else tickets.aside_without_end()

    def by_age(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        column = "opened_at" if name == "opened" else "updated_at"
        return tickets.filter(**{f"{column}__gte": self.now - WITHIN[value][1]})

    def by_tag(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """Asked apart, so that the rows stay in the order of their index."""
        tagged = Ticket.tags.through.objects.filter(
            ticket=OuterRef("pk"), tag__name__iexact=value.strip()
        )
        return tickets.filter(Exists(tagged))

    def found(self) -> TicketQuerySet:
        """What fits; nothing where a filter cannot be used, rather than everything."""
        fitting: TicketQuerySet = self.qs
        return fitting if self.form.is_valid() else fitting.none()

    def wrong(self) -> list[str]:
        """What is wrong with which filter, as sentences."""
        errors = self.form.errors.items()
        return [f"{self.form.fields[name].label}: {each}" for name, all_ in errors for each in all_]

    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Each filter that is set, as (label, value, the query string without it)."""
        self.form.is_valid()
        for name, value in self.form.cleaned_data.items():
            if value in (None, ""):
                continue
            without = self.data.copy()
            for key in (name, "after"):
                without.pop(key, None)
            field = self.form.fields[name]
            yield str(field.label), self._said(field, value), without.urlencode()

    @staticmethod
    def _said(field: Any, value: str) -> str:
        names = {str(key): str(label) for key, label in getattr(field, "choices", ())}
        return names.get(str(value), str(value))
