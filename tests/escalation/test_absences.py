"""Whoever is out is not told: the deputy is, or the next level; and nobody is never told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from escalation.models import Escalation
from tests.escalation.conftest import HOUR, MINUTE, path, policy, sweep
from tests.routing.conftest import out
from tickets.models import Ticket
from tickets.outbox.models import Delivery
from tickets.people.models import User

Open = Callable[..., Ticket]
UP = ({"who": "assignee"}, {"who": "supervisors", "delay": HOUR})


@pytest.fixture
def late(desk: SimpleNamespace, opened: Open, now: datetime) -> Callable[[], Escalation]:
    """Ana's ticket is late two minutes after ``now``; she is told, an hour later the supervisors."""
    promise = {"metric": "first_reply", "duration": MINUTE, "path": path("Up", now, *UP)}
    policy("Brief", now, promise)

    def go() -> Escalation:
        ticket = opened(assignee=desk.ana)
        sweep(now + 2 * MINUTE)
        return Escalation.objects.get(ticket=ticket, trigger="breach")

    return go


def steps(row: Escalation) -> list[tuple[int, list[str], str]]:
    return [(step.level, step.told_names, step.remark) for step in row.steps.all()]


def test_who_is_at_work_is_told_without_a_remark(late: Callable[[], Escalation]) -> None:
    assert steps(late()) == [(1, ["Ana"], "")]


def test_the_deputy_is_told_instead_and_the_remark_says_so(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    out(desk.ana, now, deputy=desk.ben)
    row = late()
    assert steps(row) == [(1, ["Ben"], "Ana is out until Wed 4 Mar 2026 14:00 UTC; Ben stands in.")]
    assert Delivery.objects.filter(email=desk.ben.email).exists()
    assert not Delivery.objects.filter(email=desk.ana.email).exists()


def test_without_a_deputy_the_next_level_is_told_at_once(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    out(desk.ana, now)
    (first, second) = steps(late())
    assert first == (
        1, [], "Level 1 reaches nobody: Ana is out until Wed 4 Mar 2026 14:00 UTC."
    )  # fmt: skip
    assert second[:2] == (2, ["Sue"])
    assert "Ana is out" in second[2]


def test_deputies_of_each_other_who_are_both_out_reach_nobody(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    out(desk.ana, now, deputy=desk.ben)
    out(desk.ben, now, deputy=desk.ana)
    assert steps(late())[-1][:2] == (2, ["Sue"])


def test_of_several_those_at_work_are_told(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    desk.ben.role = User.Role.SUPERVISOR
    desk.ben.save()
    desk.ben.memberships.update(leads=True)
    out(desk.ana, now)
    out(desk.sue, now)
    assert steps(late())[-1][:2] == (2, ["Ben"])


def test_where_everybody_is_out_the_administrators_are_told_even_so(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    for person in User.objects.all():
        out(person, now)
    assert "Ada" in [name for _, told, _ in steps(late()) for name in told]


def test_back_at_work_one_is_told_again(
    desk: SimpleNamespace, late: Callable[[], Escalation], now: datetime
) -> None:
    out(desk.ana, now, ends_at=now + timedelta(seconds=90))
    assert steps(late()) == [(1, ["Ana"], "")]
