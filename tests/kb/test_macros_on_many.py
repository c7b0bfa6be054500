"""A macro on many tickets: only what changes and says nothing, with preview and undo like any other."""

import re
from datetime import UTC, datetime
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from kb.scripts.models import Macro
from tests.factories import ticket
from tickets.models import BulkDeed, Ticket
from tickets.people.models import User
from tickets.services import conversation, triage


@pytest.fixture
def ana(cast: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


@pytest.fixture
def filed(cast: SimpleNamespace) -> Macro:
    return Macro.objects.create(
        name="File it", takes=True, priority="low", tags="idea, later", category=cast.suggestion,
        status="solved",
    )  # fmt: skip


def previewed(ana: Client, macro: Macro, *tickets: Ticket) -> Any:
    chosen = {"t": [each.reference for each in tickets], "back": "tab=all"}
    return ana.post(f"/queue/bulk/macros/{macro.pk}/", chosen)


def done(ana: Client, preview: Any) -> Any:
    """Presses the button of the preview, with every hidden field of its form."""
    form = preview.content.decode().partition('action="/queue/bulk/do/"')[2].partition("</form>")[0]
    said: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        said.setdefault(name, []).append(value)
    return ana.post("/queue/bulk/do/", said)


def lines(preview: Any) -> list[str]:
    """What the preview says that will change, as one reads it."""
    found = re.findall(r"<li>(<span class=\"badge soft\">.*?)</li>", preview.content.decode())
    return [unescape(re.sub("<[^>]+>", "", each)) for each in found]


def test_only_those_without_words_are_offered(ana: Client, filed: Macro, now: datetime) -> None:
    writing = Macro.objects.create(name="Writes", words="Hello", tags="x")
    Macro.objects.create(name="Unused", tags="x", active=False)
    for answer in (
        ana.get("/queue/bulk/macros/", headers={"HX-Request": "true"}),
        ana.post("/queue/bulk/macros/", {"t": ["HD-AAAAAA"]}),
    ):
        offered = re.findall(r'formaction="/queue/bulk/macros/(\d+)/"', answer.content.decode())
        assert offered == [str(filed.pk)]
    assert ana.post(f"/queue/bulk/macros/{writing.pk}/", {"t": ["x"]}).status_code == 404


def test_it_is_previewed_done_and_undone(
    cast: SimpleNamespace, ana: Client, filed: Macro, now: datetime
) -> None:
    tickets = [ticket(cast, now), ticket(cast, now)]
    preview = previewed(ana, filed, *tickets)
    told = preview.content.decode()
    assert "2 of 2 will change" in told
    assert "By the macro «<bdi>File it</bdi>»." in told
    assert Ticket.objects.filter(status="new").count() == 2
    done(ana, preview)
    for one in tickets:
        one.refresh_from_db()
        assert (one.status, one.priority, one.assignee) == ("solved", "low", cast.ana)
        assert one.category == cast.suggestion
        assert {tag.name for tag in one.tags.all()} == {"idea", "later"}
        assert not one.messages.exclude(kind__in=["customer", "automatic"]).exists()
    ana.post(f"/queue/bulk/{BulkDeed.objects.get().pk}/undo/")
    for one in tickets:
        one.refresh_from_db()
        assert (one.status, one.priority, one.assignee) == ("new", "normal", None)
        assert not one.tags.exists()


def test_what_it_takes_along_is_said_with_the_day_in_the_readers_zone(
    cast: SimpleNamespace, ana: Client, filed: Macro, now: datetime
) -> None:
    User.objects.filter(pk=cast.ana.pk).update(time_zone="Asia/Tokyo")
    one, plain = ticket(cast, now), ticket(cast, now)
    conversation.progress(ticket=one, author=cast.ben, text="At it.", now=now)
    triage.set_status(ticket=one, status="pending", actor=cast.ben, now=now)
    monday = datetime(2026, 3, 16, 22, 0, tzinfo=UTC)
    Ticket.objects.filter(pk=one.pk).update(comes_back_at=monday)
    told = lines(previewed(ana, filed, one, plain))
    assert "1 × comes back: Tue 17 Mar 2026, 07:00 JST → no more" in told
    assert "1 × held progress line: taken back, not sent" in told
    Macro.objects.filter(pk=filed.pk).update(status="pending")
    told = lines(previewed(ana, filed, one, plain))
    assert "1 × comes back: only by hand" in told
    assert not any("progress" in line for line in told)


def test_what_was_previewed_is_done_whatever_becomes_of_the_macro_meanwhile(
    cast: SimpleNamespace, ana: Client, filed: Macro, now: datetime
) -> None:
    one = ticket(cast, now)
    preview = previewed(ana, filed, one)
    Macro.objects.filter(pk=filed.pk).update(priority="urgent")
    done(ana, preview)
    one.refresh_from_db()
    assert one.priority == "low"


def test_tickets_of_another_category_are_left_alone_and_it_says_why(
    cast: SimpleNamespace, ana: Client, filed: Macro, now: datetime
) -> None:
    Macro.objects.filter(pk=filed.pk).update(only_for=cast.management)
    mine, other = ticket(cast, now, category=cast.management), ticket(cast, now)
    preview = previewed(ana, filed, mine, other)
    told = preview.content.decode()
    assert "1 of 2 will change" in told
    assert "«File it» is only for «Management decision»." in told
    done(ana, preview)
    other.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.status, other.status) == ("solved", "new")
    nothing = previewed(ana, filed, other).content.decode()
    assert "Nothing will change" in nothing


def test_without_a_selection_it_says_what_to_do_and_a_reload_leads_to_the_queue(
    ana: Client, filed: Macro
) -> None:
    assert "No ticket is selected" in ana.post("/queue/bulk/macros/").content.decode()
    assert ana.get("/queue/bulk/macros/").headers["Location"] == "/"
    assert ana.get(f"/queue/bulk/macros/{filed.pk}/").status_code == 405


def test_strangers_tickets_are_not_there(
    cast: SimpleNamespace, ana: Client, filed: Macro, now: datetime
) -> None:
    secret = ticket(cast, now, team=cast.billing)
    told = previewed(ana, filed, secret).content.decode()
    assert secret.subject not in told
    assert "1 of those you chose you do not see any more" in told
