"""Moves the database of a test from one migration to another."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Upgrade:
    def to(self, *targets: tuple[str, str]) -> Any:
        """Migrates, and returns the models as they are there."""
        MigrationExecutor(connection).migrate(list(targets))
        return MigrationExecutor(connection).loader.project_state(list(targets)).apps

    def to_the_newest(self) -> None:
        self.to(*MigrationExecutor(connection).loader.graph.leaf_nodes())
