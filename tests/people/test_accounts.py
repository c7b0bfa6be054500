"""Staff accounts: an admin makes them; a forgotten password is answered by mail."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
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


def test_signing_in_needs_no_banner(cast: SimpleNamespace, client: Client) -> None:
    cast.ana.set_password("promise-kept")
    cast.ana.save()
    said = {"login": "ana", "password": "promise-kept"}
    page = client.post("/accounts/login/", said, follow=True).content.decode()
    assert "Queue" in page
    assert "signed in" not in page


def test_who_forgot_chooses_a_new_password_by_a_link_that_works_once(
    cast: SimpleNamespace, client: Client
) -> None:
    asked = client.get("/accounts/password/reset/").content.decode()
    assert 'href="/accounts/login/"' in asked
    sent = client.post("/accounts/password/reset/", {"email": cast.ana.email}, follow=True)
    assert "Look into your mail" in sent.content.decode()
    link = re.search(r"/accounts/password/reset/key/\S+", OutgoingMail.objects.get().text)
    assert link
    page = client.get(link[0], follow=True)
    assert "Keep this password" in page.content.decode()
    weak = client.post(page.request["PATH_INFO"], {"password1": "12345", "password2": "12345"})
    assert "too short" in weak.content.decode()
    new = {"password1": "kept-as-promised", "password2": "kept-as-promised"}
    done = client.post(page.request["PATH_INFO"], new, follow=True)
    assert "Password changed" in done.content.decode()
    assert client.login(username="ana", password="kept-as-promised")
    again = Client().get(link[0], follow=True).content.decode()
    assert "This link no longer works" in again


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("signup/", "No sign-up here"),
        ("inactive/", "Account switched off"),
        ("password/reset/key/1-abc/", "This link no longer works"),
    ],
)
def test_a_dead_end_says_so_and_leads_back(
    client: Client, db: None, path: str, heading: str
) -> None:
    page = client.get(f"/accounts/{path}").content.decode()
    assert f"<h1>{heading}</h1>" in page
    assert 'href="/accounts/login/"' in page


def test_a_password_is_changed_from_the_menu(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    page = client.get("/accounts/password/change/").content.decode()
    assert "<h1>" in page
    assert 'name="password1"' in page
