"""A climb that somebody answered is out of the way: of the next hand-over, and of the sweep."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db.models import ProtectedError
from django.test import Client

from escalation.models import Escalation
from escalation.raising import acknowledge, hand_over, take_over
from tests.escalation.conftest import HOUR, MINUTE
from tests.escalation.test_rules import FLAG, rule
from tickets.errors import Conflict
from tickets.models import Tag, Ticket

Open = Callable[..., Ticket]


def test_an_acknowledged_hand_over_that_led_to_nothing_can_be_repeated(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    first = hand_over(ticket=ticket, actor=desk.ana, reason="I cannot.", now=now)
    acknowledge(escalation=first, actor=desk.sue, now=now + MINUTE)
    again = hand_over(ticket=ticket, actor=desk.ana, reason="Still I.", now=now + 9 * HOUR)
    assert again.pk != first.pk
    with pytest.raises(Conflict):
        hand_over(ticket=ticket, actor=desk.ana, reason="Hello?", now=now + 10 * HOUR)


@pytest.mark.parametrize("answer", ["acknowledged", "taken_over"])
def test_a_climb_set_aside_and_then_answered_is_not_tried_again(
    desk, opened: Open, now: datetime, client: Client, answer: str
) -> None:
    ticket = opened()
    climb = hand_over(ticket=ticket, actor=desk.ana, reason="I cannot.", now=now)
    Escalation.objects.filter(pk=climb.pk).update(parked_at=now, next_step_at=None)
    if answer == "acknowledged":
        acknowledge(escalation=climb, actor=desk.sue, now=now + MINUTE)
    else:
        take_over(ticket=ticket, actor=desk.sue, now=now + MINUTE)
    climb.refresh_from_db()
    assert (climb.state, climb.parked_at) == (answer, None)


def test_trying_again_leaves_alone_what_does_not_climb_any_more(
    desk, opened: Open, now: datetime, client: Client
) -> None:
    climb = hand_over(ticket=opened(), actor=desk.ana, reason="I cannot.", now=now)
    acknowledge(escalation=climb, actor=desk.sue, now=now + MINUTE)
    Escalation.objects.filter(pk=climb.pk).update(parked_at=now)
    client.force_login(desk.ada)
    answer = client.post(
        "/admin/escalation/escalation/", {"action": "try_again", "_selected_action": [climb.pk]}
    )
    assert answer.status_code == 302
    climb.refresh_from_db()
    assert climb.next_step_at is None


def test_a_tag_that_a_rule_asks_for_cannot_be_deleted(desk, now: datetime) -> None:
    tag = Tag.objects.create(name="vip")
    rule("VIPs", [{"kind": "tag", "tag": tag}, {"kind": "words", "words": "hums"}], FLAG)
    with pytest.raises(ProtectedError):
        tag.delete()
