"""What several admins share: rows picked by autocomplete, and the one row that is the default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse

OVERTAKEN = "Somebody else has just marked «{}». Mark this one all the same, or leave it as it is."
LAST = "Something has to be the default. Mark another one instead, and this one stops being it."


class Picker(AutocompleteSelect):
    """Draws what was sent back also where no row can have such a number, and asks for no known row."""

    known: models.Model | None = None

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> Any:
        numbers = [each for each in value if _may_be_a_key(str(each))]
        if self.known is None or numbers != [str(self.known.pk)]:
            return super().optgroups(name, numbers, attrs)
        label = str(self.known)
        options = [self.create_option(name, numbers[0], label, True, 1, attrs=attrs)]
        if not self.is_required:
            options.insert(0, self.create_option(name, "", "", False, 0))
        return [(None, options, 0)]


class Picked(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row by its number, in the digits 0 to 9."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value not in self.empty_values and not _may_be_a_key(value):
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice",
                params={"value": value[:40]},
            )  # fmt: skip
        return super().to_python(value)


class PickedSeveral(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows by their numbers, each in the digits 0 to 9."""

    def clean(self, value: Any) -> Any:
        for each in value if isinstance(value, list | tuple) else ():
            if not _may_be_a_key(str(each)):
                raise ValidationError(
                    self.error_messages["invalid_pk_value"], code="invalid_pk_value",
                    params={"pk": str(each)[:40]},
                )  # fmt: skip
        return super().clean(value)


class PickingAdmin:
    """For an admin or an inline with ``autocomplete_fields`` or several rows to choose; before
    Django's own class."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            site = self.admin_site  # type: ignore[attr-defined]
            kwargs.setdefault("widget", Picker(db_field, site, using=kwargs.get("using")))
            kwargs.setdefault("form_class", Picked)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("form_class", PickedSeveral)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class KnownRowsForm(forms.ModelForm[Any]):
    """A row of an inline: what was loaded along with it is not asked for once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            picker = getattr(field.widget, "widget", field.widget)
            if self.instance.pk and isinstance(picker, Picker):
                picker.known = getattr(self.instance, name)


class ConflictsInWords:
    """For an admin that two people may save at one moment; before Django's own class.

    What only the database could refuse, because the other row came while this one was checked, is
    checked once more: now the form sees it and says so at its field.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        show = super().changeform_view  # type: ignore[misc]
        try:
            answer: HttpResponse = show(request, *args, **kwargs)
        except IntegrityError:
            request.was_overtaken = True  # type: ignore[attr-defined]
            answer = show(request, *args, **kwargs)
        return answer


class OneDefaultForm(forms.ModelForm[Any]):
    """Marking one takes the mark from the other; the last mark is not taken away."""

    # Somebody else has marked another one in this very moment.
    was_overtaken = False

    def clean_is_default(self) -> bool:
        wanted = bool(self.cleaned_data["is_default"])
        if wanted and self.was_overtaken and (other := self._marked()):
            raise ValidationError(OVERTAKEN.format(other))
        rows = type(self.instance)._default_manager.filter(pk=self.instance.pk, is_default=True)
        if not wanted and self.instance.pk and rows.exists():
            raise ValidationError(LAST)
        return wanted

    def _marked(self) -> models.Model | None:
        rows = type(self.instance)._default_manager.filter(is_default=True)
        found: models.Model | None = rows.exclude(pk=self.instance.pk).first()
        return found

    def _get_validation_exclusions(self) -> set[str]:
        """The other mark is taken away when this one is saved: now there may be two."""
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]


class OneDefaultAdmin(ConflictsInWords):
    """For an admin whose rows have ``is_default``; before Django's own class."""

    form: Any = OneDefaultForm

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)  # type: ignore[misc]
        form.was_overtaken = getattr(request, "was_overtaken", False)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.is_default:
            others = type(obj)._default_manager.filter(is_default=True).exclude(pk=obj.pk)
            others.update(is_default=False)
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return allowed and not (obj is not None and obj.is_default)


def _may_be_a_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
