"""The form of an agent's own script: checked as the admin checks those of all."""

from __future__ import annotations

from typing import Any

from django import forms

from kb.scripts.models import Script
from kb.scripts.rendering import OF_OFFERS, VOCABULARY
from tickets.errors import ServiceRefused
from tickets.forms.base import show, text_area
from tickets.models import Category
from tickets.numerals import PlainInteger
from tickets.words import shown

FIELDS = ", ".join(f"{{{name}}}" for name in VOCABULARY if name not in OF_OFFERS)


class OwnScriptForm(forms.ModelForm[Script]):
    """``script`` is a new one of its owner's, or the one that they change."""

    moment = PlainInteger(
        label="Seconds promised", min_value=5, max_value=1800, required=False,
        help_text="For putting somebody on hold; {moment} says it in words.",
    )  # fmt: skip

    class Meta:
        model = Script
        fields = ["name", "kind", "category", "body", "moment"]
        labels = {"kind": "For", "category": "Only for tickets of", "body": "Words"}
        help_texts = {"body": f"Fields that are filled in: {FIELDS}", "category": ""}
        widgets = {"body": text_area(8), "name": forms.TextInput(attrs={"dir": "auto"})}

    def __init__(self, data: Any = None, *, script: Script, **kwargs: Any) -> None:
        super().__init__(
            data, instance=script, auto_id="own-%s", label_suffix="",
            **{"initial": {"kind": Script.Kind.REPLY}} | kwargs,
        )  # fmt: skip
        every = [(each.pk, shown(each.name)) for each in Category.objects.order_by("name", "pk")]
        self.fields["category"].choices = [("", "every category"), *every]  # type: ignore[attr-defined]

    def clean_moment(self) -> int:
        usual: int = Script._meta.get_field("moment").get_default()
        return self.cleaned_data["moment"] or usual

    def refuse(self, refusal: ServiceRefused) -> None:
        show(self, refusal)

    def _get_validation_exclusions(self) -> set[str]:
        """The owner is no field here, yet of one owner's scripts no two have one name."""
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return left_out - {"owner"}
