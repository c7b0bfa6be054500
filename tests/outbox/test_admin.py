"""Outgoing mail in the admin."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tickets.outbox import services
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User

from .conftest import Put, fresh, rows

pytestmark = pytest.mark.django_db
LIST = "admin:outbox_outgoingmail_changelist"


@pytest.fixture
def ada(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(cast.ada)
    return client


@pytest.fixture
def dead(put: Put, now: datetime) -> OutgoingMail:
    mail = put("gone@x.example", subject="Could not be delivered")
    [row] = services.claim(now=now, limit=1)
    services.settle_failed(delivery=row, now=now, error="550 No such user", permanent=True)
    return mail


def send_again(client: Client, *mails: OutgoingMail) -> str:
    fields = {"action": "send_again", "_selected_action": [mail.pk for mail in mails]}
    return client.post(reverse(LIST), fields, follow=True).content.decode()


def test_the_list_says_to_whom_in_what_state_and_what_went_wrong(
    ada: Client, dead: OutgoingMail, put: Put
) -> None:
    put(*[f"a{number}@x.example" for number in range(5)])
    put()
    page = ada.get(reverse(LIST)).content.decode()
    for words in (
        "Could not be delivered", "gone@x.example", "Undeliverable", "550 No such user",
        "a0@x.example, a1@x.example, a2@x.example and 2 more", "nobody",
    ):  # fmt: skip
        assert words in page


def test_a_dead_letter_is_sent_again_by_one_action(
    ada: Client, dead: OutgoingMail, mailoutbox: list[Any], now: datetime
) -> None:
    assert "1 deliveries will be tried again" in send_again(ada, dead)
    assert (fresh(dead).state, rows(dead).gone.state) == ("released", "waiting")
    assert mailoutbox == []


def test_what_was_sent_is_not_sent_again(
    ada: Client, put: Put, now: datetime, mailoutbox: list[Any]
) -> None:
    mail = put("a@x.example")
    services.deliver_due(now)
    before = OutgoingMail.objects.values().get(pk=mail.pk)
    assert "None of these has a recipient that was given up" in send_again(ada, mail)
    assert OutgoingMail.objects.values().get(pk=mail.pk) == before
    services.deliver_due(now)
    assert len(mailoutbox) == 1


def test_nothing_can_be_edited_added_or_deleted(ada: Client, dead: OutgoingMail) -> None:
    change = reverse("admin:outbox_outgoingmail_change", args=[dead.pk])
    page = ada.get(change).content.decode()
    assert "550 No such user" in page
    assert 'name="_save"' not in page
    assert ada.post(change, {"subject": "Changed"}).status_code == 403
    assert ada.get(reverse("admin:outbox_outgoingmail_add")).status_code == 403
    delete = reverse("admin:outbox_outgoingmail_delete", args=[dead.pk])
    assert ada.post(delete, {"post": "yes"}).status_code == 403


def test_who_may_only_look_may_not_send_again(
    cast: SimpleNamespace, client: Client, dead: OutgoingMail
) -> None:
    looker = User.objects.create(username="looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_outgoingmail"))
    client.force_login(looker)
    assert client.get(reverse(LIST)).status_code == 200
    send_again(client, dead)
    assert fresh(dead).state == "dead"


@pytest.mark.parametrize(
    ("trouble", "subjects"), [("dead", {"Dead"}), ("failing", {"Failing"}), ("untold", {"Untold"})]
)
def test_trouble_can_be_listed(
    ada: Client, put: Put, now: datetime, trouble: str, subjects: set[str]
) -> None:
    put("dead@x.example", subject="Dead")
    put("failing@x.example", subject="Failing")
    put(subject="Untold")
    for row in services.claim(now=now, limit=2):
        permanent = row.email.startswith("dead")
        services.settle_failed(delivery=row, now=now, error="no", permanent=permanent)
    services.deliver_due(now.replace(year=2025))
    response = ada.get(reverse(LIST), {"trouble": trouble})
    assert {mail.subject for mail in response.context["cl"].result_list} == subjects


def test_the_list_asks_the_database_as_often_for_3_as_for_30(ada: Client, put: Put) -> None:
    def cost(count: int) -> int:
        for _ in range(count):
            put("a@x.example", "cc:b@x.example")
        with CaptureQueriesContext(connection) as context:
            ada.get(reverse(LIST))
        return len(context)

    cost(1)
    assert cost(3) == cost(30)


def test_markup_in_a_mail_is_shown_and_not_run(ada: Client, put: Put) -> None:
    mail = put("a@x.example", subject="<script>alert(1)</script>", html="<img src=x onerror=a()>")
    for address in (reverse(LIST), reverse("admin:outbox_outgoingmail_change", args=[mail.pk])):
        page = ada.get(address).content.decode()
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
