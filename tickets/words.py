"""Instants, spans and clocks in the words a reader sees; pure. `ticking.js` says the same words."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Until then a weekday is no other week's, and a month no other year's.
DAYS_OF_A_WEEK, DAYS_OF_MONTHS = 7, 300
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

METRICS = {
    "first_reply": "first reply",
    "next_reply": "next reply",
    "update": "update",
    "resolution": "resolution",
    "callback": "callback",
    "expert_answer": "expert's answer",
}

# Control characters, and those that turn the reading direction or hide: nothing a name needs.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]"
)


# What prints nothing of its own: a text of these alone looks empty.
_BLANK = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
# What turns the rest of a line around, or hides in it; joiners stay, which letters and emoji need.
_TURNING = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing at all."""
    return not _BLANK.sub("", text).strip()


def straight(text: str) -> str:
    """A line as it is kept: nothing invisible in it turns or hides what stands around it."""
    return _TURNING.sub("", text)


def shown(text: str) -> str:
    """``text`` without control characters or direction overrides; still to be escaped."""
    return _UNSHOWN.sub("", text.replace("\r\n", "\n"))


def span(length: timedelta) -> str:
    """A length of time, rounded down: 45 s, 12 min, 2 h 10 min, 31 h, 5 days."""
    length = abs(length)
    if length < MINUTE:
        return f"{length.seconds} s"
    if length < HOUR:
        return f"{length // MINUTE} min"
    if length < 10 * HOUR:
        minutes = (length % HOUR) // MINUTE
        return f"{length // HOUR} h {minutes} min" if minutes else f"{length // HOUR} h"
    if length < 2 * DAY:
        return f"{length // HOUR} h"
    return f"{length // DAY} days"


def open_span(length: timedelta) -> str:
    """The same of open hours, which are never days."""
    return f"{length // HOUR} h" if length >= 10 * HOUR else span(length)


def ago(at: datetime, now: datetime) -> str:
    """How long ago ``at`` was; the last ten seconds are «just now»."""
    passed = now - at
    if passed < timedelta(seconds=10):
        return "just now"
    return f"{passed // HOUR} h ago" if HOUR <= passed < 2 * DAY else f"{span(passed)} ago"


def day(local: datetime, now: datetime) -> str:
    """When something was: «Tue 14:02» within the last six days, «3 Mar 2026» before."""
    if now - local < 6 * DAY:
        return f"{local:%a %H:%M}"
    return f"{local.day} {local:%b %Y}"


def until(at: datetime, now: datetime) -> str:
    """The wait until ``at`` as a countdown: in 12:04, in 1:02:09, or any moment."""
    left = int((at - now).total_seconds())
    if left <= 0:
        return "any moment"
    hours, rest = divmod(left, 3600)
    clock = f"{rest // 60:02}:{rest % 60:02}"
    return f"in {hours}:{clock}" if hours else f"in {clock}"


def exactly(local: datetime) -> str:
    """«Mon 9 Mar 2026, 09:30 EDT»: an instant in the reader's zone that can be read alone."""
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


def day_and_time(local: datetime, today: date) -> str:
    """As short as it can be told from all others: 16:00, Mon 09:00, 9 Mar 09:00, 9 Mar 2027."""
    days = (local.date() - today).days
    if 0 <= days < DAYS_OF_A_WEEK:
        return f"{local:%a %H:%M}" if days else f"{local:%H:%M}"
    when = f"{local.day} {local:%b}"
    return f"{when} {local:%H:%M}" if abs(days) < DAYS_OF_MONTHS else f"{when} {local.year}"


def leaves(kind: str, local: datetime, now: datetime) -> str:
    """«reply leaves 10:40»: when words that wait leave, in the reader's zone."""
    what = "progress line" if kind == "progress" else "reply"
    if local <= now:
        return f"{what} on its way"
    day = (
        ""
        if local.date() == now.astimezone(local.tzinfo).date()
        else f"{local:%a} {local.day} {local:%b}, "
    )
    return f"{what} leaves {day}{local:%H:%M}"


def out_until(local: datetime) -> str:
    """What stands beside the name of somebody who is out, in the reader's zone."""
    return f"out until {local:%a} {local.day} {local:%b}, {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class Badge:
    """What a clock badge says; ``due_at`` is set where the words move on with time."""

    tone: str
    text: str
    due_at: datetime | None = None
    name: str = ""


NO_DEADLINE = Badge("none", "no deadline")
_PAUSED = {
    "pending": Badge("paused", "paused: waiting for customer"),
    "on_hold": Badge("paused", "paused: on hold"),
}
OWED = "callback"
_DONE = {"solved": Badge("none", "solved"), "closed": Badge("none", "closed")}


def clock_badge(
    *, status: str, due_at: datetime | None, metric: str, is_paused: bool, now: datetime
) -> Badge:
    """The badge of a ticket's next deadline: late, soon (within the hour), calm, paused or none.

    Of what is solved or closed only a call that was promised is still owed.
    """
    if status in _DONE and (due_at is None or metric != OWED):
        return _DONE[status]
    if due_at is None:
        paused = _PAUSED.get(status, Badge("paused", "paused"))
        return paused if is_paused else NO_DEADLINE
    name = METRICS.get(metric, metric.replace("_", " "))
    left = due_at - now
    if left < timedelta(0):
        return Badge("late", f"{name} late by {span(left)}".strip(), due_at, name)
    tone = "soon" if left < HOUR else "calm"
    return Badge(tone, f"{name} due in {span(left)}".strip(), due_at, name)
