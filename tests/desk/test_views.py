"""The views on the left: numbers that are true and stop in time, and views that people saved."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.desk.conftest import Opener, due
from tests.factories import at_once
from tickets.calls.models import Callback
from tickets.models import Message, SavedView, Ticket
from tickets.people.models import User
from tickets.services import triage, viewing
from tickets.views.addresses import of_view

Desk = Callable[[User], Client]
VIEW = {"name": "Urgent ones", "query": "tab=next&priority=urgent&sort=opened"}


def numbers(client: Client, query: str = "") -> dict[str, str]:
    found = client.get(f"/queue/counts/{query}").context["sidebar"]
    return {
        each.label: str(each.count)
        for each in [*found.tabs, *found.saved]
        if each.count is not None
    }


def subjects(client: Client, query: str) -> list[str]:
    return [row.subject for row in client.get(query).context["rows"]]


def view_of(owner: User, name: str = "Urgent ones", **fields: object) -> SavedView:
    given = {"query": VIEW["query"], "columns": [], "owner": owner, "name": name}
    return viewing.save_view(**given | fields)  # type: ignore[arg-type]


def test_every_view_says_how_many_tickets_it_shows(
    cast: SimpleNamespace, desk: Desk, opened: Opener, held: Message
) -> None:
    now = timezone.now()
    opened(assignee=cast.ana)
    late = opened(assignee=cast.ben)
    Ticket.objects.filter(pk=late.pk).update(escalation_level=1)
    waiting = opened(assignee=cast.ben)
    triage.set_status(ticket=waiting, status="pending", actor=cast.ben, now=now)
    Callback.objects.create(ticket=waiting, because="asked", promised_at=now)
    done = opened()
    triage.set_status(ticket=done, status="solved", actor=cast.ben, now=now)
    opened(team=cast.billing)
    assert numbers(desk(cast.ana)) == {
        "Breaking next": "4", "Mine": "1", "My teams": "4", "Unassigned": "1", "Escalated": "1",
        "Waiting for customer": "1", "Put aside": "0", "Held replies": "1", "Callbacks due": "1",
    }  # fmt: skip
    assert numbers(desk(cast.ada))["Breaking next"] == "5"


def test_a_view_whose_form_is_sent_twice_is_one_view(cast: SimpleNamespace, desk: Desk) -> None:
    client = desk(cast.sue)
    said = VIEW | {"sharing": str(cast.support.pk), "columns": ["due", "status"]}
    answers = [client.post("/queue/views/", said) for _ in range(2)]
    view = SavedView.objects.get()
    assert [each.status_code for each in answers] == [302, 302]
    assert {each.headers["Location"] for each in answers} == {of_view(view)}
    assert "Saved as «Urgent ones»." in client.get("/queue/views/").content.decode()


@pytest.mark.parametrize(
    "other", [{"query": "tab=all"}, {"columns": ["due"]}, {"sharing": "own"}], ids=str
)
def test_another_view_of_the_same_name_is_refused_and_the_first_stays(
    cast: SimpleNamespace, desk: Desk, other: dict[str, object]
) -> None:
    client, said = desk(cast.sue), VIEW | {"sharing": str(cast.support.pk)}
    client.post("/queue/views/", said)
    kept = SavedView.objects.values().get()
    answer = client.post("/queue/views/", said | other)
    assert answer.status_code == 422
    assert "There is a view «Urgent ones» already." in answer.content.decode()
    assert SavedView.objects.values().get() == kept


def test_the_last_view_that_one_may_have_is_also_one_when_its_form_is_sent_twice(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.viewing.MOST", 1)
    assert view_of(cast.ana) == view_of(cast.ana)


@pytest.mark.django_db(transaction=True)
def test_a_view_whose_form_is_sent_twice_at_once_is_one_view(
    transactional_db: None, cast: SimpleNamespace
) -> None:
    views = at_once(*[lambda: view_of(cast.ana)] * 3)
    assert views == [SavedView.objects.get()] * 3


def test_a_number_says_that_counting_stopped(
    cast: SimpleNamespace, desk: Desk, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.filters.counting.MOST", 2)
    for expected in ("1", "2", "2+", "2+"):
        opened(assignee=cast.ana)
        assert numbers(desk(cast.ana))["Mine"] == expected


def test_all_numbers_come_in_as_many_queries_for_3_and_30_tickets_and_views(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    client, counts = desk(cast.ana), []
    for number in range(30):
        opened(assignee=cast.ana)
        view_of(cast.ana, f"View {number}")
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as seen:
                client.get("/queue/counts/")
            counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_a_saved_view_is_counted_but_not_one_of_all_that_is_done(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(priority="urgent")
    view_of(cast.ana, "Urgent")
    view_of(cast.ana, "Words", query="tab=next&q=lamp")
    view_of(cast.ana, "Closed", query="tab=all&status=closed")
    view_of(cast.ana, "New in all", query="tab=all&status=new")
    found = numbers(desk(cast.ana))
    assert found["Urgent"] == "1"
    assert found["New in all"] == "1"
    assert not {"Words", "Closed"} & found.keys()


def test_a_view_is_saved_used_and_known_by_its_own_address(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="Urgent", priority="urgent")
    opened(subject="Not urgent")
    client = desk(cast.ana)
    answer = client.post("/queue/views/", VIEW | {"columns": ["opened", "tags", "nonsense"]})
    view = SavedView.objects.get()
    assert answer.headers["Location"] == f"/?{view.query}&view={view.pk}"
    page = client.get(answer.headers["Location"])
    assert [row.subject for row in page.context["rows"]] == ["Urgent"]
    assert [head.key for head in page.context["heads"]] == ["tags", "opened"]
    assert page.context["order"].key == "opened"
    assert not page.context["is_changed"]
    assert client.get(f"/?view={view.pk}").headers["Location"] == answer.headers["Location"]
    assert client.get(f"{answer.headers['Location']}&status=new").context["is_changed"]


def test_what_is_saved_is_only_what_a_queue_understands(cast: SimpleNamespace, desk: Desk) -> None:
    query = "tab=nope&view=9&after=x&priority=high&evil=%3Cscript%3E"
    desk(cast.ana).post("/queue/views/", {"name": "Odd", "query": query})
    assert SavedView.objects.get().query == "tab=next&priority=high"


@pytest.mark.parametrize(
    ("who", "sharing", "allowed"),
    [
        ("ana", "own", True), ("ana", "support", False), ("ana", "everybody", False),
        ("sue", "support", True), ("sue", "billing", False), ("sue", "everybody", False),
        ("ada", "billing", True), ("ada", "everybody", True),
    ],
)  # fmt: skip
def test_who_may_share_with_whom(
    cast: SimpleNamespace, desk: Desk, who: str, sharing: str, allowed: bool
) -> None:
    wanted = str(getattr(cast, sharing).pk) if hasattr(cast, sharing) else sharing
    answer = desk(getattr(cast, who)).post("/queue/views/", VIEW | {"sharing": wanted})
    assert answer.status_code == (302 if allowed else 422)
    assert SavedView.objects.exists() == allowed


@pytest.mark.parametrize("query", ["status=nonsense", "q=lamp+frm:carla"])
def test_filters_that_cannot_be_used_make_no_view_and_change_none(
    cast: SimpleNamespace, desk: Desk, query: str
) -> None:
    client = desk(cast.ana)
    refused = client.post("/queue/views/", {"name": "Bad", "sharing": "own", "query": query})
    assert refused.status_code == 422
    assert "The filters cannot be used as they are" in refused.content.decode()
    assert not SavedView.objects.exists()
    client.post("/queue/views/", {"name": "Good", "sharing": "own", "query": "status=open"})
    good = SavedView.objects.get()
    told = client.post(f"/queue/views/{good.pk}/keep/", {"query": query}, follow=True)
    assert "The filters cannot be used as they are" in told.content.decode()
    good.refresh_from_db()
    assert "status=open" in good.query


def test_a_shared_view_is_for_its_team_and_shows_each_what_they_may_see(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="Support's", priority="urgent")
    opened(subject="Billing's", priority="urgent", team=cast.billing)
    view = view_of(cast.sue, sharing="team", team=cast.support)
    assert subjects(desk(cast.ana), f"/?{view.query}&view={view.pk}") == ["Support's"]
    assert "Urgent ones" in desk(cast.ana).get("/").content.decode()
    assert "Urgent ones" not in desk(cast.bo).get("/").content.decode()
    assert desk(cast.bo).get(f"/?view={view.pk}").context["view"] is None
    own = view_of(cast.ben, "Ben's own")
    assert desk(cast.ana).post(f"/queue/views/{own.pk}/delete/").status_code == 404


def test_assigned_to_me_means_the_reader_of_a_shared_view(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="Ana's", assignee=cast.ana)
    opened(subject="Ben's", assignee=cast.ben)
    opened(subject="Nobody's")
    for person, found in ((cast.ana, ["Ana's"]), (cast.ben, ["Ben's"])):
        assert subjects(desk(person), "/?tab=next&assignee=me") == found
    assert subjects(desk(cast.ana), "/?tab=next&assignee=none") == ["Nobody's"]


def test_only_its_owner_the_lead_of_its_team_and_admins_change_a_view(
    cast: SimpleNamespace, desk: Desk
) -> None:
    view = view_of(cast.ada, sharing="team", team=cast.support)
    told = {"name": "Renamed", "sharing": str(cast.support.pk)}
    assert desk(cast.ana).post(f"/queue/views/{view.pk}/", told).status_code in (403, 422)
    for step in ("keep", "move", "delete"):
        assert desk(cast.ana).post(f"/queue/views/{view.pk}/{step}/").status_code == 403
    assert "Renamed" not in SavedView.objects.values_list("name", flat=True)
    desk(cast.sue).post(f"/queue/views/{view.pk}/", told)
    assert SavedView.objects.get().name == "Renamed"
    desk(cast.ada).post(f"/queue/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()


def test_views_are_renamed_kept_anew_moved_and_deleted(cast: SimpleNamespace, desk: Desk) -> None:
    client = desk(cast.ana)
    first, second, third = (view_of(cast.ana, name) for name in "ABC")
    client.post(f"/queue/views/{third.pk}/move/", {"step": "up"})
    client.post(f"/queue/views/{first.pk}/move/", {"step": "up"})
    client.post(f"/queue/views/{first.pk}/", {"name": "A2"})
    client.post(f"/queue/views/{second.pk}/delete/")
    client.post(f"/queue/views/{third.pk}/keep/", {"query": "tab=mine", "columns": ["status"]})
    found = client.get("/queue/counts/").context["sidebar"].saved
    assert [each.label for each in found] == ["A2", "C"]
    third.refresh_from_db()
    assert (third.query, third.columns) == ("tab=mine", ["status"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "required"), ("x" * 61, "60"), ("\u202e\u2066", "empty"), ("Taken", "already"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    cast: SimpleNamespace, desk: Desk, name: str, said: str
) -> None:
    view_of(cast.ana, "Taken")
    answer = desk(cast.ana).post("/queue/views/", VIEW | {"name": name, "columns": ["tags"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "tab=next&amp;priority=urgent&amp;sort=opened" in page
    assert 'name="columns" value="tags"' in page
    assert SavedView.objects.count() == 1


def test_columns_are_each_persons_own(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    opened(tags=["vip", "lamp"], channel="phone")
    client = desk(cast.ana)
    chosen = ["tags", "tier", "channel", "last", "opened", "category", "nonsense"]
    answer = client.post("/queue/columns/", {"columns": chosen, "query": "tab=mine&sort=opened"})
    assert answer.headers["Location"] == "/?tab=mine&sort=opened"
    page = client.get("/")
    assert {head.key for head in page.context["heads"]} == set(chosen) - {"nonsense"}
    for words in ("lamp, vip", "Gold", "Phone", "customer, "):
        assert words in page.content.decode()
    usual = [head.key for head in desk(cast.ben).get("/").context["heads"]]
    assert usual == ["due", "status", "priority", "who", "changed"]
    client.post("/queue/columns/", {"columns": []})
    assert [head.key for head in client.get("/").context["heads"]] == usual


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=phone", ["A"]), ("escalated=yes", ["B"]), ("escalated=no", ["A", "C"]),
        ("opened=1h", []), ("opened=24h", ["A", "B", "C"]), ("changed=1h", ["C"]),
    ],
)  # fmt: skip
def test_the_further_filters_narrow(
    cast: SimpleNamespace, desk: Desk, opened: Opener, query: str, found: list[str]
) -> None:
    now = timezone.now()
    tickets = [
        opened(subject=each, channel=how)
        for each, how in zip("ABC", ("phone", "email", "email"), strict=True)
    ]
    Ticket.objects.update(opened_at=now - timedelta(hours=2), updated_at=now - timedelta(hours=2))
    Ticket.objects.filter(pk=tickets[1].pk).update(escalation_level=1)
    Ticket.objects.filter(pk=tickets[2].pk).update(updated_at=now)
    assert sorted(subjects(desk(cast.ana), f"/?{query}")) == found


def test_the_contacts_own_tier_counts_before_the_organisations(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    opened(subject="Of a gold organisation")
    opened(subject="Of nobody", requester=cast.carl)
    client = desk(cast.ana)
    assert subjects(client, f"/?tier={cast.gold.pk}") == ["Of a gold organisation"]
    silver = type(cast.gold).objects.create(name="Silver")
    type(cast.carla).objects.filter(pk=cast.carla.pk).update(tier=silver)
    assert subjects(client, f"/?tier={cast.gold.pk}") == []
    assert subjects(client, f"/?tier={silver.pk}") == ["Of a gold organisation"]


def test_a_head_sorts_and_sorts_back(cast: SimpleNamespace, desk: Desk, opened: Opener) -> None:
    first, second = opened(subject="First"), opened(subject="Second")
    due(first, timezone.now() + timedelta(hours=2))
    due(second, timezone.now() + timedelta(hours=1))
    Ticket.objects.filter(pk=first.pk).update(updated_at=timezone.now())
    client = desk(cast.ana)
    page = client.get("/?priority=normal")
    assert [row.subject for row in page.context["rows"]] == ["Second", "First"]
    for expected, sorted_by in (
        (["First", "Second"], "descending"),
        (["Second", "First"], "ascending"),
    ):
        head = next(each for each in page.context["heads"] if each.key == "changed")
        page = client.get(head.address)
        assert [row.subject for row in page.context["rows"]] == expected
        assert f'aria-sort="{sorted_by}"' in page.content.decode()
        assert page.context["chips"]


@pytest.mark.parametrize("columns", [["tags", "tier", "who", "last"], []])
def test_any_columns_ask_the_same_for_3_and_30_rows(
    cast: SimpleNamespace, desk: Desk, opened: Opener, columns: list[str]
) -> None:
    client, counts = desk(cast.ana), []
    client.post("/queue/columns/", {"columns": columns})
    for number in range(30):
        opened(tags=[f"t{number}"], assignee=cast.ben)
        view_of(cast.ana, f"View {number}")
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as seen:
                client.get("/?sort=priority")
            counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize(
    ("key", "words"),
    [("filter", "Opened within"), ("columns", "Show these"), ("save", "Name of the view")],
)
def test_each_form_is_fetched_or_stands_open_on_a_page_of_its_own(
    cast: SimpleNamespace, desk: Desk, opened: Opener, key: str, words: str
) -> None:
    opened()
    client = desk(cast.ana)
    query = "tab=next&priority=normal&sort=opened"
    assert words not in client.get(f"/?{query}").content.decode()
    part = client.get(f"/queue/forms/{key}/?{query}", headers={"HX-Request": "true"})
    assert words in part.content.decode()
    assert "<html" not in part.content.decode()
    page = client.get(f"/?{query}&form={key}")
    assert words in page.content.decode()
    assert "form=" not in page.context["first_page"]
    assert client.get("/queue/forms/nonsense/").status_code == 404


def test_the_form_of_filters_shows_what_is_set_and_keeps_the_view(
    cast: SimpleNamespace, desk: Desk
) -> None:
    view = view_of(cast.ana)
    part = desk(cast.ana).get(f"/queue/forms/filter/?{view.query}&view={view.pk}").content.decode()
    assert '<option value="urgent" selected>' in part
    assert f'name="view" value="{view.pk}"' in part
    assert 'name="sort" value="opened"' in part


def test_who_may_not_change_a_view_is_not_offered_to(cast: SimpleNamespace, desk: Desk) -> None:
    view = view_of(cast.sue, sharing="team", team=cast.support)
    query = f"tab=next&priority=low&view={view.pk}"
    for person, offered in ((cast.ana, False), (cast.sue, True)):
        part = desk(person).get(f"/queue/forms/save/?{query}").content.decode()
        assert ("Keep in «" in part) == offered
