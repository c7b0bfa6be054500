"""The database keeps the words by itself: whoever writes a row, and however."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.searching.conftest import Finder
from tickets.models import Message, Ticket
from tickets.searching import engine, sqlite, word_lists
from tickets.searching.words import Term
from tickets.services import conversation, triage


def rebuild() -> None:
    """As after a load past the triggers, or a migration that built a table anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT search_rebuild()")
        else:
            word_lists.make(connection)


def test_a_changed_subject_and_body_are_found_by_their_new_words_only(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    ticket = opened(subject="Old subject", body="Old body.")
    triage.set_subject(ticket=ticket, subject="New heading", actor=cast.ana, now=timezone.now())
    Message.objects.filter(ticket=ticket).update(body="New text.")
    assert found(cast.ana, "old") == []
    assert found(cast.ana, "heading") == found(cast.ana, "text") == ["New heading"]


def test_what_is_deleted_is_found_no_more(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    ticket = opened(subject="Lamp", body="A zeppelin.")
    conversation.note(ticket=ticket, author=cast.ana, body="An airship.", now=timezone.now())
    Message.objects.filter(kind="note").delete()
    assert found(cast.ana, "airship") == []
    assert found(cast.ana, "zeppelin") == ["Lamp"]
    ticket.events.all().delete()
    ticket.messages.all().delete()
    Ticket.objects.filter(pk=ticket.pk).delete()
    assert found(cast.ana, "lamp") == []


def test_a_merged_message_is_found_on_the_ticket_it_went_to(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    source, target = opened(subject="Source", body="A zeppelin."), opened(subject="Target")
    triage.merge(source=source, target=target, actor=cast.ana, now=timezone.now())
    assert found(cast.ana, "zeppelin") == ["Target"]


def test_a_message_that_turns_automatic_is_found_no_more(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    ticket = opened(subject="Lamp", body="A zeppelin.")
    Message.objects.filter(ticket=ticket).update(kind="automatic")
    assert found(cast.ana, "zeppelin") == []
    Message.objects.filter(ticket=ticket).update(kind="note")
    assert found(cast.ana, "zeppelin") == ["Lamp"]


def test_built_anew_the_index_holds_the_same(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    opened(subject="One", body="A zeppelin.")
    opened(subject="Zeppelin", body="Two.")
    before = found(cast.ana, "zeppelin")
    rebuild()
    opened(subject="Three", body="A zeppelin.")
    assert sorted(found(cast.ana, "zeppelin")) == sorted([*before, "Three"])
    Message.objects.all().update(body="Nothing.")
    assert found(cast.ana, "zeppelin") == ["Zeppelin"]


def test_a_very_long_message_can_be_written_and_its_beginning_found(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    body = "zeppelin " + " ".join(f"word{number}" for number in range(90_000))
    opened(subject="Long", body=body + " " + "x" * 5_000)
    assert found(cast.ana, "zeppelin") == ["Long"]


@pytest.mark.parametrize("typed", ["lamp", "amp", "lamp cable"])
def test_without_word_lists_pieces_of_text_are_found_and_that_is_said(
    cast: SimpleNamespace, opened: Opener, typed: str
) -> None:
    if connection.vendor == "sqlite":
        assert engine.note() == ""
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER searching_heads_new")
    else:
        assert (
            engine.note() == ""
        )  # PostgreSQL always has its index; the plain way is tried all the same
    said, headed = opened(body="A lamp and a cable."), opened(subject="Lamp, cable")
    opened(body="Nothing.", subject="Nothing")
    terms, seen = [Term(each) for each in typed.split()], Ticket.objects.visible_to(cast.ana)
    lines = sqlite.newest(terms, seen, before=None, now=timezone.now(), most=9)
    assert {line.ticket for line in lines.rows} == {said.pk, headed.pk}
    assert sqlite.without(terms, seen).count() == 1
    assert "pieces of text" in sqlite.note()


def test_triggers_that_a_migration_dropped_are_made_again(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    opened(subject="Before", body="A zeppelin.")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER searching_messages_new")
    opened(subject="Meanwhile", body="A zeppelin.")
    word_lists.after_migrating(using="default")
    opened(subject="After", body="A zeppelin.")
    assert set(found(cast.ana, "zeppelin")) == {"Before", "Meanwhile", "After"}
