"""Registers the app and listens to what happens on tickets."""

from django.apps import AppConfig


class EscalationConfig(AppConfig):
    name = "escalation"
    label = "escalation"
    verbose_name = "Response schedules and escalation"

    def ready(self) -> None:
        from django.contrib.admin.models import LogEntry
        from django.db.models.signals import post_save

        from escalation import duty
        from escalation import leaving as ours
        from escalation.handlers import heard
        from escalation.learning import entered, moved
        from tickets.events import recorded
        from tickets.routing.signals import on_duty
        from tickets.services import customers, leaving

        recorded.connect(heard, dispatch_uid="escalation")
        leaving.holding.connect(ours.held, dispatch_uid="escalation")
        leaving.left.connect(ours.left, dispatch_uid="escalation")
        customers.moved.connect(moved, dispatch_uid="escalation")
        on_duty.connect(duty.closed, dispatch_uid="escalation")
        post_save.connect(entered, sender=LogEntry, dispatch_uid="escalation")
