"""The database brought up to date before a single process serves it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tickets.outbox.turns import turn

NUMBER = 0x68656C70  # of the lock, for PostgreSQL
AGAIN = 0.2  # seconds


def bring_up_to_date() -> None:
    """Migrates where something is left to do, in a process of its own: what migrations hold in memory,
    some thirty megabytes, goes with it. Raises CommandError; what went wrong it has said.

    A fork would begin sooner, but would keep the port of a parent that was killed meanwhile. Of two
    that are started at once, or where one that was killed has left its migrations at work, the second
    waits.
    """
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    connections.close_all()
    if subprocess.run([sys.executable, "-m", __name__], cwd=settings.BASE_DIR).returncode:  # noqa: S603  our own
        raise CommandError("The database could not be brought up to date.")


def main() -> None:
    """``python -m escalation.upgrading``, with DJANGO_SETTINGS_MODULE set: what is left to do."""
    django.setup()
    with alone():
        upgrade() if MigrationExecutor(connection).loader.applied_migrations else begin()


@contextmanager
def alone() -> Iterator[None]:
    """One at a time on a database, until the process ends, however it does; the others wait."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBER])
        yield
        return
    while True:
        with turn(Path(f"{connection.settings_dict['NAME']}.upgrade")) as is_ours:
            if is_ours:
                yield
                return
        time.sleep(AGAIN)


def upgrade() -> None:
    """Every migration that is left, as ``manage.py migrate`` takes them."""
    call_command("migrate", verbosity=0)


def begin() -> None:
    """Every migration on an empty database, five times as fast as ``manage.py migrate``; what comes out
    is the same."""
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    state = executor.migrate(targets, plan, state=Sketch(real_apps=executor.loader.unmigrated_apps))
    state.clear_delayed_apps_cache()
    emit_post_migrate_signal(0, False, connection.alias, apps=state.apps, plan=plan)


class Sketch(ProjectState):
    """Models on the way to the newest, of which each step draws only its own anew.

    Django draws everything besides that hangs together with it, here nearly all models, so that what
    points to a model always points to its newest form. Tables need no more than its name, and
    migrations that read rows get all models drawn whole, as ``is_delayed`` promises them.
    """

    def _find_reload_model(
        self, app_label: str, model_name: str, delay: bool = False
    ) -> set[tuple[str, str]]:
        self.is_delayed = True
        return {(app_label, model_name)}


if __name__ == "__main__":
    main()
