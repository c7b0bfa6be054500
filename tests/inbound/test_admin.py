from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.inbound.conftest import eml, written
from tickets.inbound.models import RawMail
from tickets.models import Ticket

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
