"""Registers the app and listens to what happens on tickets."""

from django.apps import AppConfig


class EscalationConfig(AppConfig):
    name = "escalation"
    label = "escalation"
    verbose_name = "Response schedules and escalation"

    def ready(self) -> None:
        from escalation.handlers import heard
        from tickets.events import recorded

        recorded.connect(heard, dispatch_uid="escalation")
