"""Rules in the admin: what must be true, what then happens, and nothing that contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from escalation import loading, publishing, sentences
from escalation.admin.fields import AS_TYPED
from escalation.conditions import split_words
from escalation.models import Action, Condition, Rule
from escalation.owing import without_a_time
from tickets.calls.services import FARTHEST_PROMISE
from tickets.people.models import ExchangeRate, Membership

When, Do = Condition.Kind, Action.Kind
WHEN_NEEDS: Mapping[str, tuple[str, ...]] = {
    When.ORDER_ABOVE: ("amount", "currency"),
    When.NAMED: (),
    When.CONTACT: ("contact",),
    When.ORGANIZATION: ("organization",),
    When.TIER: ("tier",),
    When.WORDS: ("words",),
    When.NATURE: ("nature",),
    When.CATEGORY: ("category",),
    When.CHANNEL: ("channel",),
    When.PRIORITY: ("priority",),
    When.TEAM: ("team",),
    When.TAG: ("tag",),
}
DO_NEEDS: Mapping[str, tuple[str, ...]] = {
    Do.START_PATH: ("path",),
    Do.SET_PRIORITY: ("priority",),
    Do.ASSIGN_TEAM: ("team",),
    Do.ASSIGN_PERSON: ("person",),
    Do.ADD_TAG: ("tag",),
    Do.INVOLVE: ("person",),
    Do.INVOLVE_NAMED: (),
    Do.OWE_CALL: (),
    Do.FLAG: ("text",),
}
MAY_HAVE: Mapping[str, tuple[str, ...]] = {Do.OWE_CALL: ("within",)}
# A ticket has one of these at a time: two different ones can never both be true, or both be set.
ONE_AT_A_TIME = {
    When.CONTACT, When.ORGANIZATION, When.TIER, When.NATURE, When.CATEGORY, When.CHANNEL,
    When.PRIORITY, When.TEAM,
}  # fmt: skip
SET_ONCE = {Do.SET_PRIORITY, Do.ASSIGN_TEAM, Do.ASSIGN_PERSON, Do.OWE_CALL, Do.FLAG}


class KindForm(forms.ModelForm):  # type: ignore[type-arg]
    """Each kind has its own fields: the missing and the contradicting are named."""

    needs: Mapping[str, tuple[str, ...]] = {}
    may_have: Mapping[str, tuple[str, ...]] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if not kind:
            return cleaned
        label = dict(self.fields["kind"].choices)[kind]  # type: ignore[attr-defined]
        needed = self.needs[kind]
        for name in {
            name for names in (*self.needs.values(), *self.may_have.values()) for name in names
        }:
            filled = cleaned.get(name) not in (None, "")
            if name in needed and not filled and name not in self.errors:
                self.add_error(name, f"«{label}» needs this.")
            elif filled and name not in (*needed, *self.may_have.get(kind, ())):
                self.add_error(name, f"«{label}» does not use this; leave it empty.")
        return cleaned


class ConditionForm(KindForm):
    needs = WHEN_NEEDS

    def clean_words(self) -> str:
        text = str(self.cleaned_data["words"])
        if text and not split_words(text):
            raise ValidationError("Only commas: write at least one word.")
        return text


class ActionForm(KindForm):
    needs = DO_NEEDS
    may_have = MAY_HAVE

    def clean_within(self) -> Any:
        within = self.cleaned_data["within"]
        if within is not None and not within:
            raise ValidationError(
                "A call owed within no time at all is late before it is promised."
            )
        if within is not None and within > FARTHEST_PROMISE:
            raise ValidationError(f"A call is owed within {FARTHEST_PROMISE.days} days at most.")
        return within


class ConditionsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = _kept(self)
        if not rows:
            raise ValidationError("A rule without a condition never fires: say when it should.")
        seen: dict[str, Any] = {}
        for row in rows:
            kind = row["kind"]
            if kind not in ONE_AT_A_TIME:
                continue
            value = row[WHEN_NEEDS[kind][0]]
            if kind in seen and seen[kind] != value:
                raise ValidationError(
                    f"«{When(kind).label}» {seen[kind]} and {value} can never both be true: all "
                    "conditions must hold. Make two rules of it."
                )
            seen[kind] = value


class ActionsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = _kept(self)
        if not rows:
            raise ValidationError("A rule without an action does nothing: say what should happen.")
        kinds = [row["kind"] for row in rows]
        for kind in SET_ONCE:
            if kinds.count(kind) > 1:
                raise ValidationError(f"«{Do(kind).label}» stands here more than once.")
        self._check_belonging(rows)

    @staticmethod
    def _check_belonging(rows: list[dict[str, Any]]) -> None:
        team = next((row["team"] for row in rows if row["kind"] == Do.ASSIGN_TEAM), None)
        person = next((row["person"] for row in rows if row["kind"] == Do.ASSIGN_PERSON), None)
        if team and person and not Membership.objects.filter(user=person, team=team).exists():
            raise ValidationError(f"{person} is not of the team {team} that it is moved to.")


class ConditionInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Condition
    form = ConditionForm
    formset = ConditionsFormSet
    formfield_overrides = AS_TYPED
    raw_id_fields = ["contact", "organization"]
    extra = 0
    fields = [
        "kind", ("amount", "currency"), "words", ("nature", "category", "channel"),
        ("priority", "team", "tag"), ("tier", "organization", "contact"),
    ]  # fmt: skip


class ActionInline(admin.StackedInline):  # type: ignore[type-arg]
    model = Action
    form = ActionForm
    formset = ActionsFormSet
    formfield_overrides = AS_TYPED
    extra = 0
    fields = ["kind", ("path", "priority", "team"), ("person", "tag"), ("within", "text")]


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    formfield_overrides = AS_TYPED
    list_display = ["name", "order", "active", "does"]
    list_filter = ["active"]
    search_fields = ["name"]
    inlines = [ConditionInline, ActionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        named = ("contact", "organization", "tier", "category", "team", "tag")
        done = ("path", "team", "person", "tag")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                *(f"conditions__{name}" for name in named), *(f"actions__{name}" for name in done)
            )
        )

    @admin.display(description="What it does")
    def does(self, rule: Rule) -> str:
        return sentences.does(rule)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        publishing.announce()
        self._warn_of_missing_rates(request, form.instance)
        self._warn_of_calls_without_a_time(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        super().delete_model(request, obj)
        publishing.announce()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        publishing.announce()

    def _warn_of_missing_rates(self, request: HttpRequest, rule: Rule) -> None:
        for condition in rule.conditions.filter(kind=When.ORDER_ABOVE):
            currency = condition.currency
            if (
                currency != settings.BASE_CURRENCY
                and not ExchangeRate.objects.filter(currency=currency).exists()
            ):
                messages.warning(
                    request,
                    f"No exchange rate is known for {currency}: orders in other currencies will be "
                    "flagged for a person.",
                )

    def _warn_of_calls_without_a_time(self, request: HttpRequest, rule: Rule) -> None:
        names = without_a_time(rule, loading.current())
        if names:
            messages.warning(
                request,
                f"These schedules say no time for calls at every priority: {', '.join(names)}. There "
                "the call owed has no deadline, and the ticket is flagged for a person instead.",
            )


def _kept(formset: BaseInlineFormSet) -> list[dict[str, Any]]:  # type: ignore[type-arg]
    return [
        form.cleaned_data
        for form in formset.forms
        if form.cleaned_data and not form.cleaned_data.get("DELETE")
    ]
