"""Dangerous input in every shown field stays text: nothing runs, nothing links to code."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import models
from django.utils import timezone
from playwright.sync_api import Dialog, Page, Request

from tests.browser.conftest import LogIn
from tests.browser.world import in_the_middle_of_a_day, names, shown_to
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
    ticket.followers.add(helper, cast.ana)
    conversation.note(
        ticket=ticket, author=helper, body=f"> {attack}\nx", now=now, mentions=[cast.ana]
    )
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
    assert_inert(page, "/notifications/")
    assert_inert(page, "/?tab=next&view=1")
    assert_inert(page, "/queue/views/")
    page.goto("/?tab=next&sort=opened")
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Change…").click()
    page.get_by_label("Assignee").select_option(index=3)
    page.get_by_label("Add tags").fill("<svg/onload=window.hit=1>")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 7 tickets").wait_for()
    assert_nothing_ran(page)
    page.get_by_role("button", name="Change 7 tickets").click()
    page.locator(".undo").wait_for()
    assert_nothing_ran(page)
    for page_of_its_own in ("split", "merge"):
        assert_inert(page, f"/tickets/{tickets[1].reference}/{page_of_its_own}/")


# Everything at once, for fields that hold so much; the short ones get a piece each.
PIECES = [
    "\u202e<svg onload=window.hit=1>",
    "\"><img src='//evil.example/x' onerror=window.hit=1>",
    "\u2067<script>window.hit=1</script>",
    '\u202d" data-escaped="1" onmouseover="window.hit=1',
    "</textarea></title></option></select><b>\u202ebold",
    "[x](javascript:window.hit=1) ![y](//evil.example/y.png)",
    "<link rel=stylesheet href=//evil.example/z.css>\u202e",
    "{{ user.password }}{% debug %}\u200f\x1b[31m",
]
ALL = " ".join(PIECES)
APPS = ("tickets", "kb", "escalation")
# What is never shown as it stands, or has a form that its door checks.
CHECKED = {
    "reference", "username", "password", "currency", "time_zone", "language", "key", "claim",
    "message_id", "sender", "reply_to", "query", "path", "file", "content_type", "metric", "next_due_metric",
    "word",
}  # fmt: skip
# Where rows of events and of versions keep words of people.
WORDS = {
    "name", "because", "reason", "note", "words", "offer", "subject", "rule", "who", "text", "said",
    "to", "from", "remark", "team", "assignee", "tags", "summary", "title", "added", "removed",
}  # fmt: skip
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x1b"


def piece(field: models.Field[Any, Any], number: int) -> str:
    """An attack that fits the field, another one for each row of it."""
    most = field.max_length or 10_000
    if most >= len(ALL) + 12:
        return f"{number} {ALL}"
    short = PIECES[number % len(PIECES)]
    return f"{short[: most - len(str(number))]}{number}" if most > 12 else short[:most]


def poisoned(value: Any, key: str = "") -> Any:
    """The words in what is kept as JSON."""
    if isinstance(value, dict):
        return {each: poisoned(inner, each) for each, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    return ALL[:400] if isinstance(value, str) and key in WORDS else value


def poison_every_field() -> int:
    """An attack in every field of every row that holds words; how many fields that were."""
    fields = 0
    for model in apps.get_models():
        if model.__module__.split(".")[0] not in APPS:
            continue
        for field in model._meta.concrete_fields:
            words = isinstance(field, models.CharField | models.TextField) and not field.choices
            special = isinstance(field, models.EmailField | models.SlugField | models.URLField)
            if isinstance(field, models.JSONField):
                for row in model._base_manager.all():
                    kept = {field.name: poisoned(getattr(row, field.name))}
                    model._base_manager.filter(pk=row.pk).update(**kept)
            elif words and not special and field.name not in CHECKED:
                fields += 1
                for number, pk in enumerate(
                    model._base_manager.order_by("pk").values_list("pk", flat=True)
                ):
                    kept = {field.name: piece(field, number)}
                    model._base_manager.filter(pk=pk).update(**kept)
    for number, pk in enumerate(Contact.objects.order_by("pk").values_list("pk", flat=True)):
        address = f'"<svg/onload=window.hit=1>{number}"@evil.example'
        Contact.objects.filter(pk=pk).update(email=address)
    return fields


# What of a page is not as its templates wrote it.
FOUND = """() => {
    const found = [];
    const say = (what, each) => found.push(`${what}: ${each.outerHTML.slice(0, 200)}`);
    const here = location.origin + "/static/";
    for (const each of document.querySelectorAll("*")) {
        for (const { name, value } of each.attributes) {
            if (/^on/i.test(name) || name === "data-escaped") say(name, each);
            const leads = ["href", "src", "action", "formaction", "xlink:href"].includes(name);
            if (leads && /^\\s*(javascript|data|vbscript):/i.test(value)) say("code", each);
        }
        if (each.matches("script") && !(each.src.startsWith(here) || each.nonce)) say("script", each);
        if (each.matches("link[rel=stylesheet]") && !each.href.startsWith(here)) say("from elsewhere", each);
        if (each.matches("img, iframe") && !each.src.startsWith(location.origin + "/")) say("from elsewhere", each);
        if (each.matches("iframe") && /^$|scripts|same-origin/.test(each.sandbox.value)) say("free", each);
        if (each.matches("object, embed, base, style, form form, b")) say("strange", each);
    }
    const turns = new RegExp("[TURNS]");
    const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const owner = texts.currentNode.parentElement;
        if (turns.test(texts.currentNode.data) && !owner.closest("textarea, script, style")) say("turns", owner);
    }
    if (window.hit !== undefined) found.push("it ran");
    return found;
}""".replace("TURNS", TURNS)


def test_no_field_of_any_page_is_anything_but_text(
    transactional_db: None,
    cast: SimpleNamespace,
    opened: Opener,
    log_in: LogIn,
    site: SimpleNamespace,
    settings: SimpleNamespace,
    tmp_path: Path,
) -> None:
    """Every address of the URL conf is looked at; one without an entry in the world fails here."""
    settings.MEDIA_ROOT = tmp_path
    world = in_the_middle_of_a_day(cast, opened)
    assert poison_every_field() > 60
    windows: dict[User, Page] = {}
    outside: list[str] = []
    problems: list[str] = []
    looked_at = 0
    for name in names():
        shown = shown_to(world, name)
        if shown is None:
            continue
        person, address, _ = shown
        if person not in windows:
            windows[person] = watched(log_in(person), site, outside)
        for query in ("", *MORE.get(name, ())):
            page = windows[person]
            page.goto(address + query)
            page.wait_for_load_state("networkidle")
            page.evaluate(
                "document.querySelectorAll('details').forEach((each) => (each.open = true))"
            )
            page.wait_for_load_state("networkidle")
            problems += [f"{address}{query} {each}" for each in page.evaluate(FOUND)]
            looked_at += 1
    sue = windows[cast.sue]
    sue.goto(f"/tickets/{world.ticket.reference}/")
    sue.locator("#reply textarea").fill(f"{ALL}\n\n{' '.join(ATTACKS)}")
    sue.locator("#reply").get_by_role("button", name="Preview").click()
    sue.locator("#reply-preview .prose").wait_for()
    problems += [f"preview {each}" for each in sue.evaluate(FOUND)]
    assert not problems, "\n".join(problems)
    assert outside == []
    assert looked_at > 40


# Further faces of a page.
MORE = {
    "queue": ("?tab=all", "?tab=held", "?tab=callbacks", "?tab=all&form=filter", "?tab=all&form=save&sort=opened",
              "?tab=all&sort=opened&form=columns", "?tab=all&tag=%3Csvg/onload%3Dwindow.hit%3D1%3E&q=%22%3E%3Cb%3E%E2%80%AE"),
    "ticket": ("?form=tags", "?form=subject", "?form=progress", "?form=call", "?form=link", "?form=requester", "?form=order"),
    "search": ("?q=window", "?q=%22%3E%3Cb%3E%E2%80%AEsvg", "?q=from:%3Csvg%3E"),
    "phone": ("?q=window",),
    "callers": ("?q=window",),
    "offers-ledger": ("?month=all", "?month=all&which=untold"),
    "articles": ("?q=window", "?q=%3Cb%3E%E2%80%AE"),
    "ticket-offer-people": ("?q=sv",),
    "ticket-offer-scripts": ("?q=svg",),
    "ticket-offer-articles": ("?q=svg",),
}  # fmt: skip


def watched(page: Page, site: SimpleNamespace, outside: list[str]) -> Page:
    """Notes whatever it asks of another host, and every dialog."""

    def asked(request: Request) -> None:
        if not request.url.startswith((site.url, "data:image")):
            outside.append(request.url)

    def opened_dialog(dialog: Dialog) -> None:
        outside.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("dialog", opened_dialog)
    return page
