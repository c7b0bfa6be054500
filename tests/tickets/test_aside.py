"""What is pending or on hold says when it comes back; whatever makes it anything else forgets that."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.conftest import NOW
from tests.factories import customer_writes, event, kinds, ticket
from tests.tickets.test_bulk import do
from tests.upgrading import Upgrade
from tickets.errors import Invalid, Over, Stale
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.services import bulk, changes, conversation, triage

DAY = timedelta(days=1)
LATER = timedelta(minutes=5)


def aside(cast: SimpleNamespace, now: datetime, status: str = "pending", **fields: Any) -> Ticket:
    """Ana's, until tomorrow."""
    made = ticket(cast, now, assignee=cast.ana, **fields)
    wanted = {"status": status, "comes_back_at": now + DAY}
    return changes.apply(ticket=made, changes=wanted, actor=cast.ana, now=now)


def back_at(made: Ticket) -> datetime | None:
    return Ticket.objects.get(pk=made.pk).comes_back_at


@pytest.mark.parametrize("status", ["pending", "on_hold"])
def test_status_and_date_are_set_together(
    cast: SimpleNamespace, now: datetime, status: str
) -> None:
    made = aside(cast, now, status)
    assert (made.status, made.comes_back_at) == (status, now + DAY)
    told = event(made, "put_aside")
    assert (told.actor, told.data) == (cast.ana, {"until": (now + DAY).isoformat()})


def test_another_date_takes_the_place_of_the_first_and_the_same_is_no_change(
    cast: SimpleNamespace, now: datetime
) -> None:
    made = aside(cast, now)
    triage.put_aside(ticket=made, until=now + 2 * DAY, actor=cast.ben, now=now)
    assert back_at(made) == now + 2 * DAY
    version = made.version
    triage.put_aside(ticket=made, until=now + 2 * DAY, actor=cast.ben, now=now)
    assert made.version == version
    triage.put_aside(ticket=made, until=None, actor=cast.ben, now=now)
    assert back_at(made) is None
    assert kinds(made).count("put_aside") == 3


@pytest.mark.parametrize("status", ["new", "open", "solved"])
def test_what_waits_for_nobody_cannot_be_put_aside(
    cast: SimpleNamespace, now: datetime, status: str
) -> None:
    made = ticket(cast, now)
    if status != "new":
        triage.set_status(ticket=made, status=status, actor=cast.ana, now=now)
    with pytest.raises(Invalid, match="Only what is pending or on hold") as refused:
        triage.put_aside(ticket=made, until=now + DAY, actor=cast.ana, now=now)
    assert refused.value.field == "comes_back_at"
    assert back_at(made) is None


def test_what_is_closed_is_not_put_aside(cast: SimpleNamespace, now: datetime) -> None:
    made = ticket(cast, now)
    triage.set_status(ticket=made, status="closed", actor=cast.ana, now=now)
    with pytest.raises(Over):
        triage.put_aside(ticket=made, until=now + DAY, actor=cast.ana, now=now)


@pytest.mark.parametrize(
    "until", [timedelta(0), -DAY, 366 * DAY + timedelta(seconds=1)], ids=["now", "past", "far"]
)
def test_the_time_lies_within_the_coming_year(
    cast: SimpleNamespace, now: datetime, until: timedelta
) -> None:
    made = aside(cast, now)
    with pytest.raises(Invalid, match="within the coming year"):
        triage.put_aside(ticket=made, until=now + until, actor=cast.ana, now=now)
    assert back_at(made) == now + DAY


def test_an_instant_needs_its_zone(cast: SimpleNamespace, now: datetime) -> None:
    made = aside(cast, now)
    with pytest.raises(Invalid, match="needs its time zone"):
        triage.put_aside(
            ticket=made,
            until=(now + DAY).replace(tzinfo=None),
            actor=cast.ana,
            now=now,
        )


def test_a_status_that_cannot_be_put_aside_takes_nothing_at_all(
    cast: SimpleNamespace, now: datetime
) -> None:
    made = ticket(cast, now)
    wanted = {"status": "solved", "comes_back_at": now + DAY}
    with pytest.raises(Invalid):
        changes.apply(ticket=made, changes=wanted, actor=cast.ana, now=now)
    made.refresh_from_db()
    assert (made.status, made.comes_back_at) == ("new", None)


def test_nobody_overwrites_a_date_that_they_have_not_seen(
    cast: SimpleNamespace, now: datetime
) -> None:
    made = aside(cast, now)
    seen = made.version
    triage.put_aside(ticket=made, until=now + 2 * DAY, actor=cast.ben, now=now)
    with pytest.raises(Stale, match=r"Ben changed this ticket \(put aside until a date\)"):
        triage.put_aside(
            ticket=made, until=now + 3 * DAY, actor=cast.ana, now=now, expected_version=seen
        )


@pytest.mark.parametrize("status", ["open", "solved", "closed"])
def test_another_status_forgets_when_it_was_to_come_back(
    cast: SimpleNamespace, now: datetime, status: str
) -> None:
    made = aside(cast, now)
    triage.set_status(ticket=made, status=status, actor=cast.ana, now=now + LATER)
    assert back_at(made) is None


def test_who_waits_for_us_instead_of_for_the_customer_comes_back_all_the_same(
    cast: SimpleNamespace, now: datetime
) -> None:
    made = aside(cast, now)
    triage.set_status(ticket=made, status="on_hold", actor=cast.ana, now=now + LATER)
    assert back_at(made) == now + DAY


def test_the_customers_message_brings_it_back_before(cast: SimpleNamespace, now: datetime) -> None:
    made = aside(cast, now)
    customer_writes(made, now + LATER)
    made.refresh_from_db()
    assert (made.status, made.comes_back_at) == ("open", None)


def test_a_message_does_not_open_what_waits_for_us(cast: SimpleNamespace, now: datetime) -> None:
    made = aside(cast, now, "on_hold")
    customer_writes(made, now + LATER)
    made.refresh_from_db()
    assert (made.status, made.comes_back_at) == ("on_hold", now + DAY)


def test_what_is_merged_away_comes_back_no_more(cast: SimpleNamespace, now: datetime) -> None:
    made, other = aside(cast, now), ticket(cast, now)
    triage.merge(source=made, target=other, actor=cast.ana, now=now + LATER)
    assert back_at(made) is None


def test_a_customer_who_waits_on_the_other_ticket_opens_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    made, other = aside(cast, now), ticket(cast, now)
    triage.merge(source=other, target=made, actor=cast.ana, now=now + LATER)
    made.refresh_from_db()
    assert (made.status, made.comes_back_at) == ("open", None)


def test_the_database_knows_that_only_what_waits_comes_back(
    cast: SimpleNamespace, now: datetime
) -> None:
    made = aside(cast, now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=made.pk).update(status="open")


class TestAReply:
    def write(self, made: Ticket, author: Any, now: datetime, **fields: Any) -> Any:
        given = {"status_after": "pending", "comes_back_at": now + DAY} | fields
        return conversation.reply(
            ticket=made, author=author, body="We look into it.", now=now, **given
        )

    def leaves(self, now: datetime) -> datetime:
        at = now + timedelta(minutes=31)
        outbox.deliver_due(at)
        return at

    def test_takes_the_date_along_only_when_it_leaves(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = ticket(cast, now)
        self.write(made, cast.ana, now)
        assert back_at(made) is None
        self.leaves(now)
        made.refresh_from_db()
        assert (made.status, made.comes_back_at) == ("pending", now + DAY)
        assert event(made, "put_aside").actor == cast.ana

    def test_that_is_recalled_takes_nothing_along(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = ticket(cast, now)
        message = self.write(made, cast.ana, now)
        conversation.recall(message=message, actor=cast.ana, now=now + LATER)
        self.leaves(now)
        made.refresh_from_db()
        assert (made.status, made.comes_back_at) == ("open", None)

    def test_gives_what_is_pending_already_another_date(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = aside(cast, now)
        message = self.write(made, cast.ana, now, status_after=None, comes_back_at=now + 3 * DAY)
        assert message.status_after == "pending"
        self.leaves(now)
        assert back_at(made) == now + 3 * DAY

    def test_is_overtaken_by_another_date(self, cast: SimpleNamespace, now: datetime) -> None:
        made = aside(cast, now)
        self.write(made, cast.ana, now, comes_back_at=now + 3 * DAY)
        triage.put_aside(ticket=made, until=now + 2 * DAY, actor=cast.ben, now=now + LATER)
        self.leaves(now)
        assert back_at(made) == now + 2 * DAY

    def test_is_not_overtaken_by_what_came_back_by_itself(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = aside(cast, now)
        self.write(made, cast.ana, now, comes_back_at=now + 3 * DAY)
        made.refresh_from_db()
        triage.come_back(ticket=made, now=now + LATER)
        self.leaves(now)
        made.refresh_from_db()
        assert (made.status, made.comes_back_at) == ("pending", now + 3 * DAY)

    def test_that_leaves_after_its_date_is_no_less_sent(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = ticket(cast, now)
        soon = now + timedelta(minutes=1)
        message = self.write(made, cast.ana, now, comes_back_at=soon)
        self.leaves(now)
        message.mail.refresh_from_db()
        assert (message.mail.state, back_at(made)) == ("sent", soon)

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"status_after": "solved"}, "Only what is pending or on hold"),
            ({"status_after": None}, "Only what is pending or on hold"),
            ({"comes_back_at": NOW}, "within the coming year"),
        ],
    )
    def test_says_what_cannot_be(
        self, cast: SimpleNamespace, now: datetime, fields: dict[str, Any], why: str
    ) -> None:
        made = ticket(cast, now)
        with pytest.raises(Invalid, match=why):
            self.write(made, cast.ana, now, **fields)
        assert not made.messages.filter(kind="reply").exists()


class TestManyAtOnce:
    def test_are_put_aside_and_undone(self, cast: SimpleNamespace, now: datetime) -> None:
        one, two = ticket(cast, now), aside(cast, now)
        deed = do([one, two], cast.ana, now, status="pending", comes_back_at=now + 3 * DAY)
        assert [back_at(one), back_at(two)] == [now + 3 * DAY] * 2
        assert deed.said.startswith("set to pending, to come back Fri 6 Mar 2026")
        bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
        one.refresh_from_db()
        two.refresh_from_db()
        assert (one.status, one.comes_back_at) == ("new", None)
        assert (two.status, two.comes_back_at) == ("pending", now + DAY)
        # Only what was changed is told: its status never was.
        assert kinds(two).count("status_changed") == 1

    def test_that_were_solved_get_their_date_back(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = aside(cast, now)
        deed = do([made], cast.ana, now, status="solved")
        assert back_at(made) is None
        bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
        made.refresh_from_db()
        assert (made.status, made.comes_back_at) == ("pending", now + DAY)

    def test_leave_alone_what_waits_for_nobody(self, cast: SimpleNamespace, now: datetime) -> None:
        one, two = ticket(cast, now), aside(cast, now)
        deed = do([one, two], cast.ana, now, comes_back_at=now + 3 * DAY)
        assert deed.left_alone == [
            (one.reference, "It is new: only what is pending or on hold comes back.")
        ]
        assert back_at(two) == now + 3 * DAY

    def test_lose_their_date(self, cast: SimpleNamespace, now: datetime) -> None:
        made = aside(cast, now)
        (foreseen,) = bulk.foresee(made, {"comes_back_at": None}, cast.ana).changes
        assert foreseen.after == "only by hand"
        do([made], cast.ana, now, comes_back_at=None)
        assert back_at(made) is None

    def test_a_deed_of_before_the_upgrade_is_undone_too(
        self, cast: SimpleNamespace, now: datetime
    ) -> None:
        made = ticket(cast, now)
        deed = do([made], cast.ana, now, status="pending")
        item = deed.items.get()
        del item.before["comes_back_at"]
        item.save()
        bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
        assert Ticket.objects.get(pk=made.pk).status == "new"


@pytest.mark.django_db(transaction=True)
def test_what_was_pending_before_the_upgrade_comes_back_by_hand(upgrade: Upgrade) -> None:
    before = upgrade.to(("tickets", "0009_incidents_are_named"))
    made = _row(before)
    after = upgrade.to(("tickets", "0011_put_aside_until_a_date"))
    row = after.get_model("tickets", "Ticket").objects.get(pk=made)
    assert (row.status, row.comes_back_at, row.comes_back_retry_at) == ("pending", None, None)


def _row(apps: Any) -> int:
    def make(app: str, model: str, **fields: Any) -> Any:
        return apps.get_model(app, model).objects.create(**fields)

    at = datetime.fromisoformat("2026-03-03T14:00:00+00:00")
    return make(
        "tickets", "Ticket", reference="AAAA-2222", subject="The lamp hums", status="pending",
        category=make("tickets", "Category", name="Question", nature="question"),
        requester=make("people", "Contact", name="Carla"), channel="email",
        team=make("people", "Team", name="Support"), opened_at=at, updated_at=at,
    ).pk  # fmt: skip
