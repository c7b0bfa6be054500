"""When incidents get worse by themselves in a new installation."""

from escalation.incidents.models import Severity, SeverityRule

Measure = SeverityRule.Measure
RULES = (
    (Measure.TICKETS, 10, Severity.MAJOR),
    (Measure.LATE, 3, Severity.MAJOR),
    (Measure.CUSTOMERS, 50, Severity.CRITICAL),
)


def install_defaults() -> None:
    """Adds the rules where there is none at all; what somebody made of them stays."""
    if not SeverityRule.objects.exists():
        for measure, at_least, severity in RULES:
            SeverityRule.objects.create(measure=measure, at_least=at_least, severity=severity)
