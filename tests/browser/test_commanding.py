"""Everything on a page is found by typing a part of its name."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_commands_are_found_and_done_by_keyboard_alone(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    field = page.locator("#commands input")
    expect(field).to_be_focused()
    page.keyboard.type("unass")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("tab=unassigned|view=unassigned"))
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type(ticket.reference.lower())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{ticket.reference}/"))
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("internal")
    page.keyboard.press("Enter")
    expect(page.locator("#note textarea")).to_be_focused()
    expect(page.locator("#commands")).to_be_hidden()


def test_the_tickets_opened_last_are_among_the_commands(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(subject="A lamp of its own")
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.goto("/absences/")
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.keyboard.type("of its own")
    expect(page.locator("#commands [role=option]").first).to_have_text(
        f"{ticket.reference} A lamp of its own"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{ticket.reference}/"))
    page.wait_for_load_state("networkidle")


def test_arrows_go_round_the_commands_and_the_chosen_one_is_named_to_the_field(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    field, options = page.locator("#commands input"), page.locator("#commands [role=option]")
    last = options.count() - 1
    assert last > 0
    for key, at in [("", 0), ("ArrowUp", last), ("ArrowDown", 0), ("ArrowDown", 1)]:
        if key:
            page.keyboard.press(key)
        expect(field).to_have_attribute("aria-activedescendant", f"command-{at}")
        expect(page.locator("#commands [aria-selected=true]")).to_have_id(f"command-{at}")
    page.keyboard.type("nothing has this name")
    expect(options).to_have_count(1)
    expect(options).to_have_attribute("aria-selected", "true")
    expect(options).to_have_text("Search for «nothing has this name»")


def test_high_contrast_is_chosen_and_stays(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="High contrast").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
