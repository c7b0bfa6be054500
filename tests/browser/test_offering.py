"""A sign in the composer opens a list; the keyboard chooses from it."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from kb.scripts.models import Macro, Script
from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_script_is_put_in_by_the_keyboard_alone(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    Script.objects.create(name="Apology", kind="apology", body="We are sorry, {first_name}.")
    Script.objects.create(name="Apology, long", kind="apology", body="We are very sorry.")
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    area = page.locator("#reply textarea")
    area.focus()
    page.keyboard.type("Hello. /apol")
    chosen = page.locator("#offered [aria-selected=true]")
    expect(chosen).to_contain_text("Apology")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Apology, long")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(area).to_have_value("Hello. We are sorry, Carla.")
    expect(page.locator("#offered")).to_be_hidden()
    page.keyboard.type(" Either / or.")
    expect(page.locator("#offered")).to_be_hidden()


def test_a_macro_is_used_by_the_keyboard_alone_and_takes_the_typed_words_along(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    Macro.objects.create(name="Refund", words="You get your money back.", tags="refund", takes=True)
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply").get_by_text("Cc", exact=True).click()
    page.locator("#reply [name=cc]").fill("boss@acme.example")
    page.locator("#reply textarea").focus()
    page.keyboard.type("Hello. /refu")
    expect(page.locator("#offered [aria-selected=true]")).to_contain_text("tagged «refund»")
    page.keyboard.press("Enter")
    expect(page.locator(".notices")).to_contain_text("«Refund»: assigned to you; tagged «refund»")
    expect(page.locator("#reply textarea")).to_have_value(re.compile(r"^Hello\. ?\n\nYou get"))
    expect(page.locator("#reply [name=cc]")).to_have_value("boss@acme.example")
    ticket.refresh_from_db()
    assert ticket.assignee == cast.ana


def test_a_macro_that_fails_half_way_changes_nothing_and_keeps_what_was_typed(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    """Its category, priority and assignee are set before its tags are refused."""
    Macro.objects.create(
        name="Refund", words="You get your money back.", takes=True, priority="urgent",
        category=cast.management, tags=",".join(f"t{number}" for number in range(60)),
    )  # fmt: skip
    ticket = opened()
    before = Ticket.objects.filter(pk=ticket.pk).values().get()
    events = ticket.events.count()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply").get_by_text("Cc", exact=True).click()
    page.locator("#reply [name=cc]").fill("boss@acme.example")
    page.locator("#reply textarea").focus()
    page.keyboard.type("Hello. /refu")
    expect(page.locator("#offered [aria-selected=true]")).to_contain_text("Refund")
    page.keyboard.press("Enter")
    notices = page.locator(".notices")
    expect(notices).to_contain_text("«Refund» was not used.")
    expect(notices).to_contain_text("tags")  # why
    expect(page.locator("#reply textarea")).to_have_value(re.compile(r"^Hello\. ?$"))
    expect(page.locator("#reply [name=cc]")).to_have_value("boss@acme.example")
    expect(page.locator("#reply")).not_to_contain_text("Your words")
    assert Ticket.objects.filter(pk=ticket.pk).values().get() == before
    assert (ticket.events.count(), ticket.tags.count()) == (events, 0)
    assert not ticket.messages.filter(kind="reply").exists()


def test_a_macro_typed_into_a_note_leaves_the_note_where_it_was(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    Macro.objects.create(name="Refund", tags="refund")
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#note > summary").click()
    page.locator("#note textarea").focus()
    page.keyboard.type("For Ben. /refu")
    expect(page.locator("#offered [aria-selected=true]")).to_contain_text("Refund")
    page.keyboard.press("Enter")
    expect(page.locator(".notices")).to_contain_text("tagged «refund»")
    page.locator("#note > summary").click()
    expect(page.locator("#note textarea")).to_have_value(re.compile(r"^For Ben\. ?$"))
    assert page.locator("#reply textarea").input_value() == ""


def test_a_colleague_is_offered_in_a_note_and_not_in_a_reply(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#note > summary").click()
    page.locator("#note textarea").focus()
    page.keyboard.type("Ask @be")
    page.locator("#offered").get_by_text("Ben").click()
    expect(page.locator("#note textarea")).to_have_value("Ask @ben ")


def test_a_file_that_is_pasted_or_dropped_goes_along_and_can_be_taken_out(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    page.locator("#reply textarea").fill("See the log.")
    for event, holder in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        page.evaluate(
            """([event, holder]) => {
                const files = new DataTransfer();
                files.items.add(new File(["line"], `${event}.log`, { type: "text/plain" }));
                const kind = event === "paste" ? ClipboardEvent : DragEvent;
                document.querySelector("#reply textarea").dispatchEvent(
                    new kind(event, { bubbles: true, cancelable: true, [holder]: files }));
            }""",
            [event, holder],
        )
    expect(page.locator("#reply .attached button")).to_have_count(2)
    page.get_by_role("button", name="Take out paste.log").click()
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply .files")).to_contain_text("drop.log")
    expect(page.locator("article.reply .files")).not_to_contain_text("paste.log")


def test_cells_that_come_with_a_picture_of_themselves_are_pasted_as_text(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    is_ours = page.evaluate(
        """() => {
            const cells = new DataTransfer();
            cells.setData("text/plain", "A\\tB");
            cells.items.add(new File(["picture"], "image.png", { type: "image/png" }));
            const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: cells });
            return !document.querySelector("#reply textarea").dispatchEvent(paste);
        }"""
    )
    assert not is_ours
    expect(page.locator("#reply .attached button")).to_have_count(0)


def test_a_sign_with_nothing_after_it_leaves_enter_what_it_is(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    Script.objects.create(name="Apology", kind="apology", body="We are sorry.")
    ticket = opened()
    page = log_in(cast.ana)
    page.goto(f"/tickets/{ticket.reference}/")
    area = page.locator("#reply textarea")
    area.focus()
    page.keyboard.type("Both, and /")
    expect(page.locator("#offered [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("or")
    expect(area).to_have_value("Both, and /\nor")
    page.keyboard.type(" /")
    expect(page.locator("#offered [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(area).to_have_value("Both, and /\nor We are sorry.")
