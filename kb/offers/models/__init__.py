"""What may be offered to an unhappy customer, in which situation, by whose authority; the ledger."""

from kb.offers.models.granted import LIVING, Budget, Grant, LedgerEntry, OrderShare
from kb.offers.models.offered import Authority, Offer, Situation

__all__ = [
    "LIVING",
    "Authority",
    "Budget",
    "Grant",
    "LedgerEntry",
    "Offer",
    "OrderShare",
    "Situation",
]
