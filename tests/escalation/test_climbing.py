"""Paths that reach nobody, come back to themselves, or wait for open hours."""

from collections.abc import Callable
from datetime import datetime

import pytest

from escalation import loading, publishing, sentences, specs
from escalation.models import Calendar, Escalation, EscalationStep, OpeningHours, Path
from escalation.sla.rungs import rungs
from tests.escalation.conftest import DAY, HOUR, MINUTE, path, policy, sweep
from tests.escalation.test_raising import told
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import User

Open = Callable[..., Ticket]


def late_under(steps: list[dict], opened: Open, now: datetime) -> Ticket:
    """A ticket that is a minute late under a path of these steps."""
    policy(
        "Brief", now,
        {"metric": "first_reply", "duration": HOUR, "path": path("Way", now, *steps)},
    )  # fmt: skip
    ticket = opened()
    sweep(now + HOUR + MINUTE)
    return ticket


def test_a_level_that_is_nobody_falls_to_the_next_at_once(
    desk, opened: Open, now: datetime
) -> None:
    User.objects.filter(pk=desk.sue.pk).update(is_active=False)
    steps = [{"who": "supervisors"}, {"who": "role", "role": "executive", "delay": 5 * HOUR}]
    ticket = late_under(steps, opened, now)
    assert told(ticket) == [("breach", 1, 0, []), ("breach", 2, 0, ["Eve"])]
    remark = "Level 1 reaches nobody: the ticket's team has no supervisor who can be told."
    assert {step.remark for step in EscalationStep.objects.all()} == {remark}
    mail = OutgoingMail.objects.get(purpose="alert")
    assert remark in mail.text
    sweep(now + 7 * HOUR)
    assert len(told(ticket)) == 2


def test_the_last_resort_is_the_administrators(desk, opened: Open, now: datetime) -> None:
    steps = [{"who": "named"}, {"who": "role", "role": "expert", "delay": HOUR}]
    User.objects.filter(role="expert").update(is_active=False)
    ticket = late_under(steps, opened, now)
    assert ("breach", 1, 0, ["Ada"]) in told(ticket)
    step = EscalationStep.objects.get(level=1)
    assert step.remark.endswith("No level above is left, so the administrators are told.")


def test_a_path_without_levels_still_climbs_the_built_in_chain(
    desk, opened: Open, now: datetime
) -> None:
    ticket = late_under([], opened, now)
    assert told(ticket) == [("breach", 1, 0, ["Sue"])]


def test_without_an_administrator_whoever_is_there_is_told(
    desk, opened: Open, now: datetime
) -> None:
    User.objects.filter(role="admin").update(is_active=False)
    ticket = late_under([{"who": "named"}], opened, now)
    assert [step[3] for step in told(ticket)] == [["Sue", "Stan"]]


@pytest.mark.parametrize("address", ["", "no address", "a@b\n.example"])
def test_a_person_without_a_usable_address_is_nobody(
    desk, opened: Open, now: datetime, address: str
) -> None:
    User.objects.filter(pk=desk.sue.pk).update(email=address)
    ticket = late_under([{"who": "supervisors"}, {"who": "admins"}], opened, now)
    assert told(ticket)[-1] == ("breach", 2, 0, ["Ada"])


def test_a_level_on_the_desk_only_mails_nobody(desk, opened: Open, now: datetime) -> None:
    ticket = late_under([{"who": "role", "role": "executive", "channel": "desk"}], opened, now)
    assert told(ticket) == [("breach", 1, 0, ["Eve"])]
    assert not OutgoingMail.objects.filter(purpose="alert").exists()
    assert Ticket.objects.visible_to(desk.eve).filter(pk=ticket.pk).exists()


def test_however_many_a_level_means_each_of_those_told_is_mailed(
    desk, opened: Open, now: datetime
) -> None:
    for number in range(60):
        name = f"executive{number}"
        User.objects.create(username=name, email=f"{name}@company.example", role="executive")
    late_under([{"who": "role", "role": "executive"}], opened, now)
    step = EscalationStep.objects.get(level=1)
    mailed = Delivery.objects.filter(mail__purpose="alert").values_list("email", flat=True)
    assert len(step.told) == 61
    assert set(mailed) == {each.email for each in User.objects.filter(role="executive")}


def test_a_path_continues_with_another(desk, opened: Open, now: datetime) -> None:
    second = path("Second", now, {"who": "admins", "delay": HOUR})
    first = path("First", now, {"who": "supervisors"}, continues_with=second)
    spec = specs.of_path(first)
    assert [(s["level"], s["seconds"], s["who"], s.get("after")) for s in spec["steps"]] == [
        (1, 0, "supervisors", None),
        (2, 3600, "admins", 1),
    ]
    second.steps.update(who="role", role="executive")
    publishing.publish_path(path=second, now=now)
    newest = first.versions.order_by("number").last()
    assert newest
    assert newest.spec["steps"][1]["who"] == "role"


def test_a_continuation_waits_for_the_last_telling_whatever_counts_the_time(
    desk, opened: Open, now: datetime
) -> None:
    office = Calendar.objects.get(name="Office hours")
    third = path("Third", now, {"who": "admins", "delay": HOUR})
    second = path("Second", now, {"who": "role", "role": "executive"}, continues_with=third)
    first = path(
        "First", now,
        {"who": "supervisors", "delay": 8 * HOUR, "calendar": office, "repeats": 2, "every": HOUR},
        continues_with=second,
    )  # fmt: skip
    config = loading.current()
    found = rungs(config.path(config.current_paths[first.pk]), now)
    next_day = now + DAY
    assert [(rung.level, rung.repeat, rung.at) for rung in found] == [
        (1, 0, next_day), (1, 1, next_day + HOUR), (1, 2, next_day + 2 * HOUR),
        (2, 0, next_day + 2 * HOUR), (3, 0, next_day + 3 * HOUR),
    ]  # fmt: skip
    assert sentences.climbs(first) == (
        "After 8 h: the supervisors of the ticket's team, 2 times more, every 1 h; "
        "right after level 1: every executive; 1 h after level 2: the administrators."
    )


def test_a_path_that_loops_ends_where_it_began_and_says_so(
    desk, opened: Open, now: datetime
) -> None:
    one = path("One", now, {"who": "supervisors"})
    two = path("Two", now, {"who": "admins"}, continues_with=one)
    Path.objects.filter(pk=one.pk).update(continues_with=two)
    one.refresh_from_db()
    spec = specs.of_path(one)
    assert spec["loops"]
    assert len(spec["steps"]) == 2


def test_a_climb_keeps_the_version_it_began_with(desk, opened: Open, now: datetime) -> None:
    steps = [{"who": "supervisors"}, {"who": "admins", "delay": HOUR}]
    ticket = late_under(steps, opened, now)
    way = Path.objects.get(name="Way")
    way.steps.filter(level=2).delete()
    publishing.publish_path(path=way, now=now + HOUR)
    sweep(now + 3 * HOUR)
    assert told(ticket)[-1] == ("breach", 2, 0, ["Ada"])


def test_a_delay_may_wait_for_open_hours(desk, opened: Open, now: datetime) -> None:
    office = Calendar.objects.create(name="Mornings", time_zone="America/New_York")
    for day in range(7):
        OpeningHours.objects.create(calendar=office, weekday=day, opens="09:00", closes="10:00")
    office.refresh_from_db()
    publishing.publish_calendar(calendar=office, now=now)
    steps = [{"who": "supervisors"}, {"who": "admins", "delay": HOUR / 2, "calendar": office}]
    ticket = late_under(steps, opened, now)
    climb = Escalation.objects.get(ticket=ticket)
    assert climb.next_step_at == now + DAY + HOUR / 2


def test_people_in_two_zones_read_their_own_time(desk, opened: Open, now: datetime) -> None:
    User.objects.filter(pk=desk.eve.pk).update(time_zone="America/New_York")
    User.objects.filter(pk=desk.max.pk).update(role="executive")
    late_under([{"who": "role", "role": "executive"}], opened, now)
    texts = {row.email: row.mail.text for row in Delivery.objects.filter(mail__purpose="alert")}
    assert "Due: Tue 3 Mar 2026 10:00 EST" in texts["eve@company.example"]
    assert "Due: Tue 3 Mar 2026 15:00 UTC" in texts["max@company.example"]


def test_an_alert_says_what_is_late_and_where(desk, opened: Open, now: datetime, settings) -> None:
    ticket = late_under([{"who": "supervisors"}], opened, now)
    mail = OutgoingMail.objects.get(purpose="alert")
    assert mail.subject == f"[{ticket.reference}] Late: How does it work?"
    assert "The first reply is late." in mail.text
    assert f"{settings.BASE_URL}/tickets/{ticket.reference}/" in mail.text
    assert mail.state == "released"
    assert mail.headers["Auto-Submitted"] == "auto-generated"


def test_a_hostile_subject_cannot_break_the_alert(desk, opened: Open, now: datetime) -> None:
    ticket = opened(subject="Hi")
    Ticket.objects.filter(pk=ticket.pk).update(subject="Bcc: x\r\nEvil: y\u202e")
    sweep(now + 2 * DAY)
    mail = OutgoingMail.objects.filter(purpose="alert").first()
    assert mail
    assert mail.subject.endswith("Bcc: x Evil: y")


def test_where_nobody_can_be_mailed_the_desk_tells_the_administrators(
    desk, opened: Open, now: datetime
) -> None:
    User.objects.update(email="")
    ticket = late_under([{"who": "supervisors"}], opened, now)
    (step,) = EscalationStep.objects.filter(escalation__trigger="breach")
    assert step.told_names == ["Ada"]
    ticket.refresh_from_db()
    assert ticket.escalation_level == 1
    assert not OutgoingMail.objects.filter(purpose="alert").exists()
