"""Registers the app."""

from django.apps import AppConfig


class ScriptsConfig(AppConfig):
    name = "kb.scripts"
    label = "scripts"
    verbose_name = "Scripts"
