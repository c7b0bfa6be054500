"""A call ends a wait only where it was with who waits."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.factories import customer_writes, kinds, replied
from tickets.calls import services
from tickets.calls.models import Callback
from tickets.models import Ticket
from tickets.people.models import Contact
from tickets.services import triage
from tickets.services.opening import open_ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def cleo(cast: SimpleNamespace) -> Contact:
    """Carla's colleague, who may speak for the company and has asked nothing."""
    return Contact.objects.create(name="Cleo", email="cleo@acme.example", organization=cast.acme)


def test_a_colleague_of_who_asked_ends_nobodys_wait(
    log: Any, ticket: Ticket, cleo: Contact
) -> None:
    log(contact=cleo)
    ticket.refresh_from_db()
    assert kinds(ticket)[-1] == "call_to_another"
    assert ticket.status == "new"
    assert ticket.events.get(kind="call_to_another").data["customer"] == "Cleo"


def test_who_wrote_does_not_end_the_wait_of_who_asked(
    log: Any, ticket: Ticket, cleo: Contact, now: datetime
) -> None:
    customer_writes(ticket, now - 10 * MINUTE, contact=cleo)
    log(contact=cleo)
    assert kinds(ticket)[-1] == "call_to_another"


def test_who_alone_wrote_since_the_last_answer_is_who_waits(
    log: Any, ticket: Ticket, cleo: Contact, cast: SimpleNamespace, now: datetime
) -> None:
    replied(ticket, cast.ana, now - 20 * MINUTE)
    customer_writes(ticket, now - 10 * MINUTE, contact=cleo)
    log(contact=cleo)
    assert "call_reached" in kinds(ticket)


def test_the_customer_is_answered_whoever_wrote_last(
    log: Any, ticket: Ticket, cleo: Contact, now: datetime
) -> None:
    customer_writes(ticket, now - 10 * MINUTE, contact=cleo)
    log()
    assert "call_reached" in kinds(ticket)


def test_a_call_that_reached_nobody_counts_as_a_try_for_its_own_promise_only(
    log: Any, ticket: Ticket, cleo: Contact, now: datetime
) -> None:
    owed = services.promise_callback(
        ticket=ticket, due_at=now + HOUR, actor=None, because="Asked", now=now - 9 * MINUTE
    )
    log(contact=cleo, outcome="no_answer")
    owed.refresh_from_db()
    assert (owed.state, owed.tries) == ("open", 0)
    assert kinds(ticket)[-1] == "call_to_another"


def test_a_call_promised_to_somebody_else_is_kept_by_a_call_to_them(
    log: Any, ticket: Ticket, cleo: Contact, now: datetime
) -> None:
    theirs, hers = (
        services.promise_callback(
            ticket=ticket, due_at=now + HOUR, actor=None, because="Asked",
            now=now - 9 * MINUTE, contact=contact,
        )
        for contact in (None, cleo)
    )  # fmt: skip
    log(contact=cleo)
    theirs.refresh_from_db()
    hers.refresh_from_db()
    assert (theirs.state, hers.state) == ("open", "kept")
    assert ticket.events.get(kind="call_to_another").data["callback"] == str(hers.pk)


def test_whoever_a_merge_brought_waits_on_while_the_customer_is_called(
    log: Any, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    other = open_ticket(
        subject="Mine too", body="Hello?", requester=cast.carl, channel="email",
        now=now - 30 * MINUTE, acknowledge=False,
    )  # fmt: skip
    triage.merge(
        source=other, target=ticket, actor=cast.ana, now=now - 20 * MINUTE,
        other_customer=cast.carla.pk,
    )  # fmt: skip
    log()
    assert kinds(ticket).count("call_reached") == 1
    assert ticket.events.get(kind="still_waiting").data["customer_id"] == cast.carl.pk


def test_a_call_to_who_waits_does_not_keep_what_was_promised_to_the_customer(
    log: Any, ticket: Ticket, cleo: Contact, cast: SimpleNamespace, now: datetime
) -> None:
    replied(ticket, cast.ana, now - 20 * MINUTE)
    owed = promised(ticket, None, now)
    customer_writes(ticket, now - 8 * MINUTE, contact=cleo)
    call = log(contact=cleo)
    owed.refresh_from_db()
    assert (owed.state, call.callback) == ("open", None)
    assert ticket.events.get(kind="call_reached").data["promises"] == []


@pytest.mark.parametrize("named", [True, False])
def test_a_call_to_the_customer_does_not_keep_what_was_promised_to_a_colleague(
    log: Any, ticket: Ticket, cleo: Contact, cast: SimpleNamespace, now: datetime, named: bool
) -> None:
    hers = promised(ticket, cleo, now)
    log(contact=cast.carla if named else None)
    hers.refresh_from_db()
    assert hers.state == "open"
    theirs = promised(ticket, cast.carla, now)
    log(contact=cast.carla if named else None)
    hers.refresh_from_db()
    theirs.refresh_from_db()
    assert (hers.state, theirs.state) == ("open", "kept")
    assert ticket.events.filter(kind="call_reached").last().data["promises"] == [str(theirs.pk)]


def test_a_call_logged_for_a_promise_was_with_whom_it_was_promised_to(
    log: Any, ticket: Ticket, cleo: Contact, now: datetime
) -> None:
    hers = promised(ticket, cleo, now)
    call = log(contact=None, callback=hers)
    hers.refresh_from_db()
    assert (call.contact, hers.state) == (cleo, "kept")
    assert kinds(ticket)[-1] == "call_to_another"


def test_what_was_promised_to_the_customer_of_a_merged_ticket_stays_promised_to_them(
    log: Any, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    other = open_ticket(
        subject="Mine too", body="Hello?", requester=cast.carl, channel="email",
        now=now - 30 * MINUTE, acknowledge=False,
    )  # fmt: skip
    his = promised(other, None, now)
    triage.merge(
        source=other, target=ticket, actor=cast.ana, now=now - 5 * MINUTE,
        other_customer=cast.carla.pk,
    )  # fmt: skip
    log()
    his.refresh_from_db()
    assert (his.whom, his.state) == (cast.carl, "open")
    log(contact=cast.carl)
    his.refresh_from_db()
    assert his.state == "kept"


def promised(ticket: Ticket, contact: Contact | None, now: datetime) -> Callback:
    return services.promise_callback(
        ticket=ticket, due_at=now + HOUR, actor=None, because="Asked", now=now - 9 * MINUTE,
        contact=contact,
    )  # fmt: skip
