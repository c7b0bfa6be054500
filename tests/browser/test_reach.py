"""Single keys that can be turned off, and focus that is not lost when a part of the page is replaced."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kb.defaults import install_defaults
from tests.browser.conftest import LogIn
from tests.factories import customer_writes, ticket
from tickets.models import Category

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_single_keys_are_turned_off_and_stay_off(cast: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(cast.ana)
    page.goto("/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Your menu").click()
    toggle = page.get_by_role("button", name="Single-key shortcuts")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-toggle-keys]")).to_have_attribute("aria-pressed", "false")


def test_where_storage_is_forbidden_a_choice_holds_for_the_page(
    cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })"
    )
    page.reload()
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="High contrast").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    page.get_by_role("button", name="Single-key shortcuts").click()
    expect(page.locator("[data-toggle-keys]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_same_key_shows_the_help_and_closes_it(cast: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(cast.ana)
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_focus_goes_to_what_was_fetched_and_to_the_field_in_error(
    cast: SimpleNamespace, log_in: LogIn
) -> None:
    now = timezone.now()
    install_defaults(now=now)
    fault = Category.objects.create(name="Fault", nature="problem")
    one = ticket(cast, now - timedelta(hours=5), category=fault)
    for minute in range(30):
        customer_writes(one, now - timedelta(hours=4) + timedelta(minutes=minute))
    page = log_in(cast.sue)
    page.goto(f"/tickets/{one.reference}/")
    page.locator(".earlier a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("ol.entries").first).to_be_focused()
    box = page.locator("#offers-panel details.offer").filter(has_text="Credit").first
    box.locator("summary").click()
    box.locator("input[name=amount]").fill("abc")
    box.get_by_role("button", name="Grant").press("Enter")
    amount = page.locator("#offers-panel input[aria-invalid]")
    expect(amount).to_be_focused()
    described = amount.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("an amount such as 25.00")


def test_a_menu_of_the_bar_shuts_with_escape_and_where_the_focus_leaves_it(
    cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.goto("/")
    summary = page.get_by_label("Your menu")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Light")).to_be_focused()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(summary).not_to_be_focused()
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 641, 1100, 1280, 1440])
def test_what_the_bar_opens_stands_inside_of_the_window(
    cast: SimpleNamespace, log_in: LogIn, width: int
) -> None:
    page = log_in(cast.ada, viewport={"width": width, "height": 800})
    page.goto("/absences/")
    menus = page.locator(".bar .menu")
    expect(menus).to_have_count(3)
    for menu in menus.all():
        menu.locator("summary").click()
        box = menu.locator("> div").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_role("searchbox").bounding_box()["width"] >= 224  # type: ignore[index]


@pytest.mark.parametrize("width", [1000, 1100, 1200, 1280, 1440])
def test_the_bar_keeps_to_one_line_and_each_place_in_it_to_its_name(
    cast: SimpleNamespace, log_in: LogIn, width: int
) -> None:
    page = log_in(cast.ada, viewport={"width": width, "height": 800})
    page.goto("/absences/")
    assert page.locator(".bar").bounding_box()["height"] < 60  # type: ignore[index]
    for name in ("Queue", "Incidents", "Workload", "Knowledge", "Phone", "Admin"):
        expect(page.locator(".bar").get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Incoming call")).to_be_visible()
