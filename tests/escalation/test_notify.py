"""Who works here, read once for a pass."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError, connection

from escalation import authority
from escalation.notify import Crew
from tests.escalation.conftest import HOUR
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Absence, User


@pytest.mark.parametrize("table", ["people_user", "people_membership"])
def test_what_could_not_be_read_is_read_again_and_never_taken_for_an_empty_house(
    desk, table: str
) -> None:
    crew, failures = Crew(), [1]

    def fails_once(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if f'FROM "{table}"' in sql and failures:
            failures.pop()
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(fails_once):
        with pytest.raises(OperationalError):
            crew.last_resort()
        assert crew.last_resort() == [desk.ada]
    assert desk.sue.pk in crew.leads[desk.support.pk]
    assert len(crew.members[desk.support.pk]) == len(set(crew.members[desk.support.pk]))


def test_who_lives_in_a_zone_that_is_gone_is_told_in_the_companys(
    desk, opened: Callable[..., Ticket], now: datetime
) -> None:
    User.objects.filter(role="supervisor").update(time_zone="Europe/Atlantis")
    ticket = opened()
    authority.hand_over(ticket=ticket, actor=desk.ana, reason="Shouts", now=now)
    mail = OutgoingMail.objects.get(purpose="alert", deliveries__email=desk.sue.email)
    assert "Since: Tue 3 Mar 2026 14:00 UTC" in mail.text


def test_that_somebody_is_out_is_said_in_the_companys_zone_where_theirs_is_gone(
    desk, opened: Callable[..., Ticket], now: datetime
) -> None:
    User.objects.filter(pk=desk.sue.pk).update(time_zone="Europe/Atlantis")
    Absence.objects.create(user=desk.sue, starts_at=now - HOUR, ends_at=now + HOUR, deputy=desk.ada)
    ticket = opened()
    authority.hand_over(ticket=ticket, actor=desk.ana, reason="Shouts", now=now)
    mail = OutgoingMail.objects.get(purpose="alert", deliveries__email=desk.ada.email)
    assert "Sue is out until Tue 3 Mar 2026 15:00 UTC" in mail.text
