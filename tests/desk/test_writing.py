"""Replying, noting, telling progress; the hold; two people at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.people.models import User
from tickets.services import conversation, triage

Desk = Callable[[User], Client]


def post(client: Client, ticket: Ticket, action: str, **said: Any) -> Any:
    return client.post(f"/tickets/{ticket.reference}/{action}/", said)


def test_a_reply_is_held_and_the_page_returns_to_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = post(
        desk(cast.ana), ticket, "reply", body="A new one\r\nleaves today.", version=ticket.version,
        cc="Boss@Acme.example, two@acme.example", status_after="pending",
    )  # fmt: skip
    reply = ticket.messages.get(kind="reply")
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/#m{reply.pk}"
    assert reply.body == "A new one\nleaves today."
    assert reply.mail is not None
    assert reply.mail.state == "held"
    to = {each.email for each in reply.mail.deliveries.all()}
    assert to == {"carla@acme.example", "boss@acme.example", "two@acme.example"}
    assert reply.status_after == "pending"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"body": ""}, "Write something to send."),
        ({"body": "   \n"}, "Write something to send."),
        ({"body": "a\x00b"}, "Null characters are not allowed."),
        ({"body": "x" * 100_001}, "100000"),
        ({"body": "Hi", "cc": "nobody"}, "«nobody» is not an e-mail address."),
        ({"body": "Hi", "cc": ",".join(f"a{n}@b.example" for n in range(21))}, "At most 20 people"),
        ({"body": "Hi", "status_after": "sold"}, "not one of the available choices"),
        ({"body": "Hi", "version": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_sent_is_said_and_nothing_is_lost(
    cast: SimpleNamespace, desk: Desk, opened: Opener, said: dict[str, str], words: str
) -> None:
    ticket = opened()
    answer = post(desk(cast.ana), ticket, "reply", **({"cc": "", "version": ""} | said))
    assert answer.status_code == 422
    told = answer.content.decode()
    assert words in told
    if said["body"] == "Hi":
        assert ">\nHi</textarea>" in told
    assert not ticket.messages.filter(kind="reply").exists()


def test_two_at_once_one_wins_and_the_other_keeps_every_word(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    seen = ticket.version
    triage.set_priority(ticket=ticket, priority="urgent", actor=cast.ben, now=timezone.now())
    client = desk(cast.ana)
    answer = post(client, ticket, "reply", body="My <long> answer", version=seen)
    assert answer.status_code == 409
    told = answer.content.decode()
    assert "Ben changed" in told
    assert "Ben changed the priority: normal → urgent, just now." in told
    assert "My &lt;long&gt; answer</textarea>" in told
    assert not ticket.messages.filter(kind="reply").exists()
    ticket.refresh_from_db()
    assert f'name="version" value="{ticket.version}"' in told
    again = post(client, ticket, "reply", body="My <long> answer", version=ticket.version)
    assert again.status_code == 302


def test_a_note_stays_inside_and_tells_who_is_mentioned(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    post(desk(cast.ana), ticket, "note", body="@ben and @nobody, see max@company.example")
    note = ticket.messages.get(kind="note")
    assert note.mail is None
    assert list(ticket.followers.all()) == [cast.ben]


def test_a_progress_line_goes_to_the_customer_and_its_form_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    page = client.get(f"/tickets/{ticket.reference}/?form=progress").content.decode()
    assert "The customer gets this line</strong> by e-mail" in page
    post(client, ticket, "progress", body="With engineering since 10:40")
    line = ticket.messages.get(kind="progress")
    assert line.mail is not None
    assert line.mail.state == "held"
    page = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert "Your progress line is held and leaves by itself" in page
    edit = client.get(f"/tickets/{ticket.reference}/messages/{line.pk}/edit/").content.decode()
    assert "Edit the held progress line" in edit
    answer = post(client, ticket, f"messages/{line.pk}/recall")
    assert answer.headers["Location"].endswith(f"?draft={line.pk}")
    page = client.get(answer.headers["Location"]).content.decode()
    assert 'id="progress" class="progress" open' in page
    assert page.count(">\nWith engineering since 10:40</textarea>") == 1


def test_a_progress_line_for_nobody_is_refused_and_its_words_stay(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    type(cast.carla).objects.filter(pk=ticket.requester_id).update(email=None)
    answer = post(desk(cast.ana), ticket, "progress", body="In the lab.")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "call them and log the call" in page
    assert "In the lab.</textarea>" in page


def test_recalling_puts_the_words_back_into_the_composer(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client = desk(cast.ana)
    answer = post(client, held.ticket, f"messages/{held.pk}/recall")
    assert answer.headers["Location"].endswith(f"?draft={held.pk}")
    told = client.get(answer.headers["Location"]).content.decode()
    assert ">\nA new one leaves today.</textarea>" in told
    assert "recalled, never sent" in told


def test_words_that_were_sent_again_are_not_offered_once_more(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client = desk(cast.ana)
    offer = client.post(f"/tickets/{held.ticket.reference}/messages/{held.pk}/recall/")
    address, anew = (
        offer.headers["Location"],
        f'href="/tickets/{held.ticket.reference}/?draft={held.pk}',
    )
    assert anew in client.get(address).content.decode()
    post(desk(cast.ben), held.ticket, "reply", body="From Ben, about something else.")
    page = client.get(address).content.decode()
    assert anew in page
    assert ">\nA new one leaves today.</textarea>" in page
    post(client, held.ticket, "reply", body="A better one leaves today.")
    page = client.get(address).content.decode()
    assert anew not in page
    assert ">\nA new one leaves today.</textarea>" not in page


def test_words_recalled_twice_are_offered_again_by_whoever_recalled_them_last(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    ben = desk(cast.ben)
    post(ben, held.ticket, f"messages/{held.pk}/recall")
    post(ben, held.ticket, "reply", body="Ben's version.")
    second = held.ticket.messages.get(body="Ben's version.")
    assert (
        "A new one leaves today.</textarea>"
        not in ben.get(f"/tickets/{held.ticket.reference}/?draft={held.pk}").content.decode()
    )
    answer = post(ben, held.ticket, f"messages/{second.pk}/recall")
    assert "Ben&#x27;s version.</textarea>" in ben.get(answer.headers["Location"]).content.decode()


def test_recalling_what_has_left_says_so(cast: SimpleNamespace, desk: Desk, held: Message) -> None:
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    client = desk(cast.ana)
    for action in ("recall", "send-now"):
        answer = client.post(
            f"/tickets/{held.ticket.reference}/messages/{held.pk}/{action}/", follow=True
        )
        assert answer.status_code == 200
        assert 'class="notice warning"' in answer.content.decode()
    assert not held.ticket.events.filter(kind=TicketEvent.Kind.REPLY_RECALLED).exists()


def test_a_held_reply_can_be_edited_until_it_leaves(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client = desk(cast.ana)
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    assert "A new one leaves today." in client.get(address).content.decode()
    assert client.post(address, {"body": ""}).status_code == 422
    assert client.post(address, {"body": "Two new ones."}).status_code == 302
    held.refresh_from_db()
    assert held.body == "Two new ones."
    outbox.deliver_due(timezone.now() + timedelta(hours=2))
    late = client.post(address, {"body": "Three new ones."})
    assert late.status_code == 422
    assert "Three new ones.</textarea>" in late.content.decode()
    held.refresh_from_db()
    assert held.body == "Two new ones."


def leaves(held: Message, _: User) -> None:
    outbox.deliver_due(timezone.now() + timedelta(hours=2))


def is_recalled(held: Message, by: User) -> None:
    conversation.recall(message=held, actor=by, now=timezone.now())


@pytest.mark.parametrize(
    ("ends", "said"),
    [(leaves, "This reply has already left;"), (is_recalled, "Ben recalled this reply;")],
)
def test_words_for_a_reply_that_is_held_no_more_go_on_in_the_composer(
    cast: SimpleNamespace,
    desk: Desk,
    held: Message,
    ends: Callable[[Message, User], None],
    said: str,
) -> None:
    client, its = desk(cast.ana), f"/tickets/{held.ticket.reference}/"
    post(client, held.ticket, "drafts/reply", body="Begun already.")
    ends(held, cast.ben)
    address = f"{its}messages/{held.pk}/edit/"
    for answer in (client.get(address), client.post(address, {"body": "Better words."})):
        page = answer.content.decode()
        assert page.count(said) == page.count('class="notice warning"') == 1
        assert 'class="errors"' not in page
        assert "Save</button>" not in page
        assert "Leave it as it was" not in page
        assert "Put these words into the composer</button>" in page
    for _ in range(2):  # a second press adds nothing
        answer = client.post(address, {"body": "Better\r\nwords.", "compose": "1"})
        assert answer.headers["Location"] == f"{its}#reply"
    page = client.get(its).content.decode()
    assert ">\nBegun already.\n\nBetter\nwords.</textarea>" in page
    assert "Your words are in the composer, as a draft. Nothing was sent." in page
    assert client.post(address, {"body": " ", "compose": "1"}).status_code == 422
    assert held.ticket.messages.filter(kind="reply").count() == 1


def test_on_a_closed_ticket_there_is_no_composer_for_them(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    is_recalled(held, cast.ben)
    Ticket.objects.filter(pk=held.ticket.pk).update(status="closed")
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    answer = desk(cast.ana).post(address, {"body": "Better words.", "compose": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This ticket is closed meanwhile: copy your words from below." in page
    assert "Better words.</textarea>" in page
    assert "into the composer" not in page
    assert not held.ticket.drafts.exists()


def test_a_progress_line_that_is_held_no_more_goes_on_in_its_own_box(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, ticket = desk(cast.ana), opened()
    post(client, ticket, "progress", body="In the lab.")
    line = ticket.messages.get(kind="progress")
    is_recalled(line, cast.ben)
    answer = post(client, ticket, f"messages/{line.pk}/edit", body="In our lab.", compose="1")
    assert answer.headers["Location"].endswith("?form=progress#progress")
    page = client.get(answer.headers["Location"]).content.decode()
    assert ">\nIn our lab.</textarea>" in page


def test_an_edit_of_words_another_has_changed_is_kept_on_the_page_beside_theirs(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    page = desk(cast.ana).get(address).content.decode()
    assert f'<input type="hidden" name="version" value="{held.version}">' in page
    assert page.count('name="version"') == 1
    seen = {"version": held.version}
    assert desk(cast.ben).post(address, {"body": "Ben's own words.", **seen}).status_code == 302
    late = desk(cast.ana).post(address, {"body": "Mine, instead.", **seen})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Ben edited this reply after you opened it" in page
    assert "Mine, instead.</textarea>" in page
    assert "Ben&#x27;s own words." in page
    held.refresh_from_db()
    assert held.body == "Ben's own words."
    # Having read them, Ana decides: the page now carries the version it shows.
    assert f'name="version" value="{held.version}"' in page
    again = desk(cast.ana).post(address, {"body": "Both.", "version": held.version})
    assert again.status_code == 302


def test_send_now_ends_the_hold(cast: SimpleNamespace, desk: Desk, held: Message) -> None:
    post(desk(cast.ana), held.ticket, f"messages/{held.pk}/send-now")
    assert held.mail is not None
    held.mail.refresh_from_db()
    assert held.mail.release_at <= timezone.now()


def test_a_message_of_another_ticket_cannot_be_reached_through_ones_own(
    cast: SimpleNamespace, desk: Desk, opened: Opener, held: Message
) -> None:
    other = opened()
    for action in ("recall", "send-now", "edit"):
        answer = post(desk(cast.ana), other, f"messages/{held.pk}/{action}", body="x")
        assert answer.status_code == 404
    held.refresh_from_db()
    assert held.mail is not None
    assert held.mail.state == "held"


def test_without_the_token_of_the_form_nothing_happens(
    cast: SimpleNamespace, opened: Opener
) -> None:
    ticket = opened()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ana)
    answer = post(client, ticket, "reply", body="Hello")
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
    assert not ticket.messages.filter(kind="reply").exists()


@pytest.mark.parametrize(
    "address", ['"ab"@example.com', "a@exa\u2028mple.com", "support@helpdesk.localhost"], ids=ascii
)
def test_an_address_no_mail_can_go_to_is_said_at_the_field(
    cast: SimpleNamespace, desk: Desk, address: str
) -> None:
    said = {"channel": "phone", "email": address, "subject": "Lamp", "body": "Hums",
            "category": cast.question.pk, "priority": "normal"}  # fmt: skip
    answer = desk(cast.ana).post("/tickets/new/", said)
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors


def test_without_an_address_the_desk_says_to_call_and_keeps_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    type(cast.carla).objects.filter(pk=ticket.requester_id).update(email=None)
    answer = post(desk(cast.ana), ticket, "reply", body="For nobody.")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "call them and log the call" in page
    assert "For nobody.</textarea>" in page


def test_more_than_a_form_may_carry_is_refused_in_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = post(desk(cast.ana), ticket, "note", body="x" * 6_000_000)
    assert answer.status_code == 413
    assert "larger than" in answer.content.decode()
    assert "<h1>" in answer.content.decode()
    assert not ticket.messages.filter(kind="note").exists()


@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "base64"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("path", ["/tickets/new/", "/api/v1/tickets/"])
def test_a_charset_that_is_none_of_text_is_refused_in_words(
    cast: SimpleNamespace, desk: Desk, path: str, kind: str, charset: str
) -> None:
    typed = b'--x\r\nContent-Disposition: form-data; name="subject"\r\n\r\nLamp\r\n--x--\r\n'
    stated = f"{kind}; charset={charset}"
    answer = desk(cast.ana).generic("POST", path, typed, content_type=stated)
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()
    assert answer.headers["Content-Type"].startswith("application/json") == ("api" in path)


def test_a_refused_form_alarms_with_words_alone(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    answer = desk(cast.ana).post(f"/tickets/{opened().reference}/reply/", {"body": ""})
    told = answer.content.decode()
    assert "Write something to send." in told
    assert "<span>reply</span>" not in told


@pytest.mark.parametrize("kind", ["progress", "note"])
def test_what_one_page_sends_twice_is_said_once_and_leads_to_what_was_said(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    ticket, client = opened(), desk(cast.ana)
    address = f"/tickets/{ticket.reference}/{kind}/"
    shown = client.get(f"/tickets/{ticket.reference}/", {"form": "progress"}).content.decode()
    since = re.findall(r'name="since" value="([^"]+)"', shown)[0]
    said = {"body": "With engineering.", "version": ticket.version, "since": since}
    answers, told = [], []
    for _ in range(2):
        answers.append(client.post(address, said))
        told.append(client.get(answers[-1].headers["Location"].partition("#")[0]).content.decode())
    again = "It was sent already: nothing was sent again."
    assert [again in each for each in told] == [False, True]
    assert {"progress": "Your progress line is held", "note": "Noted."}[kind] in told[0]
    assert {"progress": "Your progress line is held", "note": "Noted."}[kind] not in told[1]
    message = ticket.messages.get(kind=kind)
    assert [each.status_code for each in answers] == [302, 302]
    assert {each.headers["Location"].partition("#")[2] for each in answers} == {f"m{message.pk}"}
    # Other words, and the same ones from a page that was loaded later, are said.
    client.post(address, said | {"body": "With engineering now."})
    client.post(address, said | {"since": timezone.now().isoformat()})
    assert ticket.messages.filter(kind=kind).count() == 3


def test_the_same_words_with_a_file_that_was_forgotten_are_noted_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, since = opened(), desk(cast.ana), timezone.now().isoformat()
    for files in ({}, {"attachments": SimpleUploadedFile("a.txt", b"words")}):
        for _ in range(2):
            said = {"body": "See the log.", "since": since, **files}
            client.post(f"/tickets/{ticket.reference}/note/", said)
            for file in files.values():
                file.seek(0)
    assert ticket.messages.filter(kind="note").count() == 2


def test_a_line_that_was_recalled_is_sent_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client, since = opened(), desk(cast.ana), timezone.now().isoformat()
    said = {"body": "With engineering.", "since": since}
    client.post(f"/tickets/{ticket.reference}/progress/", said)
    line = ticket.messages.get(kind="progress")
    conversation.recall(message=line, actor=cast.ana, now=timezone.now())
    client.post(f"/tickets/{ticket.reference}/progress/", said)
    assert ticket.messages.filter(kind="progress").count() == 2
