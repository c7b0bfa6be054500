"""An agent's work in a real browser."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener
from tickets.models import Message, Ticket
from tickets.services import drafting, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_reply_is_sent_recalled_and_sent_again(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.get_by_role("link", name="The lamp flickers").click()
    page.locator("#reply textarea").fill("A new one leaves today.")
    page.get_by_role("button", name="Send reply").click()
    said = page.locator("article.reply")
    expect(said).to_contain_text("A new one leaves today.")
    expect(said.locator("time[data-tick=hold]")).to_contain_text("in ")
    page.get_by_role("button", name="Recall").click()
    expect(page.locator(".notices")).to_contain_text("never sent")
    words = page.locator("#reply textarea")
    expect(words).to_have_value("A new one leaves today.")
    expect(words).to_be_focused()
    expect(words).to_be_in_viewport()
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.reply")).to_have_count(2)
    states = [each.mail.state for each in Message.objects.filter(ticket=ticket, kind="reply")]
    assert states == ["recalled", "held"]


def test_the_countdown_ticks(
    transactional_db: None, cast: SimpleNamespace, held: Message, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.goto(f"/tickets/{held.ticket.reference}/")
    clock = page.locator("article.held time[data-tick=hold]").first
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)


def test_a_key_takes_the_ticket_and_others_lead_to_its_properties(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.keyboard.press("m")
    expect(page.locator(".notices")).to_be_visible()
    page.wait_for_load_state()
    ticket.refresh_from_db()
    assert ticket.assignee == cast.ana
    for key, name in (("v", "Status"), ("o", "Assignee"), ("p", "Priority")):
        page.keyboard.press(key)
        expect(page.get_by_label(name, exact=True)).to_be_focused()
        page.get_by_label(name, exact=True).blur()


def test_the_keyboard_walks_the_queue_and_writes(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    first, second = opened(subject="First"), opened(subject="Second")
    page = log_in(cast.ana)
    page.keyboard.press("j")
    expect(page.locator(f"#t-{first.reference}")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"#t-{second.reference}")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{first.reference}/"))
    page.wait_for_load_state()  # the keys come with the deferred scripts
    page.keyboard.press("n")
    expect(page.locator("#note textarea")).to_be_focused()
    page.keyboard.type("r j k ?")
    expect(page.locator("#note textarea")).to_have_value("r j k ?")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#reply textarea")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_everything_works_without_javascript(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana, java_script_enabled=False)
    page.get_by_role("link", name="The lamp flickers").click()
    page.locator("#note > summary").click()
    page.locator("#note textarea").fill("Ask the warehouse.")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("article.note")).to_contain_text("Ask the warehouse.")
    page.locator("#reply textarea").fill("Thank you.")
    page.get_by_role("button", name="Send reply").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("The words").fill("Thank you very much.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article.reply")).to_contain_text("Thank you very much.")
    page.get_by_label("Priority").select_option("urgent")
    page.locator("#properties").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".head")).to_contain_text("Urgent priority")
    for panel in ("Clocks", "Escalations", "Scripts", "Offers"):
        link = page.locator("main").get_by_role("link", name=panel, exact=True)
        if link.count():
            link.click()
            expect(page.locator("main")).to_contain_text(ticket.reference)
            page.go_back()
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_two_agents_at_once_and_no_word_is_lost(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill("Typed for ten minutes.")
    triage.set_priority(ticket=ticket, priority="urgent", actor=cast.ben, now=ticket.opened_at)
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("#main .notice[role=alert]")).to_contain_text("Ben changed")
    expect(page.locator("#reply textarea")).to_have_value("Typed for ten minutes.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply")).to_contain_text("Typed for ten minutes.")


def test_panels_of_the_upper_floors_load_into_the_page(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.wait_for_load_state("networkidle")
    for slot in page.locator(".slot").all():
        slot.scroll_into_view_if_needed()
        expect(slot.locator("h2 a")).to_have_count(0)


def test_buttons_insert_their_words_into_the_open_composer(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill("Dear Carla,")
    page.evaluate(
        """() => {
            const button = document.createElement("button");
            button.dataset.insert = "Please hold the line.";
            button.id = "probe";
            document.querySelector("main").prepend(button);
        }"""
    )
    page.locator("#probe").click()
    expect(page.locator("#reply textarea")).to_have_value("Dear Carla,\n\nPlease hold the line.")
    page.locator("#reply textarea").fill("")


def test_the_chosen_theme_stays(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana, color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize("width", [360, 720, 1440])
def test_no_page_is_wider_than_its_window(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, width: int
) -> None:
    cast.carla.email = f"{'a' * 60}@{'b' * 60}.example"
    cast.carla.save()
    ticket = opened(subject="W" * 200, body="unbroken" * 200, tags=["t" * 60])
    page = log_in(cast.ana, viewport={"width": width, "height": 800})
    for kind in ("reply", "note"):
        drafting.keep(ticket=ticket, author=cast.ana, kind=kind, body="Half", now=ticket.opened_at)
    for path in ("/", f"/tickets/{ticket.reference}/", "/tickets/new/", "/?tab=held"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_admin_runs_under_the_same_policy(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened()
    page = log_in(cast.ada)
    page.goto("/admin/")
    links = page.locator("#content-main a.addlink, #content-main th a").all()
    for address in [link.get_attribute("href") for link in links]:
        page.goto(address or "/admin/")
        expect(page.locator("#header")).to_be_visible()
    assert links


def test_opening_for_a_caller_gives_the_reference(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    page.get_by_role("link", name="New ticket").click()
    page.get_by_label("Phone", exact=True).fill("+1 555 0100")
    page.get_by_label("Subject", exact=True).fill("Dark lamp")
    page.get_by_label("What they said").fill("It is dark.")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator(".notices")).to_contain_text(Ticket.objects.get().reference)
