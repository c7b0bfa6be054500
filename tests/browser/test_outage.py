"""An outage: declared by one, known on every desk at once, linked, spoken of, over; also by keyboard."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation.incidents import services
from escalation.incidents.models import Incident
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, at_rest
from tests.browser.test_live import SOON, site
from tests.desk.conftest import Opener
from tickets.models import Message

__all__ = ["site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("by", HANDS)
def test_declared_by_one_known_to_all_and_told_to_the_customer(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    hands, ticket = HANDS[by], opened(subject="My lamp flickers")
    ben, ana = log_in(cast.ben), log_in(cast.ana)
    expect(ben.locator("body")).to_have_attribute("data-stream", "holds")

    ana.goto(f"/tickets/{ticket.reference}/")
    at_rest(ana)
    hands.press(ana.get_by_role("link", name="Declare one"))
    hands.write(ana.get_by_label("What does not work"), "Lamps flicker everywhere")
    hands.write(ana.get_by_label("What customers write"), "flickers")
    hands.press(ana.get_by_role("button", name="Declare it"))
    expect(ana.locator("#linked")).to_contain_text(ticket.reference)

    line = ben.locator("#pulse")
    expect(line).to_contain_text("Lamps flicker everywhere", timeout=SOON)
    expect(line).to_contain_text("Only the staff know")

    # Ana tells the staff; to everybody speaks Sue.
    sue = log_in(cast.sue)
    sue.goto(ana.url)
    hands.write(sue.get_by_label("What is to be said"), "We know of it and are on it.")
    everybody = sue.get_by_role("radio", name="Everybody")
    if by == "mouse":
        hands.tick(everybody)
    else:
        sue.get_by_role("radio", name="Staff only").focus()
        sue.keyboard.press("ArrowDown")
        expect(everybody).to_be_checked()
    hands.tick(sue.get_by_label("Tell the 1 customer"))
    hands.press(sue.get_by_role("button", name="Say it"))
    expect(sue.locator(".notices")).to_contain_text("1 customer will be told")
    services.spread_next(timezone.now())
    said = Message.objects.get(kind="progress").body
    assert said.startswith(
        "We know of it and are on it.\n\nThis is about «Lamps flicker everywhere»."
    )

    ben.goto(f"/tickets/{ticket.reference}/")
    panel = ben.get_by_role("region", name="Incidents")
    hands.press(panel.get_by_role("button", name="Put into the reply"))
    expect(ben.locator("#reply textarea")).to_have_value("We know of it and are on it.")

    hands.write(sue.get_by_label("What is to be said"), "It works again.")
    hands.choose(sue.get_by_label("It is now"), "Resolved")
    hands.press(sue.get_by_role("button", name="Say it"))
    expect(sue.locator(".incident-head")).to_contain_text("resolved")
    expect(ben.locator("#pulse")).not_to_contain_text("Lamps flicker", timeout=SOON)
    assert not Incident.objects.open().exists()


def test_a_long_title_without_a_space_makes_no_page_wider_than_a_phone(
    transactional_db: None, cast: SimpleNamespace, log_in: LogIn
) -> None:
    now = timezone.now()
    one = services.declare(title="W" * 160, severity=2, actor=cast.sue, now=now)
    said = {"text": "We know of it.", "actor": cast.sue, "now": now, "is_public": True}
    services.say(incident=one, **said)  # type: ignore[arg-type]
    page = log_in(cast.sue, viewport={"width": 320, "height": 800})
    desk = [f"/incidents/{one.pk}/", f"/incidents/{one.pk}/change/", "/incidents/"]
    for address in [*desk, "/status/", f"/status/{one.pk}/"]:
        page.goto(address)
        expect(page.get_by_role("main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
