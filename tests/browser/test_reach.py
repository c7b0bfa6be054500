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
    page.locator("details.menu summary").first.click()
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
    page.locator("details.menu summary").first.click()
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
    expect(page.locator(f"#{described}")).to_contain_text("number")
