"""The ticket page: the whole story, what one may do, and a constant number of queries."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import Attachment, Message, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import Order, User
from tickets.services import conversation, triage

Desk = Callable[[User], Client]


def page(client: Client, ticket: Ticket, query: str = "") -> str:
    answer = client.get(f"/tickets/{ticket.reference}/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_tells_the_whole_story(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    now = timezone.now()
    ticket = opened(tags=["vip"])
    Order.objects.create(number="NL-1", contact=cast.carla, amount="49.00", placed_at=now)
    opened(subject="Asked earlier")
    triage.assign(ticket=ticket, assignee=cast.ben, actor=cast.sue, now=now)
    conversation.note(ticket=ticket, author=cast.ben, body="Ask the warehouse.", now=now)
    told = page(desk(cast.ana), ticket)
    for words in (
        "It flickers since yesterday.", "Sue changed the assignee", "Ask the warehouse.", "vip",
        "carla@acme.example", "Acme", "Gold", ticket.reference,
    ):  # fmt: skip
        assert words in told


def test_what_one_may_not_see_does_not_exist(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(team=cast.billing)
    client = desk(cast.ana)
    for path in ("", "reply/", "messages/1/", "messages/1/edit/", "files/1/", "merge/", "split/"):
        assert client.get(f"/tickets/{ticket.reference}/{path}", follow=True).status_code == 404
    for path in ("reply/", "note/", "properties/", "follow/", "link/", "merge/", "split/", "take/"):
        assert client.post(f"/tickets/{ticket.reference}/{path}").status_code == 404
    assert client.get("/tickets/HD-000000/").status_code == 404
    assert client.get("/tickets/%00/").status_code == 404


def test_what_one_sees_but_may_not_do_is_refused(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    triage.involve(ticket=ticket, user=cast.max, because="Knows lamps", now=timezone.now())
    client = desk(cast.max)
    told = page(client, ticket)
    assert "Internal note" in told
    assert "Send reply" not in told
    answer = client.post(f"/tickets/{ticket.reference}/reply/", {"body": "Hello"})
    assert answer.status_code == 403
    assert "You may not answer the customer." in answer.content.decode()


def test_another_spelling_of_the_reference_leads_to_the_one_address(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference.lower()}/")
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"


def test_an_action_opened_as_a_page_leads_to_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference}/reply/")
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"


def fill(ticket: Ticket, cast: SimpleNamespace, count: int) -> None:
    for number in range(count):
        at = timezone.now() - timedelta(minutes=50) + timedelta(seconds=number)
        if number % 3 == 0:
            conversation.customer_message(
                ticket=ticket, contact=cast.carla, body=f"Message {number}", received_at=at, now=at
            )
        elif number % 3 == 1:
            conversation.reply(ticket=ticket, author=cast.ana, body=f"Reply {number}", now=at)
        else:
            conversation.note(ticket=ticket, author=cast.ben, body=f"Note {number}", now=at)
        triage.set_priority(
            ticket=ticket, priority="high" if number % 2 else "low", actor=cast.sue, now=at
        )


def test_the_page_asks_the_same_for_a_short_and_a_long_story(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client = desk(cast.ana)
    counts = []
    for length in (2, 45, 90):
        ticket = opened(tags=["a", "b"])
        fill(ticket, cast, length)
        ticket.followers.add(cast.ben, cast.sue)
        client.get(f"/tickets/{ticket.reference}/")
        with CaptureQueriesContext(connection) as seen:
            page(client, ticket)
        counts.append(len(seen))
    # A long story also looks for held replies before its first page.
    assert counts[0] <= counts[1] == counts[2] <= 20


def test_a_long_story_folds_what_is_old_and_pages_through_the_rest(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    fill(ticket, cast, 45)
    client = desk(cast.ana)
    newest = client.get(f"/tickets/{ticket.reference}/")
    told = newest.content.decode()
    assert "Note 44" in told
    assert "Earlier messages" in told
    assert "Message 30<" not in told
    earlier = newest.context["timeline"].earlier
    older = page(client, ticket, f"?before={earlier}")
    assert "Message 30" in older
    assert "Back to the newest" in older
    piece = client.get(
        f"/tickets/{ticket.reference}/?before={earlier}", headers={"HX-Request": "true"}
    ).content.decode()
    assert "Message 30" in piece
    assert "<html" not in piece


def test_going_back_loses_no_message_and_no_event(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    fill(ticket, cast, 45)
    client = desk(cast.ana)
    told, query = [], ""
    while True:
        seen = client.get(f"/tickets/{ticket.reference}/{query}").context["timeline"]
        for entry in seen.entries:
            told += [entry.message.body] if hasattr(entry, "message") else entry.lines
        if not seen.earlier:
            break
        query = f"?before={seen.earlier}"
    changes = ticket.events.filter(kind="priority_changed").count()
    bodies = [each for each in told if isinstance(each, str)]
    priorities = [each for each in told if not isinstance(each, str) and "priority" in each[1]]
    assert sorted(bodies) == sorted(ticket.messages.values_list("body", flat=True))
    assert len(priorities) == changes


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=" + "9" * 40, "?draft=0"])
def test_odd_addresses_show_the_page_all_the_same(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str
) -> None:
    page(desk(cast.ana), opened(), query)


def test_a_held_reply_counts_down_with_recall_edit_and_send_now(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    told = page(desk(cast.ana), held.ticket)
    for words in ("held, leaves", 'data-tick="hold"', "Recall", "Edit", "Send now"):
        assert words in told


def test_a_sent_reply_offers_nothing_to_recall(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    told = page(desk(cast.ana), held.ticket)
    assert ">sent<" in told
    assert "/recall/" not in told


def test_tickets_beyond_ones_sight_are_not_told_of(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    secret = opened(subject="Secret matter", team=cast.billing)
    triage.link(ticket=ticket, other=secret, actor=cast.ada, now=timezone.now())
    told = page(desk(cast.ana), ticket)
    assert "Secret matter" not in told
    assert "Secret matter" in page(desk(cast.ada), ticket)


def test_a_closed_ticket_says_what_happens_next(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    triage.set_status(ticket=ticket, status="closed", actor=cast.ana, now=timezone.now())
    told = page(desk(cast.ana), ticket)
    assert "a follow-up ticket opens by itself" in told
    assert '<span class="clock none">closed</span>' not in told
    assert "Send reply" not in told


def test_a_file_is_always_a_download_of_plain_bytes(
    cast: SimpleNamespace, desk: Desk, opened: Opener, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    ticket = opened()
    file = Attachment.objects.create(
        message=ticket.messages.get(),
        file=ContentFile(b"<script>alert(1)</script>", name="x.bin"),
        name='evil"\r\n.svg',
        content_type="image/svg+xml",
        size=25,
    )
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference}/files/{file.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"<script>")
    other = opened()
    assert desk(cast.ana).get(f"/tickets/{other.reference}/files/{file.pk}/").status_code == 404


def test_a_very_long_message_is_cut_and_can_be_read_whole_as_plain_text(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(body="<b>word</b> " * 4000)
    message = ticket.messages.get()
    told = page(desk(cast.ana), ticket)
    assert "Read the whole message" in told
    assert len(told) < 100_000
    whole = desk(cast.ana).get(f"/tickets/{ticket.reference}/messages/{message.pk}/")
    assert whole.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(whole.content) > 40_000


def test_a_held_reply_stays_in_sight_however_much_is_said_after_it(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    for number in range(12):
        conversation.note(
            ticket=held.ticket, author=cast.ben, body=f"Note {number}", now=timezone.now()
        )
    client, address = desk(cast.ana), f"/tickets/{held.ticket.reference}/"
    page = client.get(address).content.decode()
    assert page.count(f'id="m{held.pk}"') == 1
    assert f"{address}messages/{held.pk}/recall/" in page
    earlier = re.search(r"\?before=(\d+)", page)
    assert earlier is not None
    older = client.get(address, {"before": earlier[1]}, headers={"HX-Request": "true"})
    assert f'id="m{held.pk}"' not in older.content.decode()


def test_a_part_of_a_page_never_becomes_the_login_page(opened: Opener, client: Client) -> None:
    ticket = opened()
    answer = client.get(f"/tickets/{ticket.reference}/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert b"<form" not in answer.content
    assert client.get(f"/tickets/{ticket.reference}/").status_code == 302


def test_a_file_that_is_gone_is_told_in_words_and_in_the_log(
    cast: SimpleNamespace, desk: Desk, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = opened()
    row = Attachment.objects.create(
        message=ticket.messages.get(kind="customer"), file="attachments/nope", name="plan.pdf",
        content_type="application/pdf", size=3,
    )  # fmt: skip
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference}/files/{row.pk}/")
    assert answer.status_code == 404
    assert "The file «plan.pdf» is not where it was stored." in answer.content.decode()
    assert "An attachment's file is missing" in caplog.text


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_a_call_that_is_still_promised_is_said_of_what_is_done(
    cast: SimpleNamespace, desk: Desk, opened: Opener, status: str
) -> None:
    late = timezone.now() - timedelta(hours=3)
    ticket, other = opened(), opened()
    owed = {"next_due_at": late, "next_due_metric": "callback"}
    Ticket.objects.filter(pk=ticket.pk).update(status=status, **owed)
    Ticket.objects.filter(pk=other.pk).update(status=status)
    client = desk(cast.ana)
    told = page(client, ticket)
    assert "callback late by 3 h" in told
    assert "but a call is still promised by" in told
    assert "still promised" not in page(client, other)
    rows = client.get(f"/?tab=all&status={status}").content.decode()
    assert rows.count("callback late by 3 h") == 1
