"""Registers the app and hears what happens to tickets."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "tickets.routing"
    label = "routing"
    verbose_name = "Who gets which ticket"

    def ready(self) -> None:
        from tickets import events
        from tickets.routing import handlers

        # After the upper floors, whose apps come first: rules may choose team or person before.
        events.recorded.connect(handlers.heard, dispatch_uid="routing")
