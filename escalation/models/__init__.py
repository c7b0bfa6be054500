"""The rows behind the clocks: calendars, schedules, paths, rules, and what they did to tickets."""

from escalation.models.calendars import (
    Calendar,
    CalendarException,
    CalendarVersion,
    OpeningHours,
    TeamHours,
)
from escalation.models.clocks import Binding, Clock, ClockStep
from escalation.models.escalations import Escalation, EscalationStep
from escalation.models.paths import Path, PathVersion, Step
from escalation.models.policies import Policy, PolicyVersion, Target
from escalation.models.pulse import Pulse, Revision
from escalation.models.rules import Action, Condition, Firing, Rule

__all__ = [
    "Action",
    "Binding",
    "Calendar",
    "CalendarException",
    "CalendarVersion",
    "Clock",
    "ClockStep",
    "Condition",
    "Escalation",
    "EscalationStep",
    "Firing",
    "OpeningHours",
    "Path",
    "PathVersion",
    "Policy",
    "PolicyVersion",
    "Pulse",
    "Revision",
    "Rule",
    "Step",
    "Target",
    "TeamHours",
]
