"""One change of many tickets: foreseen, done, and undone; one name for callers."""

from tickets.services.bulk.consequences import Beside, beside
from tickets.services.bulk.doing import (
    BUSY_FOR,
    MOST,
    UNDO_FOR,
    UNSEEN,
    begin,
    carry_out,
    leave_alone,
)
from tickets.services.bulk.foreseeing import Outlook, foresee
from tickets.services.bulk.going_on import Unfinished, go_on, how_far, leave_it, unfinished
from tickets.services.bulk.undoing import undo
from tickets.services.bulk.wording import Change, Wanted, sentence

__all__ = [
    "BUSY_FOR",
    "MOST",
    "UNDO_FOR",
    "UNSEEN",
    "Beside",
    "Change",
    "Outlook",
    "Unfinished",
    "Wanted",
    "begin",
    "beside",
    "carry_out",
    "foresee",
    "go_on",
    "how_far",
    "leave_alone",
    "leave_it",
    "sentence",
    "undo",
    "unfinished",
]
