"""Two people at once in real browsers: what one does the other sees within two seconds."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from config.asgi import Entrance, pages
from kb.scripts.models import Macro
from tests.browser.conftest import LogIn, without_the_line
from tests.desk.conftest import Opener
from tests.factories import customer_writes
from tests.faults.servers import wait_until
from tickets.live import presence
from tickets.live.presence import Memory
from tickets.models import Draft, Ticket
from tickets.services import conversation, triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Milliseconds: before any question that pages ask by themselves. That it takes two seconds at most
# is measured (`python -m tests.bench --only live`).
SOON = 10_000


class Site:
    """Pages and stream in one process, as ``manage.py run`` has them; it can go away and come back."""

    def __init__(self) -> None:
        self.port = 0
        self.app: Any = Entrance()
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(
            self.app, port=self.port, log_level="warning", lifespan="off",
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(self._server,), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, 20, "the site is up")
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(20)

    @staticmethod
    def _run(server: uvicorn.Server) -> None:
        server.run()


@pytest.fixture
def site(transactional_db: None, settings: Any, monkeypatch: Any) -> Iterator[Site]:
    """Takes the place of pytest-django's, which has no stream."""
    settings.CELERY_BROKER_URL = "memory://"
    monkeypatch.setattr(presence, "memory", Memory())
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    running = Site()
    yield running
    running.stop()


def at(page: Page, ticket: Ticket) -> Page:
    page.goto(f"/tickets/{ticket.reference}/")
    page.wait_for_selector("body[data-stream]")
    return page


def test_two_on_one_ticket_see_each_other_reading_and_writing(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    ana, ben = at(log_in(cast.ana), ticket), at(log_in(cast.ben), ticket)
    seen_by_ana, seen_by_ben = ana.locator(".head + .presence"), ben.locator(".head + .presence")
    expect(seen_by_ben).to_have_text("Ana is reading")
    expect(seen_by_ana).to_have_text("Ben is reading", timeout=SOON)
    ben.locator("#reply textarea").press_sequentially("Dear Carla")
    expect(seen_by_ana).to_have_text("Ben is writing a reply", timeout=SOON)
    ben.locator("#reply textarea").fill("")
    expect(seen_by_ana).to_have_text("Ben is reading", timeout=SOON)
    ben.goto("/")
    expect(seen_by_ana).to_have_text("", timeout=2 * SOON)


def test_a_change_of_another_is_told_and_brought_in_without_losing_a_word(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    page.locator("#reply textarea").fill("Half an answer")
    page.get_by_label("Priority").select_option("high")  # chosen, not saved
    triage.set_status(ticket=ticket, status="open", actor=cast.ben, now=timezone.now())
    bar = page.locator("#news")
    expect(bar).to_contain_text("Ben changed the status: new → open", timeout=SOON)
    expect(page.locator("#head")).to_contain_text("New")
    conversation.note(ticket=ticket, author=cast.ben, body="She called.", now=timezone.now())
    expect(bar).to_contain_text("Ben added a note", timeout=SOON)
    page.get_by_role("link", name="Show").press("Enter")
    expect(page.locator("article.note")).to_contain_text("She called.")
    expect(page.locator("#head")).to_contain_text("Open")
    expect(bar).to_have_text("")
    expect(page.locator("#reply textarea")).to_have_value("Half an answer")
    expect(page.get_by_label("Priority")).to_have_value("high")
    expect(page.locator("article.note summary").first).to_be_focused()
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply")).to_contain_text("Half an answer")


def test_what_happens_while_news_are_brought_in_keeps_no_part_of_the_page_old(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    waiting: list[Route] = []
    page.route(f"**/tickets/{ticket.reference}/", lambda route: waiting.append(route))
    triage.set_priority(ticket=ticket, priority="high", actor=cast.ben, now=timezone.now())
    page.locator("#news").get_by_role("link", name="Show").click()
    expect(page.locator("#news .htmx-request")).to_be_visible()
    with page.expect_response("**/news/?**", timeout=SOON):
        conversation.note(ticket=ticket, author=cast.ben, body="And now?", now=timezone.now())
    opened(subject="Another, of the same team")
    waiting[0].continue_()
    expect(page.locator("#conversation")).to_contain_text("And now?")
    expect(page.locator("#head")).to_contain_text("High priority")
    expect(page.locator("#properties").get_by_label("Priority")).to_have_value("high")
    expect(page.locator("#news")).to_be_empty()


def test_notes_about_the_customer_are_saved_also_after_news_were_brought_in(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    conversation.note(ticket=ticket, author=cast.ben, body="She called.", now=timezone.now())
    expect(page.locator("#news")).to_contain_text("Ben added a note", timeout=SOON)
    page.get_by_role("link", name="Show").press("Enter")
    expect(page.locator("article.note")).to_contain_text("She called.")
    page.locator("#notes > summary").click()
    page.locator("#notes textarea").first.fill("Likes mornings.")
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator(".notices")).to_be_visible()
    cast.carla.refresh_from_db()
    assert cast.carla.notes == "Likes mornings."


def test_a_macro_is_refused_over_news_and_not_once_they_were_brought_in(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    """Its panel is fetched anew when they are."""
    ticket, macro = opened(), Macro.objects.create(name="Not for us", status="solved")
    page = at(log_in(cast.ana), ticket)
    used = page.locator("#scripts-panel").get_by_role("button", name=macro.name)
    expect(used).to_be_visible()
    customer_writes(ticket, timezone.now())
    expect(page.locator("#news")).to_contain_text("wrote", timeout=SOON)
    used.click()
    expect(page.get_by_role("alert")).to_contain_text("«Not for us» was not used.")
    at(page, ticket)
    expect(used).to_be_visible()
    customer_writes(ticket, timezone.now())
    expect(page.locator("#news")).to_contain_text("wrote", timeout=SOON)
    page.get_by_role("link", name="Show").press("Enter")
    ticket.refresh_from_db()
    seen = page.locator("#scripts-panel input[name=version]")
    expect(seen).to_have_value(str(ticket.version), timeout=SOON)
    used.click()
    expect(page.locator(".notices")).to_contain_text("«Not for us»")
    ticket.refresh_from_db()
    assert ticket.status == "solved"


def test_who_would_answer_over_a_new_message_is_asked_first(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    page.locator("#reply textarea").fill("Half an answer")
    conversation.note(ticket=ticket, author=cast.ben, body="I called her.", now=timezone.now())
    page.locator("#reply textarea").press("Control+Enter")
    expect(page.locator("#reply .unread")).to_contain_text("I called her.")
    expect(page.locator("main [role=alert]").first).to_contain_text("Ben wrote while you")
    expect(page.locator("#reply textarea")).to_have_value("Half an answer")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("article.reply")).to_contain_text("Half an answer")


def test_a_list_hears_of_a_new_ticket(cast: SimpleNamespace, opened: Opener, log_in: LogIn) -> None:
    page = log_in(cast.ana)
    page.wait_for_selector("body[data-stream]")
    page.evaluate(
        "document.body.addEventListener('desk:changed', () => document.body.dataset.heard = 'yes')"
    )
    opened(subject="Just come in")
    expect(page.locator("body")).to_have_attribute("data-heard", "yes", timeout=SOON)


def test_the_line_lost_and_back(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, site: Site, complaints: list[str]
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    page.locator("#note > summary").click()
    page.locator("#note textarea").fill("Half a thought")
    lost, back = page.locator("[data-line=lost]"), page.locator("[data-line=back]")
    site.stop()
    expect(lost).to_be_visible()
    expect(lost).to_have_text("Connection lost. What you type stays here.", use_inner_text=True)
    triage.set_priority(ticket=ticket, priority="high", actor=cast.ben, now=timezone.now())
    site.start()
    expect(back).to_be_visible(timeout=40_000)
    expect(lost).to_be_hidden()
    expect(page.locator("#news")).to_contain_text("Ben changed the priority")
    expect(page.locator("#note textarea")).to_have_value("Half a thought")
    # What was being answered when the site went down ends as an error of the server.
    lost = without_the_line(complaints)
    complaints[:] = [each for each in lost if " 500 " not in each and "responseError" not in each]


def test_a_network_that_goes_is_said_at_once(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, complaints: list[str]
) -> None:
    page = at(log_in(cast.ana), opened())
    page.context.set_offline(True)
    expect(page.locator("[data-line=lost]")).to_be_visible(timeout=SOON)
    page.context.set_offline(False)
    expect(page.locator("[data-line=back]")).to_be_visible(timeout=SOON)
    complaints[:] = without_the_line(complaints)


def test_what_is_typed_without_a_line_is_said_not_to_be_kept_and_is_kept_once_the_line_is_back(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, complaints: list[str]
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    words, said = page.locator("#reply textarea"), page.locator("#reply .kept-at")
    words.fill("First half.")
    expect(said).to_contain_text("Draft kept")
    page.context.set_offline(True)
    words.press_sequentially(" Second half.")
    expect(said).to_have_text("Not kept yet: in this tab only")
    page.context.set_offline(False)
    expect(said).to_contain_text("Draft kept")
    assert Draft.objects.get().body == "First half. Second half."
    complaints[:] = without_the_line(complaints)


def test_what_is_typed_after_the_login_ended_is_said_not_to_be_kept_until_the_next(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, complaints: list[str]
) -> None:
    ticket = opened()
    page = at(log_in(cast.ana), ticket)
    [cookie] = [each for each in page.context.cookies() if each["name"] == "sessionid"]
    page.context.clear_cookies(name="sessionid")
    page.locator("#reply textarea").press_sequentially("Typed for ten minutes.")
    expect(page.locator("#reply .kept-at")).to_have_text("Not kept yet: in this tab only")
    with page.expect_event("dialog") as leaving:
        page.close(run_before_unload=True)
    assert leaving.value.type == "beforeunload"
    leaving.value.dismiss()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    page.context.add_cookies([cookie])
    expect(page.get_by_text("You are logged out.")).to_be_hidden()
    expect(page.locator("#reply .kept-at")).to_contain_text("Draft kept")
    complaints[:] = [each for each in complaints if "401" not in each and "htmx:" not in each]


def test_without_a_stream_pages_ask_and_hear_the_same(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, site: Site
) -> None:
    site.stop()
    site.app = pages
    site.start()
    ticket = opened(assignee=cast.ana, actor=cast.ana)
    page = log_in(cast.ana)
    with page.expect_response("**/live/stream/**"):
        page.goto(f"/tickets/{ticket.reference}/")
    expect(page.locator("#bell input")).to_have_value("0")
    conversation.note(ticket=ticket, author=cast.ben, body="She called.", now=timezone.now())
    expect(page.locator("#news")).to_contain_text("Ben added a note", timeout=40_000)
    expect(page.locator("#bell")).to_have_text("1 unread", timeout=SOON)
    expect(page.locator("[data-line=lost]")).to_be_hidden()


def test_the_bell_rings_elsewhere_and_is_still_once_the_ticket_was_read(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(assignee=cast.ana, actor=cast.ana)
    page = log_in(cast.ana)
    page.goto("/absences/")
    page.wait_for_selector("body[data-stream]")
    conversation.customer_message(
        ticket=ticket, contact=cast.carla, body="And now?", received_at=timezone.now(),
        now=timezone.now(),
    )  # fmt: skip
    expect(page.locator("#bell")).to_have_text("1 unread", timeout=SOON)
    expect(page.locator("#bell-said")).to_have_text("1 unread notification")
    expect(page).to_have_title("(1) Out of office · Helpdesk")
    page.locator(".bell summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Carla Customer wrote").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The lamp flickers")
    expect(page.locator("#bell .badge")).to_have_count(0)
    expect(page.locator("#bell input")).to_have_value("0")
    page.wait_for_selector("body[data-stream]")
    conversation.note(ticket=ticket, author=cast.ben, body="Mine.", now=timezone.now())
    expect(page.locator("#bell")).to_have_text("1 unread", timeout=SOON)
    page.get_by_role("link", name="Show").click()
    expect(page.locator("#bell .badge")).to_have_count(0)


def test_the_bell_rings_for_what_was_missed_while_the_stream_knew_nothing(
    cast: SimpleNamespace, opened: Opener, log_in: LogIn, site: Site, complaints: list[str]
) -> None:
    ticket = opened(assignee=cast.ana, actor=cast.ana)
    page = log_in(cast.ana)
    page.goto("/absences/")
    page.wait_for_selector("body[data-stream]")
    expect(page.locator("#bell input")).to_have_value("0")
    page.context.set_offline(True)
    expect(page.locator("[data-line=lost]")).to_be_visible(timeout=SOON)
    conversation.note(ticket=ticket, author=cast.ben, body="She called.", now=timezone.now())
    site.stop()
    site.app = Entrance()  # a new process: it heard nothing of that
    site.start()
    page.context.set_offline(False)
    expect(page.locator("#bell")).to_have_text("1 unread", timeout=40_000)
    complaints[:] = without_the_line(complaints)
