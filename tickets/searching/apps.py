"""Registers the app; on SQLite its word lists are looked after whenever the schema has moved."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SearchingConfig(AppConfig):
    name = "tickets.searching"
    label = "searching"
    verbose_name = "Search"

    def ready(self) -> None:
        from tickets.searching import word_lists

        # An app without models is not told of migrations; that of the tickets is.
        post_migrate.connect(
            word_lists.after_migrating,
            sender=apps.get_app_config("tickets"),
            dispatch_uid="word lists",
        )
