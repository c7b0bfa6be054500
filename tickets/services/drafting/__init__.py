"""Words on their way: kept on the server while they are typed, gone once they are sent."""

from tickets.services.drafting.adding import add, mark_of, take_out
from tickets.services.drafting.choosing import choose
from tickets.services.drafting.keeping import Kept, forget, keep
from tickets.services.drafting.moving import go_on, goes_on, move
from tickets.services.drafting.rows import without
from tickets.services.drafting.standing import Standing, of, seen_from

__all__ = [
    "Kept",
    "Standing",
    "add",
    "choose",
    "forget",
    "go_on",
    "goes_on",
    "keep",
    "mark_of",
    "move",
    "of",
    "seen_from",
    "take_out",
    "without",
]
