"""Gives an installation its default schedules, paths and rules."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from escalation.defaults import install_defaults


class Command(BaseCommand):
    help = "Adds the default calendars, schedules, paths and rules that are missing; changes none."

    def handle(self, *args: Any, **options: Any) -> None:
        install_defaults(now=timezone.now())
        self.stdout.write("The defaults are in place; change them in the admin.")
