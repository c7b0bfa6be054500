"""Registers the app."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "kb.offers"
    label = "offers"
    verbose_name = "Offers"
