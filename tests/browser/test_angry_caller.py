"""An angry caller from the ring to the supervisor who takes over, in two browsers; also by keyboard."""

from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalation.defaults import install_defaults
from kb.defaults.scripts import install_scripts
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, at_rest
from tests.browser.test_live import SOON, site
from tests.desk.conftest import Opener
from tickets.calls.models import Call
from tickets.models import Ticket

__all__ = ["site"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("by", HANDS)
def test_held_spoken_to_handed_over_and_taken_over_by_who_sees_it_arrive(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn, by: str
) -> None:
    install_defaults(now=timezone.now())
    install_scripts()
    hands, ticket = HANDS[by], opened(subject="Third wrong lamp", assignee=cast.ana)
    sue, ana = log_in(cast.sue), log_in(cast.ana)
    sue.goto("/escalations/")
    expect(sue.get_by_text("Nothing is escalated")).to_be_visible()
    sue.wait_for_selector("body[data-stream]")

    hands.press(ana.get_by_role("button", name="Incoming call"))
    hands.write(ana.locator("#who"), "carla")
    hands.press(ana.get_by_role("button", name=f"About {ticket.reference}"))
    bar = ana.get_by_role("region", name="Call under way")
    expect(bar).to_contain_text("Carla Customer")
    expect(ana.get_by_role("heading", level=1)).to_have_text("Third wrong lamp")
    at_rest(ana)
    hands.press(bar.get_by_role("button", name="Hold"))
    expect(bar.get_by_role("timer")).to_contain_text("back in")
    expect(bar).to_contain_text("Carla, I would like to look this up properly.")
    hands.press(bar.get_by_role("button", name="Back to caller"))
    expect(bar.get_by_role("button", name="Hold")).to_be_visible()
    panel = ana.get_by_role("region", name="Escalations")
    hands.press(panel.locator("summary", has_text="Hand to a supervisor"))
    hands.write(panel.get_by_label("Why can you not go on?"), "She shouts, and she is right.")
    hands.press(panel.get_by_role("button", name="Hand over"))
    expect(ana.locator(".notices")).to_contain_text("A supervisor has been told")

    # Sue did nothing: the stream brought it.
    entry = sue.locator(f"#e-{ticket.reference}")
    expect(entry).to_contain_text("She shouts, and she is right.", timeout=SOON)
    hands.press(entry.locator("summary", has_text="Take over"))
    hands.write(entry.get_by_label("Note, if any"), "Put her through to me.")
    hands.press(entry.get_by_role("button", name="Take over", exact=True))
    expect(sue.locator(".notices")).to_contain_text("The ticket is yours now")
    assert Ticket.objects.get(pk=ticket.pk).assignee == cast.sue

    # And Ana, who still has the caller on the line, sees at once who has it now.
    expect(ana.locator("#news")).to_contain_text("Sue", timeout=SOON)
    hands.write(ana.locator("#finish-summary"), "Put through to Sue.")
    hands.press(ana.get_by_role("button", name="Finish the call"))
    expect(ana.locator(".notices")).to_contain_text("The call is in the log.")
    call = Call.objects.get()
    assert (call.summary, call.holds.count(), call.ticket) == ("Put through to Sue.", 1, ticket)
