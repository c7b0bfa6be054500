"""Lists of tickets: what is in them, in which order, at what cost."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import replied, ticket
from tickets import querysets
from tickets.composing import Composed
from tickets.models import Message, Ticket
from tickets.people.models import Membership
from tickets.services import conversation, triage


def test_many_followed_tickets_are_all_seen(
    cast: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(querysets, "MOST_NUMBERS", 2)
    monkeypatch.setattr(querysets, "_NUMBERS", Composed(querysets._numbers, "user"))
    rows = [ticket(cast, now) for _ in range(4)]
    for row in rows:
        triage.follow(ticket=row, user=cast.bo, actor=None, now=now)
    assert set(Ticket.objects.visible_to(cast.bo)) == set(rows)
    assert Ticket.objects.visible_to(cast.bo).for_queue()[:2].count() == 2


def test_a_ticket_is_listed_once_for_several_reasons(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, assignee=cast.ana)
    triage.follow(ticket=one, user=cast.ana, actor=None, now=now)
    triage.involve(ticket=one, user=cast.ana, because="asked", now=now)
    assert list(Ticket.objects.visible_to(cast.ana)) == [one]


def test_shortcuts_show_nothing_that_is_not_visible(cast: SimpleNamespace, now: datetime) -> None:
    Membership.objects.create(user=cast.max, team=cast.support)
    mine, other = ticket(cast, now, assignee=cast.max), ticket(cast, now)
    assert list(Ticket.objects.assigned_to(cast.max)) == [mine]
    assert list(Ticket.objects.of_teams_of(cast.max)) == []
    assert set(Ticket.objects.of_teams_of(cast.ana)) == {mine, other}


@pytest.mark.parametrize("who", ["ana", "eve", "ada"])
def test_a_list_costs_the_same_for_3_and_30_rows(
    cast: SimpleNamespace, now: datetime, who: str, django_assert_max_num_queries: Any
) -> None:
    user = getattr(cast, who)
    for _ in range(3):
        triage.involve(ticket=ticket(cast, now), user=cast.eve, because="asked", now=now)
    costs = []
    for more in (0, 27):
        for _ in range(more):
            triage.involve(ticket=ticket(cast, now), user=cast.eve, because="asked", now=now)
        with django_assert_max_num_queries(3) as queries:
            rows = list(Ticket.objects.visible_to(user).active().for_queue())
            told = [(row.requester.name, row.organization, row.team.name) for row in rows]
        assert len(told) == 3 + more
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_customer_sees_nothing_internal_held_or_recalled(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now, acknowledge=False)
    conversation.note(ticket=one, author=cast.ana, body="Between us.", now=now)
    sent = replied(one, cast.ana, now)
    line = conversation.progress(ticket=one, author=cast.ana, text="With engineering.", now=now)
    conversation.send_now(message=line, actor=cast.ana, now=now)
    taken = conversation.reply(ticket=one, author=cast.ana, body="Oops", now=now)
    conversation.recall(message=taken, actor=cast.ana, now=now)
    conversation.reply(ticket=one, author=cast.ana, body="Not yet", now=now)
    seen = Message.objects.filter(ticket=one).public()
    assert [message.pk for message in seen][1:] == [sent.pk, line.pk]
