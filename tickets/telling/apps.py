"""Registers the app and hears what happens to tickets."""

from django.apps import AppConfig


class TellingConfig(AppConfig):
    name = "tickets.telling"
    label = "telling"
    verbose_name = "Notifications"

    def ready(self) -> None:
        from tickets import events
        from tickets.telling import handlers

        events.recorded.connect(handlers.heard, dispatch_uid="telling")
