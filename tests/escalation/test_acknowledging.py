"""Who may stop a climb: whoever stands where it has got to, or above; nobody it has left behind."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalation import raising
from escalation.models import Escalation
from tests.escalation.conftest import DAY, HOUR, MINUTE, path, policy, sweep
from tests.escalation.test_raising import told
from tickets.access import NotAllowed
from tickets.models import Ticket
from tickets.people.models import User
from tickets.services import triage

Open = Callable[..., Ticket]
UP = ({"who": "assignee"}, {"who": "supervisors", "delay": HOUR},
      {"who": "role", "role": "executive", "delay": 2 * HOUR})  # fmt: skip


@pytest.fixture
def climb(desk, opened: Open, now: datetime) -> Escalation:
    """Late at once; Ana is told, then the supervisors, then the executives, an hour apart."""
    promise = {"metric": "first_reply", "duration": MINUTE, "path": path("Up", now, *UP)}
    policy("Brief", now, promise)
    ticket = opened(assignee=desk.ana)
    sweep(now + 2 * MINUTE)
    return Escalation.objects.get(ticket=ticket, trigger="breach")


def acknowledged(climb: Escalation, actor: User, at: datetime) -> Escalation:
    return raising.acknowledge(escalation=climb, actor=actor, now=at)


def test_whoever_was_told_first_may_stop_it_while_it_has_got_no_further(
    desk, climb: Escalation, now: datetime
) -> None:
    assert acknowledged(climb, desk.ana, now + 3 * MINUTE).state == "acknowledged"


@pytest.mark.parametrize(("hours", "who", "names"), [(1, "ana", "Sue"), (2, "sue", "Eve")])
def test_a_climb_that_went_past_somebody_is_no_longer_theirs_to_stop(
    desk, climb: Escalation, now: datetime, hours: int, who: str, names: str
) -> None:
    at = now + hours * HOUR + 5 * MINUTE
    sweep(at)
    with pytest.raises(NotAllowed, match=f"level {hours + 1}, where {names} was told"):
        acknowledged(climb, getattr(desk, who), at)
    sweep(now + 3 * HOUR)
    climb.refresh_from_db()
    assert climb.state == "open"
    assert told(climb.ticket)[-1] == ("breach", 3, 0, ["Eve"])


def test_the_refusal_says_what_is_still_theirs_to_do(
    desk, climb: Escalation, now: datetime
) -> None:
    sweep(now + 2 * HOUR + 5 * MINUTE)
    with pytest.raises(NotAllowed, match="You can take the ticket over"):
        acknowledged(climb, desk.sue, now + 3 * HOUR)
    with pytest.raises(NotAllowed) as refusal:
        acknowledged(climb, desk.ana, now + 3 * HOUR)
    assert "take the ticket over" not in str(refusal.value)


@pytest.mark.parametrize("who", ["sue", "ada"])
def test_somebody_above_the_level_reached_may_stop_it_untold(
    desk, climb: Escalation, now: datetime, who: str
) -> None:
    person = getattr(desk, who)
    assert acknowledged(climb, person, now + 3 * MINUTE).acknowledged_by == person


def test_a_supervisor_does_not_silence_what_executives_were_told(
    desk, opened: Open, now: datetime
) -> None:
    policy("Brief", now, {"metric": "first_reply", "duration": MINUTE,
                          "path": path("Top", now, {"who": "role", "role": "executive"})})  # fmt: skip
    ticket = opened()
    sweep(now + HOUR)
    row = Escalation.objects.get(ticket=ticket, trigger="breach")
    with pytest.raises(NotAllowed, match="level 1, where Eve was told"):
        acknowledged(row, desk.sue, now + HOUR)
    assert acknowledged(row, desk.eve, now + HOUR).state == "acknowledged"


def test_an_equal_who_was_passed_by_does_not_stop_what_reached_a_colleague(
    desk, opened: Open, now: datetime
) -> None:
    steps = [{"who": "supervisors"}, {"who": "person", "person": desk.stan, "delay": HOUR}]
    policy(
        "Brief",
        now,
        {"metric": "first_reply", "duration": MINUTE, "path": path("Side", now, *steps)},
    )
    ticket = opened()
    sweep(now + 2 * HOUR)
    row = Escalation.objects.get(ticket=ticket, trigger="breach")
    with pytest.raises(NotAllowed, match="Stan"):
        acknowledged(row, desk.sue, now + 2 * HOUR)
    assert acknowledged(row, desk.stan, now + 2 * HOUR).acknowledged_by == desk.stan


def test_where_those_told_have_left_the_door_alone_decides(
    desk, climb: Escalation, now: datetime
) -> None:
    sweep(now + 2 * HOUR + 5 * MINUTE)
    User.objects.filter(pk=desk.eve.pk).update(is_active=False)
    assert acknowledged(climb, desk.sue, now + 3 * HOUR).acknowledged_by == desk.sue


def test_taking_over_stops_it_from_any_height(desk, climb: Escalation, now: datetime) -> None:
    sweep(now + 2 * HOUR + 5 * MINUTE)
    raising.take_over(ticket=climb.ticket, actor=desk.sue, now=now + 3 * HOUR)
    climb.refresh_from_db()
    assert climb.state == "taken_over"


def test_the_panel_offers_it_to_those_it_counts_from_alone(
    desk, opened: Open, client: Client
) -> None:
    real = timezone.now()
    policy(
        "Brief", real, {"metric": "first_reply", "duration": MINUTE, "path": path("Up", real, *UP)}
    )
    ticket = opened(assignee=desk.ana, now=real - DAY)
    sweep(real)
    row = ticket.escalations.get(trigger="breach")
    triage.involve(ticket=ticket, user=desk.stan, because="asked", now=real)
    offered = {}
    for person in (desk.ana, desk.sue, desk.stan, desk.eve, desk.ada):
        client.force_login(person)
        shown = client.get(
            reverse("escalations-panel", args=[ticket.reference]), headers={"HX-Request": "true"}
        )
        address = reverse("escalation-acknowledge", args=[ticket.reference, row.pk])
        offered[person.username] = address in shown.content.decode()
    assert offered == {"ana": False, "sue": False, "stan": False, "eve": True, "ada": True}
    client.force_login(desk.sue)
    refused = client.post(reverse("escalation-acknowledge", args=[ticket.reference, row.pk]))
    assert refused.status_code == 403
    assert "climbed to level 3" in refused.content.decode()


def test_who_may_stop_what_is_asked_once_for_all_climbs(desk, opened: Open, client: Client) -> None:
    real = timezone.now()
    ticket = opened(assignee=desk.ana, now=real)
    client.force_login(desk.sue)
    counts = []
    for several in (2, 20):
        for _ in range(several):
            row = Escalation.objects.create(
                ticket=ticket, trigger="flag", key=f"k{ticket.escalations.count()}", level=1,
                because="Look", started_at=real,
            )  # fmt: skip
            row.steps.create(
                level=1, at=real, acted_at=real, told=[{"id": desk.eve.pk, "name": "Eve"}]
            )
        with CaptureQueriesContext(connection) as asked:
            client.get(
                reverse("escalations-panel", args=[ticket.reference]),
                headers={"HX-Request": "true"},
            )
        counts.append(len(asked))
    assert counts[0] == counts[1]


def late_of(expert: User, desk, opened: Open, now: datetime, **step: object) -> Escalation:
    slow = path("Slow", now, {"who": "supervisors", **step})
    policy("Brief", now, {"metric": "first_reply", "duration": MINUTE, "path": slow})
    ticket = opened(assignee=expert)
    sweep(now + 2 * MINUTE)
    return Escalation.objects.get(ticket=ticket)


@pytest.fixture
def expert(db: None) -> User:
    return User.objects.create(username="kim", role="expert", email="kim@company.example")


def test_who_is_late_does_not_stop_a_climb_before_anybody_was_told(
    desk, opened: Open, expert: User, now: datetime
) -> None:
    climb = late_of(expert, desk, opened, now, delay=HOUR)
    with pytest.raises(NotAllowed, match="Nobody was told of this yet"):
        acknowledged(climb, expert, now + 3 * MINUTE)
    assert acknowledged(climb, desk.sue, now + 3 * MINUTE).state == "acknowledged"


def test_who_is_late_does_not_stop_a_climb_whose_told_have_all_left(
    desk, opened: Open, expert: User, now: datetime
) -> None:
    climb = late_of(expert, desk, opened, now)
    User.objects.filter(role="supervisor").update(is_active=False)
    with pytest.raises(NotAllowed):
        acknowledged(climb, expert, now + 3 * MINUTE)
