"""The admin explains itself: what is saved, what is refused and why, what would move."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalation import publishing
from escalation.models import Calendar, Clock, Path, Policy, Rule, Target
from tests.escalation.conftest import DAY, HOUR, clock, path
from tickets.models import Ticket

Open = Callable[..., Ticket]
Rows = list[dict[str, Any]]


@pytest.fixture
def admin(desk, client: Client) -> Client:
    client.force_login(desk.ada)
    return client


def formset(prefix: str, rows: Rows) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0,
        f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, row in enumerate(rows):
        found |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return found


def save(admin: Client, model: str, fields: dict[str, Any], **inlines: Rows) -> str:
    """Adds one by the form; the page's text where it was refused, empty where it was saved."""
    data = fields | formset("versions", [])
    for prefix, rows in inlines.items():
        data |= formset(prefix, rows)
    response = admin.post(reverse(f"admin:escalation_{model}_add"), data)
    assert response.status_code in (200, 302)
    return "" if response.status_code == 302 else response.content.decode()


def calendar(admin: Client, hours: Rows, exceptions: Rows = (), zone: str = "Europe/Paris") -> str:  # type: ignore[assignment]
    fields = {"name": "Paris", "time_zone": zone}
    return save(admin, "calendar", fields, hours=hours, exceptions=list(exceptions))


MONDAY = {"weekday": 0, "opens": "09:00", "closes": "17:00"}


def test_a_calendar_is_published_when_it_is_saved(admin: Client, desk) -> None:
    assert calendar(admin, [MONDAY, {"weekday": 4, "opens": "22:00", "closes": "06:00"}]) == ""
    version = Calendar.objects.get(name="Paris").versions.get()
    assert version.made_by == desk.ada
    assert version.spec["weekly"]["4"] == [["22:00:00", "06:00:00"]]


@pytest.mark.parametrize(
    ("hours", "exceptions", "says"),
    [
        ([], [], "never opens"),
        ([MONDAY, MONDAY | {"opens": "16:00", "closes": "18:00"}], [], "overlaps"),
        ([MONDAY | {"closes": "09:00"}], [], "has no length"),
        ([MONDAY | {"closes": "25:00"}], [], "Enter a valid time"),
        ([MONDAY], [{"date": "2026-02-30", "kind": "closed"}], "Enter a valid date"),
        ([MONDAY], [{"date": "2026-12-25", "kind": "closed", "opens": "09:00"}], "both hours"),
        (
            [MONDAY],
            [
                {"date": "2026-12-24", "kind": "closed"},
                {"date": "2026-12-24", "kind": "closed", "opens": "12:00", "closes": "17:00"},
            ],
            "beside each other",
        ),
    ],
)
def test_a_senseless_calendar_is_refused_with_a_reason(
    admin: Client, hours: Rows, exceptions: Rows, says: str
) -> None:
    assert says in calendar(admin, hours, exceptions)
    assert not Calendar.objects.filter(name="Paris").exists()


def test_an_unknown_zone_is_refused(admin: Client) -> None:
    page = calendar(admin, [MONDAY], zone="Mars/Olympus")
    assert page.count("Mars/Olympus is not a known time zone") == 1
    assert "no time zone called" not in page


def test_half_an_opening_is_refused_once(admin: Client) -> None:
    half = {"date": "2026-12-25", "kind": "closed", "opens": "09:00"}
    assert calendar(admin, [MONDAY], [half]).count("both hours") == 1


def policy(admin: Client, *targets: dict[str, Any], **fields: Any) -> str:
    wanted = {"name": "Mine", "order": 5, "active": "on"} | fields
    blank = {"metric": "first_reply", "priority": "", "attempts": 0}
    return save(admin, "policy", wanted, targets=[blank | target for target in targets])


def test_durations_are_typed_as_one_says_them(admin: Client, desk) -> None:
    late = Path.objects.get(name="Late answers")
    saved = policy(
        admin,
        {"duration": "1 h 30 min", "warnings": "75 %,10 min before", "path": late.pk},
        {"metric": "update", "duration": "2 days", "pause_on": ["pending"]},
        natures=["problem"], channels=["phone"],
    )  # fmt: skip
    assert saved == ""
    mine = Policy.objects.get(name="Mine")
    first = mine.targets.get(metric="first_reply")
    assert (first.duration, first.warnings) == (1.5 * HOUR, "75%, 10 min before")
    assert mine.versions.get().spec["conditions"]["channels"] == ["phone"]
    page = admin.get(reverse("admin:escalation_policy_change", args=[mine.pk])).content.decode()
    assert 'value="1 h 30 min"' in page


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({"duration": "soon"}, "is not a duration"),
        ({"duration": "NaN h"}, "is not a duration"),
        ({"duration": "-4 h"}, "is not a duration"),
        ({"duration": "999 weeks"}, "longer than 5 years"),
        ({"duration": "24. h"}, "is not a duration"),
        ({"duration": "10000000002 h"}, "longer than 5 years"),
        ({"duration": "2d3h", "calendar": "office"}, "would be 51 h of open time"),
        ({"duration": "0"}, "missed before it starts"),
        ({"duration": "2 days", "calendar": "office"}, "would be 48 h of open time"),
        ({"duration": "10 min", "warnings": "30 min before"}, "before the clock even starts"),
        (
            {"duration": "10 min", "warnings": "30 min before", "warning_path": "late"},
            "before the clock even starts",
        ),
        (
            {"warnings": "75 %", "warning_path": "late"},
            "Without a duration nothing is promised",
        ),
        ({"duration": "10 min", "warnings": "nonsense"}, "is no warning"),
        ({"duration": "1 h", "warning_path": "late"}, "this path never starts"),
        ({"path": "late"}, "Without a duration nothing is promised"),
        ({"duration": "1 h", "pause_on": ["pending"]}, "Only next reply"),
        ({"duration": "1 h", "attempts": 3}, "Only a callback"),
        ({"duration": "1 h", "attempts": -1}, "greater than or equal to 0"),
    ],
)
def test_a_senseless_target_is_refused_at_its_field(
    admin: Client, target: dict[str, Any], says: str
) -> None:
    known = {
        "office": Calendar.objects.get(name="Office hours").pk,
        "late": Path.objects.get(name="Late answers").pk,
    }
    filled = {
        name: known.get(value, value) if isinstance(value, str) else value
        for name, value in target.items()
    }
    assert says in policy(admin, filled)
    assert not Policy.objects.filter(name="Mine").exists()


def test_two_targets_for_the_same_are_refused(admin: Client) -> None:
    assert "duplicate" in policy(admin, {"duration": "1 h"}, {"duration": "2 h"})


def test_the_fallback_keeps_no_conditions_and_stays_on(admin: Client) -> None:
    fallback = Policy.objects.get(is_fallback=True)
    data = {"name": fallback.name, "order": 1000, "channels": ["phone"]}
    address = reverse("admin:escalation_policy_change", args=[fallback.pk])
    page = admin.post(address, data | formset("targets", []) | formset("versions", []))
    text = page.content.decode()
    assert "it stays on" in text
    assert "it has no conditions" in text
    assert admin.post(
        reverse("admin:escalation_policy_delete", args=[fallback.pk]), {"post": "yes"}
    ).status_code == 403  # fmt: skip


def test_lists_say_what_each_row_does(admin: Client) -> None:
    pages = {
        name: admin.get(reverse(f"admin:escalation_{name}_changelist")).content.decode()
        for name in ("policy", "path", "rule", "calendar", "clock", "escalation")
    }
    assert "A ticket that is a product question" in pages["policy"]
    assert "First reply within 24 h, then Late answers" in pages["policy"]
    assert "Every ticket that no other schedule fits" in pages["policy"]
    assert (
        "At once: the supervisors of the ticket&#x27;s team, once more after 1 h" in pages["path"]
    )
    assert "after 2 h: every executive" in pages["path"]
    assert "When an order is worth more than 500.00 USD" in pages["rule"]
    assert "owe the customer a phone call within the time its schedule says" in pages["rule"]
    assert "Monday to Friday 09:00–17:00" in pages["calendar"]


def steps(admin: Client, *rows: dict[str, Any], **fields: Any) -> str:
    blank = {"delay": "0", "channel": "email", "repeats": 0, "every": ""}
    filled = [blank | {"level": number} | row for number, row in enumerate(rows, 1)]
    return save(admin, "path", {"name": "Way", "purpose": "general"} | fields, steps=filled)


def test_a_path_is_published_and_warns_of_teams_without_a_supervisor(admin: Client, desk) -> None:
    desk.stan.memberships.all().delete()
    assert steps(admin, {"who": "supervisors", "repeats": 2, "every": "10 min"}) == ""
    assert Path.objects.get(name="Way").versions.get().spec["steps"][0]["every"] == 600
    page = admin.get(reverse("admin:escalation_path_changelist")).content.decode()
    assert "These teams have no supervisor: Billing." in page


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "tells nobody"),
        ([{"who": "person"}], "choose which"),
        ([{"who": "admins", "role": "executive"}], "does not use this"),
        ([{"who": "admins", "repeats": 2}], "how long to wait"),
        ([{"who": "admins", "every": "1 h"}], "how many times"),
        ([{"who": "admins", "delay": "1 h"}, {"who": "admins"}], "would be told before level 1"),
        ([{"who": "admins"}, {"who": "admins", "level": 1}], "stands here twice"),
        ([{"who": "admins", "delay": "-1 h"}], "is not a duration"),
    ],
)
def test_a_senseless_path_is_refused_with_a_reason(admin: Client, rows: Rows, says: str) -> None:
    assert says in steps(admin, *rows)
    assert not Path.objects.filter(name="Way").exists()


def test_a_level_that_reaches_nobody_is_refused(admin: Client, desk) -> None:
    desk.ben.is_active = False
    desk.ben.save()
    assert "reaches nobody" in steps(admin, {"who": "person", "person": desk.ben.pk})
    desk.eve.is_active = False
    desk.eve.save()
    assert "reaches nobody" in steps(admin, {"who": "role", "role": "executive"})


def test_a_second_path_for_one_purpose_is_refused_at_its_field(admin: Client) -> None:
    page = steps(admin, {"who": "admins"}, purpose="flag")
    assert page.count("«Flagged tickets» serves this purpose") == 1
    assert "one_path_per_purpose" not in page


def test_a_path_that_comes_back_to_itself_is_refused(admin: Client, now: datetime) -> None:
    one = path("One", now, {"who": "admins"})
    two = path("Two", now, {"who": "admins"}, continues_with=one)
    step = one.steps.get()
    row = {
        "id": step.pk, "path": one.pk, "level": 1, "delay": "0", "who": "admins",
        "channel": "email", "repeats": 0,
    }  # fmt: skip
    data = {"name": "One", "purpose": "general", "continues_with": two.pk}
    data |= formset("steps", [row]) | {"steps-INITIAL_FORMS": 1} | formset("versions", [])
    page = admin.post(reverse("admin:escalation_path_change", args=[one.pk]), data)
    assert "would come back to itself: One → Two → One" in page.content.decode()


def ruled(admin: Client, conditions: Rows, actions: Rows) -> str:
    fields = {"name": "Mine", "order": 5, "active": "on"}
    return save(admin, "rule", fields, conditions=conditions, actions=actions)


ABOVE = {"kind": "order_above", "amount": "900", "currency": "USD"}
FLAG = {"kind": "flag", "text": "Look."}


def test_a_rule_counts_from_the_moment_it_is_saved(admin: Client, opened: Open, desk) -> None:
    assert ruled(admin, [{"kind": "channel", "channel": "phone"}], [FLAG]) == ""
    assert opened(channel="phone").firings.get().rule == Rule.objects.get(name="Mine")


@pytest.mark.parametrize(
    ("conditions", "actions", "says"),
    [
        ([], [FLAG], "never fires"),
        ([ABOVE], [], "does nothing"),
        ([{"kind": "order_above"}], [FLAG], "needs this"),
        ([ABOVE | {"amount": "NaN"}], [FLAG], "Enter an amount such as 25.00"),
        ([ABOVE | {"amount": "-1"}], [FLAG], "greater than or equal to 0"),
        ([ABOVE | {"amount": "9" * 20}], [FLAG], "no more than"),
        ([ABOVE | {"currency": "usd"}], [FLAG], "three capital letters"),
        ([ABOVE | {"words": "lawyer"}], [FLAG], "does not use this"),
        ([{"kind": "words", "words": " , ,"}], [FLAG], "at least one word"),
        (
            [{"kind": "channel", "channel": "phone"}, {"kind": "channel", "channel": "email"}],
            [FLAG],
            "can never both be true",
        ),
        ([ABOVE], [{"kind": "set_priority"}], "needs this"),
        ([ABOVE], [FLAG, FLAG], "more than once"),
        ([ABOVE], [{"kind": "owe_call", "within": "0"}], "late before it is promised"),
        ([ABOVE], [{"kind": "owe_call", "within": "inf"}], "is not a duration"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(
    admin: Client, conditions: Rows, actions: Rows, says: str
) -> None:
    assert says in ruled(admin, conditions, actions)
    assert not Rule.objects.filter(name="Mine").exists()


def test_a_person_outside_the_team_it_goes_to_is_refused(admin: Client, desk) -> None:
    actions = [
        {"kind": "assign_team", "team": desk.billing.pk},
        {"kind": "assign_person", "person": desk.ana.pk},
    ]
    assert "is not of the team" in ruled(admin, [ABOVE], actions)


def test_a_limit_in_a_currency_without_a_rate_warns(admin: Client) -> None:
    assert ruled(admin, [ABOVE | {"currency": "XAU"}], [FLAG]) == ""
    page = admin.get(reverse("admin:escalation_rule_changelist")).content.decode()
    assert "No exchange rate is known for XAU" in page


SILENT = "These schedules say no time for calls at every priority: "


@pytest.mark.parametrize(
    ("when", "then", "silent"),
    [
        (ABOVE, {}, "Suggestions, Everything else."),
        ({"kind": "nature", "nature": "suggestion"}, {}, "Suggestions."),
        ({"kind": "nature", "nature": "management"}, {}, ""),
        ({"kind": "channel", "channel": "phone"}, {"within": "4 h"}, ""),
    ],
)
def test_a_call_owed_without_a_time_warns_of_the_schedules_that_say_none(
    admin: Client, when: dict[str, Any], then: dict[str, Any], silent: str
) -> None:
    assert ruled(admin, [when], [{"kind": "owe_call"} | then]) == ""
    page = admin.get(reverse("admin:escalation_rule_changelist")).content.decode()
    assert (SILENT in page) is bool(silent)
    assert SILENT + silent in page or not silent


def test_reapplying_shows_what_moves_before_it_moves(
    admin: Client, desk, opened: Open, now: datetime
) -> None:
    real = timezone.now()
    ticket = opened(now=real - HOUR)
    questions = Policy.objects.get(name="Product questions")
    Target.objects.filter(policy=questions, metric="first_reply", priority="").update(
        duration=timedelta(hours=3)
    )
    publishing.publish_policy(policy=questions, now=real)
    change = admin.get(reverse("admin:escalation_policy_change", args=[questions.pk]))
    assert "1 open tickets" in change.content.decode()
    address = reverse("admin:escalation_policy_reapply", args=[questions.pk])
    page = admin.get(address).content.decode()
    assert ticket.reference in page
    assert clock(ticket, "first_reply").due_at == real - HOUR + DAY
    assert admin.post(address).status_code == 302
    assert clock(ticket, "first_reply").due_at == real + 2 * HOUR


def test_only_who_may_change_schedules_may_reapply_them(desk, client: Client) -> None:
    desk.sue.is_staff = True
    desk.sue.save()
    client.force_login(desk.sue)
    questions = Policy.objects.get(name="Product questions")
    address = reverse("admin:escalation_policy_reapply", args=[questions.pk])
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


def test_what_was_set_aside_can_be_tried_again(admin: Client, opened: Open) -> None:
    ticket = opened()
    row = clock(ticket, "first_reply")
    Clock.objects.filter(pk=row.pk).update(parked_at=timezone.now(), next_step_at=None, failures=5)
    address = reverse("admin:escalation_clock_changelist")
    assert ticket.reference in admin.get(f"{address}?parked=yes").content.decode()
    admin.post(address, {"action": "try_again", "_selected_action": [row.pk]})
    again = clock(ticket, "first_reply")
    assert (again.parked_at, again.failures) == (None, 0)
    assert again.next_step_at


def test_a_calendar_that_schedules_count_by_cannot_be_deleted(
    admin: Client, desk, now: datetime
) -> None:
    office = Calendar.objects.get(name="Office hours")
    questions = Policy.objects.get(name="Product questions")
    questions.targets.filter(metric="update").update(calendar=office)
    publishing.publish_policy(policy=questions, now=now)
    questions.targets.update(calendar=None)
    address = reverse("admin:escalation_calendar_delete", args=[office.pk])
    assert admin.post(address, {"post": "yes"}).status_code == 403
