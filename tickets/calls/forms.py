"""What an agent says of a call that has just ended."""

from django import forms

from tickets.calls.models import Call
from tickets.forms import DeskForm, text_area
from tickets.numerals import PlainInteger


class CallForm(DeskForm):
    key = "call"
    direction = forms.ChoiceField(
        choices=Call.Direction.choices, initial=Call.Direction.OUTBOUND, label="Who called"
    )
    outcome = forms.ChoiceField(
        choices=Call.Outcome.choices, initial=Call.Outcome.REACHED, label="How it ended"
    )
    minutes = PlainInteger(
        min_value=0, max_value=24 * 60, initial=5, label="Minutes it lasted",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 4}),
    )  # fmt: skip
    summary = forms.CharField(
        label="What was said", max_length=10_000, required=False, widget=text_area(3),
    )  # fmt: skip
