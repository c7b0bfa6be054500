"""The mail as it came, and pictures among the files: who sees them, and what their answers allow."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from tests.inbound.test_letters import PNG, html_mail
from tickets.inbound import services
from tickets.models import Attachment, Message

HTML = '<p>It <b>flickers</b>.</p><img src="https://shop.example/seen.png">'


@pytest.fixture
def message(
    cast: SimpleNamespace, now: datetime, settings: SimpleNamespace, tmp_path: object
) -> Message:
    settings.MEDIA_ROOT = tmp_path
    raw = html_mail(HTML)
    found = services.process(services.store(raw, now, "test"), now).message
    assert found is not None
    return found


def client(user: object) -> Client:
    made = Client()
    made.force_login(user)  # type: ignore[arg-type]
    return made


def at(message: Message, rest: str = "") -> str:
    return f"/tickets/{message.ticket.reference}/messages/{message.pk}/original/{rest}"


def test_a_click_leads_to_it_from_the_conversation(cast: SimpleNamespace, message: Message) -> None:
    page = client(cast.ana).get(f"/tickets/{message.ticket.reference}/").content.decode()
    assert f'href="{at(message)}"' in page


def test_it_says_that_pictures_are_withheld_and_fetches_them_when_asked(
    cast: SimpleNamespace, message: Message
) -> None:
    ana = client(cast.ana)
    assert "1 picture of this mail lies elsewhere" in ana.get(at(message)).content.decode()
    assert "shop.example" not in ana.get(at(message, "frame/")).content.decode()
    assert "shop.example/seen.png" in ana.get(at(message, "frame/?pictures=1")).content.decode()


def test_the_frame_runs_nothing_and_belongs_to_nobody(
    cast: SimpleNamespace, message: Message
) -> None:
    answer = client(cast.ana).get(at(message, "frame/"))
    policy = answer.headers["Content-Security-Policy"]
    rules = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "allow-scripts" not in rules["sandbox"]
    assert "allow-same-origin" not in rules["sandbox"]
    assert "script-src" not in rules
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_who_does_not_see_the_ticket_sees_no_mail_of_it(
    cast: SimpleNamespace, message: Message
) -> None:
    for rest in ("", "frame/"):
        assert client(cast.bo).get(at(message, rest)).status_code == 404


def test_a_message_that_came_by_no_mail_has_no_original(
    cast: SimpleNamespace, message: Message
) -> None:
    other = message.ticket.messages.create(kind="customer", body="By phone.", at=message.at)
    assert client(cast.ana).get(at(other)).status_code == 404


def attached(message: Message, name: str, content: bytes) -> Attachment:
    row = Attachment(message=message, name=name, content_type="image/png", size=len(content))
    row.file.save(name, ContentFile(content))
    return row


def shown(user: object, row: Attachment) -> object:
    return client(user).get(f"/tickets/{row.message.ticket.reference}/files/{row.pk}/picture/")


def test_a_picture_is_drawn_in_the_conversation_and_fetched_by_a_click(
    cast: SimpleNamespace, message: Message
) -> None:
    row = attached(message, "lamp.png", PNG)
    page = client(cast.ana).get(f"/tickets/{message.ticket.reference}/").content.decode()
    assert f"/files/{row.pk}/picture/" in page
    answer = shown(cast.ana, row)
    assert answer.headers["Content-Type"] == "image/png"  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment")  # type: ignore[attr-defined]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"  # type: ignore[attr-defined]
    assert "sandbox" in answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lamp.png", b"<svg onload=hit()>"),
        ("lamp.svg", b"<svg onload=hit()>"),
        ("lamp.pdf", PNG),
        ("lamp.png", b""),
    ],
)
def test_what_is_no_picture_is_never_drawn(
    cast: SimpleNamespace, message: Message, name: str, content: bytes
) -> None:
    assert shown(cast.ana, attached(message, name, content)).status_code == 404  # type: ignore[attr-defined]


def test_nobody_draws_a_picture_of_a_ticket_they_do_not_see(
    cast: SimpleNamespace, message: Message
) -> None:
    assert shown(cast.bo, attached(message, "lamp.png", PNG)).status_code == 404  # type: ignore[attr-defined]
