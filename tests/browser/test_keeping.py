"""What was typed stays in the browser until the server has it."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, fill_in
from tests.browser.hands import at_rest
from tests.desk.conftest import Opener
from tests.faults.servers import wait_until
from tickets.models import Draft, Message
from tickets.people.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "Typed for ten minutes.\n\nThe second paragraph."


def log_in_again(page: Page, user: User) -> None:
    page.get_by_role("link", name="Log in").click()
    fill_in(page, user)


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
    fill_in(page, cast.ben)
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


def test_two_windows_of_one_writer_lose_no_word_and_let_them_choose(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    one = log_in(cast.ana)
    two = one.context.new_page()
    for page in (one, two):
        page.goto(f"/tickets/{ticket.reference}/")
    one.locator("#reply textarea").fill("From the desk")
    expect(one.locator("#reply .kept-at")).to_contain_text("Draft kept")
    two.locator("#reply textarea").fill("From the phone")
    expect(two.locator("#reply .kept-at")).to_contain_text("Kept beside the draft")
    other = two.locator("#reply-other")
    expect(other).to_contain_text("You changed this draft in another window")
    expect(other).to_contain_text("From the desk")
    # Typing on keeps it open, and keeps the focus where it is.
    two.locator("#reply textarea").press_sequentially(", later")
    expect(two.locator("#reply textarea")).to_be_focused()
    # What was kept on the server asks nothing when one leaves, and is there when one comes back.
    typed = two.locator("#reply textarea")
    expect(typed).to_have_js_property("defaultValue", "From the phone, later")
    two.goto("/")
    two.goto(f"/tickets/{ticket.reference}/")
    expect(two.locator("#reply textarea")).to_have_value("From the desk")
    expect(other).to_contain_text("From the phone, later")
    at_rest(two)
    other.get_by_role("button", name="Take both").click()
    expect(two.get_by_text("What you chose is the draft now.")).to_be_visible()
    expect(two.locator("#reply textarea")).to_have_value("From the phone, later\n\nFrom the desk")
    expect(other).to_be_empty()
    # The first window goes on with its older words: they are kept beside, and can be kept alone.
    one.locator("#reply textarea").press_sequentially(" again")
    expect(one.locator("#reply-other")).to_contain_text("From the phone, later")
    one.get_by_role("button", name="Keep what is in the box").click()
    expect(one.locator("#reply textarea")).to_have_value("From the desk again")
    one.get_by_role("button", name="Send reply").click()
    expect(one.locator("article.reply")).to_contain_text("From the desk again")
    expect(one.locator("#reply textarea")).to_have_value("")


def test_one_window_keeps_its_draft_again_and_again_and_is_asked_nothing(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    box, kept = page.locator("#reply textarea"), page.locator("#reply-draft")
    versions = {""}
    for words in ("First", "Other words", "Yet others"):
        box.fill(words)
        expect(kept).not_to_have_value(re.compile(f"^(?:{'|'.join(versions)})$"))
        versions.add(kept.input_value())
        expect(page.locator("#reply .kept-at")).to_contain_text("Draft kept")
    expect(page.locator("#reply-other")).to_be_empty()
    page.reload()
    expect(box).to_have_value("Yet others")


def test_words_left_with_the_last_key_are_there_in_another_browser_and_leaving_asks_nothing(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#note > summary").click()
    page.locator("#note textarea").fill("Half a thought")
    with page.expect_request(re.compile("/drafts/note/$")):
        page.goto("/")
    wait_until(Draft.objects.exists, 15, "the words are kept")
    other = log_in(cast.ana)
    other.goto(f"/tickets/{ticket.reference}/")
    expect(other.locator("#note textarea")).to_have_value("Half a thought")
    assert asked == []
    page.goto(f"/tickets/{ticket.reference}/")
    expect(page.locator("#note textarea")).to_have_value("Half a thought")
    expect(page.locator("#note")).not_to_contain_text("another window")


def test_what_was_sent_is_not_kept_once_more_by_leaving(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill(TYPED)
    kept: list[str] = []
    page.on("request", lambda each: each.resource_type == "ping" and kept.append(each.url))
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply")).to_contain_text("The second paragraph.")
    assert kept == []
    assert not Draft.objects.exists()
