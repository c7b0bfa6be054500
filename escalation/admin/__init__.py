"""The admin of this floor: everything configurable, in sentences, with errors that explain."""

from escalation.admin.calendars import CalendarAdmin
from escalation.admin.duty import TeamHoursAdmin
from escalation.admin.paths import PathAdmin
from escalation.admin.policies import PolicyAdmin
from escalation.admin.rules import RuleAdmin
from escalation.admin.running import ClockAdmin, EscalationAdmin

__all__ = [
    "CalendarAdmin",
    "ClockAdmin",
    "EscalationAdmin",
    "PathAdmin",
    "PolicyAdmin",
    "RuleAdmin",
    "TeamHoursAdmin",
]
