"""A real Chromium against a live server; every page is watched for errors and CSP violations."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.test import Client
from django.utils import timezone
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from escalation.models import Pulse
from escalation.pulse import SWEEP
from tests.desk.conftest import held, opened
from tickets.people.models import User

__all__ = ["held", "opened"]  # the desk's fixtures, shared

PASSWORD = "a-long-secret"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LogIn = Callable[..., Page]
# Milliseconds for what will come; how fast it comes is measured elsewhere.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


class Answering:
    """Requests that a server in this process has begun and not ended: a database is not emptied under
    them. Of one whose browser went away the end is not always told, so one waits only for a while."""

    def __init__(self) -> None:
        self._number, self._changed = 0, threading.Condition()
        request_started.connect(self._begun)
        request_finished.connect(self._ended)

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._number == 0, seconds)
            self._number = 0

    def _begun(self, **_: object) -> None:
        self._count(1)

    def _ended(self, **_: object) -> None:
        self._count(-1)

    def _count(self, by: int) -> None:
        with self._changed:
            self._number = max(self._number + by, 0)
            self._changed.notify_all()


answering = Answering()


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


def without_the_line(complaints: list[str]) -> list[str]:
    """That requests failed meanwhile was wanted."""
    wanted = ("ERR_", "htmx:sendError", "htmx:afterRequest")
    return [each for each in complaints if not any(words in each for words in wanted)]


@pytest.fixture
def site(live_server: SimpleNamespace) -> SimpleNamespace:
    """What is visited: pages without a stream, unless a test brings its own."""
    return live_server


@pytest.fixture
def log_in(browser: Browser, site: SimpleNamespace, complaints: list[str]) -> Iterator[LogIn]:
    """Logs a person in and returns their window, at the queue; ``by_page`` as people do it."""
    contexts: list[BrowserContext] = []
    cache.clear()  # a table that no test empties counts who logs in, thirty a minute

    def listen(message: ConsoleMessage) -> None:
        refused = any(code in message.text for code in ("401", "404", "409", "422"))
        if message.type == "error" and not refused:
            complaints.append(message.text)

    def signed_in(user: User, *, by_page: bool = False, **options: object) -> Page:
        # The clocks are watched as long as the test lasts: else each page moves down, once it is
        # there, by the warning that nobody has swept.
        watched = {"at": timezone.now() + timedelta(hours=1), "took": timedelta(0)}
        Pulse.objects.update_or_create(name=SWEEP, defaults=watched)
        context = browser.new_context(base_url=site.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if not by_page:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session(user), "url": site.url}]
            )
        page.goto("/")
        if by_page:
            fill_in(page, user)
        return page

    yield signed_in
    for context in contexts:
        context.close()
    answering.wait(PATIENCE / 1000)


def session(user: User) -> str:
    """The key of a new session of theirs."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return str(client.session.session_key)


def fill_in(page: Page, user: User) -> None:
    """Logs in through the form that ``page`` shows; comes back at the page after it."""
    user.set_password(PASSWORD)
    user.save()
    page.get_by_label("Login").fill(user.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
