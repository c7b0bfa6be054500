"""Versions: what is published holds from then on, and re-applying shows first what moves."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from escalation import loading, publishing, reapplying
from escalation.models import Binding, Path, Policy, PolicyVersion
from tests.escalation.conftest import DAY, HOUR, MINUTE, clock, path, policy, sweep
from tests.escalation.test_raising import told
from tickets.models import Ticket, TicketEvent

Open = Callable[..., Ticket]


def shorten(now: datetime, duration=HOUR) -> Policy:
    """Product questions get a shorter first reply, published."""
    questions = Policy.objects.get(name="Product questions")
    questions.targets.filter(metric="first_reply", priority="").update(duration=duration)
    publishing.publish_policy(policy=questions, now=now)
    return questions


def test_running_clocks_keep_their_version_and_new_tickets_get_the_new_one(
    desk, opened: Open, now: datetime
) -> None:
    old = opened()
    shorten(now + HOUR)
    new = opened(now=now + HOUR)
    sweep(now + HOUR)
    assert clock(old, "first_reply").due_at == now + DAY
    assert clock(new, "first_reply").due_at == now + 2 * HOUR


def test_publishing_unchanged_makes_no_version(desk, now: datetime) -> None:
    questions = Policy.objects.get(name="Product questions")
    assert publishing.publish_policy(policy=questions, now=now) is None
    assert PolicyVersion.objects.filter(policy=questions).count() == 1


def test_the_preview_names_each_move_and_changes_nothing(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    questions = shorten(now)
    moves = reapplying.preview(questions, now + HOUR / 2)
    assert [(m.ticket, m.metric, m.before, m.after, m.breaks) for m in moves] == [
        (ticket, "first_reply", now + DAY, now + HOUR, False)
    ]
    assert clock(ticket, "first_reply").due_at == now + DAY
    assert Binding.objects.filter(ticket=ticket).count() == 1


def test_the_preview_says_what_would_be_late_at_once(desk, opened: Open, now: datetime) -> None:
    opened()
    (move,) = reapplying.preview(shorten(now), now + 3 * HOUR)
    assert move.breaks


def test_reapplying_binds_each_ticket_once_and_moves_its_clocks(
    desk, opened: Open, now: datetime
) -> None:
    tickets = [opened() for _ in range(3)]
    opened(category=desk.suggestion)
    questions = shorten(now)
    at = now + HOUR / 2
    assert reapplying.reapply(policy=questions, actor=desk.ada, now=at) == 3
    assert reapplying.reapply(policy=questions, actor=desk.ada, now=at) == 0
    for ticket in tickets:
        assert clock(ticket, "first_reply").due_at == now + HOUR
        event = TicketEvent.objects.filter(ticket=ticket, kind="policy_bound").last()
        assert event
        assert event.data["because"] == "Ada applied version 2 of «Product questions»."


def test_reapplying_breaks_at_the_instant_of_the_change(desk, opened: Open, now: datetime) -> None:
    ticket = opened()
    reapplying.reapply(policy=shorten(now), actor=desk.ada, now=now + 3 * HOUR)
    sweep(now + 3 * HOUR)
    assert clock(ticket, "first_reply").breached_at == now + 3 * HOUR


def test_a_target_taken_away_ends_the_clock_only_when_reapplied(
    desk, opened: Open, now: datetime
) -> None:
    ticket = opened()
    questions = shorten(now, None)
    assert clock(ticket, "first_reply").state == "running"
    reapplying.reapply(policy=questions, actor=desk.ada, now=now + HOUR)
    assert clock(ticket, "first_reply").state == "cancelled"


def test_the_configuration_is_read_once_per_published_change(
    desk, opened: Open, now: datetime, django_assert_num_queries
) -> None:
    opened()
    with django_assert_num_queries(1):
        first = loading.current()
    shorten(now)
    assert loading.current() is not first
    with django_assert_num_queries(1):
        loading.current()


@pytest.mark.parametrize("by", ["page", "list"])
def test_a_path_ends_where_what_it_went_on_with_is_deleted(
    desk, now: datetime, client: Client, by: str
) -> None:
    third = path("Third", now, {"who": "admins"})
    second = path("Second", now, {"who": "role", "role": "executive"}, continues_with=third)
    first = path("First", now, {"who": "supervisors"}, continues_with=second)
    client.force_login(desk.ada)
    if by == "page":
        client.post(reverse("admin:escalation_path_delete", args=[second.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"}
        client.post(reverse("admin:escalation_path_changelist"), chosen)
    assert not Path.objects.filter(pk=second.pk).exists()
    config = loading.current()
    assert len(config.path(config.current_paths[first.pk]).steps) == 1
    page = client.get(reverse("admin:escalation_path_changelist")).content.decode()
    assert "went on with what is deleted, and end before it now: First." in page


def test_a_climb_under_way_keeps_the_levels_of_what_is_deleted_meanwhile(
    desk, opened: Open, now: datetime
) -> None:
    second = path("Second", now, {"who": "admins", "delay": HOUR})
    first = path("First", now, {"who": "supervisors"}, continues_with=second)
    policy("Brief", now, {"metric": "first_reply", "duration": HOUR, "path": first})
    ticket = opened()
    sweep(now + 2 * HOUR - MINUTE)
    publishing.withdraw_paths(paths=Path.objects.filter(pk=second.pk), now=now + 2 * HOUR)
    sweep(now + 3 * HOUR)
    assert [(level, who) for _, level, _, who in told(ticket)] == [(1, ["Sue"]), (2, ["Ada"])]
