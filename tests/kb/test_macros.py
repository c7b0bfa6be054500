"""Macros: words into the reply and changes of the ticket, all of it or nothing."""

import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from escalation import publishing
from escalation.models import Action, Condition, Rule
from kb.defaults.scripts import MACROS
from kb.scripts.macros import usable, use
from kb.scripts.models import Macro, Script
from tests.factories import ticket
from tickets.access import NotAllowed
from tickets.errors import ServiceRefused
from tickets.models import Draft, Tag, Ticket
from tickets.people.models import User
from tickets.services import conversation, drafting, triage


@pytest.fixture
def refund(cast: SimpleNamespace) -> Macro:
    return Macro.objects.create(
        name="Refund", words="Dear {first_name}, you get your money back.", priority="high",
        tags="refund, money", takes=True, category=cast.management, status="pending",
    )  # fmt: skip


def draft(one: Ticket, author: User) -> str:
    found = Draft.objects.filter(ticket=one, author=author, kind="reply").first()
    return found.body if found else ""


def test_it_changes_the_ticket_and_its_words_wait_in_the_reply(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    one = ticket(cast, now, tags=["vip"])
    assert use(macro=refund, ticket=one, actor=cast.ana, now=now) == "pending"
    one.refresh_from_db()
    assert (one.priority, one.assignee, one.category) == ("high", cast.ana, cast.management)
    assert sorted(tag.name for tag in one.tags.all()) == ["money", "refund", "vip"]
    assert one.status != "pending"  # the reply has not left yet
    assert draft(one, cast.ana) == "Dear Carla, you get your money back."
    assert not one.messages.filter(kind="reply").exists()


def test_used_twice_it_says_everything_once(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    one = ticket(cast, now)
    use(macro=refund, ticket=one, actor=cast.ana, now=now)
    events = one.events.count()
    use(macro=refund, ticket=one, actor=cast.ana, now=now)
    assert draft(one, cast.ana).count("money back") == 1
    assert one.events.count() == events


def test_what_was_typed_stays_above_its_words(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    one = ticket(cast, now)
    drafting.keep(ticket=one, author=cast.ana, kind="reply", body="Old", now=now)
    use(macro=refund, ticket=one, actor=cast.ana, now=now)
    assert draft(one, cast.ana) == "Old\n\nDear Carla, you get your money back."


def test_without_words_the_status_changes_at_once(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    spam = Macro.objects.create(name="Spam", tags="spam", status="solved")
    assert use(macro=spam, ticket=one, actor=cast.ana, now=now) == ""
    one.refresh_from_db()
    assert one.status == "solved"
    assert draft(one, cast.ana) == ""


def test_what_one_change_refuses_leaves_all_as_it_was(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    one = ticket(cast, now)
    Macro.objects.filter(pk=refund.pk).update(tags=",".join(f"t{n}" for n in range(60)))
    refund.refresh_from_db()
    with pytest.raises(ServiceRefused):
        use(macro=refund, ticket=one, actor=cast.ana, now=now)
    one.refresh_from_db()
    assert (one.priority, one.assignee) == ("normal", None)
    assert not Draft.objects.exists()


def test_only_what_fits_the_category_is_offered_and_nothing_on_a_closed_ticket(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    Macro.objects.create(name="Others", tags="x", only_for=cast.suggestion)
    Macro.objects.create(name="Old", tags="x", active=False)
    one = ticket(cast, now)
    assert usable(one, cast.ana) == [refund]
    triage.set_status(ticket=one, status="closed", actor=None, now=now)
    one.refresh_from_db()
    assert usable(one, cast.ana) == []


def test_who_may_only_read_may_use_none(
    cast: SimpleNamespace, refund: Macro, now: datetime
) -> None:
    one = ticket(cast, now)
    triage.follow(ticket=one, user=cast.eve, actor=cast.sue, now=now)
    assert usable(one, cast.eve) == []
    with pytest.raises(NotAllowed):
        use(macro=refund, ticket=one, actor=cast.eve, now=now)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"words": "{nobody}"}, {"words": "x", "status": "closed"}, {"priority": "soon"},
        {"tags": "x" * 61}, {"tags": ",".join(f"t{n}" for n in range(60))},
    ],
)  # fmt: skip
def test_the_admin_is_told_what_is_wrong_with_one(db: None, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Macro(name="Wrong", **wrong).full_clean()


def test_on_the_page_a_button_uses_it_and_the_status_is_proposed(
    cast: SimpleNamespace, refund: Macro, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    client.force_login(cast.ana)
    panel = client.get(reverse("scripts-panel", args=[one.reference])).content.decode()
    assert "assigned to you; priority high; filed under «Management decision»" in panel
    page = client.post(
        reverse("macro-use", args=[one.reference, refund.pk]),
        {"typed": "reply", "body": "Hello,", "cc": "boss@acme.example"},
        follow=True,
    )
    told = page.content.decode()
    assert "«Refund»: assigned to you; priority high;" in told
    assert "Hello,\n\nDear Carla, you get your money back." in told
    assert '<option value="pending" selected>' in told
    assert 'value="boss@acme.example"' in told


def test_words_put_in_before_and_changed_since_are_not_put_in_again_by_a_macro(
    cast: SimpleNamespace, refund: Macro, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    drafting.add(ticket=one, author=cast.ana, kind="reply", text="A credit is noted.", now=now)
    said = {"typed": "reply", "body": "20 USD are noted.", "shown": Draft.objects.get().marks}
    client.force_login(cast.ana)
    client.post(reverse("macro-use", args=[one.reference, refund.pk]), said)
    assert draft(one, cast.ana) == "20 USD are noted.\n\nDear Carla, you get your money back."


def test_who_sends_a_ticket_out_of_their_sight_is_told_and_led_to_the_queue(
    cast: SimpleNamespace, now: datetime, client: Client
) -> None:
    rule = Rule.objects.create(name="Money")
    Condition.objects.create(rule=rule, kind="tag", tag=Tag.objects.create(name="money"))
    Action.objects.create(rule=rule, kind="assign_team", team=cast.billing)
    publishing.announce()
    macro = Macro.objects.create(name="About money", tags="money")
    one = ticket(cast, now)
    client.force_login(cast.ana)
    answer = client.post(reverse("macro-use", args=[one.reference, macro.pk]))
    assert answer.headers["Location"] == "/"


def test_a_refused_one_says_why_and_a_strangers_ticket_is_not_there(
    cast: SimpleNamespace, refund: Macro, now: datetime, client: Client
) -> None:
    one, secret = ticket(cast, now), ticket(cast, now, team=cast.billing)
    Macro.objects.filter(pk=refund.pk).update(tags=",".join(f"t{n}" for n in range(60)))
    client.force_login(cast.ana)
    address = reverse("macro-use", args=[one.reference, refund.pk])
    page = client.post(address, {"typed": "reply", "body": "Typed."}, follow=True)
    assert "«Refund» was not used." in page.content.decode()
    assert draft(one, cast.ana) == "Typed."
    gone = client.post(reverse("macro-use", args=[secret.reference, refund.pk]))
    assert gone.status_code == 404


@pytest.mark.parametrize("typed", [{}, {"typed": "reply", "body": "Half a word"}])
def test_over_a_message_that_its_page_has_not_shown_it_changes_nothing_and_says_who_wrote(
    cast: SimpleNamespace, now: datetime, client: Client, typed: dict[str, str]
) -> None:
    """From the panel, and from what is typed."""
    one = ticket(cast, now)
    macro = Macro.objects.create(name="Not for us", status="solved", tags="spam")
    client.force_login(cast.ana)
    panel = panel_of(one, client)
    said = {"version": panel["version"], **typed}
    conversation.customer_message(
        ticket=one, contact=cast.carla, body="It burns!", received_at=now, now=now
    )
    page = client.post(reverse("macro-use", args=[one.reference, macro.pk]), said)
    told = page.content.decode()
    one.refresh_from_db()
    assert (page.status_code, one.status, one.tags.count()) == (409, "new", 0)
    assert "«Not for us» was not used. Customer wrote" in told
    assert "It burns!" in told
    assert draft(one, cast.ana) == typed.get("body", "")
    assert typed.get("body", "") in told
    # What is shown now has been seen.
    again = {"version": panel_of(one, client)["version"]}
    client.post(reverse("macro-use", args=[one.reference, macro.pk]), again)
    one.refresh_from_db()
    assert one.status == "solved"


def test_its_panel_knows_what_the_page_has_shown_though_it_is_fetched_later(
    cast: SimpleNamespace, refund: Macro, now: datetime, client: Client
) -> None:
    one = ticket(cast, now)
    client.force_login(cast.ana)
    page = client.get(reverse("ticket", args=[one.reference])).content.decode()
    address = re.findall(r'hx-get="([^"]+/scripts/[^"]*)"', page)[0]
    shown = one.version
    conversation.customer_message(
        ticket=one, contact=cast.carla, body="It burns!", received_at=now, now=now
    )
    panel = client.get(address).content.decode()
    assert re.findall(r'name="version" value="(\d+)"', panel) == [str(shown)]
    assert "data-keep-for" in panel  # what is brought into the page is said by its forms, too


def panel_of(one: Ticket, client: Client) -> dict[str, str]:
    """What its forms carry."""
    panel = client.get(reverse("scripts-panel", args=[one.reference])).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(version)" value="(\d+)"', panel))


def test_a_slash_offers_macros_first_only_where_a_word_was_typed(
    cast: SimpleNamespace, refund: Macro, now: datetime, client: Client
) -> None:
    Script.objects.create(name="Refused refund", kind="reply", body="No.")
    one = ticket(cast, now)
    client.force_login(cast.ana)
    address = reverse("ticket-offer-scripts", args=[one.reference])
    run = f'data-run="/tickets/{one.reference}/macros/{refund.pk}/"'
    for word, first in (("ref", "Refund"), ("", "Refused refund")):
        offered = client.get(address, {"q": word}).content.decode()
        assert run in offered
        assert re.findall(r"<strong><bdi>([^<]+)", offered)[0] == first


@pytest.mark.parametrize(("name", "words", "does"), MACROS)
def test_every_seeded_macro_is_one_that_the_admin_could_have_made(
    db: None, name: str, words: str, does: dict[str, Any]
) -> None:
    Macro(name=name, words=words, **does).full_clean()
