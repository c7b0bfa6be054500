"""What a queue shows: the views it is seen through, the filters that narrow it, the counts."""

from tickets.counting import Count
from tickets.filters.counting import Sight
from tickets.filters.narrowing import ME, NOBODY, TicketFilter
from tickets.filters.tabs import BY_KEY, TABS, Tab, tab_for

__all__ = [
    "BY_KEY",
    "ME",
    "NOBODY",
    "TABS",
    "Count",
    "Sight",
    "Tab",
    "TicketFilter",
    "tab_for",
]
