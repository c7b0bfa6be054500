"""Somebody leaves who gives or approves offers: no request waits for them, no grant for their row."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from tests.kb.conftest import Offers, ask, give
from tests.people.test_admin import said_of, saved
from tests.tickets.test_lock_order import meanwhile
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import User
from tickets.services import triage
from tickets.services.locking import lock

Opens = Callable[..., Ticket]


@pytest.fixture
def admin(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(cast.ada)
    return client


def told() -> list[str]:
    mails = OutgoingMail.objects.filter(subject__startswith="Approval asked")
    rows = Delivery.objects.filter(mail__in=mails).order_by("mail_id", "pk")
    return [each.split("@")[0] for each in rows.values_list("email", flat=True)]


def test_what_waited_for_a_lead_who_left_is_put_before_the_next_who_may(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert told() == ["sue"]
    saved(admin, cast.sue, is_active=None)
    assert told() == ["sue", "eve"]
    assert services.approve(grant=row, actor=cast.eve, now=now).state == "granted"


def test_what_waited_for_an_executive_who_left_is_put_before_the_next_who_may(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    User.objects.filter(pk=cast.sue.pk).update(is_active=False)
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    saved(admin, cast.eve, is_active=None)
    assert told() == ["eve", "ada"]


def test_a_lead_who_is_deleted_is_not_asked_again(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    admin.post(reverse("admin:people_user_delete", args=[cast.sue.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=cast.sue.pk).exists()
    assert told() == ["sue", "eve"]


@pytest.mark.parametrize("who", [["sue"], ["sue", "eve"]])
def test_leads_and_executives_deleted_at_once_leave_no_request_behind(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime,
    who: list[str],
) -> None:  # fmt: skip
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    chosen = [getattr(cast, name).pk for name in who]
    admin.post(reverse("admin:people_user_changelist"), {
        "action": "delete_selected", "_selected_action": chosen, "post": "yes",
    })  # fmt: skip
    assert not User.objects.filter(pk__in=chosen).exists()
    assert told()[-1] == ("eve" if who == ["sue"] else "ada")


def test_where_nobody_is_left_to_approve_it_who_asked_is_told(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    offers["Credit"].authorities.exclude(role__in=["agent", "supervisor"]).delete()
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    saved(admin, cast.sue, is_active=None)
    row.refresh_from_db()
    assert row.state == "refused"
    assert row.decision == "Sue does not work here any more. Nobody else can approve it."
    assert OutgoingMail.objects.get(subject__endswith="refused").deliveries.get().email == (
        cast.ana.email
    )


def test_an_approver_with_the_longest_of_names_can_leave(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    cast.sue.first_name, cast.sue.last_name = "S" * 150, "T" * 150
    cast.sue.save()
    offers["Credit"].authorities.exclude(role__in=["agent", "supervisor"]).delete()
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    saved(admin, cast.sue, is_active=None)
    row.refresh_from_db()
    row.clean_fields()  # SQLite itself minds no length
    assert row.decision == (
        f"{cast.sue.name} does not work here any more. Nobody else can approve it."
    )


def test_nothing_is_asked_anew_that_did_not_wait_for_them_or_when_they_left_before(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    ask(broken(team=cast.billing), offers["Credit"], "100", cast.bo, now)
    over = broken()
    ask(over, offers["Credit"], "100", cast.ana, now)
    for status in ("solved", "closed"):
        triage.set_status(ticket=over, status=status, actor=cast.ana, now=now)
    before = told()
    saved(admin, cast.sue, is_active=None)
    assert told() == before
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    before = told()
    saved(admin, cast.sue, is_active=None, phone="1")
    assert told() == before


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["agent", "lead"])
def test_who_leaves_waits_for_what_they_give_at_that_moment_and_holds_nothing_of_it(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime, who: str
) -> None:
    one = broken(assignee=cast.ana)
    person = {"agent": cast.ana, "lead": cast.sue}[who]
    asked = ask(one, offers["Credit"], "100", cast.ana, now) if who == "lead" else None
    address = reverse("admin:people_user_change", args=[person.pk])
    said = said_of(person, is_active=None)

    def decide() -> None:
        if asked:
            services.approve(grant=asked, actor=person, now=now)
        else:
            give(one, offers["Credit"], "5", person, now)

    with meanwhile(lambda: admin.post(address, said), then=decide):
        lock(one)
    assert one.grants.get().state == "granted"
    person.refresh_from_db()
    assert not person.is_active
    assert who == "lead" or Ticket.objects.get(pk=one.pk).assignee is None


def test_what_waited_for_an_admin_who_left_is_put_before_another_or_ended(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    User.objects.filter(pk__in=[cast.sue.pk, cast.eve.pk]).update(is_active=False)
    both = {"role": "admin", "is_staff": True, "is_superuser": True}
    zoe = User.objects.create(username="zoe", email="zoe@company.example", **both)
    row = ask(broken(), offers["Credit"], "100", cast.ana, now)
    assert told() == ["ada", "zoe"]
    saved(admin, zoe, is_active=None)
    assert told() == ["ada", "zoe", "ada"]
    User.objects.filter(pk=cast.ada.pk).update(role="agent")
    User.objects.filter(pk=zoe.pk).update(is_active=True)
    saved(admin, zoe, is_active=None)
    row.refresh_from_db()
    assert row.state == "refused"


def test_an_admin_who_left_was_not_asked_where_a_lead_may(
    cast: SimpleNamespace, offers: Offers, broken: Opens, admin: Client, now: datetime
) -> None:
    zoe = User.objects.create(username="zoe", email="zoe@company.example", role="admin")
    ask(broken(), offers["Credit"], "100", cast.ana, now)
    saved(admin, zoe, is_active=None)
    assert told() == ["sue"]


def answers() -> list[str]:
    rows = Delivery.objects.filter(mail__subject__endswith="granted")
    return [each.split("@")[0] for each in rows.values_list("email", flat=True)]


@pytest.mark.parametrize(("assignee", "hears"), [(None, []), ("ben", ["ben"])])
def test_who_asked_and_left_is_not_told_but_whose_the_ticket_is_now(
    cast: SimpleNamespace, offers: Offers, broken: Opens, now: datetime,
    assignee: str | None, hears: list[str],
) -> None:  # fmt: skip
    ticket = broken(assignee=getattr(cast, assignee) if assignee else None, team=cast.support)
    row = ask(ticket, offers["Credit"], "100", cast.ana, now)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    services.approve(grant=row, actor=cast.sue, now=now)
    assert answers() == hears
