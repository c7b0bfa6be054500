"""Registers the app and listens to what happens on tickets."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "kb.offers"
    label = "offers"
    verbose_name = "Offers"

    def ready(self) -> None:
        from kb.offers.handlers import heard
        from tickets.events import recorded

        recorded.connect(heard, dispatch_uid="offers")
