from collections.abc import Callable
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.inbound.conftest import eml, written
from tickets.inbound.models import RawMail
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail

LIST = "/admin/inbound/rawmail/"


@pytest.fixture
def admin(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(cast.ada)
    return client


def test_a_person_sees_what_needs_them_and_why(
    admin: Client, receive: Callable[..., RawMail]
) -> None:
    receive(eml("no_sender"))
    page = admin.get(LIST, {"state__exact": "parked"}).content.decode()
    assert "It has no usable sender&#x27;s address." in page


def test_the_list_costs_the_same_for_three_and_thirty(
    admin: Client,
    receive: Callable[..., RawMail],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for number in range(30):
        receive(written(message_id=f"<{number}@acme.example>", text=f"Mail {number}"))
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert admin.get(LIST).status_code == 200


def test_the_text_is_shown_and_never_run(admin: Client, receive: Callable[..., RawMail]) -> None:
    raw = receive(written(subject="<script>alert(1)</script>", text="<b>hi</b>"))
    page = admin.get(reverse("admin:inbound_rawmail_change", args=[raw.pk])).content.decode()
    assert "&lt;b&gt;hi&lt;/b&gt;" in page
    assert "<script>alert(1)" not in page


def test_only_the_beginning_of_a_mail_is_read_for_its_page(
    admin: Client, receive: Callable[..., RawMail]
) -> None:
    raw = receive(written(text="It hums.\n" + "x" * 3_000_000 + "the end"))
    with CaptureQueriesContext(connection) as queries:
        page = admin.get(reverse("admin:inbound_rawmail_change", args=[raw.pk])).content.decode()
    assert "It hums." in page
    assert "the end" not in page
    assert len(raw.beginning(100)) == 100
    read = [each["sql"] for each in queries if '"raw"' in each["sql"]]
    assert len(read) == 1
    assert "SUBSTR" in read[0]


def test_the_original_is_a_download_of_exactly_what_came(
    admin: Client, receive: Callable[..., RawMail]
) -> None:
    raw = receive(eml("html_only"))
    answer = admin.get(reverse("admin:inbound_rawmail_original", args=[raw.pk]))
    assert answer.content == eml("html_only")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="mail-{raw.pk}.eml"'
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("action", "tickets"), [("process_again", 0), ("take_all_the_same", 1)])
def test_a_person_decides_what_becomes_of_it(
    admin: Client, receive: Callable[..., RawMail], action: str, tickets: int
) -> None:
    raw = receive(eml("auto_reply"))
    admin.post(LIST, {"action": action, "_selected_action": [raw.pk]})
    assert Ticket.objects.count() == tickets


def test_an_agent_does_not_get_in(
    client: Client, cast: SimpleNamespace, receive: Callable[..., RawMail]
) -> None:
    raw = receive(eml("plain"))
    client.force_login(cast.ana)
    for address in (LIST, reverse("admin:inbound_rawmail_original", args=[raw.pk])):
        assert client.get(address).status_code == 302
    cast.ana.is_staff = True
    cast.ana.save()
    assert client.get(reverse("admin:inbound_rawmail_original", args=[raw.pk])).status_code == 403


RESET = "http://testserver/accounts/password/reset/key/2-abc123/"


@pytest.fixture
def returned(cast: SimpleNamespace, client: Client) -> OutgoingMail:
    """The mail with the key to Ana's account."""
    client.post("/accounts/password/reset/", {"email": cast.ana.email})
    return OutgoingMail.objects.get(purpose="account")


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_what_returns_the_key_to_an_account_is_shown_to_nobody(
    returned: OutgoingMail, cast: SimpleNamespace, client: Client,
    receive: Callable[..., RawMail], encoding: str,
) -> None:  # fmt: skip
    original = EmailMessage()
    original["Message-ID"] = returned.message_id
    original.set_content(f"Here: {RESET}\n" + "\u00e9" * (encoding != "7bit"), cte=encoding)
    report = EmailMessage()
    report["From"], report["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered"
    report.set_content(f"This did not arrive:\n\n{returned.text}")
    report.add_attachment(original)
    _shows_nothing(receive(report.as_bytes()), cast, client)


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_the_link_alone_tells_that_there_is_a_key(
    cast: SimpleNamespace, client: Client, receive: Callable[..., RawMail], encoding: str
) -> None:
    report = EmailMessage()
    report["From"], report["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered"
    report.set_content(f"It said {RESET}\n", cte=encoding)
    _shows_nothing(receive(report.as_bytes()), cast, client)


def _shows_nothing(raw: RawMail, cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ada)
    page = client.get(reverse("admin:inbound_rawmail_change", args=[raw.pk])).content.decode()
    download = client.get(reverse("admin:inbound_rawmail_original", args=[raw.pk]))
    assert "/reset/key/" not in page
    assert "its words are shown to nobody" in page
    assert download.status_code == 403
    assert b"/reset/key/" not in download.content


def test_any_other_bounce_is_shown_as_it_came(
    admin: Client, receive: Callable[..., RawMail]
) -> None:
    raw = receive(eml("bounce"))
    answer = admin.get(reverse("admin:inbound_rawmail_original", args=[raw.pk]))
    assert answer.content == eml("bounce")
