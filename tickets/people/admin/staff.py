"""Who works here, and their teams, in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from tickets.access import is_admin
from tickets.configuring import KnownRowsForm, OneDefaultAdmin, OneDefaultForm, PickingAdmin
from tickets.leading import assignable
from tickets.numerals import PLAIN_DIGITS
from tickets.people.models import Membership, Skill, Team, User
from tickets.routing import sentences
from tickets.services import leaving

SHOWN = ("last_login", "date_joined", "answers_for")
KEPT = "You cannot take this from yourself; ask somebody else with these rights."

admin.site.unregister(Group)  # what people may do follows from their role


class PersonForm(UserChangeForm[User]):
    """Whoever edits keeps their own rights, so that somebody with these rights is always left."""

    editor: User | None = None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and self.instance == self.editor:
            before = User.objects.get(pk=self.instance.pk)
            for name in ("is_active", "is_staff", "is_superuser"):
                if getattr(before, name) and not cleaned.get(name, True):
                    self.add_error(name, KEPT)
            if is_admin(before) and cleaned.get("role", before.role) != before.role:
                self.add_error("role", KEPT)
        return cleaned


class MembershipInline(PickingAdmin, admin.TabularInline[Membership, Any]):
    model = Membership
    form = KnownRowsForm
    extra = 0
    autocomplete_fields = ["user", "team"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "team")


@admin.register(User)
class UserAdmin(PickingAdmin, DjangoUserAdmin[User]):
    """Admins hand out roles below their own, a superuser all rights; nobody raises themselves."""

    form = PersonForm
    formfield_overrides = PLAIN_DIGITS
    list_display = ["username", "first_name", "last_name", "email", "role", "in_teams", "is_active"]
    list_filter = ["role", "is_active", "teams"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ["skills"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email", "phone", "time_zone", "skills"]}),
        ("Work", {"fields": ["role", "is_active", "answers_for", "most_open", "is_staff",
                             "is_superuser"],
                  "description": "The role decides which tickets a person sees and what they may "
                                 "do. Staff status opens this admin."}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]  # fmt: skip
    add_fieldsets = [
        (None, {"classes": ["wide"],
                "fields": ["username", "email", "first_name", "last_name", "role", "time_zone",
                           "usable_password", "password1", "password2"]}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__team")

    @admin.display(description="Teams")
    def in_teams(self, user: User) -> str:
        named = (f"{row.team} (leads)" if row.is_leading else str(row.team)
                 for row in user.memberships.all())  # fmt: skip
        return ", ".join(named) or "–"

    @admin.display(description="Answers for")
    def answers_for(self, user: User) -> str:
        """What becomes of it is said before anybody saves."""
        count = leaving.answered_for(user).count()
        if not count:
            return "no open ticket"
        return (
            f"{_counted(count)}. Once {user} is not active any more, they go back to their teams "
            "unassigned, and the teams' leads are told by mail."
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change and not obj.is_active:
            leaves = "is_active" in form.changed_data
            if leaves or leaving.answered_for(obj).exists():
                self._put_back(request, obj)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        with transaction.atomic():
            self._put_back(request, obj)
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            leaving.hold(*queryset)
            for user in queryset:
                self._put_back(request, user)
            super().delete_queryset(request, queryset)

    def _put_back(self, request: HttpRequest, user: User) -> None:
        count = leaving.put_back(person=user, actor=_reader(request), now=timezone.now())
        if count:
            messages.warning(
                request,
                f"{_counted(count)} of {user} went back to their teams; the leads are told.",
            )

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[User]]:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj), *SHOWN]
        if not request.user.is_superuser:
            fields += ["is_staff", "is_superuser"]
            if not is_admin(_reader(request)) or (obj and obj.role == User.Role.ADMIN):
                fields.append("role")
        return fields

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not request.user.is_superuser:
            kwargs["choices"] = [each for each in User.Role.choices if each[0] != User.Role.ADMIN]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may edit a superuser's account (password, address) could become one."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return obj != request.user and super().has_delete_permission(request, obj)


def _counted(tickets: int) -> str:
    return f"{tickets} open ticket{'' if tickets == 1 else 's'}"


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  the admin lets nobody else in
    return request.user


class TeamForm(OneDefaultForm):
    """Refuses what would keep every ticket from everybody, and says so."""

    def clean_most_open(self) -> int | None:
        most: int | None = self.cleaned_data["most_open"]
        if most == 0:
            raise ValidationError(
                "With 0 nobody of the team would be given any ticket. Leave it empty for no "
                "limit; to share out by hand, choose «By hand» above."
            )
        return most


@admin.register(Team)
class TeamAdmin(OneDefaultAdmin, admin.ModelAdmin[Team]):
    form = TeamForm
    formfield_overrides = PLAIN_DIGITS
    list_display = ["name", "is_default", "people", "led_by", "what_it_does"]
    search_fields = ["name"]
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["name", "is_default"]}),
        ("Who gets a ticket", {"fields": ["assignment", "most_open", "without_skill"],
                               "description": "Skills are given to people, and asked for by "
                                              "categories, tags and languages under «Needed "
                                              "skills»."}),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        rows = super().get_queryset(request).annotate(size=Count("memberships"))
        return rows.prefetch_related("memberships__user")

    @admin.display(description="People", ordering="size")
    def people(self, team: Team) -> int:
        return team.size  # type: ignore[attr-defined,no-any-return]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A way to share out that has nobody to share out to is said at once."""
        super().save_related(request, form, formsets, change)
        team: Team = form.instance
        if team.assignment != Team.Assignment.NONE and not assignable(team).exists():
            messages.warning(
                request,
                f"{team} has nobody yet who takes tickets: those who lead it do not. Its tickets "
                "stay unassigned until it has.",
            )

    @admin.display(description="Who gets a ticket")
    def what_it_does(self, team: Team) -> str:
        return sentences.does(team)

    @admin.display(description="Supervisors")
    def led_by(self, team: Team) -> str:
        return (
            ", ".join(row.user.name for row in team.memberships.all() if row.is_leading) or "nobody"
        )


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin[Skill]):
    list_display = ["name"]
    search_fields = ["name"]
