"""Registers the app and listens to what happens on tickets."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "kb.offers"
    label = "offers"
    verbose_name = "Offers"

    def ready(self) -> None:
        from kb.offers import handlers
        from tickets.events import recorded, saying
        from tickets.services import leaving

        recorded.connect(handlers.heard, dispatch_uid="offers")
        saying.connect(handlers.said, dispatch_uid="offers")
        leaving.holding.connect(handlers.held, dispatch_uid="offers")
        leaving.left.connect(handlers.left, dispatch_uid="offers")
