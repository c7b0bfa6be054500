"""Somebody leaves: nothing they answered for slips, and the leads hear of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from escalation.defaults import install_defaults
from escalation.models import Escalation
from escalation.raising import raise_next
from tests.escalation.conftest import path, policy
from tests.factories import at_once, kinds, ticket
from tests.people.test_admin import saved
from tickets.errors import Invalid
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import leaving, triage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def anas(cast: SimpleNamespace, now: datetime) -> Callable[..., Ticket]:
    return lambda **fields: ticket(cast, now, assignee=cast.ana, **fields)


def left(person: User, now: datetime, actor: User | None = None) -> int:
    User.objects.filter(pk=person.pk).update(is_active=False)
    return leaving.put_back(person=person, actor=actor, now=now)


def told() -> list[tuple[str, str]]:
    rows = OutgoingMail.objects.filter(purpose="alert").order_by("pk")
    return [(each.email, mail.text) for mail in rows for each in mail.deliveries.order_by("pk")]


def test_their_tickets_are_nobodys_again_and_say_why(
    cast: SimpleNamespace, now: datetime, anas: Callable[..., Ticket]
) -> None:
    one, solved, closed = anas(), anas(), anas()
    for done, status in ((solved, "solved"), (closed, "solved"), (closed, "closed")):
        triage.set_status(ticket=done, status=status, actor=cast.ana, now=now)
    assert left(cast.ana, now + MINUTE, actor=cast.ada) == 1
    for each, keeps in ((one, False), (solved, False), (closed, True)):
        each.refresh_from_db()
        assert (each.assignee == cast.ana) == keeps
    event = one.events.get(kind="assigned", recorded_at=now + MINUTE)
    assert (event.actor, event.data["from"], event.data["to_id"]) == (cast.ada, "Ana", None)
    assert event.data["because"] == "Ana does not work here any more."
    assert kinds(closed)[-1] == "status_changed"


def test_the_leads_of_each_team_are_told_once_of_what_is_open(
    cast: SimpleNamespace, now: datetime, anas: Callable[..., Ticket]
) -> None:
    mine = [anas(), anas()]
    other = anas(team=cast.billing)
    left(cast.ana, now)
    (sue, first), (stan, second) = sorted(told(), reverse=True)
    assert (sue, stan) == ("sue@company.example", "stan@company.example")
    assert all(each.reference in first for each in mine)
    assert other.reference not in first
    assert other.reference in second


def test_a_tab_in_a_name_keeps_nobody_from_leaving(
    cast: SimpleNamespace, now: datetime, anas: Callable[..., Ticket]
) -> None:
    anas()
    cast.support.name = "First\tline"
    cast.support.save()
    User.objects.filter(pk=cast.ana.pk).update(first_name="Ana\u2028Maria")
    assert left(User.objects.get(pk=cast.ana.pk), now) == 1
    (mail,) = OutgoingMail.objects.filter(purpose="alert")
    assert "of Ana Maria in First line" in mail.subject


def test_where_a_team_has_no_lead_the_administrators_are_told(
    cast: SimpleNamespace, now: datetime, anas: Callable[..., Ticket]
) -> None:
    anas()
    User.objects.filter(pk=cast.sue.pk).update(is_active=False)
    left(cast.ana, now)
    assert [address for address, _ in told()] == ["ada@company.example"]


def test_a_lead_who_leaves_is_not_told_of_their_own(cast: SimpleNamespace, now: datetime) -> None:
    ticket(cast, now, assignee=cast.sue)
    left(cast.sue, now)
    assert [address for address, _ in told()] == ["ada@company.example"]


def test_who_answered_for_nothing_leaves_quietly(cast: SimpleNamespace, now: datetime) -> None:
    assert left(cast.ana, now) == 0
    assert told() == []


def test_the_admin_says_how_many_before_and_puts_them_back_with_the_saving(
    cast: SimpleNamespace, anas: Callable[..., Ticket], client: Client
) -> None:
    one, _ = anas(), anas()
    client.force_login(cast.ada)
    address = reverse("admin:people_user_change", args=[cast.ana.pk])
    assert "2 open tickets" in client.get(address).content.decode()
    saved(client, cast.ana, phone="1")
    one.refresh_from_db()
    assert one.assignee == cast.ana
    saved(client, cast.ana, is_active=None)
    one.refresh_from_db()
    assert (cast.ana.is_active, one.assignee) == (False, None)
    page = client.get(reverse("admin:people_user_changelist")).content.decode()
    assert "2 open tickets of Ana went back" in page


@pytest.mark.parametrize("in_bulk", [False, True])
def test_deleting_a_person_puts_their_tickets_back_too(
    cast: SimpleNamespace, anas: Callable[..., Ticket], client: Client, in_bulk: bool
) -> None:
    one = anas()
    client.force_login(cast.ada)
    if in_bulk:
        client.post(reverse("admin:people_user_changelist"), {
            "action": "delete_selected", "_selected_action": [cast.ana.pk], "post": "yes",
        })  # fmt: skip
    else:
        client.post(reverse("admin:people_user_delete", args=[cast.ana.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=cast.ana.pk).exists()
    assert one.events.filter(kind="assigned", data__from="Ana").exists()
    assert [address for address, _ in told()] == ["sue@company.example"]


def test_a_level_that_was_only_theirs_falls_to_the_administrators(
    cast: SimpleNamespace, now: datetime
) -> None:
    install_defaults(now=now)
    way = path("Eve's", now, {"who": "person", "person": cast.eve})
    policy("Brief", now, {"metric": "first_reply", "duration": MINUTE, "path": way})
    one = ticket(cast, now)
    left(cast.eve, now)
    while raise_next(now + 2 * MINUTE):
        pass
    (step,) = Escalation.objects.get(ticket=one, trigger="breach").steps.all()
    assert step.told_names == ["Ada"]
    assert "that person cannot be told any more" in step.remark


def test_nobody_is_given_a_ticket_who_has_left_since_the_form_was_drawn(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    stale = User.objects.get(pk=cast.ana.pk)
    left(cast.ana, now)
    with pytest.raises(Invalid, match="does not work here any more"):
        triage.assign(ticket=one, assignee=stale, actor=cast.sue, now=now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", range(5))
def test_a_ticket_given_to_them_at_that_moment_does_not_slip(
    cast: SimpleNamespace, now: datetime, client: Client, run: int
) -> None:
    one = ticket(cast, now)
    client.force_login(cast.ada)
    at_once(
        lambda: triage.assign(ticket=one, assignee=cast.ana, actor=cast.sue, now=now),
        lambda: saved(client, cast.ana, is_active=None),
    )
    one.refresh_from_db()
    assert one.assignee is None
