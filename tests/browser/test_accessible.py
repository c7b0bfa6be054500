"""axe-core finds nothing against any page of the desk, by day and by night."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from kb.scripts.models import Script
from tests.browser.conftest import LogIn
from tests.browser.world import in_the_middle_of_a_day, names, shown_to
from tests.desk.conftest import Opener
from tickets.models import BulkDeed, Ticket
from tickets.people.models import User
from tickets.services import conversation, viewing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "/", "/?tab=held", "/?tab=all&q=nothing+like+it", "/?sort=opened&form=filter",
    "/?sort=opened&form=columns", "/?sort=opened&form=save", "/queue/views/", "/tickets/new/",
    "/kb/",
)  # fmt: skip
OF_A_TICKET = (
    "", "?form=tags", "?form=progress", "merge/", "split/", "clocks/", "offers/",
    "?from=tab%3Dnext", "queue/?from=tab%3Dnext", "history/", "entitlements/", "?form=notes",
)  # fmt: skip


def violations(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page, options=RULES).response
    return [
        f"{page.url}: {each['id']} {node['target']} {node['html'][:120]}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


@pytest.fixture
def talked_about(cast: SimpleNamespace, opened: Opener) -> Ticket:
    Script.objects.create(name="Hold on", kind="hold", body="One moment, {customer}.")
    ticket = opened(tags=["vip"])
    conversation.reply(ticket=ticket, author=cast.ana, body="Here it is.", now=timezone.now())
    conversation.note(ticket=ticket, author=cast.ben, body="Known since May.", now=timezone.now())
    return ticket


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_desk_shuts_anybody_out(
    transactional_db: None,
    cast: SimpleNamespace,
    talked_about: Ticket,
    log_in: LogIn,
    scheme: str,
) -> None:
    viewing.save_view(owner=cast.sue, name="Own", query="tab=mine", columns=["tags"])
    viewing.save_view(
        owner=cast.ada, name="All's", query="tab=all", columns=[], sharing="everybody"
    )
    page = log_in(cast.sue, color_scheme=scheme)
    found: list[str] = []
    own = [f"/tickets/{talked_about.reference}/{rest}" for rest in OF_A_TICKET]
    for address in (*PAGES, *own):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        found += violations(page)
    found += _many_at_once(page)
    assert found == []


def test_every_address_of_the_desk_is_open_to_everybody(
    transactional_db: None,
    cast: SimpleNamespace,
    opened: Opener,
    log_in: LogIn,
    settings: SimpleNamespace,
    tmp_path: Path,
) -> None:
    """Whatever the URL conf has, with everything that can stand there, by day and by night."""
    settings.MEDIA_ROOT = tmp_path
    world = in_the_middle_of_a_day(cast, opened)
    windows: dict[User, Page] = {}
    found: list[str] = []
    for name in names():
        shown = shown_to(world, name)
        if shown is None or not shown[2]:
            continue
        person, address, _ = shown
        if person not in windows:
            windows[person] = log_in(person, reduced_motion="reduce")
        page = windows[person]
        page.goto(address)
        page.wait_for_load_state("networkidle")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{scheme} {each}" for each in violations(page)]
    assert found == []


def _many_at_once(page: Page) -> list[str]:
    """Selected rows, the preview, the bar that undoes it, and the page of the deed."""
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.get_by_role("checkbox", name="Select all on this page").click()
    expect(page.locator("#bulk")).to_contain_text("1 ticket selected")
    found = violations(page)
    page.get_by_role("button", name="Follow").click()
    page.get_by_role("button", name="Change 1 ticket").wait_for()
    found += violations(page)
    page.get_by_role("button", name="Change 1 ticket").click()
    page.wait_for_load_state("networkidle")
    found += violations(page)
    page.goto(f"/queue/bulk/{BulkDeed.objects.get().pk}/")
    return found + violations(page)
