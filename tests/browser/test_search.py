"""Searching in a real browser, by keyboard alone and without JavaScript."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.test_inert import ATTACKS, assert_inert, dangerous
from tests.desk.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_search_by_keyboard_alone(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(subject="Other", body="Nothing.")
    said = opened(subject="Broken", body="My zeppelin hums.")
    headed = opened(subject="Zeppelin", body="Broken.")
    page = log_in(cast.ana)
    page.keyboard.press("/")
    page.keyboard.type("zeppelin status:new")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 tickets")).to_be_visible()
    expect(page.locator("#search")).to_have_value("zeppelin status:new")
    expect(page.locator("main mark")).to_have_text(["Zeppelin", "zeppelin"])
    page.keyboard.press("j")
    expect(page.locator(f"#t-{headed.reference}")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".head")).to_contain_text(said.reference)


def test_a_reference_typed_into_the_box_opens_its_ticket(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.keyboard.press("/")
    page.keyboard.type(ticket.reference.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".head")).to_contain_text(ticket.reference)


def test_an_excerpt_leads_to_its_message_and_a_chip_is_taken_out_without_javascript(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(body="My zeppelin hums.")
    page = log_in(cast.ana, java_script_enabled=False)
    page.locator("#search").fill("zeppelin status:solved")
    page.locator("#search").press("Enter")
    expect(page.locator("main")).to_contain_text("No ticket you may see fits this search")
    page.get_by_role("link", name="status: solved").click()
    page.locator(".excerpt").click()
    message = ticket.messages.get()
    expect(page.locator(f"#m{message.pk}")).to_contain_text("My zeppelin hums.")


def test_the_help_unfolds_and_mistakes_are_said(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.goto("/search/?q=statsu:open")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Did you mean status:?")
    expect(page.get_by_text("how the reference begins")).to_be_visible()
    page.goto("/search/?q=lamp")
    expect(page.get_by_text("how the reference begins")).to_be_hidden()
    page.get_by_text("What can be typed").click()
    expect(page.get_by_text("how the reference begins")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_fits_its_window(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, width: int
) -> None:
    opened(subject="W" * 200, body="zeppelin " + "unbroken" * 200)
    page = log_in(cast.ana, viewport={"width": width, "height": 800})
    for typed in ("zeppelin", "x" * 290, 'tag:"' + "y" * 250, ""):
        page.goto(f"/search/?q={quote(typed)}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, typed


def test_every_shown_field_is_inert(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    for number, attack in enumerate(ATTACKS):
        dangerous(cast, opened, attack, number)
    page = log_in(cast.ana)
    for typed in ("window", "hit", "is:active", "script svg", *ATTACKS):
        assert_inert(page, f"/search/?q={quote(typed)}")
