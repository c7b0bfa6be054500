"""What was typed stays in the browser until the server has it."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, LogIn
from tests.desk.conftest import Opener
from tickets.models import Message
from tickets.people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "Typed for ten minutes.\n\nThe second paragraph."


def log_in_again(page: Page, user: User) -> None:
    page.get_by_role("link", name="Log in").click()
    user.set_password(PASSWORD)
    user.save()
    page.get_by_label("Login").fill(user.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_reply_sent_after_the_login_ended_is_in_its_form_again_after_the_next(
    transactional_db: None,
    cast: SimpleNamespace,
    opened: Opener,
    log_in: LogIn,
    complaints: list[str],
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Send reply").click()
    expect(page.get_by_role("heading", name="You are logged out")).to_be_visible()
    expect(page.locator("textarea")).to_have_value(TYPED)
    expect(page.get_by_text("This browser has kept your text")).to_be_visible()
    expect(page.get_by_text("Copy your text before")).to_be_hidden()
    log_in_again(page, cast.ana)
    expect(page).to_have_url(re.compile(f"/tickets/{ticket.reference}/$"))
    expect(page.locator("#reply textarea")).to_have_value(TYPED)
    expect(page.locator("#reply")).to_contain_text("they were not sent")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply")).to_contain_text("The second paragraph.")
    expect(page.locator("#reply textarea")).to_have_value("")
    page.reload()
    expect(page.locator("#reply textarea")).to_have_value("")
    assert ticket.messages.filter(kind="reply").count() == 1
    complaints[:] = [each for each in complaints if "403" not in each]  # that was wanted


def test_words_left_behind_are_there_on_coming_back_but_only_for_who_typed_them(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket, other = opened(), opened(subject="Another")
    page = log_in(cast.ana)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#note > summary").click()
    page.locator("#note textarea").fill("Half a thought")
    page.goto(f"/tickets/{other.reference}/")
    expect(page.locator("#note textarea")).to_have_value("")
    page.goto(f"/tickets/{ticket.reference}/")
    expect(page.locator("#note textarea")).to_have_value("Half a thought")
    expect(page.locator("#note textarea")).to_be_visible()
    Session.objects.all().delete()
    page.goto("/accounts/login/")
    cast.ben.set_password(PASSWORD)
    cast.ben.save()
    page.get_by_label("Login").fill(cast.ben.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    page.goto(f"/tickets/{ticket.reference}/")
    expect(page.locator("#note textarea")).to_have_value("")


def test_an_edit_does_not_cover_words_that_came_meanwhile(
    transactional_db: None, cast: SimpleNamespace, held: Message, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.on("dialog", lambda dialog: dialog.accept())
    address = f"/tickets/{held.ticket.reference}/messages/{held.pk}/edit/"
    page.goto(address)
    page.get_by_label("The words").fill("Mine.")
    page.goto("/")
    Message.objects.filter(pk=held.pk).update(body="Ben's.")
    page.goto(address)
    expect(page.get_by_label("The words")).to_have_value("Ben's.\n\nMine.")


def test_words_typed_into_a_form_that_is_fetched_later_are_there_again(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#progress > summary").click()
    page.locator("#progress textarea").fill("With engineering since 10:40.")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#progress textarea")).to_have_value("With engineering since 10:40.")
    page.get_by_role("button", name="Send progress").click()
    expect(page.locator("article.progress")).to_contain_text("With engineering since 10:40.")


def test_a_draft_is_there_in_another_browser_and_leaving_asks_nothing(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill(TYPED)
    expect(page.locator("#reply .kept-at")).to_contain_text("Draft kept")
    page.goto("/")
    other = log_in(cast.ana)
    other.goto(f"/tickets/{ticket.reference}/")
    expect(other.locator("#reply textarea")).to_have_value(TYPED)
    other.get_by_role("button", name="Send reply").click()
    expect(other.locator("article.reply")).to_contain_text("The second paragraph.")
    expect(other.locator("#reply textarea")).to_have_value("")
