"""Dangerous input in every shown field stays text: nothing runs, nothing links to code."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import LogIn
from tests.desk.conftest import Opener
from tickets.models import Category, Tag, Ticket
from tickets.people.models import (
    Contact,
    Membership,
    Order,
    Organization,
    Product,
    Team,
    Tier,
    User,
)
from tickets.services import conversation, viewing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ATTACKS = [
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>",
    '"><a href="javascript:window.hit=1">x</a>',
    "javascript:window.hit=1//",
    "{{ user.password }}{% debug %}",
    "\u202egnp.exe \u2066 \u200b ]]>--></textarea></title><b>",
]


def dangerous(cast: SimpleNamespace, opened: Opener, attack: str, number: int) -> Ticket:
    """A ticket with ``attack`` in every field that any page shows."""
    short, now = attack[:58] + str(number), timezone.now()
    tier = Tier.objects.create(name=short, entitlements=attack)
    firm = Organization.objects.create(name=attack, tier=tier, responsible=cast.ben)
    contact = Contact.objects.create(
        name=attack, email=f"x{number}@evil.example", phone=attack[:40], organization=firm,
        notes=attack,
    )  # fmt: skip
    contact.products.add(Product.objects.create(name=attack))
    order = Order(contact=contact, amount=1, placed_at=now, summary=attack, number=short[:40])
    order.save()
    category = Category.objects.create(name=attack[:80])
    team = Team.objects.create(name=attack[:80])
    Membership.objects.create(team=team, user=cast.ana)
    helper = User.objects.create(username=f"u{number}", first_name=attack[:100], last_name=short)
    ticket = opened(
        requester=contact, body=attack, category=category, team=team, assignee=helper, subject="x"
    )
    Ticket.objects.filter(pk=ticket.pk).update(subject=attack)
    ticket.tags.add(Tag.objects.create(name=short))
    ticket.followers.add(helper)
    conversation.note(ticket=ticket, author=helper, body=f"> {attack}\nx", now=now)
    ticket.events.create(
        kind="status_changed", at=now, recorded_at=now, actor=helper,
        data={"from": attack, "to": attack, "reason": attack},
    )  # fmt: skip
    return ticket


def assert_inert(page: Page, path: str) -> None:
    page.goto(path)
    assert_nothing_ran(page)


def assert_nothing_ran(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.hit") is None
    made = page.locator("main :is(script, img, b, svg[onload])")
    assert made.count() == 0
    assert page.locator("a[href^='javascript:' i]").count() == 0
    assert "argon2" not in page.content()
    assert "\u202e" not in page.inner_text("main")


def test_every_shown_field_is_inert(
    transactional_db: None, cast: SimpleNamespace, opened: Opener, log_in: LogIn
) -> None:
    tickets = [dangerous(cast, opened, attack, n) for n, attack in enumerate(ATTACKS)]
    page = log_in(cast.ana)
    assert_inert(page, "/")
    assert_inert(page, "/?tab=all&tag=%3Csvg/onload%3Dwindow.hit%3D1%3E&q=%3Cb%3E")
    for ticket in tickets:
        assert_inert(page, f"/tickets/{ticket.reference}/")
    for number, attack in enumerate(ATTACKS):
        query = f"tab=next&q={quote(attack)}"
        viewing.save_view(
            owner=cast.ana, name=f"{number}{attack[:40]}", query=query, columns=["tags"]
        )
    assert_inert(page, "/?tab=next&view=1")
    assert_inert(page, "/queue/views/")
    page.goto("/?tab=next&sort=opened")
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Assignee").select_option(index=3)
    page.get_by_label("Add tags").fill("<svg/onload=window.hit=1>")
    page.get_by_role("button", name="Preview").click()
    assert_nothing_ran(page)
    page.get_by_role("button", name="Change 7 tickets").click()
    assert_nothing_ran(page)
    for page_of_its_own in ("split", "merge"):
        assert_inert(page, f"/tickets/{tickets[1].reference}/{page_of_its_own}/")
