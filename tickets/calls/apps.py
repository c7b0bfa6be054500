"""Registers the app and hears of merged tickets and of who leaves."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "tickets.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from tickets import events
        from tickets.calls import handlers
        from tickets.services import leaving

        events.recorded.connect(handlers.follow_merge, dispatch_uid="calls.merge")
        leaving.left.connect(handlers.hang_up, dispatch_uid="calls.left")
