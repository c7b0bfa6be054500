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
from tests.browser.conftest import LogIn
from tests.browser.world import World, in_the_middle_of_a_day, names, shown_to
from tests.desk.conftest import Opener
from tickets.calls import services as calls
from tickets.calls.models import Call, Callback
from tickets.models import Draft, Message, SavedView, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Absence, User
from tickets.services import conversation, triage

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
    "search": ("Search", "from:"),
    "ticket-new": ("New ticket", "What they said"),
    "ticket": ("The third wrong lamp", "A new one leaves."),
    "ticket-edit-held": ("Edit the held reply", "A new one leaves."),
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
    page.get_by_label("Merge this ticket into").fill(opened.reference)
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
    expect(page.get_by_label("Once it has left, the ticket is")).to_have_value("pending")
    desk.at(ticket, "?form=notes")
    page.locator("#notes textarea").first.fill("Calls himself Charlie.")
    desk.presses("Save the notes")
    ticket.requester.refresh_from_db()
    assert ticket.requester.notes == "Calls himself Charlie."
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
    """Sue approves one, takes it back, and refuses another."""
    page = desk.at(rest="offers/")
    desk.presses("Approve")
    desk.is_told("is granted")
    page.get_by_label("Reason", exact=True).first.fill("A slip")
    desk.presses("Take back")
    desk.is_told("is taken back")


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


def finds(desk: Desk) -> None:
    """By words that somebody wrote, by a filter, in the knowledge base."""
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
    uses_macros_and_notes: ("ana", {"macro-use", "ticket-notes"}),
    offers_and_asks: ("ana", {"offer-make", "offer-words"}),
    decides: ("sue", {"offer-approve", "offer-reverse"}),
    refuses: ("sue", {"offer-refuse"}),
    hands_over: ("ana", {"ticket-hand-over"}),
    answers_on_the_ticket: ("sue", {"escalation-acknowledge", "ticket-take-over", "ticket-hand-back"}),
    answers_on_the_board: ("sue", {"board-acknowledge", "board-take-over", "board-hand-back"}),
    leads: ("sue", {"workload-share", "workload-take-back", "absences", "absence-end"}),
    changes_many: ("ana", {"bulk", "bulk-do", "bulk-undo", "bulk-dismiss"}),
    saves_views: ("ana", {"queue-views", "queue-view", "queue-view-keep", "queue-view-move",
                          "queue-view-delete", "queue-columns"}),
    finds: ("ana", set()),
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
