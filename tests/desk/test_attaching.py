"""Files that go along with a reply or a note."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk
from tickets.errors import Invalid
from tickets.files import HEAVIEST, File
from tickets.models import Attachment, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import Enclosure
from tickets.services import conversation

LETTER = File("letter.pdf", b"%PDF-1.7 letter")
PHOTO = File("photo.png", b"\x89PNG\r\n\x1a\n photo")


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(client: Client, ticket: Ticket, kind: str, *files: tuple[str, bytes]) -> Any:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    said = {"body": "See the files.", "attachments": uploads}
    return client.post(f"/tickets/{ticket.reference}/{kind}/", said)


def test_the_customer_gets_the_files_of_a_reply(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = send(desk(cast.ana), ticket, "reply", *((f.name, f.content) for f in (LETTER, PHOTO)))
    assert answer.status_code == 302
    message = ticket.messages.get(kind="reply")
    later = timezone.now() + timedelta(minutes=1)
    conversation.send_now(message=message, actor=cast.ana, now=later)
    outbox.deliver_due(later)
    (sent,) = mail.outbox
    assert [(each[0], each[1], each[2]) for each in sent.attachments] == [
        ("letter.pdf", LETTER.content, "application/pdf"),
        ("photo.png", PHOTO.content, "image/png"),
    ]


def test_a_note_keeps_its_files_to_the_staff(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    send(client, ticket, "note", ("trace.log", b"line"))
    assert [each.name for each in Attachment.objects.all()] == ["trace.log"]
    assert not Enclosure.objects.exists()
    assert "trace.log" in client.get(f"/tickets/{ticket.reference}/").content.decode()


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("setup.exe", b"x", "of a kind that is not accepted"),
        ("page.html", b"<script>", "of a kind that is not accepted"),
        ("letter.pdf", b"MZ\x90", "a program"),
    ],
)
def test_what_cannot_go_along_is_refused_at_the_field_and_the_words_stay(
    cast: SimpleNamespace, desk: Desk, opened: Opener, name: str, content: bytes, because: str
) -> None:
    ticket = opened()
    answer = send(desk(cast.ana), ticket, "reply", (name, content))
    told = answer.content.decode()
    assert answer.status_code == 422
    assert because in told
    assert "See the files.</textarea>" in told
    assert not ticket.messages.filter(kind="reply").exists()


def test_a_name_without_a_place_in_any_folder_is_kept(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    send(desk(cast.ana), opened(), "note", ("..\\..\\evil\u202efdp.txt", b"x"))
    (kept,) = Attachment.objects.all()
    assert kept.name == "evilfdp.txt"
    assert "evil" not in kept.file.name


@pytest.mark.parametrize("write", [conversation.reply, conversation.note])
def test_what_is_refused_leaves_no_file_behind(
    cast: SimpleNamespace, opened: Opener, write: Callable[..., Any], tmp_path: Any
) -> None:
    ticket, now = opened(), timezone.now()
    heavy = File("heavy.zip", b"0" * (HEAVIEST // 2 + 1))
    with pytest.raises(Invalid) as refusal:
        write(ticket=ticket, author=cast.ana, body="x", files=[heavy, heavy], now=now)
    assert refusal.value.field == "attachments"
    assert not list(tmp_path.rglob("*.*"))
    assert not Attachment.objects.exists()


def test_a_file_that_has_gone_meanwhile_makes_a_dead_letter_in_words(
    cast: SimpleNamespace, opened: Opener
) -> None:
    ticket, now = opened(), timezone.now()
    message = conversation.reply(ticket=ticket, author=cast.ana, body="x", files=[LETTER], now=now)
    default_storage.delete(Attachment.objects.get().file.name)
    conversation.send_now(message=message, actor=cast.ana, now=now)
    outbox.deliver_due(now)
    (row,) = message.mail.deliveries.all()
    assert (row.state, "letter.pdf" in row.last_error) == ("dead", True)
