"""Scripts for the admin."""

from django.contrib import admin

from kb.scripts.models import Script
from kb.scripts.rendering import VOCABULARY, fill_in
from tickets.numerals import PLAIN_DIGITS


@admin.register(Script)
class ScriptAdmin(admin.ModelAdmin[Script]):
    formfield_overrides = PLAIN_DIGITS
    list_display = ("name", "kind", "moment_promised", "category", "reads", "active")
    list_filter = ("kind", "active")
    search_fields = ("name", "body")
    list_select_related = ("category",)

    @admin.display(description="Promises", ordering="moment")
    def moment_promised(self, script: Script) -> str:
        return f"{script.moment} s" if script.kind == Script.Kind.HOLD else "-"

    @admin.display(description="Reads, where nothing is known")
    def reads(self, script: Script) -> str:
        text = fill_in(script.body, {})
        return text if len(text) < 90 else f"{text[:87]}…"

    def get_form(self, *args: object, **kwargs: object) -> type:
        fields = ", ".join(f"{{{name}}}" for name in VOCABULARY)
        kwargs["help_texts"] = {"body": f"Fields that are filled in: {fields}"}
        return super().get_form(*args, **kwargs)  # type: ignore[arg-type]
