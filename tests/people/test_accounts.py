"""Staff accounts: an admin makes them; a forgotten password is answered by mail."""

from types import SimpleNamespace
from typing import Any

from django.test import Client

from tickets.outbox.models import Delivery, OutgoingMail


def test_nobody_adds_an_address_to_their_account(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    assert client.get("/accounts/email/").status_code == 404
    added = client.post("/accounts/email/", {"email": "new@evil.example", "action_add": ""})
    assert added.status_code == 404
    assert not OutgoingMail.objects.exists()


def test_a_forgotten_password_is_answered_through_the_outbox(
    cast: SimpleNamespace, client: Client, mailoutbox: list[Any]
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.ana.email})
    mail = OutgoingMail.objects.get()
    assert "/accounts/password/reset/key/" in mail.text
    assert Delivery.objects.get().email == cast.ana.email
    assert mailoutbox == []


def test_who_is_unknown_gets_the_same_answer(cast: SimpleNamespace, client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": cast.ana.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@company.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert OutgoingMail.objects.count() == 1


def test_nobody_signs_up(client: Client, db: None) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert "password1" not in page
