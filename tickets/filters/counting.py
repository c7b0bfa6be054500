"""How many tickets each view of the queue shows, at a cost that does not grow with their number.

Counting stops at a limit, and a number that was stopped says so: «999+».
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tickets.counting import Capped, Count
from tickets.filters.tabs import TABS, Tab
from tickets.people.models import User
from tickets.querysets import TicketQuerySet

MOST = 999


class Sight:
    """What a reader sees, looked up once for however many views."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._found: dict[Callable[[User], TicketQuerySet], TicketQuerySet] = {}

    def of(self, tab: Tab) -> TicketQuerySet:
        """What the tab shows to this reader."""
        if tab.whose not in self._found:
            self._found[tab.whose] = tab.whose(self.user)
        return tab.narrow(self._found[tab.whose])

    def counts(self, others: Mapping[str, TicketQuerySet]) -> dict[str, Count]:
        """Every tab that is counted, by its key, and the others by theirs; all in one query."""
        counted = [tab for tab in TABS if tab.is_counted]
        asked = {tab.key: self.of(tab).order_by(*tab.walk) for tab in counted} | dict(others)
        numbers = (Capped(tickets, MOST) for tickets in asked.values())
        row = User.objects.order_by().filter(pk=self.user.pk).values_list(*numbers).get()
        # Where the reader cannot see any, the database is not even asked, and says nothing.
        return {key: Count(number or 0, MOST) for key, number in zip(asked, row, strict=True)}
