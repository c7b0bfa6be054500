"""Response schedules in the admin: for whom, what is promised, versions, and re-applying them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from escalation import durations, loading, publishing, reapplying, sentences
from escalation.admin.columns import PolicyColumns
from escalation.admin.fields import AS_TYPED, SeveralField, refuse_days, refuse_unreachable
from escalation.models import Policy, PolicyVersion, Target
from escalation.shadowing import shadows
from escalation.sla.values import Metric
from tickets.configuring import ConflictsInWords, PickingAdmin
from tickets.lifecycle import ACTIVE
from tickets.models import Category, Ticket

PAUSABLE = {Metric.NEXT_REPLY.value, Metric.UPDATE.value, Metric.RESOLUTION.value}
CONDITIONS: list[str | list[str] | tuple[str, ...] | tuple[()]] = [
    "natures",
    "categories",
    "channels",
    "tiers",
    "priorities",
    "teams",
    "tags",
]
MOST_SHOWN = 200


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    natures = SeveralField(Category.Nature.choices, label="It is a")
    channels = SeveralField(Ticket.Channel.choices, label="It came by")
    priorities = SeveralField(Ticket.Priority.choices, label="Its priority is")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.is_fallback:
            if not cleaned.get("active", True):
                self.add_error("active", "The fallback holds for every other ticket; it stays on.")
            for name in map(str, CONDITIONS):
                if cleaned.get(name):
                    self.add_error(name, "The fallback fits every ticket; it has no conditions.")
        return cleaned


class TargetForm(forms.ModelForm):  # type: ignore[type-arg]
    pause_on = SeveralField([(each, each.replace("_", " ")) for each in sorted(ACTIVE)])

    def clean_warnings(self) -> str:
        text = str(self.cleaned_data["warnings"])
        try:
            return ", ".join(
                durations.warning_words(each) for each in durations.parse_warnings(text)
            )
        except durations.DurationError as problem:
            raise ValidationError(str(problem)) from problem

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self._check_duration(cleaned)
        self._check_warnings(cleaned)
        if cleaned["pause_on"] and cleaned["metric"] not in PAUSABLE:
            self.add_error("pause_on", "Only next reply, update and resolution can pause.")
        if cleaned["attempts"] and cleaned["metric"] != Metric.CALLBACK:
            self.add_error("attempts", "Only a callback counts attempts.")
        return cleaned

    def _check_duration(self, cleaned: dict[str, Any]) -> None:
        duration = cleaned["duration"]
        if duration is None:
            for name in ("calendar", "warnings", "path", "warning_path"):
                if cleaned.get(name):
                    self.add_error(name, "Without a duration nothing is promised; leave it empty.")
            return
        if not duration:
            self.add_error("duration", "A target of no time at all is missed before it starts.")
        try:
            refuse_days(duration, cleaned["calendar"] is not None)
            refuse_unreachable(duration, cleaned["calendar"])
        except ValidationError as problem:
            self.add_error("duration", problem)

    def _check_warnings(self, cleaned: dict[str, Any]) -> None:
        # What was refused before is not there any more.
        duration, typed = cleaned.get("duration"), cleaned.get("warnings")
        for each in durations.parse_warnings(typed or ""):
            if duration and each.before is not None and each.before >= duration:
                said = durations.warning_words(each)
                self.add_error("warnings", f"«{said}» lies before the clock even starts.")
        if cleaned.get("warning_path") and typed == "":
            self.add_error("warning_path", "Say when to warn; without that this path never starts.")


class TargetInline(admin.StackedInline):  # type: ignore[type-arg]
    """One target a block: nine columns side by side fit no window."""

    model = Target
    form = TargetForm
    formfield_overrides = AS_TYPED
    extra = 0
    fields = [
        ("metric", "priority", "duration", "calendar"),
        ("warnings", "warning_path", "path"),
        ("pause_on", "attempts"),
    ]


class VersionInline(admin.TabularInline):  # type: ignore[type-arg]
    """Append-only: shown, never changed."""

    model = PolicyVersion
    fields = ["number", "made_at", "made_by", "said"]
    readonly_fields = ["number", "made_at", "made_by", "said"]
    ordering = ["-number"]
    extra = 0
    can_delete = False
    verbose_name_plural = "versions"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Promised")
    def said(self, version: PolicyVersion) -> str:
        return "; ".join(_said(target) for target in version.spec["targets"]) or "nothing"


@admin.register(Policy)
class PolicyAdmin(ConflictsInWords, PickingAdmin, admin.ModelAdmin):  # type: ignore[type-arg]
    form = PolicyForm
    formfield_overrides = AS_TYPED
    list_filter = ["active"]
    search_fields = ["name"]
    filter_horizontal = ["categories", "tiers", "teams", "tags"]
    readonly_fields = ["is_fallback", "older"]
    inlines = [TargetInline, VersionInline]
    fieldsets = [
        (None, {"fields": ["name", ("order", "active", "is_fallback"), "older"]}),
        ("For tickets where all of this holds (empty: any)", {"fields": CONDITIONS}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        rows: QuerySet[Policy] = super().get_queryset(request).annotate(made=Count("versions"))
        return rows.prefetch_related(
            "categories", "tiers", "teams", "tags", "targets__calendar", "targets__path"
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["name", "order", "active", PolicyColumns().for_whom, "promises", "version"]

    @admin.display(description="What it promises")
    def promises(self, policy: Policy) -> str:
        return sentences.promises(policy)

    @admin.display(description="Version")
    def version(self, policy: Policy) -> int:
        return int(getattr(policy, "made", 0))

    @admin.display(description="Under older versions")
    def older(self, policy: Policy) -> str:
        if not policy.pk or not policy.versions.exists():
            return "No ticket yet."
        count = reapplying.behind(policy).count()
        if not count:
            return "No open ticket runs under an older version."
        link = reverse("admin:escalation_policy_reapply", args=[policy.pk])
        return format_html('{} open tickets. <a href="{}">Preview what would move</a>', count, link)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        version = publishing.publish_policy(
            policy=form.instance, now=timezone.now(), actor=request.user  # type: ignore[arg-type]
        )  # fmt: skip
        if version and version.number > 1:
            messages.info(
                request,
                f"Version {version.number} holds for tickets opened from now on. Running clocks "
                "keep theirs until you re-apply it.",
            )
        self._warn_of_shadows(request, form.instance)

    def _warn_of_shadows(self, request: HttpRequest, policy: Policy) -> None:
        candidates = loading.current().candidates
        first_of = shadows(candidates)
        behind = [
            each.name for each in candidates
            if each.policy_id in first_of and first_of[each.policy_id].policy_id == policy.pk
        ]  # fmt: skip
        if behind:
            messages.warning(
                request,
                f"«{policy}» fits every ticket of these schedules and is asked before them: "
                f"{', '.join(behind)}. They are never asked.",
            )
        if policy.pk in first_of:
            messages.warning(
                request,
                f"«{first_of[policy.pk].name}» comes before «{policy}» and fits all of its "
                f"tickets: «{policy}» is never asked. Change the order or the conditions.",
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A policy that ever held for a ticket, or is the fallback, can only be switched off."""
        if obj is None or obj.is_fallback or obj.versions.filter(bindings__isnull=False).exists():
            return False
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        obj.versions.all().delete()
        super().delete_model(request, obj)
        publishing.announce()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reapply)
        return [
            path("<int:pk>/reapply/", view, name="escalation_policy_reapply"),
            *super().get_urls(),
        ]

    def reapply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shows which deadlines would move, and moves them when confirmed (rule 8)."""
        policy = get_object_or_404(Policy, pk=pk)
        if not self.has_change_permission(request, policy):
            raise PermissionDenied
        now, back = timezone.now(), reverse("admin:escalation_policy_change", args=[pk])
        if request.method == "POST":
            count = reapplying.reapply(policy=policy, actor=request.user, now=now)  # type: ignore[arg-type]
            messages.success(request, f"The latest version now holds for {count} more tickets.")
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Re-apply {policy}",
            "policy": policy,
            "opts": self.opts,
            "count": reapplying.behind(policy).count(),
            "most": MOST_SHOWN,
            "moves": reapplying.preview(policy, now, MOST_SHOWN),
            "back": back,
        }
        return render(request, "escalation/admin/reapply.html", context)


def _said(target: dict[str, Any]) -> str:
    metric = target["metric"].replace("_", " ")
    at = f" at {target['priority']}" if target["priority"] else ""
    if target["seconds"] is None:
        return f"{metric}{at}: no target"
    hours = " of open time" if target["calendar"] else ""
    return f"{metric}{at} within {target['seconds'] / 3600:g} h{hours}"
