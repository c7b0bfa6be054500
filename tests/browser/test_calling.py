"""An angry caller, from the ring to the promise; by mouse, by keyboard, and without scripts."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from escalation.defaults import install_defaults
from kb.defaults.scripts import install_scripts
from tests.browser.conftest import LogIn
from tests.browser.hands import at_rest
from tests.browser.test_accessible import violations
from tests.desk.conftest import Opener
from tickets.calls import services
from tickets.calls.models import Call, Callback, Hold
from tickets.people.models import Contact

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scene(transactional_db: None, cast: SimpleNamespace, opened: Opener) -> SimpleNamespace:
    """Scripts, response schedules, and Carla's ticket in Ana's team."""
    install_defaults(now=timezone.now())
    install_scripts()
    Contact.objects.filter(pk=cast.carla.pk).update(
        phone="+1 555 0100", time_zone="Asia/Tokyo", language="ja"
    )
    return SimpleNamespace(ana=cast.ana, sue=cast.sue, ticket=opened(subject="Third wrong lamp"))


def runs(page: Page, seconds: int) -> None:
    """The page's clock goes on; nobody waits."""
    page.clock.run_for(seconds * 1000)


def test_an_angry_caller(scene: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(scene.ana)
    page.clock.install(time=timezone.now())
    page.get_by_role("button", name="Incoming call").click()
    expect(page.locator("#who")).to_be_focused()
    page.locator("#who").press_sequentially("carla", delay=5)
    runs(page, 1)
    page.get_by_role("button", name=f"About {scene.ticket.reference}").click()
    bar = page.get_by_role("region", name="Call under way")
    expect(bar).to_contain_text("Carla Customer")
    panel = page.locator("#call-panel")
    expect(panel).to_contain_text("Asia/Tokyo · speaks Japanese")
    expect(panel.get_by_role("link", name="+1 555 0100")).to_have_attribute("href", "tel:+15550100")

    bar.get_by_role("button", name="Hold").click()
    expect(bar).to_contain_text("You said a moment: 60 s.")
    expect(panel).to_contain_text("Carla, I would like to look this up properly.")
    timer = bar.get_by_role("timer")
    expect(timer).to_contain_text("back in 0:5")
    runs(page, 52)
    expect(timer).to_contain_text("go back now: 0:0")
    expect(timer).to_have_class("clock soon")
    expect(page.locator("#call-said")).to_contain_text("go back now")
    assert page.title().startswith("go back now")
    runs(page, 40)
    expect(timer).to_contain_text("over")
    expect(timer).to_have_class("clock late")
    expect(page.locator("#call-said")).to_contain_text("go back: 0:")
    bar.get_by_role("button", name="Back to caller").click()
    expect(bar).not_to_contain_text("On hold")
    expect(page.locator("#call-said")).to_be_empty()

    page.locator("#finish-summary").fill("He wants somebody who decides.")
    runs(page, 2)
    expect(page.locator("#draft-said")).to_contain_text("Kept")
    at_rest(page)
    page.get_by_text("Hand to a supervisor").click()
    page.get_by_label("Why").first.fill("Third wrong delivery.")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator(".notices")).to_contain_text("A supervisor has been told")
    expect(page.locator("#finish-summary")).to_have_value("He wants somebody who decides.")

    page.locator("#finish-promise").select_option(label="A call within an hour")
    page.get_by_role("button", name="Finish the call").click()
    expect(page.locator(".notices")).to_contain_text("The call is in the log.")
    expect(page.locator(".slot", has_text="Clocks").first).to_contain_text("callback due in")
    expect(page.get_by_role("region", name="Calls")).to_contain_text("Owed: a call")
    call = Call.objects.get()
    assert (call.direction, call.outcome, call.holds.count()) == ("inbound", "reached", 1)
    assert Callback.objects.get().ticket == scene.ticket


def test_the_same_by_keyboard_alone(scene: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(scene.ana)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("i")
    expect(page.locator("#who")).to_be_focused()
    page.keyboard.type("carla")
    about = page.get_by_role("button", name=f"About {scene.ticket.reference}")
    expect(about).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        if about.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/tickets/**")
    bar = page.get_by_role("region", name="Call under way")
    expect(page.locator("#call-panel")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("h")
    expect(bar.get_by_role("button", name="Back to caller")).to_be_visible()
    page.keyboard.press("h")
    expect(bar.get_by_role("button", name="Hold")).to_be_visible()
    page.keyboard.press("a")
    angry = page.locator("[data-script=angry]")
    expect(angry.locator("summary")).to_be_focused()
    expect(angry).to_contain_text("You are right to be upset about this, Carla")
    page.keyboard.press("s")
    expect(page.locator("[data-script=apology] summary").first).to_be_focused()
    assert angry.get_attribute("open") is None
    page.keyboard.press("f")
    expect(page.locator("#finish-summary")).to_be_focused()
    page.keyboard.type("h i a f")
    expect(page.locator("#finish-summary")).to_have_value("h i a f")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notices")).to_contain_text("The call is in the log.")
    assert Hold.objects.count() == 1


def test_a_script_asked_for_before_its_panel_came_opens_with_it(
    scene: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(scene.ana)
    services.begin(
        direction="inbound", actor=scene.ana, ticket=scene.ticket, now=timezone.now(),
    )  # fmt: skip
    panel = re.compile(r"/scripts/(\?|$)")
    page.route(panel, lambda route: None)
    page.goto(f"/tickets/{scene.ticket.reference}/")
    expect(page.locator("#call-panel")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("[data-script=angry]")).to_have_count(0)
    page.unroute(panel)  # lets those go on that were held
    expect(page.locator("[data-script=angry] summary")).to_be_focused()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:fresh'))")
    expect(page.locator("[data-script=angry]")).to_have_attribute("open", "")
    expect(page.locator("[data-script=angry] summary")).to_be_focused()


def test_the_call_outlives_the_browser(scene: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(scene.ana)
    page.get_by_role("button", name="Incoming call").click()
    page.locator("#finish-summary").press_sequentially("Half a sen", delay=5)
    expect(page.locator("#draft-said")).to_contain_text("Kept")
    page.close()
    again = log_in(scene.ana)
    bar = again.get_by_role("region", name="Call under way")
    bar.get_by_role("link", name="Unknown caller").click()
    expect(again.locator("#finish-summary")).to_have_value("Half a sen")


def test_two_tabs_finish_one_call_and_the_second_keeps_its_words(
    scene: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(scene.ana)
    page.get_by_role("button", name="Incoming call").click()
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("#finish-summary").fill("First.")
    page.get_by_role("button", name="Finish the call").click()
    expect(page.locator(".notices")).to_contain_text("The call is in the log.")
    other.locator("#finish-summary").fill("Second.")
    other.get_by_role("button", name="Finish the call").click()
    expect(other.locator("#main [role=alert]")).to_contain_text("finished already")
    expect(other.locator("#main textarea").first).to_have_value("Second.")
    assert Call.objects.get().summary == "First."


@pytest.mark.parametrize("event", ["visibilitychange", "focus"])
def test_another_window_knows_of_the_call_when_one_comes_to_it(
    scene: SimpleNamespace, log_in: LogIn, event: str
) -> None:
    page = log_in(scene.ana)
    other = page.context.new_page()
    other.goto("/absences/")
    come = f"window.dispatchEvent(new Event('{event}'))"
    page.get_by_role("button", name="Incoming call").click()
    page.wait_for_url("**/calls/**")
    other.evaluate(come)
    bar = other.get_by_role("region", name="Call under way")
    expect(bar).to_contain_text("Unknown caller")
    page.locator("#finish-summary").fill("Wrong number.")
    page.get_by_role("button", name="Finish the call").click()
    expect(page.locator(".notices")).to_contain_text("The call is in the log.")
    other.evaluate(come)
    expect(bar).to_have_count(0)


def test_the_clock_of_the_server_counts_and_not_that_of_the_browser(
    scene: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(scene.ana)
    page.clock.install(time=timezone.now() + timedelta(hours=3))
    page.get_by_role("button", name="Incoming call").click()
    page.locator("#call-bar").get_by_role("button", name="Hold").click()
    expect(page.locator("#call-bar").get_by_role("timer")).to_contain_text("back in 0:5")


def test_words_for_a_caller_not_yet_known_are_one_key_away(
    scene: SimpleNamespace, log_in: LogIn
) -> None:
    page = log_in(scene.ana)
    page.get_by_role("button", name="Incoming call").click()
    expect(page.locator("[data-script=angry]")).to_be_attached()
    page.locator("#who").press("Escape")
    page.keyboard.press("a")
    expect(page.locator("[data-script=angry] summary")).to_be_focused()
    expect(page.locator("[data-script=angry]")).to_contain_text(
        "You are right to be upset about this,"
    )


def test_the_sound_is_off_until_it_is_wanted(scene: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(scene.ana)
    page.get_by_role("button", name="Incoming call").click()
    sound = page.get_by_role("button", name="Sound when it is time")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "true")


def test_a_call_without_scripts(scene: SimpleNamespace, log_in: LogIn) -> None:
    page = log_in(scene.ana, java_script_enabled=False)
    page.get_by_role("button", name="Incoming call").click()
    page.locator("#who").fill("carla")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("button", name=f"About {scene.ticket.reference}").click()
    expect(page.locator("h1")).to_contain_text("Third wrong lamp")
    page.locator("#call-bar").get_by_role("button", name="Hold").click()
    expect(page.locator("#call-bar")).to_contain_text("You said a moment: 60 s.")
    page.get_by_role("link", name="The call under way").click()
    page.get_by_role("link", name="What to say").click()
    expect(page.locator("main")).to_contain_text("Thank you for waiting, Carla.")
    page.locator("#call-bar").get_by_role("button", name="Back to caller").click()
    page.locator("#call-bar").get_by_role("link", name="Finish").click()
    page.locator("#finish-summary").fill("All is well.")
    page.locator("#finish-promise").select_option("60")
    page.get_by_role("button", name="Finish the call").click()
    expect(page.locator(".notices")).to_contain_text("The call is in the log.")
    assert Callback.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_phone(
    scene: SimpleNamespace, log_in: LogIn, scheme: Any
) -> None:
    page = log_in(scene.ana, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page.get_by_role("button", name="Incoming call").click()
    page.locator("#who").fill("carla")
    page.get_by_role("button", name=f"About {scene.ticket.reference}").click()
    page.locator("#call-bar").get_by_role("button", name="Hold").click()
    expect(page.locator("#call-bar")).to_contain_text("On hold")
    for path in ("/calls/", f"/calls/{Call.objects.get().pk}/", page.url):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_telephone_shuts_anybody_out(
    scene: SimpleNamespace, log_in: LogIn, scheme: Any
) -> None:
    now = timezone.now()
    services.promise_callback(
        ticket=scene.ticket, due_at=None, actor=scene.ana, because="The price", now=now
    )
    services.log_call(
        ticket=scene.ticket, contact=None, direction="inbound", outcome="reached",
        started_at=now, ended_at=now, summary="x", actor=scene.ana, now=now,
    )  # fmt: skip
    call = services.begin(direction="inbound", actor=scene.ana, now=now)
    own, its = f"/calls/{call.pk}/", f"/tickets/{scene.ticket.reference}/"
    page = log_in(scene.ana, color_scheme=scheme)
    found: list[str] = []

    def look(*addresses: str) -> None:
        for address in addresses:
            page.goto(address)
            page.wait_for_load_state("networkidle")
            found.extend(violations(page))

    look("/calls/?q=carla", f"{own}?q=carla", f"{own}ticket/", f"{own}scripts/", f"{its}phone/")
    services.attach(call=call, ticket=scene.ticket, actor=scene.ana, now=now)
    services.hold(call=call, actor=scene.ana, now=now)
    look("/", own, its, f"{own}scripts/")
    services.finish(call=call, outcome="reached", summary="x", actor=scene.ana, now=now)
    look(own, f"/contacts/{scene.ticket.requester_id}/calls/")
    assert found == []
