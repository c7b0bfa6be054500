"""Sending something after the log-in has ended: nothing is sent, and no typed word is lost."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.desk.conftest import Opener
from tickets.models import Message, Ticket
from tickets.people.models import User

Desk = Callable[[User], Client]
TYPED = "Typed for ten <minutes>."


@pytest.mark.parametrize(
    ("action", "field"),
    [("reply", "body"), ("note", "body"), ("progress", "body"), ("calls", "summary")],
)
def test_the_words_are_on_the_page_that_says_they_were_not_sent(
    cast: SimpleNamespace, opened: Opener, action: str, field: str
) -> None:
    ticket = opened()
    address = f"/tickets/{ticket.reference}/{action}/"
    answer = Client().post(address, {field: TYPED})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You are logged out" in page
    assert "Nothing was sent" in page
    assert "\nTyped for ten &lt;minutes&gt;.</textarea>" in page
    assert f'href="/accounts/login/?next={address}"' in page
    assert ticket.messages.count() == 1
    assert ticket.subject not in page


def test_after_the_login_the_way_leads_to_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    answer = desk(cast.ana).get(f"/tickets/{ticket.reference}/reply/")
    assert answer.headers["Location"] == f"/tickets/{ticket.reference}/"


def test_an_edit_of_a_held_reply_and_a_new_ticket_keep_their_words_too(
    cast: SimpleNamespace, held: Message
) -> None:
    edit = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    for address in (edit, "/tickets/new/"):
        answer = Client().post(address, {"body": TYPED})
        assert answer.status_code == 403
        assert "\nTyped for ten &lt;minutes&gt;.</textarea>" in answer.content.decode()
        assert Client().get(address).headers["Location"] == f"/accounts/login/?next={address}"
    held.refresh_from_db()
    assert held.body == "A new one leaves today."
    assert Ticket.objects.count() == 1


def test_a_reason_typed_for_an_offer_is_kept_too_and_the_way_leads_to_the_ticket(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    address = f"/tickets/{opened().reference}/offers/make/"
    answer = Client().post(address, {"note": TYPED})
    assert answer.status_code == 403
    assert "\nTyped for ten &lt;minutes&gt;.</textarea>" in answer.content.decode()
    back = desk(cast.ana).get(address)
    assert back.headers["Location"] == address.removesuffix("offers/make/")


def test_without_typed_words_one_simply_logs_in(cast: SimpleNamespace, opened: Opener) -> None:
    address = f"/tickets/{opened().reference}/take/"
    answer = Client().post(address, {"version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )
