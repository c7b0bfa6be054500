"""Writing an article at the desk, and deciding about a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kb.models import Article
from kb.services import checked_body
from tickets.errors import Invalid, ServiceRefused
from tickets.forms.base import show, text_area


class VersionForm(forms.Form):
    """Carries the version that was read."""

    version = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput
    )

    def refuse(self, refusal: ServiceRefused, version: int | None = None) -> None:
        """Says why, and takes up ``version``, which its reader has before them from now on."""
        show(self, refusal)
        if version is not None:
            self.data = {name: self.data[name] for name in self.data} | {"version": version}


class ArticleForm(VersionForm):
    title = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"dir": "auto"}))
    body = forms.CharField(
        label="Text", widget=text_area(20),
        help_text="Markdown works. Leave out what concerns only one customer.",
    )  # fmt: skip
    audience = forms.ChoiceField(label="For whom", choices=Article.Audience.choices)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="article-%s", label_suffix="", **kwargs)

    @classmethod
    def of(cls, article: Article) -> ArticleForm:
        """As ``article`` is now; it is read with its body."""
        present = {name: getattr(article, name) for name in ("title", "audience", "version")}
        return cls(initial=present | {"body": getattr(article, "body", "") or ""})

    def clean_body(self) -> str:
        try:
            return checked_body(self.cleaned_data["body"])
        except Invalid as refusal:
            raise ValidationError(refusal.message) from None

    @property
    def words(self) -> dict[str, str]:
        """What the services are told."""
        return {name: self.cleaned_data[name] for name in ("title", "body", "audience")}


class PublishForm(VersionForm):
    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="aside-%s", label_suffix="")

    @property
    def version_read(self) -> int | None:
        """None where it is no number: then nothing was read."""
        self.is_valid()
        version: int | None = self.cleaned_data.get("version")
        return version


class SetAsideForm(PublishForm):
    reason = forms.CharField(
        label="Why it is set aside, for who proposed it", max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
