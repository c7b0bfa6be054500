"""The whole desk without JavaScript: every page shows what it is for, every form does what it says."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from escalation import raising
from escalation.incidents import tokens
from escalation.incidents.models import Incident, Subscriber
from kb.models import Article
from kb.scripts.models import Script
from tests.browser.conftest import LogIn
from tests.browser.world import World, in_the_middle_of_a_day, names, shown_to
from tests.desk.conftest import Opener
from tickets.calls import services as calls
from tickets.calls.models import Call, Callback
from tickets.models import BulkDeed, Draft, Message, SavedView, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Absence, User
from tickets.services import conversation, triage
from tickets.telling.models import Preference

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(
    transactional_db: None,
    cast: SimpleNamespace,
    opened: Opener,
    settings: SimpleNamespace,
    tmp_path: Path,
) -> World:
    settings.MEDIA_ROOT = tmp_path
    return in_the_middle_of_a_day(cast, opened)


# Its heading, and words that only this page has.
PAGES: dict[str, tuple[str, str]] = {
    "queue": ("Breaking next", "The third wrong lamp"),
    "queue-views": ("Saved views", "For whom"),
    "bulk-deed": ("1 ticket set to priority urgent", "An old lamp"),
    "absences": ("Out of office", "At the fair"),
    "notifications": ("Notifications", "it stands here"),
    "notification-settings": ("What you are told", "on the desk after 10 minutes"),
    "search": ("Search", "from:"),
    "recent": ("Recently opened", "No ticket opened yet"),
    "customers": ("Customers", "Carla Customer"),
    "customer": ("Carla Customer", "The third wrong lamp"),
    "company": ("Acme", "Carla Customer"),
    "ticket-new": ("New ticket", "What they said"),
    "ticket": ("The third wrong lamp", "A new one leaves."),
    "ticket-edit-held": ("Edit the held reply", "A new one leaves."),
    "ticket-original": ("The mail as it came", "The lamp flickers"),
    "ticket-merge": ("into another ticket", "This cannot be undone."),
    "ticket-split": ("Split", "It flickers since yesterday."),
    "calls-panel": ("Calls of", "She shouts."),
    "history-panel": ("bought and asked", "A-1001"),
    "phone": ("Phone", "Callbacks due"),
    "call": ("Call under way", "When it ends"),
    "call-ticket": ("New ticket for who is calling", "What they said"),
    "call-scripts": ("Scripts for the call", "Other words"),
    "contact-calls": ("Calls with Carla Customer", "She shouts."),
    "articles": ("Knowledge", "How to log a call"),
    "article": ("", "Staff only"),
    "article-propose": ("Propose an article", "kept as a draft"),
    "article-change": ("Change the article", "For whom"),
    "articles-panel": ("Articles for", "Propose one from this ticket"),
    "own-scripts": ("My scripts", "None yet."),
    "own-script": ("My scripts", "Change it"),
    "templates": ("Start from a template", "A parcel has not come"),
    "template-use": ("New ticket", "Filled in from"),
    "articles-about-calls": ("Knowledge", "How to log a call"),
    "scripts-panel": ("Scripts for", "Put into the reply"),
    "offer": ("Credit", "Third lamp"),
    "offers-ledger": ("Ledger of offers", "Discount"),
    "entitlements-panel": ("Entitlements on", "Promised"),
    "ticket-strip": ("", "The third wrong lamp"),
    "offers-panel": ("Offers for", "Ledger of this ticket"),
    "clocks-panel": ("Clocks of", "first reply"),
    "clock-why": ("Why this deadline?", "first reply"),
    "escalations-panel": ("Escalations of", "She wants a manager"),
    "escalations": ("Escalations", "She wants a manager"),
    "workload": ("Workload", "out until"),
    "workload-share": ("Share out tickets", ""),
    "wall": ("Support", "Breaks next"),
    "incidents": ("Incidents", "Lamps flicker"),
    "incident-new": ("Declare an incident", "What everybody will ask"),
    "incident": ("Lamps flicker", "We know and are on it."),
    "incident-change": ("Change the incident", "About it: cause."),
    "incidents-panel": ("Incidents that touch Carla", "Lamps flicker"),
    "status": ("One thing does not work", "We know and are on it."),
    "status-incident": ("Lamps flicker", "About it: cause."),
    "status-subscribe": ("Tell me by mail", "Your e-mail address"),
    "status-confirm": ("Is this address yours?", "when it works again"),
    "status-unsubscribe": ("No more mail about the status?", "We forget your address."),
}


def test_every_page_shows_its_heading_and_its_content(world: World, log_in: LogIn) -> None:
    """Every address of the URL conf is asked: a new page without an entry above fails here."""
    windows: dict[User, Page] = {}
    whole = {}
    for name in names():
        shown = shown_to(world, name)
        if shown and shown[2]:
            whole[name] = shown[:2]
    assert set(whole) == set(PAGES)
    for name, (person, address) in whole.items():
        if person not in windows:
            windows[person] = log_in(person, java_script_enabled=False)
        page, (heading, words) = windows[person], PAGES[name]
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(page.locator("main")).to_contain_text(words)


@pytest.mark.parametrize(
    ("who", "sees", "not_there"),
    [
        ("ana", ["queue", "articles", "phone", "absences", "search"], ["workload"]),
        ("sue", ["queue", "escalations", "workload", "wall"], []),
        ("eve", ["queue", "escalations", "ticket", "offers-panel"], ["workload"]),
        ("ada", ["queue", "workload", "wall", "ticket"], []),
    ],
)
def test_each_role_has_its_pages(
    world: World, log_in: LogIn, who: str, sees: list[str], not_there: list[str]
) -> None:
    page = log_in(getattr(world.cast, who), java_script_enabled=False)
    for name in sees:
        answer = page.goto(world.address(name))
        assert answer is not None
        assert answer.status == 200, name
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    for name in not_there:
        assert page.request.get(world.address(name)).status in (403, 404), name


def test_the_admin_is_led_to_from_the_desk(world: World, log_in: LogIn) -> None:
    page = log_in(world.cast.ada, java_script_enabled=False)
    page.get_by_role("link", name="Admin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What can be configured")


# The forms of the desk --------------------------------------------------------------------------
# What only scripts send: each has another way without them, or nothing to do.
BY_SCRIPTS_ALONE = {
    "ticket-draft": "the preview keeps a draft without scripts",
    "ticket-presence": "who has no scripts is not seen reading",
    "template-use": "without scripts its link opens the form filled in",
    "ticket-seen": "what was read is marked so on the page of notifications",
}


class Desk:
    """A window without scripts, and a ticket's page in it."""

    def __init__(self, page: Page, world: World) -> None:
        self.page, self.world, self.cast = page, world, world.cast

    def at(self, ticket: Ticket | None = None, rest: str = "") -> Page:
        self.page.goto(f"/tickets/{(ticket or self.world.ticket).reference}/{rest}")
        return self.page

    def presses(self, name: str, within: str = "main", **which: bool) -> None:
        self.page.locator(within).get_by_role("button", name=name, **which).first.click()  # type: ignore[arg-type]

    def opens(self, summary: str, within: str = "main") -> None:
        self.page.locator(within).locator("summary", has_text=summary).first.click()

    def is_told(self, words: str) -> None:
        expect(self.page.locator(".notices, .undo").first).to_contain_text(
            re.compile(re.escape(words), re.I)
        )

    def fresh(self) -> Ticket:
        return Ticket.objects.get(pk=self.world.ticket.pk)


def writes(desk: Desk) -> None:
    """A reply previewed, sent, edited, recalled and sent anew; a note; a progress line."""
    page = desk.at(desk.world.other)
    page.locator("#reply textarea").fill("It is **ready**.")
    desk.presses("Preview", "#reply")
    expect(page.get_by_role("region", name="What Carl will see")).to_contain_text("It is ready.")
    expect(page.locator("#reply textarea")).to_have_value("It is **ready**.")
    assert Draft.objects.filter(ticket=desk.world.other, body="It is **ready**.").exists()
    assert not Message.objects.filter(ticket=desk.world.other, kind="reply").exists()
    desk.presses("Send reply")
    expect(page.locator("article.reply strong", has_text="ready")).to_be_visible()
    page.locator("article.reply").get_by_role("link", name="Edit").click()
    page.get_by_label("The words").fill("It *was* ready.")
    desk.presses("Preview")
    expect(page.get_by_role("region", name="What Carl will see")).to_contain_text("It was ready.")
    desk.presses("Save")
    expect(page.locator("article.reply em")).to_have_text("was")
    desk.presses("Recall")
    desk.is_told("never sent")
    expect(page.locator("#reply textarea")).to_have_value("It *was* ready.")
    desk.presses("Send reply")
    desk.presses("Send now")
    desk.is_told("On its way")
    desk.opens("Internal note")
    page.locator("#note textarea").fill("Ask the warehouse.")
    desk.presses("Add note")
    expect(page.locator("article.note")).to_contain_text("Ask the warehouse.")
    desk.opens("Progress")
    page.get_by_role("link", name="Write a progress line").click()
    page.locator("#progress textarea").fill("With engineering.")
    desk.presses("Preview", "#progress")
    expect(page.get_by_role("region", name="What Carl will see")).to_contain_text("With engin")
    desk.presses("Send progress")
    expect(page.locator("article.progress")).to_contain_text("With engineering.")
    mails = OutgoingMail.objects.filter(purpose="reply").order_by("-pk")[:3]
    assert [each.state for each in mails] == ["held", "released", "recalled"]


def sorts(desk: Desk) -> None:
    """What stands beside the conversation."""
    page, ticket = desk.at(), desk.world.ticket
    page.get_by_label("Status", exact=True).select_option("pending")
    page.get_by_label("Priority").select_option("high")
    page.get_by_label("Assignee").select_option(label="Sue")
    desk.presses("Save", "#properties", exact=True)
    desk.presses("Take it")
    desk.presses("Unfollow")
    desk.presses("Follow", exact=True)
    for key, label, value, button in (
        ("tags", "Tags", "vip, glass", "Save tags"),
        ("subject", "Subject", "The fourth lamp", "Save subject"),
        ("order", "Order", "A-1001", "Link the order"),
        ("requester", "E-mail", "carl@home.example", "Change the customer"),
        ("link", "Reference", desk.world.other.reference, "Link"),
    ):
        desk.at(rest=f"?form={key}")
        page.locator(f"#{key}").get_by_role("textbox").first.fill(value)
        assert label
        desk.presses(button, f"#{key}", exact=True)
        expect(page.locator(".notices")).to_be_visible()
    fresh = desk.fresh()
    said = (fresh.status, fresh.priority, fresh.assignee, fresh.subject, fresh.requester)
    assert said == ("pending", "high", desk.cast.ana, "The fourth lamp", desk.cast.carl)
    assert set(fresh.tags.values_list("name", flat=True)) == {"vip", "glass"}
    assert ticket.pk == fresh.pk


def opens_splits_and_merges(desk: Desk) -> None:
    page = desk.page
    page.goto("/tickets/new/")
    page.get_by_label("E-mail", exact=True).fill("new@home.example")
    page.get_by_label("Subject", exact=True).fill("Dark lamp")
    page.get_by_label("What they said").fill("It is dark.")
    desk.presses("Open the ticket")
    opened = Ticket.objects.get(subject="Dark lamp")
    desk.is_told(opened.reference)
    now = timezone.now()
    conversation.customer_message(
        ticket=opened,
        body="And the door squeaks.",
        contact=opened.requester,
        received_at=now,
        now=now,
    )
    desk.at(opened).get_by_role("link", name="Split…").click()
    page.get_by_role("checkbox").last.check()
    page.get_by_label("Subject of the new ticket").fill("The door squeaks")
    desk.presses("Split off")
    door = Ticket.objects.get(subject="The door squeaks")
    desk.at(door).get_by_role("link", name="Merge…").click()
    page.get_by_label("Reference of the ticket to keep").fill(opened.reference)
    desk.presses("Merge")
    door.refresh_from_db()
    assert door.merged_into == opened


def telephones(desk: Desk) -> None:
    """A call that was begun goes on, is noted, passed on and finished; others are logged."""
    page, world = desk.page, desk.world
    call = Call.objects.get(pk=world.given["pk of call"])
    page.goto(f"/calls/{call.pk}/")
    desk.presses("Back to caller")
    desk.presses("Hold")
    expect(page.locator("#call-bar")).to_contain_text("On hold")
    page.goto(f"/calls/{call.pk}/")
    page.locator("#finish-summary").fill("She is calm now.")
    desk.presses("Keep what is written")
    desk.is_told("What is written is kept.")
    page.goto(f"/calls/{call.pk}/")
    desk.opens("Pass the caller on")
    page.locator("#pass-on select").select_option(label="Team Billing")
    page.locator("#pass-on textarea, #pass-on input[type=text]").first.fill("She wants a refund.")
    desk.presses("Pass on", "#pass-on")
    page.goto(f"/calls/{call.pk}/")
    expect(page.locator("#finish-summary")).to_have_value("She is calm now.")
    desk.presses("Finish the call")
    desk.is_told("The call is in the log.")
    page.goto("/calls/")
    desk.presses("Incoming call", "main")
    page.locator("#who").fill("Carl")
    desk.presses("Look up")
    desk.presses(f"About {world.other.reference}")
    page.locator("#call-bar").get_by_role("link", name="Finish").click()
    desk.presses("Finish the call")
    desk.is_told("The call is in the log.")
    page.goto("/calls/")
    desk.presses("Incoming call", "main")
    page.get_by_role("link", name="Somebody new: open a ticket").click()
    page.get_by_label("Phone", exact=True).fill("+1 555 0101")
    page.get_by_label("Subject", exact=True).fill("A dark hall")
    page.get_by_label("What they said").fill("It is dark.")
    desk.presses("Open the ticket")
    assert Ticket.objects.filter(subject="A dark hall").exists()
    page.goto(f"/calls/{Call.objects.latest('pk').pk}/")
    desk.presses("Finish the call")
    page.goto("/calls/")
    desk.opens("Log a call that is over")
    page.get_by_label("What was said").fill("A wrong number.")
    page.get_by_label("Minutes it lasted").fill("2")
    desk.presses("Log the call")
    assert Call.objects.filter(summary="A wrong number.").exists()
    desk.at(world.other, "?form=call")
    page.locator("#call").get_by_label("What was said").fill("He is content.")
    page.locator("#call").get_by_label("Minutes it lasted").fill("3")
    desk.presses("Log the call", "#call")
    assert Call.objects.filter(ticket=world.other, summary="He is content.").exists()
    owed = calls.promise_callback(
        ticket=world.other, due_at=None, actor=desk.cast.ana, because="The end", now=timezone.now()
    )
    desk.at(world.other, "phone/")
    desk.opens("Withdraw")
    page.get_by_label("Why it is not owed any more").fill("He called.")
    desk.presses("Withdraw the promise")
    assert Callback.objects.get(pk=owed.pk).state == "withdrawn"


def uses_macros_and_notes(desk: Desk) -> None:
    """One macro writes, another changes; what is to be known of the customer is noted."""
    ticket = desk.world.other
    page = desk.at(ticket, "scripts/")
    desk.presses("Ask for the order number")
    desk.is_told("its words are in your reply")
    expect(page.locator("#reply textarea")).to_have_value(re.compile("I need the number"))
    expect(page.get_by_label("Then the ticket is")).to_have_value("pending")
    desk.at(ticket, "?form=notes")
    page.locator("#notes textarea").first.fill("Calls himself Charlie.")
    desk.presses("Save the notes")
    ticket.requester.refresh_from_db()
    assert ticket.requester.notes == "Calls himself Charlie."
    page = desk.at(ticket, "scripts/")
    script = page.locator("details[data-script]").first
    script.locator("summary").click()
    words = script.locator(".script").inner_text()
    script.get_by_role("button", name="Put into the reply").click()
    expect(page.locator("#reply textarea")).to_have_value(re.compile(re.escape(words[:40])))
    desk.at(ticket, "scripts/")
    desk.presses("Not for us")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("solved", desk.cast.ana)


def offers_and_asks(desk: Desk) -> None:
    page = desk.at(rest="offers/")
    given = page.locator("details.offer", has_text="Discount").first
    given.locator("summary").click()
    given.get_by_role("button", name="Put its words into the reply").click()
    expect(page.locator("#reply textarea")).to_have_value(re.compile("discount|%", re.I))
    desk.at(rest="offers/")
    gift = desk.page.locator("details.offer", has_text="gift").first
    gift.locator("summary").click()
    gift.get_by_label("Amount").fill("1")
    gift.get_by_role("button").first.click()
    expect(desk.page.locator("main")).to_contain_text("gift")


def decides(desk: Desk) -> None:
    """Sue approves one, says that the customer knows of it, and reverses it."""
    page = desk.at(rest="offers/")
    desk.presses("Approve")
    desk.is_told("is granted")
    page.get_by_role("button", name="Told by phone").first.click()
    desk.is_told("the customer knows of it")
    page.get_by_label("Reason", exact=True).first.fill("A slip")
    page.get_by_role("button", name="Reverse").first.click()
    desk.is_told("is reversed")


def refuses(desk: Desk) -> None:
    page = desk.at(rest="offers/")
    page.get_by_label("Reason, where you refuse").fill("Too much")
    desk.presses("Refuse")
    desk.is_told("is refused")


def hands_over(desk: Desk) -> None:
    raising.take_over(ticket=desk.world.ticket, actor=desk.cast.sue, now=timezone.now())
    raising.hand_back(
        ticket=desk.world.ticket, actor=desk.cast.sue, note="Yours", now=timezone.now()
    )
    page = desk.at(rest="escalations/")
    desk.opens("Hand to a supervisor")
    page.get_by_label("Why can you not go on?").fill("She shouts again.")
    desk.presses("Hand over")
    desk.is_told("A supervisor has been told")


def answers_on_the_ticket(desk: Desk) -> None:
    page = desk.at(rest="escalations/")
    desk.presses("Acknowledge")
    desk.is_told("acknowledged")
    desk.at(rest="escalations/")
    desk.opens("Take the ticket over")
    desk.presses("Take over", exact=True)
    desk.is_told("The ticket is yours now")
    desk.at(rest="escalations/")
    desk.opens("Hand it back")
    page.locator("#hand-back textarea, #hand-back input[type=text]").first.fill("All yours.")
    desk.presses("Hand back", exact=True)
    desk.is_told("Handed back")


def answers_on_the_board(desk: Desk) -> None:
    page = desk.page
    page.goto("/escalations/")
    desk.presses("Acknowledge")
    desk.is_told("acknowledged")
    desk.opens("Take over")
    desk.presses("Take over", exact=True)
    desk.is_told("The ticket is yours now")
    desk.opens("Hand back")
    page.get_by_label("Note for them").fill("All yours.")
    desk.presses("Hand back", exact=True)
    desk.is_told("Handed back")


def leads(desk: Desk) -> None:
    """Who is out is shared out, taken back, at work again."""
    page, cast = desk.page, desk.cast
    triage.assign(ticket=desk.world.other, assignee=cast.ben, actor=cast.sue, now=timezone.now())
    page.goto(f"/workload/share/?person={cast.ben.pk}")
    desk.presses("Show who would get what")
    desk.presses("Share them out")
    desk.is_told("shared out")
    desk.presses("Take it back")
    desk.is_told("back where")
    page.goto("/absences/")
    desk.presses("Back at work")
    page.get_by_label("From").fill("2199-01-04T09:00")
    page.get_by_label("Until").fill("2199-01-05T17:00")
    desk.presses("Plan it")
    assert Absence.objects.filter(user=cast.sue).exists()


def works_on_an_incident(desk: Desk) -> None:
    """Declared from a ticket, changed, spoken of to everybody; tickets linked and taken off."""
    page, other = desk.page, desk.world.other
    desk.at(other, "incidents/").get_by_role("link", name="Declare another one").click()
    page.get_by_label("What does not work").fill("The shop is shut")
    page.get_by_label("What customers write when they mean this").fill("shutters")
    desk.presses("Declare it")
    desk.is_told("is declared")
    incident = Incident.objects.get(title="The shop is shut")
    expect(page.locator("#linked")).to_contain_text(other.reference)
    page.get_by_role("link", name="Change").click()
    page.get_by_label("What happened").fill("A cable was cut.")
    desk.presses("Save")
    desk.is_told("is changed")
    page.get_by_label("What is to be said").fill("We are on it.")
    page.get_by_role("radio", name="Everybody").check()
    page.get_by_label("Tell the 1 customer").check()
    desk.presses("Say it")
    desk.is_told("1 customer will be told")
    page.get_by_label("Other tickets").fill(desk.world.ticket.reference.lower())
    desk.presses("Link them")
    desk.is_told("linked")
    flickers = page.locator("article", has_text="Lamps flicker")
    desk.at(rest="incidents/")
    flickers.get_by_role("button", name="Take the ticket off").click()
    desk.is_told("taken off")
    desk.at(rest="incidents/")
    flickers.get_by_role("button", name="This ticket is about it").click()
    desk.is_told("is linked to")
    assert incident.affected.count() == 2


def changes_many(desk: Desk) -> None:
    """Rows ticked, changed after a preview, undone; the bar put away."""
    page = desk.page
    page.goto("/?tab=all")
    page.get_by_label(f"Select {desk.world.other.reference}").check()
    desk.presses("Follow", "#bulk")
    desk.presses("Change 1 ticket")
    desk.presses("Undo")
    desk.is_told("as before")
    page.goto("/?tab=all")
    page.get_by_label(f"Select {desk.world.other.reference}").check()
    desk.presses("Solve", "#bulk")
    desk.presses("Change 1 ticket")
    desk.presses("Dismiss")
    expect(page.locator(".undo")).to_have_count(0)
    assert Ticket.objects.get(pk=desk.world.other.pk).status == "solved"
    for press, priority in (("Leave it", "normal"), ("Go on", "low")):
        BulkDeed.objects.create(
            actor=desk.world.cast.ana, at=timezone.now(), said="set to priority low",
            begun={"asked": [[desk.world.ticket.reference, None]], "wanted": {"priority": "low"}},
        )  # fmt: skip
        page.goto("/?tab=all")
        stopped = page.locator(".undo", has_text="stopped after 0")
        expect(stopped).to_contain_text("A change of 1 ticket (set to priority low)")
        desk.presses(press)
        expect(stopped).to_have_count(0)
        assert Ticket.objects.get(pk=desk.world.ticket.pk).priority == priority
    expect(page.locator(".undo")).to_contain_text("1 ticket set to priority low")


def links_many_to_an_incident(desk: Desk) -> None:
    """Rows ticked, an incident chosen on a page of its own, linked after a preview, undone."""
    page = desk.page
    incident = Incident.objects.get(title="Lamps flicker")
    page.goto("/?tab=all")
    for each in (desk.world.ticket, desk.world.other):
        page.get_by_label(f"Select {each.reference}").check()
    desk.presses("Incident…", "#bulk")
    desk.presses("Lamps flicker")
    expect(page.locator("main")).to_contain_text("1 of 2 will be linked")
    expect(page.locator("main")).to_contain_text("1 left alone: It is linked already.")
    desk.presses("Link 1 ticket")
    expect(page.locator(".undo")).to_contain_text("1 ticket linked to")
    assert incident.affected.count() == 2
    desk.presses("Undo")
    desk.is_told("as before")
    assert incident.affected.get().ticket == desk.world.ticket


def subscribes(desk: Desk) -> None:
    """From the status page into the list by the link of the mail, and out again."""
    page = desk.page
    page.goto("/status/")
    page.get_by_role("link", name="Tell me by mail").first.click()
    page.get_by_label("Your e-mail address").fill("vera@home.example")
    desk.presses("Subscribe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    row = Subscriber.objects.get(email="vera@home.example")
    mail = OutgoingMail.objects.get(purpose="notice", deliveries__email=row.email)
    confirms = re.search(r"/status/confirm/\S+", mail.text)
    assert confirms
    page.goto(confirms[0])
    desk.presses("Yes, mail me")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")
    page.goto(f"/status/unsubscribe/{tokens.to_leave(row.key)}/")
    desk.presses("Stop the mails")
    expect(page.get_by_role("status")).to_contain_text("Your address is forgotten.")
    assert not Subscriber.objects.filter(pk=row.pk).exists()


def saves_views(desk: Desk) -> None:
    page = desk.page
    page.goto("/?tab=all&priority=urgent&form=save")
    page.get_by_label("Name of the view").fill("Burning")
    desk.presses("Save", ".save", exact=True)
    view = SavedView.objects.get(name="Burning")
    page.goto(f"/?tab=all&priority=high&view={view.pk}&form=save")
    desk.presses("Keep in")
    view.refresh_from_db()
    assert "high" in view.query
    page.goto("/queue/views/")
    page.get_by_label("Name of the view").first.fill("Smouldering")
    desk.presses("Save", "main", exact=True)
    expect(page.locator(".notices")).to_contain_text("Smouldering")
    page.get_by_role("button", name="Move").first.click()
    page.get_by_role("button", name="Delete").first.click()
    page.goto("/?tab=all&form=columns")
    page.get_by_role("checkbox", name="Tags").check()
    desk.presses("Show these")
    expect(page.locator("#rows thead")).to_contain_text("Tags")


def keeps_customers(desk: Desk) -> None:
    """Looked up, changed with a company that is new, noted on; the company gets another name."""
    page = desk.page
    page.goto("/customers/")
    page.locator("#who").fill("carl@home")
    desk.presses("Look up")
    page.locator("main").get_by_role("link", name="Carl", exact=True).click()
    desk.opens("Change")
    page.get_by_label("Phone").fill("+1 555 0102")
    page.get_by_label("Company", exact=True).fill("Bolt")
    desk.presses("Save", "#change", exact=True)
    expect(page.locator("#change")).to_contain_text("No company is called Bolt.")
    page.get_by_label("Make it a new company").check()
    desk.presses("Save", "#change", exact=True)
    desk.is_told("Company: none → Bolt")
    desk.opens("Note something")
    page.get_by_label("About this person").fill("Calls on Mondays.")
    desk.presses("Save the notes")
    desk.is_told("The notes are saved.")
    page.get_by_role("link", name="Bolt").first.click()
    desk.opens("Change")
    page.locator("#change").get_by_label("Name").fill("Bolt & Sons")
    desk.presses("Save", "#change", exact=True)
    desk.is_told("Name: Bolt → Bolt & Sons")
    desk.opens("Note something")
    page.get_by_label("About the company").fill("Pays late.")
    desk.presses("Save the notes")
    desk.cast.carl.refresh_from_db()
    assert (desk.cast.carl.phone, desk.cast.carl.notes) == ("+15550102", "Calls on Mondays.")
    assert desk.cast.carl.organization.notes == "Pays late."


def is_told(desk: Desk) -> None:
    """What stands behind the bell is read, and what one does not want to hear is chosen."""
    page = desk.page
    triage.assign(ticket=desk.world.other, assignee=desk.cast.ana, actor=None, now=timezone.now())
    page.goto("/")
    page.locator(".bell summary").click()
    page.get_by_role("link", name="All notifications").click()
    expect(page.get_by_role("link", name="Given to you by a rule")).to_be_visible()
    expect(page.get_by_role("link", name="Ben mentioned you")).to_be_visible()
    mentioned = page.locator(".told li", has_text="Ben mentioned you")
    mentioned.get_by_role("button", name="Mark read").click()
    expect(mentioned.get_by_role("button")).to_have_count(0)
    desk.presses("Mark all read")
    expect(page.get_by_role("button", name="Mark")).to_have_count(0)
    page.get_by_role("link", name="Choose what").click()
    page.get_by_role("checkbox", name="Somebody mentioned you in a note: by mail").uncheck()
    desk.presses("Save")
    desk.is_told("From now on you are told so.")
    refused = Preference.objects.refusing("by_mail").filter(person=desk.cast.ana)
    assert [each.kind for each in refused] == ["mentioned"]
    page.get_by_role("link", name="Notifications", exact=True).click()
    page.get_by_role("link", name="Given to you by a rule").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Another lamp")


def finds(desk: Desk) -> None:
    """By words that somebody wrote, by a filter, in the knowledge base; what was open before."""
    page = desk.page
    page.locator("#search").fill("leaves status:open")
    page.locator("#search").press("Enter")
    expect(page.locator("main")).to_contain_text("The third wrong lamp")
    page.goto("/?tab=all&form=filter")
    page.locator(".filters").get_by_label("Tag").fill("vip")
    desk.presses("Show", ".filters", exact=True)
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.goto("/kb/")
    page.get_by_label("Search articles").fill("call")
    desk.presses("Search")
    page.get_by_role("link", name="How to log a call").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How to log a call")
    desk.at()
    page.goto("/search/")
    page.get_by_label("Recently opened tickets").click()
    page.get_by_role("link", name="Recently opened").click()
    page.get_by_role("link", name="The third wrong lamp").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The third wrong lamp")


def drafts_and_keeps(desk: Desk) -> None:
    """An article from a ticket, changed; one that fits quoted; words of a reply kept for oneself."""
    page, ticket = desk.page, desk.world.other
    Article.objects.filter(slug="lamps-that-hum").update(state="published")
    desk.at(ticket, "articles/")
    page.locator("summary", has_text="Lamps that hum").click()
    desk.presses("Put into the reply")
    expect(page.locator("#reply textarea")).to_have_value("They hum.")
    page.locator("#reply textarea").fill("Hello Carl, it hums.")
    desk.presses("Keep as my script", "#reply")
    page.get_by_label("Name").fill("It hums")
    expect(page.get_by_role("textbox", name="Words", exact=True)).to_have_value(
        "Hello {first_name}, it hums."
    )
    desk.presses("Keep it")
    desk.is_told("«It hums» is kept")
    expect(page.locator("#reply textarea")).to_have_value("Hello Carl, it hums.")
    page.goto("/scripts/")
    page.get_by_role("link", name="It hums").click()
    page.get_by_role("textbox", name="Words", exact=True).fill("It sings.")
    desk.presses("Save")
    assert Script.objects.get(name="It hums").body == "It sings."
    page.get_by_role("button", name="Throw away It hums").click()
    desk.is_told("«It hums» is thrown away.")
    page.goto(f"/kb/new/article/?ticket={ticket.reference}")
    page.get_by_role("textbox", name="Text", exact=True).fill("Turn it off.")
    desk.presses("Keep the draft")
    desk.is_told("Kept as a draft")
    page.locator("main").get_by_role("link", name="Change").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("Turn it off and on.")
    desk.presses("Save")
    expect(page.locator("main")).to_contain_text("Turn it off and on.")


def decides_about_drafts(desk: Desk) -> None:
    page = desk.page
    page.goto("/kb/")
    page.get_by_role("link", name="Lamps that hum").click()
    desk.presses("Publish")
    desk.is_told("Published")
    page.goto("/kb/lamps-that-flicker/")
    desk.opens("Set aside…")
    page.get_by_label("Why it is set aside").fill("Not ours.")
    desk.presses("Set aside", exact=True)
    desk.is_told("Set aside.")
    states = dict(Article.objects.filter(proposed_by=desk.cast.ana).values_list("slug", "state"))
    assert states == {
        "lamps-that-hum": "published", "lamps-that-flicker": "retired", "lamps-that-sing": "retired",
    }  # fmt: skip


def uses_a_macro_on_many_and_a_template(desk: Desk) -> None:
    page, ticket = desk.page, desk.world.other
    page.goto("/?tab=all")
    page.get_by_label(f"Select {ticket.reference}").check()
    desk.opens("Macro", "#bulk")
    desk.presses("Choose one…", "#bulk")
    desk.presses("Not for us")
    expect(page.locator("main")).to_contain_text("By the macro «Not for us».")
    desk.presses("Change 1 ticket")
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"
    page.goto("/tickets/new/")
    page.get_by_role("link", name="Start from a template").click()
    page.get_by_role("link", name="A parcel has not come").click()
    expect(page.get_by_label("Tags")).to_have_value("parcel")
    page.get_by_label("E-mail", exact=True).fill("new@home.example")
    desk.presses("Open the ticket")
    opened = Ticket.objects.latest("pk")
    assert (opened.subject, opened.tags.get().name) == ("Parcel has not come:", "parcel")


Walk = Callable[[Desk], None]
# Who does it, and every action of the URL conf that it takes.
WALKS: dict[Walk, tuple[str, set[str]]] = {
    writes: ("ana", {"ticket-reply", "ticket-preview", "ticket-edit-held", "ticket-edit-preview",
                     "ticket-recall", "ticket-send-now", "ticket-note", "ticket-progress"}),
    sorts: ("ana", {"ticket-properties", "ticket-take", "ticket-follow", "ticket-unfollow",
                    "ticket-tags", "ticket-subject", "ticket-order", "ticket-requester", "ticket-link"}),
    opens_splits_and_merges: ("ana", {"ticket-new", "ticket-split", "ticket-merge"}),
    telephones: ("ana", {"call-start", "call-hold", "call-back", "call-draft", "call-attach", "call-ticket",
                         "call-pass-on", "call-finish", "call-log", "ticket-call", "callback-withdraw"}),
    uses_macros_and_notes: ("ana", {"macro-use", "script-words", "ticket-notes"}),
    offers_and_asks: ("ana", {"offer-make", "offer-words"}),
    decides: ("sue", {"offer-approve", "offer-told", "offer-reverse"}),
    refuses: ("sue", {"offer-refuse"}),
    hands_over: ("ana", {"ticket-hand-over"}),
    answers_on_the_ticket: ("sue", {"escalation-acknowledge", "ticket-take-over", "ticket-hand-back"}),
    answers_on_the_board: ("sue", {"board-acknowledge", "board-take-over", "board-hand-back"}),
    leads: ("sue", {"workload-share", "workload-take-back", "absences", "absence-end"}),
    works_on_an_incident: ("sue", {"incident-new", "incident-change", "incident-say", "incident-link",
                                   "ticket-incident-link", "ticket-incident-unlink"}),
    changes_many: ("ana", {"bulk", "bulk-do", "bulk-undo", "bulk-dismiss", "bulk-go-on",
                            "bulk-leave"}),
    links_many_to_an_incident: ("ana", {"bulk-incidents", "bulk-incident", "bulk-incident-link", "bulk-undo"}),
    saves_views: ("ana", {"queue-views", "queue-view", "queue-view-keep", "queue-view-move",
                          "queue-view-delete", "queue-columns"}),
    drafts_and_keeps: ("ana", {"article-words", "own-script-keep", "own-scripts", "own-script",
                               "own-script-delete", "article-propose", "article-change"}),
    decides_about_drafts: ("sue", {"article-publish", "article-set-aside"}),
    uses_a_macro_on_many_and_a_template: ("ana", {"bulk-macros", "bulk-macro", "bulk-do", "ticket-new"}),
    keeps_customers: ("ana", {"customer-change", "customer-notes", "company-change", "company-notes"}),
    is_told: ("ana", {"notifications-read", "notification-settings"}),
    finds: ("ana", set()),
    subscribes: ("ana", {"status-subscribe", "status-confirm", "status-unsubscribe"}),
}  # fmt: skip


def sent_from(page: Page) -> set[str]:
    """The names of the addresses to which a window sends a form from now on."""
    found: set[str] = set()

    def asked(request: Request) -> None:
        if request.method == "POST":
            path = "/" + request.url.split("/", 3)[3].partition("?")[0]
            found.add(str(resolve(path).url_name))

    page.on("request", asked)
    return found


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_the_forms_do_what_they_say(world: World, log_in: LogIn, walk: Walk) -> None:
    who, actions = WALKS[walk]
    page = log_in(getattr(world.cast, who), java_script_enabled=False)
    posted = sent_from(page)
    walk(Desk(page, world))
    assert posted == actions


def test_every_form_of_the_desk_is_walked(world: World) -> None:
    """An action that is new to the URL conf needs a walk above, or a reason why scripts alone send it."""
    client = Client()
    client.force_login(world.cast.ada)
    acting = set()
    for name in names():
        address = world.address(name).replace(f"/{world.ticket.reference}/", "/HD-NNNNNN/")
        if client.post(address).status_code != 405:
            acting.add(name)
    walked = set().union(*(actions for _, actions in WALKS.values()))
    assert acting - BY_SCRIPTS_ALONE.keys() - SEEN_ONLY == walked


# A form sent to a page that only shows is answered with the page.
SEEN_ONLY: set[str] = set()
