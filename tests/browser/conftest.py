"""A real Chromium against a live server; every page is watched for errors and CSP violations."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.desk.conftest import held, opened
from tickets.people.models import User

__all__ = ["held", "opened"]  # the desk's fixtures, shared

PASSWORD = "a-long-secret"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LogIn = Callable[..., Page]


def chromium() -> str | None:
    named = "/usr/bin/chromium"
    return named if Path(named).exists() else shutil.which("chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Without Chromium the tests are skipped, but fail where REQUIRE_SERVERS asks for everything."""
    path = chromium()
    if path is None:
        if os.environ.get("REQUIRE_SERVERS"):
            pytest.fail("Chromium is missing, and REQUIRE_SERVERS is set.")
        pytest.skip("Chromium is not installed.")
    # Playwright's synchronous API runs a loop in this thread; our queries here are not inside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser's console held against our pages; a test with any fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def site(live_server: SimpleNamespace) -> SimpleNamespace:
    """What is visited: pages without a stream, unless a test brings its own."""
    return live_server


@pytest.fixture
def log_in(browser: Browser, site: SimpleNamespace, complaints: list[str]) -> Iterator[LogIn]:
    """Logs a person in through the page and returns their window."""
    contexts: list[BrowserContext] = []

    def listen(message: ConsoleMessage) -> None:
        refused = any(code in message.text for code in ("401", "404", "409", "422"))
        if message.type == "error" and not refused:
            complaints.append(message.text)

    def signed_in(user: User, **options: object) -> Page:
        user.set_password(PASSWORD)
        user.save()
        context = browser.new_context(base_url=site.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/")
        page.get_by_label("Login").fill(user.username)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/")
        return page

    yield signed_in
    for context in contexts:
        context.close()
