"""Offers: what may be offered here, granting it once, asking above one's authority, reversing it."""

from kb.offers.services.choosing import Option, approvable, available, limit_of, reasons_for
from kb.offers.services.deciding import approve, refuse
from kb.offers.services.granting import grant, request_approval
from kb.offers.services.knowing import say_told
from kb.offers.services.reaching import Reach, with_reach
from kb.offers.services.reversing import reverse
from kb.offers.services.sharing import left_of
from kb.offers.services.wording import into_the_reply

__all__ = [
    "Option",
    "Reach",
    "approvable",
    "approve",
    "available",
    "grant",
    "into_the_reply",
    "left_of",
    "limit_of",
    "reasons_for",
    "refuse",
    "request_approval",
    "reverse",
    "say_told",
    "with_reach",
]
