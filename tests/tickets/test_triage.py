"""Status, priority, category, subject, tags, people, team and customer of a ticket."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import customer_writes, event, kinds, replied, ticket
from tickets.errors import Conflict, Invalid, Over
from tickets.models import Tag, Ticket
from tickets.people.models import Contact
from tickets.services import conversation, triage

Change = Callable[..., Ticket]


@pytest.fixture
def one(cast: SimpleNamespace, now: datetime) -> Ticket:
    return ticket(cast, now, acknowledge=False)


def changes(cast: SimpleNamespace) -> dict[str, tuple[Change, dict[str, Any], str, dict[str, Any]]]:
    """Each change: the service, its argument, the event and what must stand in it."""
    return {
        "status": (triage.set_status, {"status": "open"}, "status_changed", {"from": "new", "to": "open"}),
        "priority": (triage.set_priority, {"priority": "high"}, "priority_changed",
                     {"from": "normal", "to": "high"}),
        "category": (triage.set_category, {"category": cast.suggestion}, "category_changed",
                     {"from": "Product question", "to": "Suggestion"}),
        "subject": (triage.set_subject, {"subject": "New"}, "subject_changed",
                    {"from": "The lamp hums", "to": "New"}),
        "assignee": (triage.assign, {"assignee": cast.ben}, "assigned",
                     {"from": None, "to": "Ben", "to_id": cast.ben.pk, "from_id": None}),
        "team": (triage.move_to_team, {"team": cast.billing}, "team_changed",
                 {"from": "Support", "to": "Billing", "from_team": cast.support.pk}),
        "requester": (triage.change_requester, {"requester": cast.carl}, "requester_changed",
                      {"from": "Carla Customer", "to": "Carl"}),
        "tags": (triage.add_tags, {"tags": ["vip"]}, "tags_changed", {"added": ["vip"]}),
    }  # fmt: skip


NAMES = ["status", "priority", "category", "subject", "assignee", "team", "requester", "tags"]


@pytest.mark.parametrize("name", NAMES)
def test_a_change_is_recorded_with_what_was_and_what_is(
    cast: SimpleNamespace, now: datetime, one: Ticket, name: str
) -> None:
    change, fields, kind, data = changes(cast)[name]
    version, later = one.version, now + timedelta(minutes=5)
    returned = change(ticket=one, actor=cast.ana, now=later, expected_version=version, **fields)
    fresh = Ticket.objects.get(pk=one.pk)
    assert fresh.version == version + 1 == returned.version
    assert fresh.updated_at == later
    recorded = event(one, kind)
    assert (recorded.data, recorded.actor, recorded.at) == (data, cast.ana, later)
    if name != "tags":
        ((field, value),) = fields.items()
        assert getattr(fresh, field) == value == getattr(one, field)


@pytest.mark.parametrize("name", NAMES)
def test_setting_what_already_is_changes_nothing(
    cast: SimpleNamespace, now: datetime, one: Ticket, name: str
) -> None:
    change, fields, kind, _ = changes(cast)[name]
    change(ticket=one, actor=cast.ana, now=now, **fields)
    version = one.version
    change(ticket=one, actor=cast.ben, now=now, **fields)
    assert kinds(one).count(kind) == 1
    assert Ticket.objects.get(pk=one.pk).version == version


@pytest.mark.parametrize("name", NAMES)
def test_the_second_writer_is_told_who_was_faster(
    cast: SimpleNamespace, now: datetime, one: Ticket, name: str
) -> None:
    seen = one.version
    triage.set_priority(
        ticket=Ticket.objects.get(pk=one.pk), priority="urgent", actor=cast.ben, now=now
    )
    change, fields, _, _ = changes(cast)[name]
    before = kinds(one)
    with pytest.raises(Conflict, match=r"^Ben changed this ticket \(priority changed\)"):
        change(ticket=one, actor=cast.ana, now=now, expected_version=seen, **fields)
    assert kinds(one) == before


@pytest.mark.parametrize("name", [each for each in NAMES if each != "tags"])
def test_a_closed_ticket_stays_as_it_is(
    cast: SimpleNamespace, now: datetime, one: Ticket, name: str
) -> None:
    triage.set_status(ticket=one, status="closed", actor=cast.ana, now=now)
    change, fields, _, _ = changes(cast)[name]
    before = kinds(one)
    with pytest.raises(Over, match="closed"):
        change(ticket=one, actor=cast.ana, now=now, **fields)
    assert kinds(one) == before


def test_a_rule_is_named_as_a_rule(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    triage.set_priority(ticket=one, priority="high", actor=None, now=now)
    with pytest.raises(Conflict, match="A rule changed"):
        triage.set_subject(ticket=one, subject="x", actor=cast.ana, now=now, expected_version=1)


def test_notes_and_followers_stand_in_nobodys_way(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    seen = one.version
    conversation.note(ticket=one, author=cast.ben, body="Hm.", now=now)
    triage.follow(ticket=one, user=cast.bo, actor=cast.ben, now=now)
    triage.involve(ticket=one, user=cast.eve, because="asked", now=now)
    triage.set_subject(ticket=one, subject="x", actor=cast.ana, now=now, expected_version=seen)


def test_the_callers_own_ticket_is_brought_up_to_date(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    stale = Ticket.objects.for_queue().get(pk=one.pk)
    triage.assign(ticket=one, assignee=cast.ben, actor=None, now=now)
    triage.set_priority(ticket=stale, priority="high", actor=None, now=now)
    assert stale.assignee == cast.ben
    stale.refresh_from_db()
    assert (stale.assignee, stale.priority) == (cast.ben, "high")


def test_solving_and_reopening_keep_their_instants(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.set_status(ticket=one, status="solved", actor=cast.ana, now=now)
    assert one.solved_at == now
    triage.set_status(ticket=one, status="open", actor=cast.ana, now=now)
    assert one.solved_at is None
    triage.set_status(ticket=one, status="closed", actor=cast.ana, now=now)
    assert one.closed_at == now


@pytest.mark.parametrize("status", ["", "new", "gone", "OPEN", "x" * 300])
def test_an_impossible_status_is_refused(now: datetime, one: Ticket, status: str) -> None:
    triage.set_status(ticket=one, status="open", actor=None, now=now)
    with pytest.raises(Invalid) as refusal:
        triage.set_status(ticket=one, status=status, actor=None, now=now)
    assert refusal.value.field == "status"
    assert one.status == "open"


def test_who_left_the_company_gets_no_ticket(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    cast.ben.is_active = False
    for deed, who in ((triage.assign, "assignee"), (triage.follow, "user")):
        with pytest.raises(Invalid) as refusal:
            deed(ticket=one, actor=None, now=now, **{who: cast.ben})  # type: ignore[operator]
        assert refusal.value.field == who


def test_a_ticket_can_be_given_back_to_nobody(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.assign(ticket=one, assignee=cast.ana, actor=cast.ana, now=now)
    triage.assign(ticket=one, assignee=None, actor=cast.ana, now=now)
    assert Ticket.objects.get(pk=one.pk).assignee is None


@pytest.mark.parametrize(
    ("who", "keeps"), [("ana", False), ("sue", False), ("bo", True), ("eve", True)]
)
def test_moving_to_a_team_takes_it_from_who_is_not_of_it(
    cast: SimpleNamespace, now: datetime, one: Ticket, who: str, keeps: bool
) -> None:
    person = getattr(cast, who)
    triage.assign(ticket=one, assignee=person, actor=None, now=now)
    triage.move_to_team(ticket=one, team=cast.billing, actor=cast.sue, now=now)
    assert one.assignee == (person if keeps else None)
    last = one.events.filter(kind="assigned").order_by("pk").last()
    assert last.data["to"] == (person.name if keeps else None)


def test_a_new_customer_brings_their_organisation(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.change_requester(ticket=one, requester=cast.carl, actor=cast.ana, now=now)
    assert Ticket.objects.get(pk=one.pk).organization is None
    later = Contact.objects.create(email="x@acme.example", organization=cast.acme)
    triage.change_requester(ticket=one, requester=later, actor=cast.ana, now=now)
    assert Ticket.objects.get(pk=one.pk).organization == cast.acme


def test_the_former_customer_gets_no_more_answers(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    customer_writes(one, now)
    triage.change_requester(ticket=one, requester=cast.carl, actor=cast.ana, now=now)
    message = replied(one, cast.ana, now)
    assert message.mail is not None
    assert [row.email for row in message.mail.deliveries.all()] == ["carl@home.example"]


def test_tags_come_and_go_whatever_their_case(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    triage.add_tags(ticket=one, tags=["VIP", "Größe", "vip"], actor=cast.ana, now=now)
    triage.add_tags(ticket=one, tags=["vip"], actor=cast.ana, now=now)
    triage.remove_tags(ticket=one, tags=["vip", "unknown"], actor=cast.ana, now=now)
    assert [tag.name for tag in one.tags.all()] == ["Größe"]
    assert [each.data for each in one.events.filter(kind="tags_changed")] == [
        {"added": ["VIP", "Größe"]},
        {"removed": ["VIP"]},
    ]


def test_a_tag_with_accents_is_made_once(cast: SimpleNamespace, now: datetime, one: Ticket) -> None:
    for _ in range(2):
        triage.add_tags(ticket=one, tags=["ÄRGER"], actor=cast.ana, now=now)
    assert Tag.objects.count() == 1


@pytest.mark.parametrize("tag", ["", " ", "x" * 61, "a\x00", "a\nb"])
def test_a_bad_tag_is_refused_and_none_is_made(now: datetime, one: Ticket, tag: str) -> None:
    with pytest.raises(Invalid) as refusal:
        triage.add_tags(ticket=one, tags=["fine", tag], actor=None, now=now)
    assert refusal.value.field == "tags"
    assert not Tag.objects.exists()


def test_following_and_letting_go_happen_once(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    for deed in (triage.follow, triage.follow, triage.unfollow, triage.unfollow):
        deed(ticket=one, user=cast.bo, actor=cast.bo, now=now)
    assert [each.data for each in one.events.filter(kind="followers_changed")] == [
        {"added": ["Bo"], "user_id": cast.bo.pk},
        {"removed": ["Bo"], "user_id": cast.bo.pk},
    ]


def test_a_ticket_is_put_before_a_person_once(
    cast: SimpleNamespace, now: datetime, one: Ticket
) -> None:
    first = triage.involve(ticket=one, user=cast.eve, because="above $500" + "!" * 300, now=now)
    second = triage.involve(ticket=one, user=cast.eve, because="again", now=now)
    assert first == second
    assert second.because == "above $500" + "!" * 300
    assert kinds(one).count("involved") == 1
