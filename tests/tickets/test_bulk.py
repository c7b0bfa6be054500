"""Many tickets changed at once: what is foreseen happens, the rest is left alone, all of it undone."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail as mailbox
from django.utils.timezone import override as override_timezone

from tests.factories import at_once, customer_writes, kinds, ticket
from tickets import events
from tickets.access import NotAllowed
from tickets.errors import Invalid, TooLate
from tickets.models import BulkDeed, Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.people.models import User
from tickets.services import bulk, conversation, triage
from tickets.views.telling import sentence

LATER = timedelta(minutes=5)
MONDAY = datetime(2026, 3, 16, 22, 0, tzinfo=UTC)
SHOWN = "Tue 17 Mar 2026, 07:00 JST"


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
    ("before", "until", "wanted", "told"),
    [
        ("new", None, {"status": "pending"}, [("comes back", "", "only by hand")]),
        ("new", None, {"status": "solved"}, []),
        ("on_hold", None, {"status": "pending"}, []),
        ("on_hold", MONDAY, {"status": "pending"}, []),
        ("on_hold", MONDAY, {"status": "open"}, [("comes back", SHOWN, "no more")]),
        ("pending", MONDAY, {"status": "closed"}, [("comes back", SHOWN, "no more")]),
        ("pending", MONDAY, {"priority": "urgent"}, []),
        (
            "new",
            None,
            {"status": "pending", "comes_back_at": MONDAY},
            [("comes back", "only by hand", SHOWN)],
        ),
    ],
)
def test_what_is_foreseen_says_when_it_comes_back_in_the_readers_zone(
    cast: SimpleNamespace, now: datetime, before: str, until: datetime | None, wanted: bulk.Wanted,
    told: list[tuple[str, str, str]],
) -> None:  # fmt: skip
    one = ticket(cast, now)
    triage.set_status(ticket=one, status=before, actor=cast.ana, now=now)
    Ticket.objects.filter(pk=one.pk).update(comes_back_at=until)
    one.refresh_from_db()
    with override_timezone("Asia/Tokyo"):
        outlook = bulk.foresee(one, wanted, cast.ana, bulk.beside([one], wanted))
    said = [(each.what, each.before, each.after) for each in outlook.changes]
    assert [each for each in said if each[0] == "comes back"] == told
    do([one], cast.ana, now, **wanted)
    one.refresh_from_db()
    returns = {"no more": None, SHOWN: MONDAY}.get(told[0][2]) if told else until
    assert one.comes_back_at == returns


@pytest.mark.parametrize(
    ("lines", "what"), [(1, "held progress line"), (2, "2 held progress lines")]
)
def test_what_is_foreseen_says_which_lines_never_leave(
    cast: SimpleNamespace, now: datetime, lines: int, what: str
) -> None:
    one = ticket(cast, now)
    for number in range(lines):
        conversation.progress(ticket=one, author=cast.ana, text=f"Step {number}.", now=now)
    for status, told in (("solved", [("taken back, not sent", what)]), ("on_hold", [])):
        wanted: bulk.Wanted = {"status": status}
        outlook = bulk.foresee(one, wanted, cast.ana, bulk.beside([one], wanted))
        assert [(e.after, e.what) for e in outlook.changes if e.key == "lines"] == told


def test_what_is_foreseen_says_who_lets_go_of_what_is_moved(
    cast: SimpleNamespace, now: datetime
) -> None:
    his, hers = ticket(cast, now, assignee=cast.ben), ticket(cast, now, assignee=cast.eve)
    for wanted, lets_go in (
        ({"team": cast.billing}, [True, False]),
        ({"team": cast.billing, "assignee": cast.bo}, [False, False]),
        ({"team": cast.support, "priority": "low"}, [False, False]),
    ):
        known = bulk.beside([his, hers], wanted)
        outlooks = [bulk.foresee(each, wanted, cast.ada, known) for each in (his, hers)]
        assert ["let_go" in {e.key for e in each.changes} for each in outlooks] == lets_go
    do([his, hers], cast.ada, now, team=cast.billing)
    assert [Ticket.objects.get(pk=each.pk).assignee for each in (his, hers)] == [None, cast.eve]


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
        assert kinds(one)[-3:] == ["status_changed", "status_changed", "undone"]


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


def last_step(one: Ticket) -> TicketEvent:
    return one.events.filter(kind="status_changed").order_by("pk").reverse()[0]


def test_an_undone_close_brings_back_the_progress_line_that_was_held(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    line = conversation.progress(ticket=one, author=cast.ben, text="With engineering.", now=now)
    assert line.mail is not None
    leaves = line.mail.release_at
    deed = do([one], cast.ana, now + LATER, status="closed")
    assert deed.left_alone == []
    assert Message.objects.get(pk=line.pk).mail.state == "recalled"  # type: ignore[union-attr]
    bulk.undo(deed=deed, actor=cast.ana, now=now + 2 * LATER)
    mail = Message.objects.get(pk=line.pk).mail
    assert mail is not None
    assert (mail.state, mail.recalled_at, mail.release_at) == ("held", None, leaves)
    assert Ticket.objects.get(pk=one.pk).waiting_kind == "progress"
    assert deed.items.get().kept_because == ""
    told = sentence(last_step(one), "Ana")
    assert (
        told == "Ana changed the status: closed → new; what was held for the customer waits again"
    )
    outbox.deliver_due(leaves)
    assert "With engineering." in mailbox.outbox[-1].body
    assert kinds(one)[-1] == "progress"


def test_a_line_whose_time_has_passed_stays_taken_back_and_the_undoing_says_so(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    text = "With engineering since this morning. " * 5
    line = conversation.progress(ticket=one, author=cast.ben, text=text, now=now)
    assert line.mail is not None
    deed = do([one], cast.ana, line.mail.release_at - LATER, status="solved")
    bulk.undo(deed=deed, actor=cast.ana, now=line.mail.release_at)
    assert states([one]) == ["new"]
    assert Message.objects.get(pk=line.pk).mail.state == "recalled"  # type: ignore[union-attr]
    item = deed.items.get()
    assert item.is_undone
    assert item.kept_because.startswith("The progress line «With engineering since this morning.")
    assert item.kept_because.endswith("write it anew on the ticket.")
    assert "waits again" not in sentence(last_step(one), "Ana")
    # Its words are on the ticket, to be written anew.
    assert Message.objects.taken_back().get() == line


def test_a_line_that_somebody_recalled_before_the_close_is_not_brought_back(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    line = conversation.progress(ticket=one, author=cast.ben, text="At it.", now=now)
    conversation.recall(message=line, actor=cast.ben, now=now)
    one.refresh_from_db()
    deed = do([one], cast.ana, now + LATER, status="closed")
    bulk.undo(deed=deed, actor=cast.ana, now=now + 2 * LATER)
    assert Message.objects.get(pk=line.pk).mail.state == "recalled"  # type: ignore[union-attr]
    assert deed.items.get().kept_because == ""


def test_the_history_says_what_was_undone_of_which_deed_by_whom_and_whose_it_was(
    cast: SimpleNamespace, now: datetime
) -> None:
    one, two = ticket(cast, now), ticket(cast, now)
    deed = do([one, two], cast.ana, now, priority="urgent", add_tags=["vip"])
    bulk.undo(deed=deed, actor=cast.ada, now=now + LATER)
    for each in (one, two):
        shown = ["priority_changed", "tags_changed", "undone"]
        last = each.events.filter(kind__in=shown).order_by("-pk")[:3]
        told = [sentence(row, row.actor.name) for row in last]
        assert told == [
            "Ada undid a change of many tickets: «2 tickets set to priority urgent, tagged vip» by Ana",
            "Ada changed the tags: − vip",
            "Ada changed the priority: urgent → normal",
        ]
        undone = each.events.latest("pk")
        assert (undone.data["deed"], undone.at, undone.actor) == (deed.pk, now + LATER, cast.ada)


def test_the_history_of_what_stays_says_nothing_of_an_undoing(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = do([one], cast.ana, now, priority="urgent")
    triage.set_priority(ticket=one, priority="low", actor=cast.ben, now=now)
    before = kinds(one)
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    assert kinds(one) == before


def test_of_an_undoing_of_ones_own_the_history_does_not_name_one_twice(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = ticket(cast, now)
    deed = do([one], cast.ana, now, follow=True)
    bulk.undo(deed=deed, actor=cast.ana, now=now + LATER)
    told = one.events.latest("pk")
    assert sentence(told, "Ana") == "Ana undid a change of many tickets: «1 ticket followed»"


def test_that_a_customer_waits_is_said_before_their_ticket_is_solved(
    cast: SimpleNamespace, now: datetime
) -> None:
    waiting, answered, over = (ticket(cast, now) for _ in range(3))
    events.record(answered, TicketEvent.Kind.CALL_REACHED, at=now, now=now, actor=cast.ana)
    triage.set_status(ticket=over, status="solved", actor=cast.ana, now=now)
    wanted: bulk.Wanted = {"status": "closed"}
    known = bulk.beside([waiting, answered, over], wanted)
    said = {
        each: [change.after for change in bulk.foresee(each, wanted, cast.ana, known).changes
               if change.what == "customer's message"]
        for each in (waiting, answered, over)
    }  # fmt: skip
    assert said == {waiting: ["not answered yet"], answered: [], over: []}
    assert not bulk.beside([waiting], {"status": "pending"}).unanswered
