"""An agent's morning: the queue from its top, five answers, one taken back and one sent at once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail as mailbox
from django.utils import timezone
from playwright.sync_api import Page, expect

from escalation.defaults import install_defaults
from tests.browser.conftest import LogIn
from tests.browser.hands import HANDS, Hands
from tests.desk.conftest import Opener
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINUTE = timedelta(minutes=1)
WORDS = [f"Dear Carla, answer number {number}." for number in range(5)]


@pytest.fixture
def waiting(transactional_db: None, cast: SimpleNamespace, opened: Opener) -> list[Ticket]:
    """Seven questions since yesterday, the oldest first: it breaks next."""
    now = timezone.now()
    install_defaults(now=now - timedelta(days=2))
    asked = [now - timedelta(hours=12 - number) for number in range(7)]
    return [
        opened(subject=f"Question {number}", now=at, received_at=at)
        for number, at in enumerate(asked)
    ]


def top_of_the_queue(page: Page) -> list[str]:
    return page.locator("#rows tbody .what a bdi").all_inner_texts()


def answered(page: Page, hands: Hands, ticket: Ticket, words: str) -> None:
    """From the queue to the ticket and, written and sent, to its place in the conversation."""
    hands.press(page.locator(f"#t-{ticket.reference}"))
    expect(page.locator("#head h1")).to_have_text(ticket.subject)
    hands.write(page.locator("#reply textarea"), words)
    hands.press(page.get_by_role("button", name="Send reply"))
    expect(page.locator("article.reply")).to_contain_text(words)
    expect(page.locator("article.reply")).to_contain_text("held, leaves in 2")


def back(page: Page, hands: Hands) -> None:
    hands.press(page.get_by_role("link", name="Queue", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Breaking next")


@pytest.mark.parametrize("by", HANDS)
def test_the_queue_is_worked_from_its_top(
    cast: SimpleNamespace, waiting: list[Ticket], log_in: LogIn, by: str
) -> None:
    hands, began = HANDS[by], timezone.now()
    page = log_in(cast.ana, by_page=True)
    assert top_of_the_queue(page) == [each.subject for each in waiting]
    for ticket, words in zip(waiting, WORDS, strict=False):
        answered(page, hands, ticket, words)
        if ticket == waiting[2]:
            hands.press(page.get_by_role("button", name="Recall"))
            expect(page.locator(".notices")).to_contain_text("Recalled: it was never sent.")
            expect(page.locator("#reply textarea")).to_have_value(words)
            expect(page.locator("#reply textarea")).to_be_visible()
        if ticket == waiting[4]:
            hands.press(page.get_by_role("button", name="Send now"))
            expect(page.locator("article.reply")).to_contain_text("on its way")
        back(page, hands)

    expect(page.get_by_role("link", name="Held replies")).to_contain_text("3")
    hands.press(page.get_by_role("link", name="Held replies"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Held replies")
    assert top_of_the_queue(page) == ["Question 0", "Question 1", "Question 3"]
    said_of_the_outbox(waiting, began)
    left_over(page, hands)


def said_of_the_outbox(waiting: list[Ticket], began: object) -> None:
    """One mail is free, three wait half an hour from when each was written, one was never sent."""
    replies = Message.objects.filter(kind="reply").select_related("mail").order_by("pk")
    mails = [each.mail for each in replies if each.mail]
    assert [each.ticket_id for each in replies] == [each.pk for each in waiting[:5]]
    assert [each.state for each in mails] == ["held", "held", "recalled", "held", "released"]
    for mail, words in zip(mails, WORDS, strict=True):
        assert mail.text.startswith(words)
        if mail.state == "held":
            assert mail.release_at == mail.written_at + 30 * MINUTE
            assert mail.written_at >= began  # type: ignore[operator]
    assert OutgoingMail.objects.count() == 5
    now = timezone.now()
    mailbox.outbox.clear()
    outbox.deliver_due(now)
    assert [mail.body[: len(WORDS[4])] for mail in mailbox.outbox] == [WORDS[4]]
    outbox.deliver_due(mails[0].release_at - timedelta(seconds=1))
    assert len(mailbox.outbox) == 1
    outbox.deliver_due(now + 31 * MINUTE)
    sent = sorted(mail.body[: len(WORDS[0])] for mail in mailbox.outbox)
    assert sent == [WORDS[0], WORDS[1], WORDS[3], WORDS[4]]


def left_over(page: Page, hands: Hands) -> None:
    """What has been answered waits for no first reply; the one taken back still does, at the top."""
    back(page, hands)
    due = page.locator("#rows tbody tr").filter(has_text="first reply due")
    assert due.locator(".what a bdi").all_inner_texts() == [
        "Question 2",
        "Question 5",
        "Question 6",
    ]
    assert top_of_the_queue(page)[0] == "Question 2"
    hands.press(page.get_by_role("link", name="Held replies"))
    expect(page.get_by_role("heading", name="All quiet")).to_be_visible()


def test_the_same_with_the_keys_of_the_desk(
    cast: SimpleNamespace, waiting: list[Ticket], log_in: LogIn
) -> None:
    page = log_in(cast.ana)
    for place, words in enumerate(WORDS):
        page.wait_for_load_state("networkidle")
        for _ in range(place + 1):
            page.keyboard.press("j")
        expect(page.locator(f"#t-{waiting[place].reference}")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tickets/{waiting[place].reference}/**")
        page.wait_for_load_state()
        page.keyboard.press("r")
        page.keyboard.type(words)
        page.keyboard.press("Control+Enter")
        expect(page.locator("article.reply")).to_contain_text(words)
        page.wait_for_load_state()
        page.keyboard.press("Control+k")
        page.keyboard.type("Queue")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: url.rstrip("/").count("/") == 2)
    states = OutgoingMail.objects.values_list("state", flat=True)
    assert list(states) == ["held"] * 5
