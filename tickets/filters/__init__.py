"""What a queue shows: the views it is seen through, the filters that narrow it, the counts."""

from tickets.counting import Count
from tickets.filters.counting import Sight
from tickets.filters.narrowing import ME, NOBODY, TicketFilter, lists_to_choose_from
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
    "lists_to_choose_from",
    "tab_for",
]
