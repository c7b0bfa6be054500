"""What an agent types to offer something."""

import uuid
from typing import Any

from django import forms

from kb.offers.models import Offer
from tickets.numerals import PlainDecimal


class OfferForm(forms.Form):
    """An amount of one offer. ``key`` makes a second click the same request."""

    offer = forms.ModelChoiceField(Offer.objects.filter(active=True), widget=forms.HiddenInput)
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)
    amount = PlainDecimal(max_digits=12, decimal_places=2)
    reason = forms.CharField(max_length=200, required=False, label="Why (for the approver)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("key", uuid.uuid4().hex)
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, required=False)
