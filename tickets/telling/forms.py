"""How somebody wants to be told: of each kind of thing, on the desk and by mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from tickets.people.models import User
from tickets.telling.models import ALWAYS_MAILED, MAILED_AT_ONCE, NotificationKind, Preference

WAYS = {"on_desk": "on the desk", "by_mail": "by mail"}


class PreferencesForm(forms.Form):
    """Two boxes for each kind; what is always mailed has one."""

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data, label_suffix="", auto_id="told-%s")
        said = {row.kind: row for row in Preference.objects.filter(person=person)}
        for kind in NotificationKind:
            for way, words in WAYS.items():
                box = forms.BooleanField(
                    required=False, label=f"{kind.label}: {words}",
                    initial=getattr(said.get(kind), way, True),
                )  # fmt: skip
                if way == "by_mail" and kind in ALWAYS_MAILED:
                    continue
                self.fields[f"{way}-{kind}"] = box

    def lines(self) -> Iterator[dict[str, Any]]:
        for kind in NotificationKind:
            always = kind in ALWAYS_MAILED
            yield {
                "label": kind.label,
                "on_desk": self[f"on_desk-{kind}"],
                "by_mail": None if always else self[f"by_mail-{kind}"],
                "at_once": kind in MAILED_AT_ONCE,
            }

    def wanted(self) -> dict[str, tuple[bool, bool]]:
        """Of each kind: on the desk, by mail."""
        said = self.cleaned_data
        return {
            kind.value: (said[f"on_desk-{kind}"], said.get(f"by_mail-{kind}", True))
            for kind in NotificationKind
        }
