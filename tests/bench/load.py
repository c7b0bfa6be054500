"""A helpdesk of any size: a few hundred tickets lived through the services, then cloned in SQL.

The clones carry the true events, bindings and clocks of their originals, shifted in time, so the
replay of any of them gives what is stored.
"""

import random
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.db import connection, models
from django.test.utils import override_settings

from escalation.defaults import install_defaults
from escalation.demo.history import AT_WORK, ENDED, History, draw
from escalation.demo.people import found
from escalation.models import Binding, Clock
from kb.defaults import install_defaults as install_knowledge
from tickets.models import Message, Ticket, TicketEvent
from tickets.people.models import Contact
from tickets.references import ALPHABET

# Five words of a natural frequency, drawn by the numbers of ticket and message: z1 is in a quarter of
# all messages, z1000 in one of 2,000, z150000 in one of 400,000.
_DRAWN = "hashint8extended(clone.id * 1000 + source.id, word)::bit(32)::bigint / 4294967296.0"
_WORDS = (
    f"(SELECT string_agg('z' || floor(exp({_DRAWN} * ln(200000)))::int, ' ') "
    "FROM generate_series(1, 5) word)"
)
ORIGINALS = 300
CONTACTS = 5_000
ACTIVE_SHARE = 20  # one ticket in twenty is active, but at least this many:
ACTIVE_LEAST = 400
# A ticket's rows beside the ticket itself, and the columns that a clone leaves empty.
PARTS: dict[type[models.Model], set[str]] = {
    Message: {"mail_id"},
    TicketEvent: {"message_id"},
    Binding: set(),
    Clock: set(),
}


def load(size: int, now: datetime) -> None:
    """Fills an empty database with ``size`` tickets; one that is full already stays as it is."""
    call_command("migrate", verbosity=0)
    if Ticket.objects.exists():
        return
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        dice = random.Random(11)
        company = found(now, dice)
        install_defaults(now=now)
        install_knowledge(now=now)
        fates = draw(dice, AT_WORK | ENDED, ORIGINALS)
        History(company, now, dice).play(fates, lambda done, of: None)
    with connection.cursor() as cursor:
        _words_are_kept(cursor, False)
        # By the same rule as the clones' own: no two can be alike.
        own = _reference("id").replace("%%", "%")
        cursor.execute(f"UPDATE tickets_ticket SET reference = {own}")
        _contacts(cursor)
        active = max(size // ACTIVE_SHARE, ACTIVE_LEAST) - ORIGINALS
        _clone(cursor, "active", max(active, 0), 3600, "1 second")
        _clone(cursor, "ended", max(size - ORIGINALS - max(active, 0), 0), 60_000, "11 minutes")
        _words_are_kept(cursor, True)
        cursor.execute("ANALYZE")


def _words_are_kept(cursor: Any, are: bool) -> None:
    """Entering words row by row takes hours for a million tickets; all at once, minutes."""
    for table in ("tickets_ticket", "tickets_message"):
        cursor.execute(f"ALTER TABLE {table} {'EN' if are else 'DIS'}ABLE TRIGGER search_keep")
    if are:
        cursor.execute("SELECT search_rebuild()")


def clone_ticket(ticket: Ticket, count: int) -> None:
    """``count`` more tickets exactly like this one, due at the same instants."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE original AS SELECT %s::bigint AS id, 0::bigint AS n", [ticket.pk]
        )
        _copy_all(cursor, count, 1, "0 seconds")
        cursor.execute("DROP TABLE original")
        cursor.execute("ANALYZE")  # as autovacuum does within a minute of such a load


def _contacts(cursor: Any) -> None:
    cursor.execute(
        "INSERT INTO people_contact (name, email, phone, time_zone, notes, first_seen_at) "
        "SELECT 'Customer ' || k, 'customer' || k || '@clones.example', '', 'UTC', '', NULL "
        "FROM generate_series(1, %s) k",
        [CONTACTS],
    )


def _clone(cursor: Any, which: str, count: int, wrap: int, unit: str) -> None:
    """Clones of the active or the ended originals, shifted back by up to ``wrap`` times ``unit``."""
    if not count:
        return
    ended = which == "ended"
    chosen = "status IN ('solved', 'closed')" if ended else "status NOT IN ('solved', 'closed')"
    cursor.execute(
        "CREATE TEMP TABLE original AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n "
        f"FROM tickets_ticket WHERE {chosen} AND id <= (SELECT min(id) + %s FROM tickets_ticket)",
        [ORIGINALS - 1],
    )
    _copy_all(cursor, count, wrap, unit)
    cursor.execute("DROP TABLE original")


def _copy_all(cursor: Any, count: int, wrap: int, unit: str) -> None:
    cursor.execute("SELECT coalesce(max(id), 0) FROM tickets_ticket")
    base = cursor.fetchone()[0]
    cursor.execute(
        "CREATE TEMP TABLE clone AS SELECT %s + k AS id, original.id AS of, k, "
        "(k %% %s) * %s::interval AS shift FROM generate_series(1, %s) k "
        "JOIN original ON original.n = k %% (SELECT count(*) FROM original)",
        [base, wrap, unit, count],
    )
    cursor.execute("CREATE INDEX ON clone (of)")
    cursor.execute("ANALYZE clone")
    first = Contact.objects.filter(email="customer1@clones.example").first()
    requester = f"{first.pk} + clone.k %% {CONTACTS}" if first else None
    ticket = {"id": "clone.id", "reference": _reference("clone.id")}
    spread = {"requester_id": requester} if requester else {}
    _copy(cursor, Ticket, ticket | spread, "source.id = clone.of")
    for model, emptied in PARTS.items():
        given = dict.fromkeys(emptied, "NULL") | {"ticket_id": "clone.id"}
        if model is Message and requester:
            given["contact_id"] = (
                f"CASE WHEN source.contact_id IS NULL THEN NULL ELSE {requester} END"
            )
        if model is Message:
            given["body"] = f"source.body || ' ' || {_WORDS}"
        _copy(cursor, model, given, "source.ticket_id = clone.of")
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), max(id)) FROM tickets_ticket"
    )
    cursor.execute("DROP TABLE clone")


def _copy(cursor: Any, model: type[models.Model], given: dict[str, str], join: str) -> None:
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = field.column
        if field.primary_key and column not in given:
            continue
        columns.append(f'"{column}"')
        shifted = f'source."{column}" - clone.shift'
        plain = shifted if isinstance(field, models.DateTimeField) else f'source."{column}"'
        values.append(given.get(column, plain))
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} source JOIN clone ON {join}".replace("%%", "%")
    )


def _reference(column: str) -> str:
    """Six letters from the ticket's number, scrambled by a step that shares no factor with 29."""
    number = f"(({column}::bigint * 7919 + 104729) %% {len(ALPHABET) ** 6})"
    letters = [
        f"substr('{ALPHABET}', ({number} / {len(ALPHABET) ** place} %% {len(ALPHABET)})::int + 1, 1)"
        for place in range(6)
    ]
    return "'HD-' || " + " || ".join(letters)
