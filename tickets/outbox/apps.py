"""Registers the app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "tickets.outbox"
    label = "outbox"
    verbose_name = "Outgoing mail"
