"""SQLite's word lists: FTS5 tables kept by triggers, made again whenever a migration dropped them.

Django alters a table of SQLite by building it anew, which silently drops its triggers; so they are
looked for after every migration. The lists hold no text, only which words stand in which row.
"""

from typing import Any

from django.db import DatabaseError, connections, transaction

_MAKE = """CREATE VIRTUAL TABLE {name} USING fts5(
    said, content = '', tokenize = "unicode61 remove_diacritics 2"
)"""
# List → the table it is made of, what is entered of a row, and which rows are.
_HEADS = {
    "name": "searching_heads",
    "source": "tickets_ticket",
    "columns": "subject, reference",
    "new": "SELECT NEW.id, NEW.subject || ' ' || NEW.reference",
    "old": "SELECT 'delete', OLD.id, OLD.subject || ' ' || OLD.reference",
    "all": "SELECT id, subject || ' ' || reference FROM tickets_ticket",
}
_MESSAGES = {
    "name": "searching_messages",
    "source": "tickets_message",
    "columns": "body, kind",
    "new": "SELECT NEW.id, NEW.body WHERE NEW.kind <> 'automatic'",
    "old": "SELECT 'delete', OLD.id, OLD.body WHERE OLD.kind <> 'automatic'",
    "all": "SELECT id, body FROM tickets_message WHERE kind <> 'automatic'",
}
_ENTER = "INSERT INTO {name} (rowid, said) {new};"
# A list without text must be told what it forgets.
_FORGET = "INSERT INTO {name} ({name}, rowid, said) {old};"
_FILLING = (
    "INSERT INTO {name} (rowid, said) {all}",
    f"CREATE TRIGGER {{name}}_new AFTER INSERT ON {{source}} BEGIN {_ENTER} END",
    f"CREATE TRIGGER {{name}}_gone AFTER DELETE ON {{source}} BEGIN {_FORGET} END",
    "CREATE TRIGGER {name}_changed AFTER UPDATE OF {columns} ON {source} "
    f"BEGIN {_FORGET} {_ENTER} END",
)
_TRIGGERS = ("new", "gone", "changed")


def after_migrating(using: str, **_: Any) -> None:
    """Receiver of post_migrate: on SQLite, makes what is missing and fills it."""
    connection = connections[using]
    if connection.vendor == "sqlite" and not has_lists(connection):
        make(connection)


def has_lists(connection: Any) -> bool:
    """Whether the words are kept here: both lists with all their triggers."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'searching%%'",
            [],
        )
        return bool(cursor.fetchone()[0] == 2 * len(_TRIGGERS))


def make(connection: Any) -> None:
    """Makes and fills the lists. A SQLite without FTS5 has none; then words are looked for plainly."""
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for words in (_HEADS, _MESSAGES):
                for each in _TRIGGERS:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {words['name']}_{each}")
                cursor.execute(f"DROP TABLE IF EXISTS {words['name']}")
                for statement in (_MAKE, *_FILLING):
                    cursor.execute(statement.format(**words))
    except DatabaseError as problem:
        if "fts5" not in str(problem):
            raise
