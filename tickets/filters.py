"""What a queue can be narrowed by: the tabs, the filter form and its chips."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from tickets import choices
from tickets.lifecycle import Status
from tickets.models import STATUS_CHOICES, Message, Ticket
from tickets.people.models import Contact, User
from tickets.querysets import TicketQuerySet

LEAST_OF_A_NUMBER = 4
DONE = {Status.SOLVED.value, Status.CLOSED.value}


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the queue: ``tickets`` are what it shows to a reader."""

    key: str
    label: str
    tickets: Callable[[User], TicketQuerySet]
    empty: str
    is_active: bool = True


def _seen(user: User) -> TicketQuerySet:
    return Ticket.objects.visible_to(user)


def _held(user: User) -> TicketQuerySet:
    held = Message.objects.filter(mail__state="held")
    first = held.filter(ticket=OuterRef("pk")).order_by("mail__release_at")
    return (
        _seen(user)
        .filter(pk__in=held.values("ticket"))
        .annotate(leaves_at=Subquery(first.values("mail__release_at")[:1]))
    )


TABS = (
    Tab(
        "next", "Breaking next", lambda user: _seen(user).active(),
        "No open ticket. Every promise is kept.",
    ),
    Tab(
        "mine", "Mine", lambda user: Ticket.objects.assigned_to(user).active(),
        "Nothing is assigned to you. «Unassigned» has what nobody has taken yet.",
    ),
    Tab(
        "teams", "My teams", lambda user: Ticket.objects.of_teams_of(user).active(),
        "Your teams have no open ticket.",
    ),
    Tab(
        "unassigned", "Unassigned", lambda user: _seen(user).active().filter(assignee=None),
        "Every open ticket has somebody who answers for it.",
    ),
    Tab(
        "escalated", "Escalated",
        lambda user: _seen(user).active().filter(escalation_level__gt=0),
        "Nothing is escalated.",
    ),
    Tab(
        "waiting", "Waiting for customer", lambda user: _seen(user).waiting_for_customer(),
        "No ticket waits for its customer.",
    ),
    Tab(
        "held", "Held replies", _held,
        "No reply is held. What you send waits here until it leaves, and can be recalled.",
        is_active=False,
    ),
    Tab(
        "all", "All", _seen,
        "No ticket yet. The first mail to your support address opens one.",
        is_active=False,
    ),
)  # fmt: skip
BY_KEY = {tab.key: tab for tab in TABS}


def tab_for(key: str, status: str) -> Tab:
    """The tab named ``key``, or the first one; looking for done tickets means looking at all."""
    tab = BY_KEY.get(key, TABS[0])
    return BY_KEY["all"] if tab.is_active and status in DONE else tab


def _one_of(otherwise: str, **options: Any) -> django_filters.ChoiceFilter:
    """A choice that says ``otherwise`` where an old or mistyped address names none of them."""
    given = {"empty_label": "any", "error_messages": {"invalid_choice": otherwise}}
    return django_filters.ChoiceFilter(**(given | options))


class TicketFilter(django_filters.FilterSet):
    """The filter form. Its choices are read once and serve the form, the check and the chips."""

    q = django_filters.CharFilter(
        label="Search", method="by_words", max_length=200,
        help_text="Reference, subject or customer.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    status = _one_of("«%(value)s» is not a status.", choices=STATUS_CHOICES)
    priority = _one_of("«%(value)s» is not a priority.", choices=Ticket.Priority.choices)
    team = _one_of("There is no such team.")
    assignee = _one_of("Nobody of this number works here.", empty_label="anybody")
    category = _one_of("There is no such category.")
    tag = django_filters.CharFilter(label="Tag", method="by_tag", max_length=60)

    class Meta:
        model = Ticket
        fields: list[str] = []

    def __init__(self, data: QueryDict, queryset: TicketQuerySet) -> None:
        super().__init__(data, queryset)
        self.listed = choices.of_the_desk()
        for name, pairs in self.listed.items():
            if name in self.filters:
                self.filters[name].extra["choices"] = pairs

    def by_words(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        """In references, subjects and customers; what was written is not searched."""
        text = value.strip()
        said = Q(subject__icontains=text) | Q(reference__icontains=text)
        return tickets.filter(said | Q(requester__in=_customers(text).values("pk")))

    def by_tag(self, tickets: TicketQuerySet, name: str, value: str) -> TicketQuerySet:
        return tickets.filter(tags__name__iexact=value.strip())

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


def _customers(text: str) -> QuerySet[Contact]:
    """Whose name, address, company or number contains ``text``, however the number is spaced."""
    number = re.sub(r"[\s()./-]", "", text)
    known = Q(name__icontains=text) | Q(email__icontains=text) | Q(phone__icontains=text)
    if number.lstrip("+").isdecimal() and len(number) >= LEAST_OF_A_NUMBER:
        known |= Q(phone__icontains=number)
    return Contact.objects.filter(known | Q(organization__name__icontains=text)).order_by()
