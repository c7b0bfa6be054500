"""Registers the app and hears of merged tickets."""

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "tickets.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from tickets import events
        from tickets.calls import handlers

        events.recorded.connect(handlers.follow_merge, dispatch_uid="calls.merge")
