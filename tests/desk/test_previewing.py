"""The preview shows what the mail carries, and nothing happens by looking."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as mailbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import Draft, Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact, User
from tickets.services import conversation, mailing, triage

Desk = Callable[[User], Client]
WORDS = "Hello **Carla**,\r\n1. switch it off\r\n2. see https://acme.example/help\r\n\r\n<b>bye</b>"
FRAGMENT = {"HX-Request": "true", "HX-Trigger": "see-reply"}


def look(client: Client, ticket: Ticket, kind: str = "reply", **said: Any) -> Any:
    headers = said.pop("headers", None)
    return client.post(f"/tickets/{ticket.reference}/preview/{kind}/", said, headers=headers)


@pytest.mark.parametrize("kind", ["reply", "progress"])
def test_what_is_seen_is_what_leaves_in_the_mail(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    ticket, client = opened(), desk(cast.ana)
    seen = look(client, ticket, kind, body=WORDS, headers=FRAGMENT).content.decode()
    client.post(f"/tickets/{ticket.reference}/{kind}/", {"body": WORDS})
    message = ticket.messages.get(kind=kind)
    conversation.send_now(message=message, actor=cast.ana, now=timezone.now())
    outbox.deliver_due(timezone.now())
    sent = mailbox.outbox[-1]
    html, kind_of_it = sent.alternatives[0]  # type: ignore[attr-defined]
    within = html[html.index('<body dir="auto">') + 17 : html.index("</body>")].strip()
    assert kind_of_it == "text/html"
    assert "<strong>Carla</strong>" in within
    assert "&lt;b&gt;bye&lt;/b&gt;" in within
    assert ticket.reference in within
    assert f'<div class="prose" dir="auto">{within}' in seen
    assert sent.subject in seen
    assert str(sent.body).startswith(message.body)


def test_looking_changes_nothing_and_keeps_the_words_as_a_draft(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    before = (ticket.version, TicketEvent.objects.count())
    answer = look(desk(cast.ana), ticket, body=WORDS, cc="boss@acme.example", status_after="solved")
    page = answer.content.decode()
    ticket.refresh_from_db()
    assert answer.status_code == 200
    assert (ticket.version, TicketEvent.objects.count()) == before
    assert not OutgoingMail.objects.exists()
    assert Draft.objects.get().body == WORDS.replace("\r\n", "\n")
    assert "Hello **Carla**," in page
    assert 'value="boss@acme.example"' in page
    assert '<option value="solved" selected>' in page
    assert "<strong>Carla</strong>" in page
    assert "What <bdi>Carla Customer</bdi> will see" in page
    assert "Not saved" not in page


def test_what_others_said_meanwhile_stands_above_the_words(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    seen = ticket.messages.get().pk
    conversation.note(ticket=ticket, author=cast.ben, body="I called her.", now=timezone.now())
    page = look(desk(cast.ana), ticket, body="Hello", seen=seen).content.decode()
    assert 'class="unread note"' in page


def test_a_copy_to_nobody_is_said_beside_the_preview(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    answer = look(desk(cast.ana), opened(), body="Hello", cc="nobody")
    assert answer.status_code == 422
    assert "«nobody» is not an e-mail address." in answer.content.decode()
    assert "<p>Hello</p>" in answer.content.decode()


def test_files_that_a_page_cannot_give_back_are_named(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    file = SimpleUploadedFile("plan <b>.txt", b"x")
    page = look(desk(cast.ana), opened(), body="Hello", attachments=file).content.decode()
    assert "The files were not kept" in page
    assert "plan &lt;b&gt;.txt" in page


def test_an_empty_reply_has_no_preview(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    seen = look(desk(cast.ana), opened(), body=" \n", headers=FRAGMENT)
    assert "Nothing is written yet." in seen.content.decode()


def test_what_follows_the_typing_takes_no_focus(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    asked = look(client, ticket, body="Hello", headers=FRAGMENT).content.decode()
    by_itself = look(
        client, ticket, body="Hello", headers=FRAGMENT | {"HX-Trigger": "reply-preview"}
    )
    assert "autofocus" in asked
    assert "autofocus" not in by_itself.content.decode()


def test_the_preview_of_a_held_reply_is_the_mail_it_becomes(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client, address = desk(cast.ben), f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    seen = client.post(f"{address}preview/", {"body": "*Better*", "version": 1}, headers=FRAGMENT)
    assert held.mail is not None
    before = held.mail.html
    held.mail.refresh_from_db()
    assert held.mail.html == before
    client.post(address, {"body": "*Better*", "version": held.version})
    held.mail.refresh_from_db()
    assert "<em>Better</em>" in held.mail.html
    assert cast.ana.name in held.mail.html
    shown = mailing.reply_shown(held.ticket.reference, "*Better*", cast.ana)
    assert shown in seen.content.decode()
    assert shown in held.mail.html


def test_a_name_that_turns_lines_around_does_not_in_the_signature(cast: SimpleNamespace) -> None:
    cast.ana.first_name = "\u2067An\u202ea\x1b"
    words = mailing.reply_words("HD-1", "It is ready.", cast.ana)
    for each in words:
        assert "Ana" in each
        assert not set("\u2067\u202e\x1b") & set(each)


def test_a_preview_hides_no_change_of_another_from_who_edits(
    cast: SimpleNamespace, desk: Desk, held: Message
) -> None:
    client, address = desk(cast.ana), f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    seen = held.version
    conversation.edit_held(message=held, actor=cast.ben, body="Ben's.", now=timezone.now())
    page = client.post(f"{address}preview/", {"body": "Ana's.", "version": seen}).content.decode()
    assert f'name="version" value="{seen}"' in page
    assert client.post(address, {"body": "Ana's.", "version": seen}).status_code == 409


@pytest.mark.parametrize("kind", ["note", "held", "x"])
def test_there_is_no_preview_of_anything_else(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str
) -> None:
    assert look(desk(cast.ana), opened(), kind, body="Hello").status_code == 404


def test_nobody_else_sees_a_preview(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    ticket = opened()
    assert look(desk(cast.bo), ticket, body="Hello").status_code == 404
    triage.involve(ticket=ticket, user=cast.max, because="Knows lamps", now=timezone.now())
    assert look(desk(cast.max), ticket, body="Hello").status_code == 403


def test_staff_words_are_marked_in_the_conversation_and_the_customers_are_as_they_came(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened(body="My **lamp** <i>hums</i>")
    now = timezone.now()
    conversation.reply(ticket=ticket, author=cast.ana, body="Is it **red**?", now=now)
    conversation.note(ticket=ticket, author=cast.ana, body="`E17` again", now=now)
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    assert "My **lamp** &lt;i&gt;hums&lt;/i&gt;</div>" in page
    assert "<p>Is it <strong>red</strong>?</p>" in page
    assert "<code>E17</code> again" in page


def test_a_long_reply_is_folded_between_two_blocks(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    body = "\n\n".join(
        [*(f"Line *{n}*" for n in range(25)), "```\n" + "code\n\n" * 10 + "```", "End"]
    )
    conversation.reply(ticket=ticket, author=cast.ana, body=body, now=timezone.now())
    page = desk(cast.ana).get(f"/tickets/{ticket.reference}/").content.decode()
    shown, rest = page.split('<details class="rest">')
    assert "Line <em>24</em>" in shown + rest
    assert "<p>End</p>" in rest
    assert page.count("<pre>") == 1


@pytest.mark.parametrize(
    ("fields", "is_markdown"),
    [({"state": "sent", "html": ""}, False), ({"state": "sent"}, True), ({"html": ""}, True),
     ({"state": "dead", "html": ""}, False), ({"state": "released", "html": ""}, True)],
    ids=["sent as text", "sent", "held", "given up as text", "on its way"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["reply", "progress"])
def test_a_reply_that_was_sent_as_text_is_shown_as_text(
    cast: SimpleNamespace, desk: Desk, opened: Opener, kind: str, fields: dict[str, Any],
    is_markdown: bool,
) -> None:  # fmt: skip
    ticket, now = opened(), timezone.now()
    client = desk(cast.ana)
    client.post(f"/tickets/{ticket.reference}/{kind}/", {"body": "It is *red*."})
    OutgoingMail.objects.update(**fields, sent_at=now)
    conversation.note(ticket=ticket, author=cast.ana, body="*Really*?", now=now)
    page = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert ("<p>It is <em>red</em>.</p>" in page) == is_markdown
    assert ('<div class="words">It is *red*.</div>' in page) != is_markdown
    assert "<p><em>Really</em>?</p>" in page


def heads(page: str) -> list[tuple[str, str]]:
    """The lines above the words, as they are read."""
    rows = re.findall(r"<div><dt>(\w+)</dt><dd>(.*?)</dd></div>", page)
    return [(name, re.sub("<[^>]*>", "", text)) for name, text in rows]


@pytest.mark.parametrize("headers", [FRAGMENT, None], ids=["with scripts", "without"])
def test_it_says_to_whom_the_reply_goes(
    cast: SimpleNamespace, desk: Desk, opened: Opener, headers: Any
) -> None:
    ticket, client = opened(), desk(cast.ana)
    ticket.participants.add(cast.carl)
    said = {"body": "Hello", "cc": "Boss@acme.example, carla@acme.example"}
    page = look(client, ticket, **said, headers=headers).content.decode()
    client.post(f"/tickets/{ticket.reference}/reply/", said)
    mail = ticket.messages.get(kind="reply").mail
    assert mail is not None
    rows = list(mail.deliveries.order_by("pk").values_list("kind", "email"))
    told = dict(heads(page))
    assert [told["To"]] == [email for kind, email in rows if kind == "to"]
    assert told["Cc"].split(", ") == [email for kind, email in rows if kind == "cc"]
    assert told["Subject"] == f"Re: {ticket.subject} [{ticket.reference}]"


def test_it_says_to_whom_a_progress_line_goes(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    page = look(desk(cast.ana), opened(), "progress", body="At it", headers=FRAGMENT)
    assert [name for name, _ in heads(page.content.decode())] == ["To", "Subject"]


def test_a_copy_that_cannot_be_is_said_while_one_looks(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    for cc in ("nobody", settings.SUPPORT_ADDRESS):
        page = look(client, ticket, body="Hello", cc=cc, headers=FRAGMENT).content.decode()
        assert '<p class="notice warning">Cc: ' in page, cc
        assert ("To", cast.carla.email) in heads(page)
        assert "Cc" not in dict(heads(page))


def test_who_has_no_address_is_said_to_get_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    Contact.objects.filter(pk=cast.carla.pk).update(email=None)
    page = look(desk(cast.ana), ticket, body="Hello", headers=FRAGMENT).content.decode()
    assert "This goes to nobody" in page
    assert heads(page) == []


def test_a_held_reply_goes_to_whom_it_was_written_to(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    held = conversation.reply(
        ticket=opened(), author=cast.ana, body="Hello", cc=["boss@acme.example"], now=timezone.now()
    )
    Contact.objects.filter(pk=cast.carla.pk).update(email="new@acme.example")
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/preview/"
    page = desk(cast.ana).post(address, {"body": "Better"}, headers=FRAGMENT).content.decode()
    assert heads(page)[:2] == [("To", cast.carla.email), ("Cc", "boss@acme.example")]
