"""The ticket row first, and never two of them out of order: what merges move is followed, not held."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, connections, transaction

from tests.factories import at_once, customer_writes, kinds, ticket
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)


def is_free(one: Ticket) -> bool:
    """Whether somebody else could lock the row now."""

    def try_it() -> bool:
        with transaction.atomic():
            Ticket.objects.select_for_update(nowait=True).get(pk=one.pk)
        return True

    (outcome,) = at_once(try_it)
    assert outcome is True or isinstance(outcome, OperationalError)
    return outcome is True


@contextmanager
def meanwhile(deed: Callable[[], object], then: Callable[[], object] = bool) -> Iterator[None]:
    """``deed`` runs in a thread and waits for a row of this transaction; it goes on after commit.

    ``then`` is done in this transaction while it waits.
    """
    at_once(lambda: None)  # only where rows have locks
    thread = threading.Thread(target=lambda: (deed(), connections.close_all()))
    with transaction.atomic():
        yield
        thread.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        with connection.cursor() as cursor:
            for _ in range(20_000):
                cursor.execute(waiting)
                if cursor.fetchone()[0] or not thread.is_alive():
                    break
        then()
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.fixture
def merged(cast: SimpleNamespace, now: datetime) -> tuple[Ticket, Ticket]:
    """A ticket that was merged into an older one."""
    target, source = ticket(cast, now), ticket(cast, now)
    triage.merge(source=source, target=target, actor=None, now=now)
    return source, target


def test_a_message_to_a_merged_ticket_holds_only_the_one_it_goes_to(
    now: datetime, merged: tuple[Ticket, Ticket]
) -> None:
    source, target = merged
    with transaction.atomic():
        message = customer_writes(source, now, "Any news?")
        assert message.ticket == target
        assert is_free(source)
        assert not is_free(target)


def test_a_reply_recalled_during_a_merge_is_recalled_where_it_went(
    cast: SimpleNamespace, now: datetime
) -> None:
    target, source = ticket(cast, now), ticket(cast, now)
    held = conversation.reply(ticket=source, author=cast.ana, body="Wait.", now=now)
    with meanwhile(lambda: conversation.recall(message=held, actor=cast.ben, now=now)):
        triage.merge(source=source, target=target, actor=None, now=now)
    assert "reply_recalled" in kinds(target)
    assert "reply_recalled" not in kinds(source)


def test_a_reply_that_leaves_during_a_merge_holds_only_the_ticket_it_went_to(
    cast: SimpleNamespace, now: datetime
) -> None:
    target, source = ticket(cast, now), ticket(cast, now)
    held = conversation.reply(ticket=source, author=cast.ana, body="Wait.", now=now)
    due = now + 30 * MINUTE
    with meanwhile(lambda: outbox.deliver_due(due)):
        triage.merge(source=source, target=target, actor=None, now=due)
    assert kinds(target).count("reply_released") == 1
    assert "reply_released" not in kinds(source)
    assert Message.objects.get(pk=held.pk).ticket == target
