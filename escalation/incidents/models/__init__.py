"""Incidents: what broke, whom it touches, what was said of it and to whom."""

from escalation.incidents.models.affected import AffectedTicket, Telling
from escalation.incidents.models.components import Component
from escalation.incidents.models.incidents import ANSWERS, Incident, Update
from escalation.incidents.models.rules import RaisedSeverity, SeverityRule
from escalation.incidents.models.severities import Severity
from escalation.incidents.models.subscribers import Notification, Subscriber

__all__ = [
    "ANSWERS",
    "AffectedTicket",
    "Component",
    "Incident",
    "Notification",
    "RaisedSeverity",
    "Severity",
    "SeverityRule",
    "Subscriber",
    "Telling",
    "Update",
]
