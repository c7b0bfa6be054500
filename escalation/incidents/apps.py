"""Registers the app; listens to what becomes of tickets and of the words on them, to undoing and to
mail that cannot be delivered."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "escalation.incidents"
    label = "incidents"
    verbose_name = "Incidents"

    def ready(self) -> None:
        from escalation.incidents import handlers
        from tickets.events import recorded, undoing
        from tickets.outbox import signals

        recorded.connect(handlers.heard, dispatch_uid="incidents")
        undoing.connect(handlers.undoing, dispatch_uid="incidents")
        signals.dead.connect(handlers.not_delivered, dispatch_uid="incidents")
        signals.returned.connect(handlers.returned, dispatch_uid="incidents")
