"""Staff accounts: an admin makes them; a forgotten password is answered by mail."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import User


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


@pytest.fixture
def abe(db: None) -> User:
    """An admin by role, no superuser: whoever configures the product reads the outbox."""
    mine = {"email": "abe@company.example", "role": "admin", "is_staff": True}
    return User.objects.create(username="abe", **mine)


def test_an_admin_does_not_read_the_key_to_anothers_account(
    cast: SimpleNamespace, abe: User, client: Client
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.ada.email})
    mail = OutgoingMail.objects.get()
    for who in (abe, cast.ada):
        client.force_login(who)
        for page in (
            client.get(reverse("admin:outbox_outgoingmail_change", args=[mail.pk])),
            client.get(reverse("admin:outbox_outgoingmail_changelist"), {"q": "reset"}),
        ):
            assert page.status_code == 200
            assert "/accounts/password/reset/key/" not in page.content.decode()


def test_the_key_is_forgotten_once_it_is_sent(
    cast: SimpleNamespace, client: Client, mailoutbox: list[Any]
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.ana.email})
    outbox.deliver_due(timezone.now())
    assert "/accounts/password/reset/key/" in mailoutbox[0].body
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.text, mail.html) == ("sent", "", "")


def test_a_key_that_reaches_nobody_is_forgotten_and_not_sent_again(
    cast: SimpleNamespace, client: Client
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.ana.email})
    now = timezone.now()
    [row] = outbox.claim(now=now, limit=1)
    outbox.settle_failed(delivery=row, now=now, error="550 No such user", permanent=True)
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.text) == ("dead", "")
    assert outbox.resend(mail=mail, now=now) == 0


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


@pytest.fixture
def _no_guesses_counted(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.mark.usefixtures("_no_guesses_counted")
@pytest.mark.parametrize(
    ("path", "name"), [("/admin/login/", "username"), ("/accounts/login/", "login")]
)
def test_no_door_lets_anybody_guess_for_ever(
    cast: SimpleNamespace, client: Client, path: str, name: str
) -> None:
    cast.ada.set_password("promise-kept")
    cast.ada.save()
    for number in range(12):
        client.post(path, {name: "ada", "password": f"wrong-{number}"})
    client.post(path, {name: "ada", "password": "promise-kept"})
    assert "_auth_user_id" not in client.session


def test_who_wants_the_admin_signs_in_where_everybody_does(
    cast: SimpleNamespace, client: Client
) -> None:
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/accounts/login/"
    cast.ada.set_password("promise-kept")
    cast.ada.save()
    said = {"login": "ada", "password": "promise-kept", "next": "/admin/"}
    assert client.post("/accounts/login/", said, follow=True).request["PATH_INFO"] == "/admin/"


def test_who_may_not_use_the_admin_is_told_so(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.ana)
    assert client.get("/admin/", follow=True).status_code == 403


def test_many_counters_push_none_out() -> None:
    assert cache._max_entries >= 100_000
