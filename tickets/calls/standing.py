"""How the call of a person stands now, in the words of bar and panel; `calling.js` says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tickets.calls.models import Call, Hold
from tickets.people.models import User

# So many seconds before the moment is over, the agent is told to go back.
IN_TIME = 10


@dataclass(frozen=True, slots=True)
class Standing:
    call: Call
    hold: Hold | None
    now: datetime

    @property
    def is_forgotten(self) -> bool:
        return self.call.is_forgotten(self.now)

    @property
    def running(self) -> str:
        return minutes((self.now - self.call.started_at).total_seconds())

    @property
    def waiting(self) -> str:
        """How long the caller has been waiting."""
        since = self.hold.started_at if self.hold else self.now
        return minutes((self.now - since).total_seconds())

    @property
    def said(self) -> int:
        """The moment the caller was told, in seconds."""
        hold = self.hold
        if hold is None or hold.back_at is None:
            return 0
        return round((hold.back_at - hold.started_at).total_seconds())

    @property
    def left(self) -> float:
        """Seconds until the agent has to go back; less than nothing where the caller waits longer."""
        back_at = self.hold.back_at if self.hold else None
        return (back_at - self.now).total_seconds() if back_at else 0.0

    @property
    def tone(self) -> str:
        return "late" if self.left < 0 else "soon" if self.left <= IN_TIME else "calm"

    @property
    def going_back(self) -> str:
        if self.left < 0:
            return f"go back: {minutes(-self.left)} over"
        if self.left <= IN_TIME:
            return f"go back now: {minutes(self.left)} left"
        return f"back in {minutes(self.left)}"


def standing(user: User, now: datetime) -> Standing | None:
    """The call ``user`` is on; None where they are on none, which every page asks and one small
    query says."""
    mine = Call.objects.of(user).under_way()
    if not mine.exists():
        return None
    call = mine.select_related("ticket", "contact").first()
    return standing_of(call, now) if call else None


def standing_of(call: Call, now: datetime) -> Standing:
    return Standing(call, call.holds.filter(ended_at=None).first(), now)


def minutes(seconds: float) -> str:
    """A length as on a telephone: 0:07, 12:04, 1:02:09."""
    whole = max(int(seconds), 0)
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{rest // 60}:{rest % 60:02}"
