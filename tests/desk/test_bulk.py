"""Bulk changes at the desk: select, preview, do, undo; all of it with plain forms."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener
from tickets.models import BulkDeed, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import bulk, conversation, triage

Desk = Callable[[User], Client]


def previewed(client: Client, tickets: list[Ticket], **wanted: Any) -> Any:
    return client.post("/queue/bulk/", {"t": [each.reference for each in tickets]} | wanted)


def done(client: Client, tickets: list[Ticket], **wanted: Any) -> Any:
    """The form that the preview has, sent as it is."""
    page = previewed(client, tickets, **wanted)
    carried = dict(page.context["carried"])
    told = [f"{each.reference}:{each.version}" for each in page.context["tickets"]]
    given = {"t": told, "key": str(page.context["key"]), "back": "tab=mine"}
    return client.post("/queue/bulk/do/", given | carried)


def test_the_preview_says_what_changes_on_how_many_and_what_is_left_alone_and_why(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    tickets = [opened(subject=f"Ticket {number}") for number in range(4)]
    now = tickets[0].opened_at
    triage.set_status(ticket=tickets[0], status="closed", actor=cast.ben, now=now)
    triage.set_status(ticket=tickets[1], status="pending", actor=cast.ben, now=now)
    page = previewed(desk(cast.ana), tickets, status="closed")
    text = " ".join(page.content.decode().split())
    assert "3 of 4 will change" in text
    assert "1 left alone: It is so already." in text
    assert sorted(page.context["summary"].lines) == [
        ("customer's message", "", "not answered yet", 3),
        ("status", "new", "closed", 2), ("status", "pending", "closed", 1),
    ]  # fmt: skip
    assert Ticket.objects.filter(status="closed").count() == 1


def test_a_deed_is_done_told_and_undone(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    tickets, client = [opened() for _ in range(3)], desk(cast.ana)
    answer = done(client, tickets, status="closed", add_tags="vip")
    assert answer.headers["Location"] == "/?tab=mine"
    assert set(Ticket.objects.values_list("status", flat=True)) == {"closed"}
    page = client.get("/").content.decode()
    assert "3 tickets closed, tagged vip." in page
    deed = BulkDeed.objects.get()
    assert deed.actor == cast.ana
    answer = client.post(f"/queue/bulk/{deed.pk}/undo/", {"back": "tab=next"}, follow=True)
    assert "3 tickets are as before." in answer.content.decode()
    assert set(Ticket.objects.values_list("status", flat=True)) == {"new"}
    assert "tickets closed" not in client.get("/").content.decode()
    assert "already" in client.post(f"/queue/bulk/{deed.pk}/undo/", follow=True).content.decode()


def test_the_bar_goes_when_dismissed_or_when_the_time_is_over(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk(cast.ana)
    done(client, [opened()], priority="urgent")
    assert client.get("/").context["undo"]["said"] == "1 ticket set to priority urgent"
    client.post("/queue/bulk/dismiss/", {"back": ""})
    assert client.get("/").context["undo"] is None
    monkeypatch.setattr("tickets.services.bulk.UNDO_FOR", timedelta(0))
    done(client, [opened()], priority="low")
    assert client.get("/").context["undo"] is None


def test_what_was_changed_since_stays_and_the_page_of_the_deed_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, two = opened(), opened()
    client = desk(cast.ana)
    done(client, [one, two], priority="urgent")
    fresh = Ticket.objects.get(pk=one.pk)
    triage.set_priority(ticket=fresh, priority="high", actor=cast.ben, now=fresh.opened_at)
    deed = BulkDeed.objects.get()
    told = client.post(f"/queue/bulk/{deed.pk}/undo/", follow=True).content.decode()
    assert "1 ticket is as before." in told
    assert "1 ticket is left alone" in told
    assert "stays: It was changed since, and stays as it is." in told


def test_only_who_did_it_and_admins_see_a_deed(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one = opened(subject="Secret of Support")
    done(desk(cast.ana), [one], team=str(cast.billing.pk))
    deed = BulkDeed.objects.get()
    for person, status in ((cast.ben, 404), (cast.sue, 404), (cast.ada, 200), (cast.ana, 200)):
        page = desk(person).get(f"/queue/bulk/{deed.pk}/")
        assert page.status_code == status
    told = desk(cast.ana).get(f"/queue/bulk/{deed.pk}/").content.decode()
    assert "Secret of Support" not in told
    assert "now with others" in told
    assert desk(cast.ben).post(f"/queue/bulk/{deed.pk}/undo/").status_code == 404


def test_a_ticket_one_may_not_see_is_not_betrayed_by_the_preview(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    mine, theirs = opened(), opened(subject="Theirs", team=cast.billing)
    page = previewed(desk(cast.ana), [mine, theirs], status="closed").content.decode()
    assert "Theirs" not in page
    assert "1 of those you chose you do not see any more" in page


def test_what_changed_after_the_preview_is_left_alone(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, client = opened(), desk(cast.ana)
    told = {"t": f"{one.reference}:{one.version}", "status": "closed", "key": str(uuid4())}
    triage.set_priority(ticket=one, priority="urgent", actor=cast.ben, now=one.opened_at)
    client.post("/queue/bulk/do/", told)
    page = client.get("/").content.decode()
    deed = BulkDeed.objects.get()
    assert "No ticket was changed" in page
    assert f'<a href="/queue/bulk/{deed.pk}/">1 left alone</a>' in page
    shown = client.get(f"/queue/bulk/{deed.pk}/").content.decode()
    assert "Somebody changed it, or the customer wrote, after the preview." in shown
    assert "Undo" not in shown


def test_a_deed_that_changed_nothing_offers_no_undo_and_leaves_the_earlier_offer(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, other, client = opened(), opened(), desk(cast.ana)
    assert client.get("/").context["undo"] is None
    told = {"t": f"{one.reference}:{one.version + 9}", "status": "closed", "key": str(uuid4())}
    client.post("/queue/bulk/do/", told)
    assert client.get("/").context["undo"] is None
    done(client, [other], priority="urgent")
    earlier = client.get("/").context["undo"]
    assert earlier["said"] == "1 ticket set to priority urgent"
    client.post("/queue/bulk/do/", told | {"key": str(uuid4())})
    page = client.get("/")
    assert page.context["undo"] == earlier
    assert "No ticket was changed" in page.content.decode()
    assert "No ticket was changed" not in client.get("/").content.decode()


def test_a_deed_that_was_undone_is_not_offered_again_when_its_form_is_sent_again(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    one, client = opened(), desk(cast.ana)
    told = {"t": f"{one.reference}:{one.version}", "priority": "urgent", "key": str(uuid4())}
    client.post("/queue/bulk/do/", told)
    client.post(f"/queue/bulk/{BulkDeed.objects.get().pk}/undo/")
    client.post("/queue/bulk/do/", told)
    page = client.get("/")
    assert page.context["undo"] is None
    assert "was undone" in page.content.decode()
    assert Ticket.objects.get(pk=one.pk).priority == "normal"


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": "nope"}, {"assignee": "999"}, {"team": "1 OR 1=1"}, {"add_tags": "x" * 61},
        {"add_tags": "a\x00b"}, {"priority": "%00"},
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_at_its_field(
    cast: SimpleNamespace, desk: Desk, opened: Opener, wanted: dict[str, str]
) -> None:
    one, client = opened(), desk(cast.ana)
    for address in ("/queue/bulk/", "/queue/bulk/do/"):
        told = {"t": one.reference, "key": str(uuid4())} | wanted
        answer = client.post(address, told)
        assert answer.status_code == 422
        assert "errors" in answer.content.decode()
    assert not BulkDeed.objects.exists()


@pytest.mark.parametrize("chosen", [[], ["%00"], ["x" * 5000], ["HD-:", ":", "HD-AAAAAA:٣"]])
def test_nonsense_selects_nothing(
    cast: SimpleNamespace, desk: Desk, opened: Opener, chosen: list[str]
) -> None:
    answer = desk(cast.ana).post("/queue/bulk/", {"t": chosen, "status": "closed"})
    assert answer.status_code == 200
    assert "No ticket is selected" in answer.content.decode()


def test_a_deed_without_a_proper_key_is_no_deed(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    told = {"t": opened().reference, "status": "closed", "key": "x"}
    assert desk(cast.ana).post("/queue/bulk/do/", told).status_code == 400
    assert not BulkDeed.objects.exists()


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/?x=1", "tab=\r\nX: y"])
def test_one_comes_back_to_the_queue_and_nowhere_else(
    cast: SimpleNamespace, desk: Desk, opened: Opener, back: str
) -> None:
    answer = desk(cast.ana).post("/queue/bulk/dismiss/", {"back": back})
    assert answer.headers["Location"].startswith("/?")
    assert "\n" not in answer.headers["Location"]


def test_at_most_so_many_are_taken_and_the_page_says_so(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.bulk.MOST", 2)
    page = previewed(desk(cast.ana), [opened() for _ in range(3)], status="closed")
    assert "the other 1 were not taken" in page.content.decode()
    assert len(page.context["tickets"]) == 2


@pytest.mark.parametrize("who", ["ana", "sue"])
def test_the_preview_asks_the_same_for_3_and_30_tickets(
    cast: SimpleNamespace, desk: Desk, opened: Opener, who: str
) -> None:
    client, tickets, counts = desk(getattr(cast, who)), [], []
    wanted = {"status": "closed", "add_tags": "vip", "follow": "on", "team": cast.billing.pk}
    for number in range(30):
        tickets.append(opened(assignee=cast.ben, tags=["lamp"]))
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as seen:
                assert previewed(client, tickets, **wanted).status_code == 200
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_page_of_a_deed_asks_the_same_for_3_and_30_tickets(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, counts = desk(cast.sue), []
    for number in (3, 30):
        done(client, [opened() for _ in range(number)], priority="urgent")
        deed = BulkDeed.objects.latest("pk")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/queue/bulk/{deed.pk}/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_what_an_undoing_cannot_bring_back_is_said_on_its_page(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket, client = opened(), desk(cast.ana)
    conversation.progress(
        ticket=ticket, author=cast.ana, text="With <engineering>.", now=timezone.now()
    )
    done(client, [ticket], status="closed")
    deed = BulkDeed.objects.get()
    OutgoingMail.objects.update(release_at=timezone.now())
    told = client.post(f"/queue/bulk/{deed.pk}/undo/", follow=True).content.decode()
    assert "1 ticket is as before." in told
    assert "Not everything came back: a progress line on one ticket." in told
    assert "The progress line «With &lt;engineering&gt;.» stays taken back" in told
    assert "stays: " not in told
    assert "left alone" not in told


@pytest.mark.parametrize(
    ("has", "wanted", "lines"),
    [
        (["vip"], {"add_tags": "VIP"}, []),
        ([], {"add_tags": "VIP, vip, Vip"}, [("tags", "", "+ VIP", 1)]),
        (["vip"], {"remove_tags": "VIP, Vip"}, [("tags", "− vip", "", 1)]),
        ([], {"add_tags": "VIP", "remove_tags": "vip"}, []),
        (["vip"], {"add_tags": "VIP", "remove_tags": "Vip"}, [("tags", "− vip", "", 1)]),
    ],
    ids=str,
)
def test_the_preview_and_the_deed_take_tags_that_differ_by_case_for_one(
    cast: SimpleNamespace, desk: Desk, opened: Opener, has: list[str], wanted: dict[str, str],
    lines: list[tuple[str, str, str, int]],
) -> None:  # fmt: skip
    one, client = opened(tags=has), desk(cast.ana)
    page = previewed(client, [one], **wanted)
    assert page.context["summary"].lines == lines
    if not lines:
        assert "1 left alone: It is so already." in " ".join(page.content.decode().split())
    done(client, [one], **wanted)
    said = [f"+ {each.name}" for each in one.tags.all() if each.name not in has]
    gone = [f"− {each}" for each in has if not one.tags.filter(name=each).exists()]
    assert said + gone == [before or after for _, before, after, _ in lines]
    assert one.events.filter(kind="tags_changed").count() == len(lines)


def test_a_tag_is_said_as_it_is_kept_whatever_the_case_it_was_typed_in(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(tags=["vip"])
    one, client = opened(), desk(cast.ana)
    page = previewed(client, [one], add_tags="VIP")
    assert page.context["summary"].lines == [("tags", "", "+ vip", 1)]
    done(client, [one], add_tags="VIP")
    assert BulkDeed.objects.get().said == "tagged vip"


def stopped(actor: User, tickets: list[Ticket], done: int, **fields: Any) -> BulkDeed:
    """A deed of which ``done`` tickets were changed when its process died a while ago."""
    given = {f"{each.reference}": each.version for each in tickets[:done]}
    now = timezone.now() - timedelta(minutes=1)
    deed = bulk.carry_out(
        references=given, wanted={"priority": "urgent"}, actor=actor, now=now, key=uuid4()
    )
    asked = [[each.reference, each.version] for each in tickets]
    begun = {"asked": asked, "wanted": {"priority": "urgent"}}
    fields = {"begun": begun, "busy_until": now + bulk.BUSY_FOR} | fields
    BulkDeed.objects.filter(pk=deed.pk).update(**fields)
    return deed


def said_of_it(client: Client, address: str = "/") -> str:
    page = " ".join(unescape(client.get(address).content.decode()).split())
    found = re.search(r"A change of .*?</div> </div>", page.partition("<main")[2])
    return " ".join(re.sub("<[^>]*>", " ", found[0]).split()) if found else ""


def test_the_next_page_says_what_stopped_to_whoever_began_it_and_goes_on(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    tickets, client = [opened() for _ in range(3)], desk(cast.ana)
    deed = stopped(cast.ana, tickets, 1)
    told = "A change of 3 tickets ( set to priority urgent ) stopped after 1."
    assert said_of_it(client) == f"{told} Which tickets Go on Leave it"
    assert said_of_it(client, f"/queue/bulk/{deed.pk}/") == f"{told} Go on Leave it"
    for other in (cast.ben, cast.ada):
        assert said_of_it(desk(other)) == ""
    assert said_of_it(desk(cast.ada), f"/queue/bulk/{deed.pk}/") == ""
    assert desk(cast.ada).post(f"/queue/bulk/{deed.pk}/go-on/").status_code == 403
    answer = client.post(f"/queue/bulk/{deed.pk}/go-on/", {"back": "tab=mine"})
    assert answer.headers["Location"] == "/?tab=mine"
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"urgent"}
    assert said_of_it(client) == ""
    assert client.get("/").context["undo"]["said"] == "3 tickets set to priority urgent"


def test_what_stopped_is_left_and_what_was_done_is_offered_to_be_undone(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    tickets, client = [opened() for _ in range(3)], desk(cast.ana)
    deed = stopped(cast.ana, tickets, 2)
    client.post(f"/queue/bulk/{deed.pk}/leave/")
    assert said_of_it(client) == said_of_it(client, f"/queue/bulk/{deed.pk}/") == ""
    assert client.get("/").context["undo"]["said"] == "2 tickets set to priority urgent"
    again = client.post(f"/queue/bulk/{deed.pk}/go-on/", follow=True)
    assert "This change has ended already." in again.content.decode()
    assert Ticket.objects.filter(priority="urgent").count() == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"busy_until": timedelta(minutes=1)},
            "A change of 2 tickets ( set to priority urgent ) is under way: 1 changed so far.",
        ),
        ({"at": timedelta(minutes=-40)}, "It was begun more than half an hour ago"),
    ],
    ids=["under way", "too late"],
)
def test_what_is_under_way_or_too_late_offers_no_going_on(
    cast: SimpleNamespace, desk: Desk, opened: Opener, fields: dict[str, timedelta], told: str
) -> None:
    tickets = [opened(), opened()]
    stopped(cast.ana, tickets, 1, **{name: timezone.now() + at for name, at in fields.items()})
    page = " ".join(re.sub("<[^>]*>", " ", desk(cast.ana).get("/").content.decode()).split())
    assert told in page
    assert "Go on" not in page
    assert ("Leave it" in page) == ("at" in fields)
