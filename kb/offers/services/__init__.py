"""Offers: what may be offered here, granting it once, asking above one's authority, taking it back."""

from kb.offers.services.choosing import Option, approvable, available
from kb.offers.services.deciding import approve, refuse
from kb.offers.services.granting import grant, request_approval
from kb.offers.services.reversing import reverse

__all__ = [
    "Option",
    "approvable",
    "approve",
    "available",
    "grant",
    "refuse",
    "request_approval",
    "reverse",
]
