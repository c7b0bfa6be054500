"""Registers the app and hears what the outbox announces."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    label = "tickets"
    verbose_name = "Tickets"

    def ready(self) -> None:
        from tickets import events, handlers
        from tickets.live import handlers as live
        from tickets.outbox import signals

        events.recorded.connect(live.recorded, dispatch_uid="tickets.live")
        signals.locking.connect(handlers.lock_ticket, dispatch_uid="tickets.lock")
        signals.left.connect(handlers.mail_left, dispatch_uid="tickets.left")
        signals.dead.connect(handlers.mail_died, dispatch_uid="tickets.dead")
