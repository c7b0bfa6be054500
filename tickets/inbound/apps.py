"""Registers the app."""

from django.apps import AppConfig


class InboundConfig(AppConfig):
    name = "tickets.inbound"
    label = "inbound"
    verbose_name = "Incoming mail"
