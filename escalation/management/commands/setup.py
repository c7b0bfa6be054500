"""Gives an installation its default schedules, paths and rules, and what everyone should know."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from escalation.defaults import install_defaults
from escalation.incidents.defaults import install_defaults as install_severities
from kb.defaults import install_defaults as install_knowledge


class Command(BaseCommand):
    help = (
        "Adds the default calendars, schedules, paths, rules, articles, scripts and offers that are "
        "missing, and when incidents get worse where nothing says so; changes none."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with transaction.atomic():
            install_defaults(now=now)
            install_severities()
            install_knowledge(now=now)
        self.stdout.write("The defaults are in place; change them in the admin.")
