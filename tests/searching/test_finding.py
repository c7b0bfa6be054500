"""What is found: only what one may see, wherever the words stand, on either database."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from tests.desk.conftest import Opener, due, owes_a_call
from tests.factories import customer_writes, order
from tests.searching.conftest import Finder, look
from tests.searching.test_parsing import PIECES
from tickets.models import Attachment, Message, Ticket
from tickets.people.models import Contact
from tickets.searching import postgres
from tickets.searching.finding import TOO_LONG
from tickets.searching.lines import place_of
from tickets.services import conversation, triage
from tickets.services import orders as order_links


def test_words_are_found_in_subject_message_note_and_held_reply(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    now = timezone.now()
    opened(subject="A zeppelin")
    opened(subject="Said", body="It looks like a Zeppelin.")
    noted, held = opened(subject="Noted"), opened(subject="Held")
    conversation.note(ticket=noted, author=cast.ana, body="zeppelin?", now=now)
    conversation.reply(ticket=held, author=cast.ana, body="No zeppelin.", now=now)
    opened(subject="Other")
    assert set(found(cast.ana, "zeppelin")) == {"A zeppelin", "Said", "Noted", "Held"}


def test_automatic_messages_are_not_looked_through(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    ticket = opened(subject="Lamp")
    Message.objects.create(
        ticket=ticket, kind="automatic", body="We have zeppelins.", at=timezone.now()
    )
    assert found(cast.ana, "zeppelins") == []


def test_only_what_one_may_see_is_found(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    opened(subject="Of Billing", body="zeppelin", team=cast.billing)
    opened(subject="Followed", body="zeppelin", team=cast.billing).followers.add(cast.ana)
    assert found(cast.ana, "zeppelin") == ["Followed"]
    assert set(found(cast.ada, "zeppelin")) == {"Followed", "Of Billing"}
    assert found(cast.max, "zeppelin") == []
    assert found(cast.ana, "is:active") == ["Followed"]
    cast.ana.is_active = False
    assert found(cast.ana, "zeppelin") == []


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("flicker lamp", True),  # both in the message
        ("lamp banana", False),
        ("FLICKER", True),
        ("flick", False),
        ("flick*", True),
        ('"the lamp"', True),
        ('"lamp the"', False),
        ("acme.example", True),  # within an address
        ("carla@acme.example", True),
        ("naive", True),
        ("naïve", True),
        ("angle", True),
        ("left", True),
        ("right", True),
        ("NL-1001", True),
        ("1001", True),
        ("lamp -flicker", False),
        ("lamp -banana", True),
        ('lamp -"lamp the"', True),
        ("-lamp", False),
        ("-banana", True),
        ("Нева", True),
        ("neva", False),
    ],
)
def test_words_phrases_beginnings_and_what_is_left_out(
    cast: SimpleNamespace, opened: Opener, found: Finder, typed: str, is_found: bool
) -> None:
    opened(
        subject="Broken",
        body="Does the lamp flicker? Naïve <angle 5> left/right NL-1001, Нева, to carla@acme.example",
    )
    assert found(cast.ana, typed) == (["Broken"] if is_found else [])


@pytest.mark.parametrize(
    "typed", ["carla", "Carla Customer", "acme", "carla@acme.example", "hums carla"]
)
def test_words_that_name_the_customer_find_their_tickets(
    cast: SimpleNamespace, opened: Opener, found: Finder, typed: str
) -> None:
    opened(subject="Hers", body="It hums.")
    opened(subject="His", body="It hums.", requester=cast.carl)
    assert found(cast.ana, typed) == ["Hers"]


def test_a_ticket_is_found_once_and_its_best_message_named(
    cast: SimpleNamespace, opened: Opener
) -> None:
    ticket = opened(body="A zeppelin.")
    later = customer_writes(ticket, timezone.now(), "zeppelin zeppelin zeppelin")
    (hit,) = look(cast.ana, "zeppelin").hits
    assert set(hit.messages) == {later.pk, ticket.messages.order_by("pk")[0].pk}


@pytest.mark.parametrize(
    ("typed", "subjects"),
    [
        ("from:carl", ["Done", "His"]),  # a beginning: Carla and Carl
        ('from:"carla cust"', ["Done"]),
        ("from:acme", ["Done"]),
        ("from:+49301234", ["His"]),
        ("to:me", ["Done"]),
        ("to:none", ["His"]),
        ("assignee:ana", ["Done"]),
        ("status:solved", ["Done"]),
        ("status:active", ["His"]),
        ("status:new,solved", ["Done", "His"]),
        ("-status:solved", ["His"]),
        ("priority:urgent", ["His"]),
        ("team:supp", ["Done", "His"]),
        ("category:management", ["His"]),
        ("tag:VIP", ["Done"]),
        ("-tag:vip", ["His"]),
        ("channel:phone", ["His"]),
        ("order:nl-1001", ["Done"]),
        ("order:1001", ["Done"]),
        ("is:late", ["His"]),
        ("is:escalated", ["His"]),
        ("is:unassigned", ["His"]),
        ("is:held", ["His"]),
        ("is:followed", ["Done"]),
        ("has:attachment", ["His"]),
        ("has:attachments", ["His"]),
        ("has:order", ["Done"]),
        ("has:note", ["Done"]),
        ("opened:2d", ["Done", "His"]),
        ("opened:>2d", []),
        ("solved:2d", ["Done"]),
        ("status:solved tag:vip from:carla", ["Done"]),
        ("status:solved priority:urgent", []),
        ("hums status:solved", ["Done"]),
        ("hums -status:solved", ["His"]),
    ],
)
def test_operators_narrow(
    cast: SimpleNamespace, opened: Opener, found: Finder, typed: str, subjects: list[str]
) -> None:
    now = timezone.now()
    done = opened(subject="Done", body="It hums.", assignee=cast.ana, tags=["vip"])
    done.followers.add(cast.ana)
    order_links.attach(done, [order(cast.carla, now)])
    conversation.note(ticket=done, author=cast.ana, body="Seen.", now=now)
    triage.set_status(ticket=done, status="solved", actor=cast.ana, now=now)
    Contact.objects.filter(pk=cast.carl.pk).update(phone="+49301234")
    his = opened(
        subject="His", body="It hums.", requester=cast.carl, priority="urgent", channel="phone",
        category=cast.management,
    )  # fmt: skip
    Attachment.objects.create(
        message=his.messages.get(), name="a.png", content_type="image/png", size=1
    )
    conversation.reply(ticket=his, author=cast.ben, body="Soon.", now=now)
    Ticket.objects.filter(pk=his.pk).update(
        escalation_level=1, next_due_at=now - timedelta(minutes=1), status="open"
    )
    if "new" in typed:
        Ticket.objects.filter(pk=his.pk).update(status="new")
    assert sorted(found(cast.ana, typed)) == subjects


def test_late_is_also_a_call_owed_on_what_is_solved(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    now = timezone.now()
    owes_a_call(opened, cast.ana, now - timedelta(hours=1), subject="Missed")
    owes_a_call(opened, cast.ana, now + timedelta(hours=1), subject="Later")
    due(opened(subject="Open"), now - timedelta(hours=1))
    opened(subject="In time")
    assert sorted(found(cast.ana, "is:late")) == ["Missed", "Open"]
    assert found(cast.ana, "is:late status:solved") == ["Missed"]
    assert sorted(found(cast.ana, "-is:late")) == ["In time", "Later"]


def test_the_beginning_of_a_reference_finds_it(
    cast: SimpleNamespace, opened: Opener, found: Finder
) -> None:
    ticket = opened(subject="Named")
    for typed in (ticket.reference[:6], ticket.reference.lower(), ticket.reference[3:6]):
        assert found(cast.ana, f"ref:{typed}") == ["Named"]
    assert found(cast.ana, f"lamp {ticket.reference}") == []
    assert found(cast.ana, f"named {ticket.reference}") == ["Named"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "status:opn",
            "«opn» is not a status; use new, open, pending, on_hold, solved, closed, active or done.",
        ),
        ("priority:x", "«x» is not a priority; use low, normal, high or urgent."),
        ("to:zaphod", "Nobody here is called «zaphod»."),
        ("team:x", "There is no team «x»."),
        ("category:x", "There is no category «x»."),
        ("tag:x", "There is no tag «x»."),
        ("channel:fax", "«fax» is not a channel;"),
        ("ref:HD-U%", "No reference begins with «HD-U%»."),
        ("order:x", "There is no order «x»."),
        ("is:x", "«is:x» is not known; use late,"),
        ("has:x", "«has:x» is not known; use attachment,"),
        ("opened:soon", "«soon» is no day;"),
        ("lamp -status:x", "«x» is not a status;"),
        ("nope:x", "«nope:» is not an operator."),
    ],
)
def test_a_value_that_means_nothing_is_said_and_nothing_is_found(
    cast: SimpleNamespace, opened: Opener, typed: str, said: str
) -> None:
    opened()
    answer = look(cast.ana, typed)
    assert said in " ".join(answer.problems)
    assert answer.hits == ()


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=PIECES)
def test_whatever_is_typed_is_answered(
    cast: SimpleNamespace, opened: Opener, pieces: list[str]
) -> None:
    answer = look(cast.ana, "".join(pieces))
    assert answer.problems or answer.hits is not None


@pytest.mark.parametrize(
    "typed", ["'; DROP TABLE tickets_ticket; --", '"" OR 1=1', "a:* & | ! ( )", "lamp' <-> 'x", "NEAR(a b)",
              "%", "_", "\\", "lamp\0", "searching_heads:lamp", "a AND b", "*lamp", "la*mp", "²³½ ①"],
)  # fmt: skip
def test_what_a_database_would_read_as_its_own_language_is_only_words(
    cast: SimpleNamespace, opened: Opener, typed: str
) -> None:
    opened()
    look(cast.ana, typed)
    look(cast.ana, f'"{typed}"')
    look(cast.ana, f"-{typed}")
    assert Ticket.objects.count() == 1


def test_a_search_asks_as_often_for_three_tickets_as_for_thirty(
    cast: SimpleNamespace, opened: Opener
) -> None:
    counts = []
    for number in range(30):
        opened(subject=f"Lamp {number}", body="It hums and flickers.")
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as queries:
                assert len(look(cast.ana, "hums flickers status:new -banana").hits) == number + 1
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 22  # of three ways to read two words


def test_going_further_back_finds_every_ticket_once(cast: SimpleNamespace, opened: Opener) -> None:
    at = timezone.now() - timedelta(days=3)
    tickets = {
        opened(body="A zeppelin.", received_at=at + timedelta(hours=number // 2)).pk
        for number in range(9)
    }
    for typed in ("zeppelin", "is:active", "carla", "zeppelin lamp", "-banana"):
        seen: list[int] = []
        before = None
        while True:
            answer = look(cast.ana, typed, before=before, most=4)
            seen += [hit.ticket for hit in answer.hits]
            if not answer.is_cut:
                break
            before = place_of(answer.older)
            assert before
        assert set(seen) == tickets, typed


@pytest.mark.parametrize(
    "cursor",
    ["", "~", "x~1~2", "2026-02-31T00:00:00+00:00~4~4", "2026-03-03~1~1", "2026-03-03T00:00:00+00:00~1",
     "2026-03-03T00:00:00+00:00~٣~1", "\0~1~1", "0001-01-01T00:00:00+23:59~1~1", "9999-12-31T23:59:59-23:59~1~1"],
)  # fmt: skip
def test_what_is_no_cursor_means_the_newest(cursor: str) -> None:
    assert place_of(cursor) is None


def test_what_takes_too_long_is_given_up_in_words(
    cast: SimpleNamespace, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no time limit; it is not for that many tickets.")
    monkeypatch.setattr(postgres, "MOST_SECONDS", 0.05)
    opened(body="A zeppelin.")
    slow = Ticket.objects.filter(RawSQL("pg_sleep(2) IS NOT NULL", [], BooleanField()))
    assert look(cast.ana, "zeppelin", among=slow).problems == [TOO_LONG]
    assert len(look(cast.ana, "zeppelin").hits) == 1
