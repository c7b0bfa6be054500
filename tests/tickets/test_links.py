"""Tickets that belong together."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.factories import kinds, ticket
from tickets.errors import Invalid
from tickets.models import TicketLink
from tickets.services import triage


def test_a_link_stands_in_the_history_of_both_once(cast: SimpleNamespace, now: datetime) -> None:
    one, other = ticket(cast, now), ticket(cast, now)
    first = triage.link(ticket=one, other=other, actor=cast.ana, now=now)
    again = triage.link(ticket=other, other=one, actor=cast.ana, now=now)
    assert first == again == TicketLink.objects.get()
    for end, far in ((one, other), (other, one)):
        assert kinds(end).count("linked") == 1
        assert end.events.get(kind="linked").data["other"] == far.reference


def test_two_kinds_of_link_may_stand_side_by_side(cast: SimpleNamespace, now: datetime) -> None:
    one, other = ticket(cast, now), ticket(cast, now)
    triage.link(ticket=one, other=other, actor=None, now=now)
    triage.link(ticket=one, other=other, kind="follow_up", actor=None, now=now)
    assert TicketLink.objects.count() == 2


def test_a_ticket_is_not_linked_to_itself_or_in_an_unknown_way(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, other = ticket(cast, now), ticket(cast, now)
    with pytest.raises(Invalid) as refusal:
        triage.link(ticket=one, other=one, actor=None, now=now)
    assert refusal.value.field == "reference"
    with pytest.raises(Invalid) as refusal:
        triage.link(ticket=one, other=other, kind="cousin", actor=None, now=now)
    assert refusal.value.field == "kind"
