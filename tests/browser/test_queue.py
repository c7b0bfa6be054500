"""The queue in a real browser: many tickets at once, saved views, the keyboard alone, the phone."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from escalation.incidents import services as incidents
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, at_rest
from tests.desk.conftest import Opener
from tickets.models import SavedView, Ticket
from tickets.services import triage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.id"))


@pytest.mark.parametrize("by", HANDS)
def test_fifty_are_closed_at_once_and_it_is_undone(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    hands = HANDS[by]
    for number in range(50):
        opened(subject=f"Ticket {number}")
    page = log_in(cast.ana)
    hands.tick(page.get_by_label("Select all on this page"))
    expect(page.locator("#bulk")).to_contain_text("50 tickets selected")
    hands.press(page.get_by_role("button", name="Close", exact=True))
    expect(page.get_by_role("heading", name="50 of 50 will change")).to_be_visible()
    assert Ticket.objects.filter(status="closed").count() == 0
    hands.press(page.get_by_role("button", name="Change 50 tickets"))
    expect(page.locator(".undo")).to_contain_text("50 tickets closed.")
    assert Ticket.objects.filter(status="closed").count() == 50
    one = Ticket.objects.order_by("pk").first()
    assert one is not None
    Ticket.objects.filter(pk=one.pk).update(version=one.version + 1)  # somebody touched it
    hands.press(page.get_by_role("button", name="Undo"))
    expect(page.locator(".notices")).to_contain_text("49 tickets are as before.")
    expect(page.locator("main")).to_contain_text("It was changed since")
    assert Ticket.objects.filter(status="new").count() == 49


def test_a_view_is_made_used_shared_and_seen_by_another(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(subject="Burning", priority="urgent")
    opened(subject="Smouldering")
    page = log_in(cast.sue)
    page.locator(".filters > summary").click()
    page.locator(".filters").get_by_label("Priority").select_option("urgent")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".save > summary").click()
    page.get_by_label("Name of the view").fill("Fires <b>")
    page.get_by_label("For whom").select_option(label="team Support")
    page.locator(".save").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fires <b>")
    other = log_in(cast.ana)
    entry = other.get_by_role("navigation", name="Views").get_by_role("link", name="Fires <b>")
    expect(entry).to_contain_text("1")
    entry.click()
    expect(other.locator("#rows")).to_contain_text("Burning")
    expect(other.locator("#rows")).not_to_contain_text("Smouldering")
    page.get_by_role("link", name="Manage views").click()
    page.get_by_label("Name of the view").fill("Fires")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("«Fires» is saved.")
    page.get_by_role("button", name="Delete Fires").click()
    assert not SavedView.objects.exists()


def test_all_of_it_by_keyboard(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    tickets = [opened(subject=f"Ticket {number}") for number in range(5)]
    page = log_in(cast.ana)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("x")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#bulk")).to_contain_text("4 tickets selected")
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("3 tickets selected")
    page.keyboard.press("b")
    assert focus(page) == "Take"
    page.keyboard.press("Tab")
    assert focus(page) == "Solve"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Change 3 tickets")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".undo")).to_contain_text("3 tickets solved.")
    solved = set(Ticket.objects.filter(status="solved").values_list("pk", flat=True))
    assert solved == {each.pk for each in tickets[:3]}
    page.wait_for_load_state("networkidle")
    page.keyboard.press("u")
    expect(page.locator(".notices")).to_contain_text("3 tickets are as before.")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()
    expect(page.locator(f"#t-{tickets[0].reference}")).to_be_focused()


def test_many_are_linked_to_an_incident_by_keyboard_and_it_is_undone(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(subject="The first"), opened(subject="The second")
    incident = incidents.declare(
        title="Lamps flicker", severity=2, actor=cast.ben, now=timezone.now()
    )
    page = log_in(cast.ana)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    offered = page.locator("#bulk summary", has_text="Incident")
    expect(offered).to_be_visible()
    page.keyboard.press("b")
    HANDS["keyboard"].press(offered)
    HANDS["keyboard"].press(page.get_by_role("button", name="Lamps flicker"))
    expect(page.get_by_role("button", name="Link 2 tickets")).to_be_focused()
    assert incident.affected.count() == 0
    page.keyboard.press("Enter")
    expect(page.locator(".undo")).to_contain_text("2 tickets linked to")
    assert incident.affected.count() == 2
    page.wait_for_load_state("networkidle")
    page.keyboard.press("u")
    expect(page.locator(".notices")).to_contain_text("2 tickets are as before.")
    assert incident.affected.count() == 0


def test_where_no_incident_is_open_none_is_offered_until_one_is(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened()
    page = log_in(cast.ana)
    with page.expect_response("**/queue/bulk/incidents/"):
        page.locator("#rows input[name=t]").check()
    expect(page.locator("#bulk")).to_contain_text("1 ticket selected")
    expect(page.locator("#bulk")).not_to_contain_text("Incident")
    incidents.declare(title="Lamps flicker", severity=2, actor=cast.ben, now=timezone.now())
    page.evaluate("document.body.dispatchEvent(new Event('desk:incident'))")
    expect(page.locator("#bulk summary", has_text="Incident")).to_be_visible()


def test_a_menu_of_incidents_that_is_open_stays_open_and_has_the_new_one_once_it_was_shut(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened()
    incidents.declare(title="Lamps flicker", severity=2, actor=cast.ben, now=timezone.now())
    page = log_in(cast.ana)
    page.locator("#rows input[name=t]").check()
    offered, asked = page.locator("#bulk summary", has_text="Incident"), "**/queue/bulk/incidents/"
    hear = "document.body.dispatchEvent(new Event('desk:incident'))"
    offered.press("Enter")
    lamps = page.get_by_role("button", name="Lamps flicker")
    lamps.focus()
    incidents.declare(title="The shop is shut", severity=2, actor=cast.ben, now=timezone.now())
    with page.expect_response(asked):
        page.evaluate(hear)
    page.wait_for_load_state("networkidle")
    expect(lamps).to_be_focused()
    with page.expect_response(asked):
        page.keyboard.press("Escape")
    expect(page.locator("#bulk button", has_text="The shop is shut")).to_be_attached()
    expect(offered).to_be_focused()
    expect(lamps).to_be_hidden()
    with page.expect_response(asked):
        page.evaluate(hear)
    expect(offered).to_be_focused()


def test_a_stretch_is_selected_with_shift_and_outlives_the_refreshing_of_the_rows(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    tickets = [opened(subject=f"Ticket {number}") for number in range(6)]
    page = log_in(cast.ana)
    boxes = page.locator("#rows input[name=t]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("4 tickets selected")
    triage.set_priority(
        ticket=tickets[0], priority="urgent", actor=cast.ben, now=tickets[0].opened_at
    )
    triage.assign(ticket=tickets[5], assignee=cast.ana, actor=cast.ben, now=tickets[5].opened_at)
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:changed'))")
    expect(page.locator("#rows")).to_contain_text("Urgent")
    expect(page.locator("#to-mine .number")).to_contain_text("1")
    expect(page.locator("#bulk")).to_contain_text("4 tickets selected")
    expect(page.locator("#rows input[name=t]:checked")).to_have_count(4)
    page.get_by_role("button", name="None").click()
    expect(page.locator("#bulk")).to_be_hidden()
    boxes.nth(1).click()
    page.keyboard.press("j")  # the keys go on from the row that was clicked
    expect(page.locator(f"#t-{tickets[2].reference}")).to_be_focused()


def test_numbers_come_by_themselves(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(assignee=cast.ana)
    page = log_in(cast.ana)
    expect(page.locator("#to-mine .number")).to_have_text("1 ticket")
    expect(page.locator("#to-held .number")).to_have_text("0 tickets")


def test_columns_and_order_are_chosen_and_kept(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(subject="First", tags=["lamp"])
    opened(subject="Second", priority="urgent")
    page = log_in(cast.ana)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Tags").check()
    page.get_by_role("checkbox", name="Status").uncheck()
    page.get_by_role("button", name="Show these").click()
    heads = page.locator("#rows thead")
    expect(heads).to_contain_text("Tags")
    expect(heads).not_to_contain_text("Status")
    page.locator(".order > summary").click()
    page.get_by_role("link", name="Priority, then deadline").click()
    expect(page.locator("#rows tbody tr").first).to_contain_text("Second")
    expect(heads).to_contain_text("Tags")


def test_a_menu_opened_before_the_scripts_are_there_is_fetched_all_the_same(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened()
    page = log_in(cast.ana)
    waiting: list[Route] = []
    page.route("**/js/keys.js", lambda route: waiting.append(route))
    page.goto("/", wait_until="commit")
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_role("link", name="Choose columns")).to_be_visible()
    waiting[0].continue_()
    expect(page.get_by_role("checkbox", name="Tags")).to_be_visible()


def test_a_list_is_not_renewed_under_the_finger_that_presses_it_but_after(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    opened(subject="First")
    page = log_in(cast.ana)
    at_rest(page)
    link = page.locator("#rows").get_by_role("link", name="First")
    link.hover()
    page.mouse.down()
    opened(subject="Second")
    with page.expect_response(lambda answer: answer.url == f"{page.url}"):
        page.evaluate("desk.tell('desk:changed')")
    expect(link).to_be_attached()
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_contain_text("First")
    page.goto("/")
    at_rest(page)
    page.locator("#rows thead").hover()
    page.mouse.down()
    opened(subject="Third")
    with page.expect_response(lambda answer: answer.url == f"{page.url}"):
        page.evaluate("desk.tell('desk:changed')")
    expect(page.locator("#rows")).not_to_contain_text("Third")
    page.mouse.up()
    expect(page.locator("#rows")).to_contain_text("Third")


def test_the_phone_has_it_all(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    cast.acme.name = "Gesellschaft" * 8
    cast.acme.save()
    for number in range(3):
        opened(subject=f"{number} " + "W" * 80, tags=["t" * 60])
    page = log_in(cast.ana, viewport={"width": 360, "height": 700}, has_touch=True)
    # Both at one moment: what is told meanwhile moves the list down.
    right, apart = page.locator("#rows tbody tr").first.evaluate(
        """row => {
            const [pick, what] = [".pick input", ".what"].map(
                (each) => row.querySelector(each).getBoundingClientRect());
            return [what.right, Math.abs(what.top - pick.top)];
        }"""
    )
    assert right <= 360, "cut at the edge"
    assert apart < 10, "beside its box"
    page.get_by_role("checkbox", name="Select HD-").first.tap()
    expect(page.locator("#bulk")).to_be_in_viewport()
    page.get_by_role("button", name="All on this page").tap()
    expect(page.locator("#bulk")).to_contain_text("3 tickets selected")
    for menu in (".order", ".save", ".columns"):
        if page.locator(f".narrowing {menu} > summary").count():
            page.locator(f".narrowing {menu} > summary").first.tap()
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, menu
    page.get_by_role("button", name="Change…").tap()
    page.get_by_label("Priority").select_option("high")
    page.get_by_role("button", name="Preview").tap()
    expect(page.get_by_role("button", name="Change 3 tickets")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Change 3 tickets").tap()
    expect(page.locator(".undo")).to_contain_text("3 tickets set to priority high.")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Unassigned").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Unassigned")
    page.goto("/queue/views/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_javascript_there_is_a_form_below_the_table(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    one, two = opened(subject="One"), opened(subject="Two")
    page = log_in(cast.ana, java_script_enabled=False)
    page.get_by_label(f"Select {one.reference}").check()
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Status").select_option("on_hold")
    page.get_by_label("Add tags").fill("vip")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 1 ticket").click()
    expect(page.locator(".undo")).to_contain_text("1 ticket put on hold, tagged vip.")
    states = {each.pk: each.status for each in Ticket.objects.all()}
    assert states == {one.pk: "on_hold", two.pk: "new"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notices")).to_contain_text("1 ticket is as before.")
