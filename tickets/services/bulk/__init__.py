"""One change of many tickets: foreseen, done, and undone; one name for callers."""

from tickets.services.bulk.doing import MOST, carry_out
from tickets.services.bulk.foreseeing import Change, Outlook, Wanted, foresee
from tickets.services.bulk.undoing import UNDO_FOR, undo
from tickets.services.bulk.wording import sentence

__all__ = [
    "MOST",
    "UNDO_FOR",
    "Change",
    "Outlook",
    "Wanted",
    "carry_out",
    "foresee",
    "sentence",
    "undo",
]
