"""Many tickets moved to another team: the preview says who has them then."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.factories import ticket
from tickets.models import Ticket
from tickets.people.models import Team, User
from tickets.services import bulk, triage

Told = Callable[..., tuple[list[tuple[str, str]], User | None]]
TURN = "whoever's turn it is in Billing"


@pytest.fixture
def told(cast: SimpleNamespace, now: datetime) -> Told:
    """What is foreseen of the assignee, and who has the ticket once it is done."""

    def foreseen(one: Ticket, **wanted: object) -> tuple[list[tuple[str, str]], User | None]:
        known = bulk.beside([one], wanted)
        outlook = bulk.foresee(one, wanted, cast.ada, known)
        said = [(each.before, each.after) for each in outlook.changes if each.what == "assignee"]
        bulk.carry_out(
            references={one.reference: None}, wanted=wanted, actor=cast.ada, now=now, key=uuid4()
        )
        return said, Ticket.objects.get(pk=one.pk).assignee

    return foreseen


@pytest.mark.parametrize("way", ["round_robin", "least_loaded", "skill"])
def test_a_team_that_shares_out_is_said_to_give_it_to_whoevers_turn_it_is(
    cast: SimpleNamespace, now: datetime, told: Told, way: str
) -> None:
    Team.objects.filter(pk=cast.billing.pk).update(assignment=way)
    cast.billing.refresh_from_db()
    for assignee, before in ((cast.ben, "Ben"), (None, "nobody")):
        one = ticket(cast, now, assignee=assignee)
        assert told(one, team=cast.billing) == ([(before, TURN)], cast.bo)


def test_a_team_that_shares_out_by_hand_is_said_to_leave_it_to_nobody(
    cast: SimpleNamespace, now: datetime, told: Told
) -> None:
    assert told(ticket(cast, now, assignee=cast.ben), team=cast.billing) == (
        [("Ben", "nobody")], None
    )  # fmt: skip
    assert told(ticket(cast, now), team=cast.billing) == ([], None)


def test_what_is_over_or_kept_or_given_to_somebody_is_nobodys_turn(
    cast: SimpleNamespace, now: datetime, told: Told
) -> None:
    Team.objects.filter(pk=cast.billing.pk).update(assignment="round_robin")
    cast.billing.refresh_from_db()
    over, hers, named = ticket(cast, now), ticket(cast, now, assignee=cast.eve), ticket(cast, now)
    triage.set_status(ticket=over, status="solved", actor=cast.ana, now=now)
    assert told(over, team=cast.billing) == ([], None)
    assert told(hers, team=cast.billing) == ([], cast.eve)
    assert told(named, team=cast.billing, assignee=cast.bo) == ([("nobody", "Bo")], cast.bo)
    opened = ticket(cast, now)
    triage.set_status(ticket=opened, status="solved", actor=cast.ana, now=now)
    assert told(opened, team=cast.billing, status="open") == ([("nobody", TURN)], cast.bo)
