"""Scripts for the admin."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from kb.scripts.forms import FIELDS
from kb.scripts.models import Macro, Script, Template
from kb.scripts.rendering import fill_in
from tickets.configuring import PickingAdmin
from tickets.numerals import PLAIN_DIGITS


@admin.register(Script)
class ScriptAdmin(PickingAdmin, admin.ModelAdmin[Script]):
    formfield_overrides = PLAIN_DIGITS
    autocomplete_fields = ("owner",)
    list_display = ("name", "kind", "owner", "moment_promised", "category", "reads", "active")
    list_filter = ("kind", "active", ("owner", admin.EmptyFieldListFilter))
    search_fields = ("name", "body")
    list_select_related = ("category", "owner")

    @admin.display(description="Promises", ordering="moment")
    def moment_promised(self, script: Script) -> str:
        return f"{script.moment} s" if script.kind == Script.Kind.HOLD else "-"

    @admin.display(description="Reads, where nothing is known")
    def reads(self, script: Script) -> str:
        text = fill_in(script.body, {})
        return text if len(text) < 90 else f"{text[:87]}…"

    def get_form(
        self, request: HttpRequest, obj: Script | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Script]]:
        kwargs["help_texts"] = {"body": f"Fields that are filled in: {FIELDS}"}
        return super().get_form(request, obj, change, **kwargs)


@admin.register(Macro)
class MacroAdmin(admin.ModelAdmin[Macro]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "writes", "changes_what", "only_for", "active", "order")
    list_filter = ("active", "only_for")
    search_fields = ("name", "words")
    list_select_related = ("only_for", "category")
    fieldsets = (
        (None, {"fields": (("name", "active", "order"), "only_for")}),
        ("It writes", {"fields": ("words",)}),
        ("It changes", {"fields": ("takes", "category", "priority", "tags", "status")}),
    )

    @admin.display(description="Writes")
    def writes(self, macro: Macro) -> str:
        text = " ".join(macro.words.split())
        return text if len(text) < 90 else f"{text[:87]}…"

    @admin.display(description="Changes")
    def changes_what(self, macro: Macro) -> str:
        return "; ".join(macro.does) or "nothing"

    def get_form(
        self, request: HttpRequest, obj: Macro | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[Macro]]:
        kwargs["help_texts"] = {"words": f"Fields that are filled in: {FIELDS}"}
        return super().get_form(request, obj, change, **kwargs)


@admin.register(Template)
class TemplateAdmin(admin.ModelAdmin[Template]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "what_it_fills", "active", "order")
    list_filter = ("active",)
    search_fields = ("name", "subject", "body")
    list_select_related = ("category", "team")
    fieldsets = (
        (None, {"fields": (("name", "active", "order"),)}),
        ("It fills in", {"fields": ("subject", "body", "category", "team", "priority", "tags")}),
    )

    @admin.display(description="Fills in")
    def what_it_fills(self, template: Template) -> str:
        return "; ".join(template.fills)
