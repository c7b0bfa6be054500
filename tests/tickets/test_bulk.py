"""Many tickets changed at once: what is foreseen happens, the rest is left alone, all of it undone."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from tests.factories import at_once, customer_writes, kinds, ticket
from tickets.access import NotAllowed
from tickets.errors import Invalid, TooLate
from tickets.models import BulkDeed, Ticket
from tickets.people.models import User
from tickets.services import bulk, triage

LATER = timedelta(minutes=5)


def do(tickets: list[Ticket], actor: User, now: datetime, **wanted: Any) -> BulkDeed:
    references: dict[str, int | None] = {each.reference: each.version for each in tickets}
    return bulk.carry_out(references=references, wanted=wanted, actor=actor, now=now, key=uuid4())


def states(tickets: list[Ticket]) -> list[str]:
    return [Ticket.objects.get(pk=each.pk).status for each in tickets]


def reasons(deed: BulkDeed) -> list[str]:
    return [why for _, why in deed.left_alone]


def test_what_is_foreseen_names_each_change(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, tags=["lamp"])
    wanted: bulk.Wanted = {
        "status": "on_hold", "assignee": cast.ben, "priority": "urgent", "team": cast.support,
        "category": cast.management, "add_tags": ["Lamp", "vip"], "remove_tags": ["lamp"],
        "follow": True,
    }  # fmt: skip
    outlook = bulk.foresee(one, wanted, cast.ana)
    assert [(each.what, each.before, each.after) for each in outlook.changes] == [
        ("status", "new", "on hold"),
        ("priority", "normal", "urgent"),
        ("assignee", "nobody", "Ben"),
        ("category", "Product question", "Management decision"),
        ("tags", "", "+ vip"),
        ("tags", "− lamp", ""),
        ("followers", "", "+ Ana"),
    ]
    assert outlook.why == ""


@pytest.mark.parametrize(
    ("before", "wanted", "why"),
    [
        ("open", "open", "It is so already."),
        ("closed", "closed", "It is so already."),
        ("closed", "open", "It is closed, and what is closed stays as it is."),
        ("solved", "pending", "A ticket that is solved cannot become pending."),
    ],
)
def test_what_cannot_be_is_foreseen_and_left_alone_in_the_same_words(
    cast: SimpleNamespace, now: datetime, before: str, wanted: str, why: str
) -> None:
    one = ticket(cast, now)
    triage.set_status(ticket=one, status=before, actor=cast.ana, now=now)
    assert bulk.foresee(one, {"status": wanted}, cast.ana).why == why
    deed = do([one], cast.ana, now, status=wanted)
    assert reasons(deed) == [why]
    assert not deed.items.exists()


def test_who_may_only_advise_changes_nothing(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    triage.involve(ticket=one, user=cast.max, because="asked", now=now)
    deed = do([one], cast.max, now, status="closed")
    assert reasons(deed) == ["You may not change this ticket."]
    assert states([one]) == ["new"]
    assert not do([one], cast.max, now, follow=True).left_alone


def test_what_one_does_not_see_is_left_alone_without_a_word_about_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now, team=cast.billing)
    deed = do([one], cast.ana, now, status="closed")
    assert reasons(deed) == ["You do not see it any more."]


def test_a_customer_who_wrote_after_the_preview_is_not_closed_over(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    customer_writes(Ticket.objects.get(pk=one.pk), now)
    deed = do([one, two], cast.ana, now + LATER, status="closed")
    assert states([one, two]) == ["new", "closed"]
    assert "the customer wrote" in reasons(deed)[0]


def test_the_same_key_twice_is_one_deed(cast: SimpleNamespace, now: datetime) -> None:
    one, key = ticket(cast, now), uuid4()
    deeds = [
        bulk.carry_out(
            references={one.reference: None}, wanted={"priority": priority}, actor=cast.ana,
            now=now, key=key,
        )
        for priority in ("urgent", "low")
    ]  # fmt: skip
    assert deeds[0] == deeds[1]
    assert Ticket.objects.get(pk=one.pk).priority == "urgent"


def test_nothing_and_too_much_are_refused(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now)
    many: dict[str, int | None] = {f"HD-{number}": None for number in range(bulk.MOST + 1)}
    for references, wanted in (
        ({one.reference: None}, {}),
        ({}, {"status": "closed"}),
        (many, {"status": "closed"}),
        ({one.reference: None}, {"add_tags": ["x" * 61]}),
    ):
        with pytest.raises(Invalid):
            bulk.carry_out(
                references=references, wanted=wanted, actor=cast.ana, now=now, key=uuid4()
            )
    assert not BulkDeed.objects.exists()


def test_a_bulk_close_is_undone_to_what_each_was(cast: SimpleNamespace, now: datetime) -> None:
    before = ["new", "open", "pending", "on_hold", "solved"]
    tickets = [ticket(cast, now) for _ in before]
    for one, status in zip(tickets, before, strict=True):
        triage.set_status(ticket=one, status=status, actor=cast.ana, now=now)
    shown = [Ticket.objects.filter(pk=one.pk).values().get() for one in tickets]
    deed = do(tickets, cast.ana, now + LATER, status="closed")
    assert deed.said == "closed"
    assert states(tickets) == ["closed"] * 5
    bulk.undo(deed=deed, actor=cast.ana, now=now + 2 * LATER)
    assert states(tickets) == before
    for one, was in zip(tickets, shown, strict=True):
        row = Ticket.objects.filter(pk=one.pk).values().get()
        for name in ("solved_at", "closed_at", "assignee_id", "is_paused", "next_due_metric"):
            assert row[name] == was[name], (was["status"], name)
        assert kinds(one)[-2:] == ["status_changed"] * 2


def test_every_kind_of_change_is_undone(cast: SimpleNamespace, now: datetime) -> None:
    one = ticket(cast, now, tags=["lamp", "old"], assignee=cast.ben)
    deed = do(
        [one], cast.ana, now, status="solved", priority="urgent", team=cast.billing,
        category=cast.management, add_tags=["vip"], remove_tags=["old"], follow=True,
    )  # fmt: skip
    changed = Ticket.objects.get(pk=one.pk)
    assert (changed.team, changed.assignee) == (cast.billing, None)
    assert deed.said == (
        "solved, moved to Billing, set to priority urgent, filed under Management decision, "
        "tagged vip, freed of the tag old, followed"
    )
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    back = Ticket.objects.get(pk=one.pk)
    assert (back.status, back.priority, back.team, back.assignee, back.category) == (
        "new", "normal", cast.support, cast.ben, cast.question
    )  # fmt: skip
    assert {tag.name for tag in back.tags.all()} == {"lamp", "old"}
    assert not back.followers.exists()


def test_whoever_moved_tickets_out_of_their_sight_may_still_undo_it(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = do([one], cast.ana, now, team=cast.billing)
    assert not Ticket.objects.visible_to(cast.ana).exists()
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert Ticket.objects.get(pk=one.pk).team == cast.support


def test_undoing_leaves_alone_what_was_changed_since_and_says_so(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    deed = do([one, two], cast.ana, now, priority="urgent")
    triage.set_priority(ticket=one, priority="high", actor=cast.ben, now=now)
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert [Ticket.objects.get(pk=each.pk).priority for each in (one, two)] == ["high", "normal"]
    said = {item.ticket_id: (item.is_undone, item.kept_because) for item in deed.items.all()}
    assert said == {
        one.pk: (False, "It was changed since, and stays as it is."), two.pk: (True, "")
    }  # fmt: skip


def test_an_assignee_who_left_is_not_given_the_ticket_back(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now, assignee=cast.ben)
    deed = do([one], cast.ana, now, assignee=cast.sue)
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert Ticket.objects.get(pk=one.pk).assignee == cast.sue
    assert "does not work here any more" in deed.items.get().kept_because


def test_undoing_is_for_who_did_it_within_half_an_hour_and_once(
    cast: SimpleNamespace, now: datetime
) -> None:
    deed = do([ticket(cast, now)], cast.ana, now, priority="urgent")
    with pytest.raises(NotAllowed):
        bulk.undo(deed=deed, actor=cast.sue, now=now)
    with pytest.raises(TooLate, match="30 minutes"):
        bulk.undo(deed=deed, actor=cast.ana, now=now + bulk.UNDO_FOR + timedelta(seconds=1))
    bulk.undo(deed=deed, actor=cast.ada, now=now + LATER)
    with pytest.raises(TooLate, match="already"):
        bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)


def test_an_undoing_that_broke_off_goes_on(cast: SimpleNamespace, now: datetime) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    deed = do([one, two], cast.ana, now, priority="urgent")
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    # As if the process had died between the two.
    deed.items.filter(ticket=two).update(is_undone=False)
    Ticket.objects.filter(pk=two.pk).update(
        priority="urgent", version=deed.items.get(ticket=two).version
    )
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert Ticket.objects.get(pk=two.pk).priority == "normal"


@pytest.mark.django_db(transaction=True)
def test_two_undoings_at_once_undo_once(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = do([one], cast.ana, now, priority="urgent")
    at_once(
        lambda: bulk.undo(deed=deed, actor=cast.ana, now=now + LATER),
        lambda: bulk.undo(deed=deed, actor=cast.ada, now=now + LATER),
    )
    assert kinds(one).count("priority_changed") == 2
    assert deed.items.get().kept_because == ""


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_deed(
    transactional_db: None, cast: SimpleNamespace, now: datetime
) -> None:
    one, key = ticket(cast, now), uuid4()

    def click() -> BulkDeed:
        return bulk.carry_out(
            references={one.reference: one.version}, wanted={"status": "closed"},
            actor=cast.ana, now=now, key=key,
        )  # fmt: skip

    first, second = at_once(click, click)
    assert first == second
    assert kinds(one).count("status_changed") == 1
