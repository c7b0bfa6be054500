"""Going through a view of the queue, ticket by ticket, in a real browser."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener, due
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def three(opened: Opener) -> list[Ticket]:
    tickets = [opened(subject=name) for name in ("First", "Second", "Third")]
    for number, ticket in enumerate(tickets):
        due(ticket, timezone.now() + timedelta(minutes=10 + number))
    return tickets


def stands_at(page: Page, ticket: Ticket) -> None:
    expect(page).to_have_url(re.compile(f"/tickets/{ticket.reference}/[?]from="))
    expect(page.locator(".stop[aria-current]")).to_contain_text(ticket.subject)


def test_three_tickets_are_walked_by_keyboard_and_one_is_answered(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    first, second, third = three
    page = log_in(cast.ana, viewport={"width": 1440, "height": 900})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    stands_at(page, first)
    expect(page.locator(".stops .stop")).to_have_count(3)
    page.keyboard.press("Shift+J")
    stands_at(page, second)
    page.keyboard.press("r")
    page.keyboard.type("It is known.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notices")).to_contain_text("held")
    stands_at(page, second)
    page.keyboard.press("Shift+J")
    stands_at(page, third)
    # What is answered has no deadline now, and stands last.
    page.keyboard.press("Shift+K")
    stands_at(page, first)
    page.keyboard.press("Shift+J")
    stands_at(page, third)
    page.keyboard.press("Shift+J")
    stands_at(page, second)
    page.keyboard.press("Shift+J")
    expect(page.locator(".notices")).to_contain_text("was the last ticket of this view")
    expect(page.get_by_role("heading", level=1)).to_have_text("Breaking next")
    assert Message.objects.get(kind="reply").ticket == second


def test_the_strip_is_clicked_folded_and_stays_folded(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    page = log_in(cast.ana, viewport={"width": 1440, "height": 900})
    page.get_by_role("link", name="First").click()
    page.locator(".stops").get_by_role("link", name="Third").click()
    stands_at(page, three[2])
    page.locator(".strip summary").click()
    expect(page.locator(".stops")).to_be_hidden()
    page.wait_for_function("document.cookie.includes('strip=')")  # said a moment after it folds
    (kept,) = [each for each in page.context.cookies() if each["name"] == "strip"]
    assert (kept["value"], kept["path"], kept["sameSite"]) == ("folded", "/", "Lax")
    page.keyboard.press("Shift+K")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(page.locator(".strip details")).not_to_have_attribute("open", "")
    expect(page.locator(".stops")).to_have_count(0)
    page.locator(".strip summary").click()
    stands_at(page, three[1])


def test_on_a_phone_there_are_only_the_ways_on_and_back(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    page = log_in(cast.ana, viewport={"width": 390, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="First").click()
    page.wait_for_load_state("networkidle")
    strip = page.get_by_role("navigation", name="The view you came from")
    expect(strip.get_by_role("link")).to_have_count(3)
    assert not [url for url in asked if f"/tickets/{three[0].reference}/queue/" in url]
    strip.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.get_by_role("link", name="The queue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Breaking next")


def test_without_javascript_one_walks_all_the_same(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    page = log_in(cast.ana, java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page.get_by_role("link", name="First").click()
    page.locator(".strip").get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.locator("#reply textarea").fill("It is known.")
    page.get_by_role("button", name="Send reply").click()
    page.locator(".talk").get_by_role("link", name="Next ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Third")
    page.get_by_role("link", name="Its tickets").click()
    expect(page.locator(".stops .stop")).to_have_count(3)


def test_open_hours_tick_without_the_server(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    now = int(timezone.now().timestamp())
    hours = f"{now - 60}-{now + 7259} {now + 90_000}-{now + 97_200}"
    page.evaluate(
        """hours => document.querySelector("main").insertAdjacentHTML("beforeend",
        `<time datetime="2000-01-01" data-tick="left" data-open="${hours}">?</time>`)""",
        hours,
    )
    expect(page.locator("time[data-open]")).to_have_text("4 h")


def test_a_badge_is_right_though_the_clock_of_the_browser_is_not(
    transactional_db: None, cast: SimpleNamespace, three: list[Ticket], log_in: LogIn
) -> None:
    now = timezone.now()
    page = log_in(cast.ana)
    page.clock.install(time=now - timedelta(hours=2))
    page.reload()
    page.evaluate(
        """due => document.querySelector("main").insertAdjacentHTML("beforeend",
        `<time datetime="${due}" id="due" data-tick="clock" data-name="first reply">?</time>`)""",
        (now - timedelta(minutes=90)).isoformat(),
    )
    expect(page.locator("#due")).to_contain_text("first reply late by 1 h")
