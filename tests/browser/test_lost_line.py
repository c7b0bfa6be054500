"""Sent into a lost connection: the page says so, and no word is lost."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import LogIn, without_the_line
from tests.browser.hands import HANDS, Hands, at_rest
from tests.desk.conftest import Opener
from tickets.calls import services as calls
from tickets.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


POLL = "**/live/poll/**"


def online(page: Page) -> None:
    """The line is back, and the browser knows."""
    page.unroute(POLL)
    page.context.set_offline(False)
    page.wait_for_function("navigator.onLine")


@pytest.fixture
def typed_offline(cast: SimpleNamespace, opened: Opener, log_in: LogIn) -> Callable[[Hands], Page]:
    """A reply typed without a line: the server has nothing of it."""

    def typed(hands: Hands) -> Page:
        page = log_in(cast.ana)
        # No answer that is still under way says that the line is back.
        page.route(POLL, lambda route: route.abort())
        page.goto(f"/tickets/{opened().reference}/")
        at_rest(page)
        page.context.set_offline(True)
        hands.write(page.locator("#reply textarea"), "Typed for ten minutes.")
        return page

    return typed


@pytest.mark.parametrize("by", HANDS)
def test_into_a_lost_connection_nothing_is_sent_and_the_page_says_so(
    transactional_db: None,
    typed_offline: Callable[[Hands], Page],
    complaints: list[str],
    by: str,
) -> None:
    hands = HANDS[by]
    page = typed_offline(hands)
    lost = page.locator("[data-line=lost]")
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(lost).to_be_visible()
    expect(lost).to_contain_text("Nothing was sent: press again to try all the same.")
    expect(page.locator("#reply textarea")).to_have_value("Typed for ten minutes.")
    online(page)
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page.locator("article.reply")).to_contain_text("Typed for ten minutes.")
    assert Message.objects.filter(kind="reply").count() == 1
    complaints[:] = without_the_line(complaints)


@pytest.mark.parametrize("by", HANDS)
def test_sent_all_the_same_into_a_lost_connection_no_word_is_lost(
    transactional_db: None,
    typed_offline: Callable[[Hands], Page],
    complaints: list[str],
    by: str,
) -> None:
    hands = HANDS[by]
    page = typed_offline(hands)
    ticket = page.url
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page.locator("[data-unsent]")).to_be_visible()
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page).to_have_url(re.compile("^chrome-error:"))
    online(page)
    page.goto(ticket)
    expect(page.locator("#reply textarea")).to_have_value("Typed for ten minutes.")
    expect(page.locator("#reply")).to_contain_text("Your words are here again.")
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page.locator("article.reply")).to_contain_text("Typed for ten minutes.")
    assert Message.objects.filter(kind="reply").count() == 1
    complaints[:] = without_the_line(complaints)


def test_also_words_that_the_browser_brought_back_are_said_to_be_sent_perhaps(
    transactional_db: None, typed_offline: Callable[[Hands], Page], complaints: list[str]
) -> None:
    page = typed_offline(HANDS["mouse"])
    ticket = page.url
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("[data-unsent]")).to_be_visible()
    page.get_by_role("button", name="Send reply").click()
    expect(page).to_have_url(re.compile("^chrome-error:"))
    online(page)
    # As browsers do for a page that is loaded again, at times: before any script of ours.
    page.add_init_script(
        """addEventListener("readystatechange", () => {
            const area = document.querySelector("#reply textarea");
            if (document.readyState === "interactive") area.value = "Typed for ten minutes.";
        }, true);"""
    )
    page.goto(ticket)
    expect(page.locator("#reply textarea")).to_have_value("Typed for ten minutes.")
    expect(page.locator("#reply")).to_contain_text("Whether they arrived is not known")
    complaints[:] = without_the_line(complaints)


def test_where_only_the_answer_was_lost_nobody_is_told_that_nothing_was_sent(
    transactional_db: None,
    cast: SimpleNamespace,
    log_in: LogIn,
    complaints: list[str],
) -> None:
    call = calls.begin(direction="inbound", actor=cast.ana, now=timezone.now())
    page = log_in(cast.ana)
    at_rest(page)

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/hold/", lost)
    bar = page.get_by_role("region", name="Call under way")
    bar.get_by_role("button", name="Hold").click()
    expect(page.locator("[data-unsure]")).to_be_visible()
    expect(page.locator("[data-unsent]")).to_be_hidden()
    assert call.holds.count() == 1
    complaints[:] = without_the_line(complaints)


@pytest.mark.parametrize("by", HANDS)
def test_a_part_of_the_page_that_cannot_be_saved_says_so_too(
    transactional_db: None,
    cast: SimpleNamespace,
    opened: Opener,
    log_in: LogIn,
    complaints: list[str],
    by: str,
) -> None:
    ticket, hands = opened(), HANDS[by]
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    at_rest(page)
    page.context.set_offline(True)
    form = page.locator("#properties form").first
    hands.choose(form.get_by_label("Priority"), "Urgent")
    hands.press(form.get_by_role("button", name="Save", exact=True))
    expect(page.locator("[data-unsent]")).to_be_visible()
    online(page)
    hands.press(form.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#head")).to_contain_text("Urgent priority")
    complaints[:] = without_the_line(complaints)
