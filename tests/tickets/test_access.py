"""Who sees a ticket and who may do what with it: the whole table."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.http import Http404

from tests.factories import ticket
from tickets.access import (
    Action,
    NoSuchTicket,
    NotAllowed,
    call_for,
    may,
    may_open,
    may_take_calls,
    permitted,
    ticket_for,
)
from tickets.calls.models import Call
from tickets.models import Ticket
from tickets.people.models import Membership
from tickets.services import triage

WORK = {"READ", "REPLY", "NOTE", "TRIAGE", "CALL", "OFFER", "HAND_OVER"}
ADVISE = {"READ", "NOTE", "ACKNOWLEDGE"}
DECIDE = ADVISE | {"TAKE_OVER", "HAND_BACK", "APPROVE_OFFER"}
ALL = {action.name for action in Action}
NOTHING: set[str] = set()

# Who; how they stand to a ticket of Support; what they may do.
TABLE = [
    ("ana", "nothing special", WORK),
    ("ana", "assigned", WORK),
    ("bo", "nothing special", NOTHING),
    ("bo", "follows", WORK),
    ("bo", "assigned", WORK),
    ("bo", "involved", WORK),
    ("sue", "nothing special", ALL),
    ("stan", "nothing special", NOTHING),
    ("stan", "follows", WORK),
    ("stan", "is a plain member", WORK),
    ("stan", "involved", ALL),
    ("stan", "assigned", ALL),
    ("eve", "nothing special", NOTHING),
    ("eve", "is a plain member", NOTHING),
    ("eve", "involved", DECIDE),
    ("eve", "follows", DECIDE),
    ("eve", "assigned", ALL),
    ("max", "nothing special", NOTHING),
    ("max", "is a plain member", NOTHING),
    ("max", "involved", ADVISE),
    ("max", "assigned", WORK | ADVISE),
    ("ada", "nothing special", ALL),
]


def stand(cast: SimpleNamespace, now: datetime, who: str, how: str) -> Ticket:
    one, user = ticket(cast, now), getattr(cast, who)
    if how == "follows":
        triage.follow(ticket=one, user=user, actor=cast.ana, now=now)
    elif how == "involved":
        triage.involve(ticket=one, user=user, because="asked", now=now)
    elif how == "assigned":
        triage.assign(ticket=one, assignee=user, actor=cast.ana, now=now)
    elif how == "is a plain member":
        Membership.objects.create(user=user, team=cast.support)
    return one


@pytest.mark.parametrize(("who", "how", "expected"), TABLE, ids=[f"{w}: {h}" for w, h, _ in TABLE])
def test_what_each_role_may_do(
    cast: SimpleNamespace, now: datetime, who: str, how: str, expected: set[str]
) -> None:
    one, user = stand(cast, now, who, how), getattr(cast, who)
    assert {action.name for action in permitted(user, one)} == expected
    for action in Action:
        if not expected:
            with pytest.raises(NoSuchTicket):
                ticket_for(user, one.reference, action=action)
        elif action.name in expected:
            assert ticket_for(user, one.reference, action=action) == one
        else:
            with pytest.raises(NotAllowed):
                ticket_for(user, one.reference, action=action)


@pytest.mark.parametrize(("who", "how", "expected"), TABLE, ids=[f"{w}: {h}" for w, h, _ in TABLE])
def test_lists_and_the_door_agree(
    cast: SimpleNamespace, now: datetime, who: str, how: str, expected: set[str]
) -> None:
    one, user = stand(cast, now, who, how), getattr(cast, who)
    for rows in (Ticket.objects.visible_to(user), Ticket.objects.reachable_by(user)):
        assert rows.filter(pk=one.pk).exists() == bool(expected)


def test_an_unknown_ticket_and_a_hidden_one_look_the_same(
    cast: SimpleNamespace, now: datetime
) -> None:
    hidden = ticket(cast, now)
    told = []
    for reference in (hidden.reference, "HD-AAAAAA", "nonsense", "", "\x00", "9" * 5000):
        with pytest.raises(Http404) as refusal:
            ticket_for(cast.bo, reference)
        told.append(str(refusal.value))
    assert len(set(told)) == 1


def test_a_refusal_says_what_one_may_not_do(cast: SimpleNamespace, now: datetime) -> None:
    one = stand(cast, now, "max", "involved")
    with pytest.raises(NotAllowed, match="may not answer the customer"):
        ticket_for(cast.max, one.reference, action=Action.REPLY)


@pytest.mark.parametrize("who", ["ana", "sue", "ada"])
def test_who_no_longer_works_here_sees_and_does_nothing(
    cast: SimpleNamespace, now: datetime, who: str
) -> None:
    one, user = ticket(cast, now), getattr(cast, who)
    user.is_active = False
    assert not Ticket.objects.visible_to(user).exists()
    assert not Ticket.objects.assigned_to(user).exists()
    assert not Ticket.objects.of_teams_of(user).exists()
    assert not any(may(user, action, one) for action in Action)
    with pytest.raises(NoSuchTicket):
        ticket_for(user, one.reference)
    with pytest.raises(NotAllowed):
        may_open(user)


def test_leaving_a_team_closes_its_tickets_at_once(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    assert ticket_for(cast.ana, one.reference)
    cast.ana.memberships.all().delete()
    with pytest.raises(NoSuchTicket):
        ticket_for(cast.ana, one.reference)


def test_a_ticket_that_moved_away_gives_up_its_permissions(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket_for(cast.ana, ticket(cast, now).reference)
    assert may(cast.ana, Action.REPLY, one)
    triage.move_to_team(ticket=one, team=cast.billing, actor=cast.ana, now=now)
    assert not may(cast.ana, Action.REPLY, one)


@pytest.mark.parametrize("who", ["ana", "sue", "ada"])
def test_the_desk_opens_tickets(cast: SimpleNamespace, who: str) -> None:
    may_open(getattr(cast, who))


@pytest.mark.parametrize("who", ["eve", "max"])
def test_others_do_not_open_tickets(cast: SimpleNamespace, who: str) -> None:
    with pytest.raises(NotAllowed):
        may_open(getattr(cast, who))


def test_the_door_forgives_how_a_reference_is_typed(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    assert ticket_for(cast.ana, one.reference.lower().replace("-", " ")) == one


def test_the_door_locks_when_asked(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    with transaction.atomic():
        assert ticket_for(cast.ana, one.reference, action=Action.TRIAGE, lock=True) == one


def test_what_one_may_do_is_known_with_the_ticket(
    cast: SimpleNamespace, now: datetime, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    one = ticket_for(cast.sue, ticket(cast, now).reference)
    with django_assert_num_queries(0):  # type: ignore[operator]
        for action in Action:
            may(cast.sue, action, one)


@pytest.mark.parametrize(
    ("who", "takes"),
    [("ana", True), ("sue", True), ("ada", True), ("eve", False), ("max", False)],
)
def test_who_takes_calls_of_whoever_calls(cast: SimpleNamespace, who: str, takes: bool) -> None:
    user = getattr(cast, who)
    if takes:
        may_take_calls(user)
    else:
        with pytest.raises(NotAllowed):
            may_take_calls(user)
    user.is_active = False
    with pytest.raises(NotAllowed):
        may_take_calls(user)


def test_a_call_is_acted_on_by_who_is_on_it_alone(cast: SimpleNamespace, now: datetime) -> None:
    call = Call.objects.create(agent=cast.ana, direction="inbound", started_at=now)
    assert call_for(cast.ana, call.pk) == call
    for user in (cast.ben, cast.sue, cast.ada):
        with pytest.raises(Http404):
            call_for(user, call.pk)
    cast.ana.is_active = False
    with pytest.raises(Http404):
        call_for(cast.ana, call.pk)
