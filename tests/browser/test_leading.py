"""Those who lead, in a real browser: the angry caller's supervisor, a full desk, the wall."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from escalation import raising
from escalation.defaults import install_defaults
from tests.browser.conftest import LogIn
from tests.browser.test_accessible import violations
from tests.desk.conftest import Opener
from tests.routing.conftest import out
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None, cast: SimpleNamespace) -> SimpleNamespace:
    install_defaults(now=timezone.now())
    return cast


def changed(page: Page) -> None:
    """What the live stream says in every open window within two seconds."""
    page.evaluate("document.body.dispatchEvent(new Event('desk:changed'))")


def test_an_angry_caller_is_handed_over_taken_over_and_handed_back(
    company: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(subject="I want to speak to somebody else", assignee=company.ana)
    sue = log_in(company.sue)
    sue.get_by_role("link", name="Escalations").click()
    expect(sue.get_by_text("Nothing is escalated")).to_be_visible()

    ana = log_in(company.ana)
    ana.goto(f"/tickets/{ticket.reference}/")
    ana.get_by_text("Hand to a supervisor").click()
    ana.get_by_label("Why can you not go on?").fill("She shouts, and she is right.")
    ana.get_by_role("button", name="Hand over").click()
    expect(ana.locator(".notices")).to_contain_text("A supervisor has been told")

    changed(sue)
    entry = sue.locator(f"#e-{ticket.reference}")
    expect(entry).to_contain_text("Ana asks a supervisor to take over: She shouts")
    expect(entry).to_contain_text("yours")
    expect(entry).to_contain_text("Told")
    expect(sue.get_by_role("navigation", name="Main")).to_contain_text("1 wait for your answer")
    entry.locator("summary", has_text="Take over").click()
    entry.get_by_label("Note, if any").fill("I call her now.")
    changed(sue)  # what is being typed is not swept away
    expect(entry.get_by_label("Note, if any")).to_have_value("I call her now.")
    entry.get_by_role("button", name="Take over", exact=True).click()
    expect(sue.locator(".notices")).to_contain_text("The ticket is yours now")
    assert Ticket.objects.get(pk=ticket.pk).assignee == company.sue

    entry.locator("summary", has_text="Hand back").click()
    entry.get_by_label("Note for them").fill("She is content; please send the label.")
    entry.get_by_role("button", name="Hand back", exact=True).click()
    expect(sue.locator(".notices")).to_contain_text("Handed back with your note")
    expect(sue.get_by_text("Nothing is escalated")).to_be_visible()
    ana.goto(f"/tickets/{ticket.reference}/")
    expect(ana.locator("main")).to_contain_text("please send the label")
    assert Ticket.objects.get(pk=ticket.pk).assignee == company.ana


def test_the_same_by_keyboard_alone(
    company: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(assignee=company.ana)
    raising.hand_over(ticket=ticket, actor=company.ana, reason="He shouts.", now=timezone.now())
    page = log_in(company.sue)
    page.goto("/escalations/")
    page.keyboard.press("j")
    expect(page.locator(f"#e-{ticket.reference} h2 a")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Mine now.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notices")).to_contain_text("The ticket is yours now")
    assert Ticket.objects.get(pk=ticket.pk).assignee == company.sue


def test_an_executive_answers_on_a_phone(
    company: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(subject="W" * 200, assignee=company.ana)
    raising.hand_over(ticket=ticket, actor=company.ana, reason="Help", now=timezone.now())
    row = ticket.escalations.get()
    row.steps.update(told=[{"id": company.eve.pk, "name": "Eve"}])
    ticket.involvements.create(user=company.eve, because="asked", since=timezone.now())
    page = log_in(company.eve, viewport={"width": 360, "height": 740})
    page.get_by_role("link", name="Escalations").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.get_by_role("link", name="Workload")).to_have_count(0)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".notices")).to_contain_text("acknowledged")


def test_what_somebody_who_is_out_has_is_shared_out_and_taken_back(
    company: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    tickets = [opened(subject=f"Lamp {number}", assignee=company.ana) for number in range(3)]
    out(company.ana, timezone.now())
    page = log_in(company.sue)
    page.get_by_role("link", name="Workload").click()
    row = page.get_by_role("row").filter(has_text="Ana")
    expect(row).to_contain_text("out until")
    expect(row).to_contain_text("needs hands")
    row.get_by_role("link", name="Share out").click()
    page.get_by_label("Lamp 2").uncheck()
    page.get_by_role("button", name="Show who would get what").click()
    expect(page.get_by_role("listitem").filter(has_text="→")).to_have_count(2)
    assert {each.assignee for each in Ticket.objects.all()} == {company.ana}
    page.get_by_role("button", name="Share them out").click()
    expect(page.locator(".notices")).to_contain_text("2 tickets are shared out")
    assert Ticket.objects.filter(assignee=company.ben).count() == 2
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".notices")).to_contain_text("2 tickets are back where they were")
    assert Ticket.objects.filter(assignee=company.ana).count() == len(tickets)


def test_the_wall_says_so_when_it_is_cut_off_and_goes_on_when_it_is_not(
    company: SimpleNamespace, opened: Opener, log_in: LogIn, complaints: list[str]
) -> None:
    opened(assignee=company.ana)
    page = log_in(company.sue, viewport={"width": 1920, "height": 1080})
    page.goto("/wall/")
    expect(page.get_by_role("banner")).to_have_count(0)
    lost = page.get_by_text("no connection, trying again")
    expect(lost).to_be_hidden()
    page.context.set_offline(True)
    changed(page)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    changed(page)
    expect(lost).to_be_hidden()
    assert any("ERR_INTERNET_DISCONNECTED" in each for each in complaints)
    complaints.clear()
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080


@pytest.mark.parametrize("width", [360, 720, 1440])
def test_no_page_of_theirs_is_wider_than_its_window(
    company: SimpleNamespace, opened: Opener, log_in: LogIn, width: int
) -> None:
    ticket = opened(subject="W" * 200, assignee=company.ana)
    opened(subject="unbroken" * 20)
    raising.hand_over(ticket=ticket, actor=company.ana, reason="w" * 190, now=timezone.now())
    out(company.ana, timezone.now(), deputy=company.ben, note="n" * 190)
    page = log_in(company.sue, viewport={"width": width, "height": 800})
    share = f"/workload/share/?person={company.ana.pk}"
    for path in ("/escalations/", "/workload/", share, "/wall/", "/absences/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_without_javascript_every_page_shows_its_content_and_its_form_works(
    company: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    ticket = opened(assignee=company.ana)
    raising.hand_over(ticket=ticket, actor=company.ana, reason="Help", now=timezone.now())
    page = log_in(company.sue, java_script_enabled=False)
    page.goto("/escalations/")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".notices")).to_contain_text("acknowledged")
    page.goto(f"/workload/share/?person={company.ana.pk}")
    page.get_by_role("button", name="Show who would get what").click()
    page.get_by_role("button", name="Share them out").click()
    expect(page.locator(".notices")).to_contain_text("1 ticket is shared out")
    page.goto("/wall/")
    expect(page.get_by_role("heading", name="Breaks next")).to_be_visible()
    page.goto("/absences/")
    page.get_by_label("From").fill("2199-01-04T09:00")
    page.get_by_label("Until").fill("2199-01-05T17:00")
    page.get_by_role("button", name="Plan it").click()
    expect(page.locator(".notices")).to_contain_text("Sue is out of office in that time")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_theirs_shuts_anybody_out(
    company: SimpleNamespace, opened: Opener, log_in: LogIn, scheme: str
) -> None:
    ticket = opened(assignee=company.ana)
    raising.hand_over(ticket=ticket, actor=company.ana, reason="Help", now=timezone.now())
    out(company.ana, timezone.now(), deputy=company.ben)
    page = log_in(company.sue, color_scheme=scheme)
    found: list[str] = []
    share = f"/workload/share/?person={company.ana.pk}"
    for path in ("/escalations/", "/workload/", share, "/wall/", "/absences/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found += violations(page)
    page.goto(share)
    page.get_by_role("button", name="Show who would get what").click()
    found += violations(page)
    assert found == []
