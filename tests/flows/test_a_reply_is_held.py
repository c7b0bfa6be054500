"""The road: a reply is written, held, and recalled or released."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from escalation.models import Clock
from tests.flows.conftest import DAY, HOUR, MINUTE, Company
from tests.inbound.conftest import written
from tickets.models import Message, Ticket, TicketEvent

CARLA = "carla@acme.example"
SECOND = MINUTE / 60
Kind = TicketEvent.Kind


def writes(company: Company, who: object, ticket: Ticket, at: datetime, **said: str) -> Message:
    path = f"/tickets/{ticket.reference}/reply/"
    company.posts(who, path, at, **{"body": "A new one leaves today.", "cc": ""} | said)  # type: ignore[arg-type]
    return Message.objects.select_related("mail").get(ticket=ticket, kind=Message.Kind.REPLY)


def first_reply(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, metric="first_reply")


def to_carla(sent: list[tuple[str, str]]) -> list[str]:
    return [subject for to, subject in sent if to == CARLA]


def test_a_reply_waits_half_an_hour_and_then_reaches_the_customer(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    reply = writes(company, cast.ana, ticket, now + HOUR, status_after="pending")
    leaves = now + HOUR + 30 * MINUTE
    assert company.sweeps(leaves - SECOND) == []
    assert first_reply(ticket).state == "running"
    ticket.refresh_from_db()
    assert ticket.status == "open"

    assert to_carla(company.sweeps(leaves)) == [f"Re: The lamp flickers [{ticket.reference}]"]
    mail = company.office.mails()[-1]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "A new one leaves today." in part.get_content()
    assert mail["In-Reply-To"] == "<one@acme.example>"
    assert mail["Message-ID"] == reply.mail.message_id  # type: ignore[union-attr]
    ticket.refresh_from_db()
    assert ticket.status == "pending"
    assert company.sweeps(leaves + MINUTE) == []


def test_the_clock_is_satisfied_at_the_instant_at_which_the_reply_left(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    reply = writes(company, cast.ana, ticket, now + HOUR)
    left = now + 2 * HOUR  # the worker was busy for half an hour
    company.sweeps(left)
    clock = first_reply(ticket)
    assert (clock.state, clock.satisfied_at) == ("met", left)
    released = ticket.events.get(kind=Kind.REPLY_RELEASED)
    assert (released.at, released.message) == (left, reply)
    assert company.sweeps(now + DAY + HOUR) == []


def test_a_recalled_reply_leaves_the_clocks_as_if_it_had_never_been_written(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    other = company.receives(written(message_id="<two@acme.example>"), now)
    company.sweeps(now)
    reply = writes(company, cast.ana, ticket, now + HOUR)
    path = f"/tickets/{ticket.reference}/messages/{reply.pk}/recall/"
    answer = company.posts(cast.ana, path, now + HOUR + 29 * MINUTE)
    draft = company.gets(cast.ana, answer.headers["Location"], now + HOUR + 29 * MINUTE)
    assert "A new one leaves today.</textarea>" in draft.content.decode()

    late = now + DAY + SECOND
    assert to_carla(company.sweeps(late)) == []
    facts = ("metric", "cycle", "state", "started_at", "due_at", "breached_at", "next_step_at")
    mine, others = (
        list(Clock.objects.filter(ticket=each).order_by("metric", "cycle").values_list(*facts))
        for each in (ticket, other)
    )
    assert mine == others
    assert first_reply(ticket).state == "breached"


@pytest.mark.parametrize(
    ("left", "waits"),
    [
        (timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(minutes=33), timedelta(minutes=30)),
        (timedelta(minutes=20), timedelta(minutes=18)),
        (timedelta(minutes=4), timedelta(minutes=2)),
        (timedelta(minutes=2), timedelta(minutes=1)),
    ],
    ids=str,
)
def test_the_hold_shortens_so_that_it_never_causes_a_breach(
    company: Company,
    cast: SimpleNamespace,
    ticket: Ticket,
    now: datetime,
    left: timedelta,
    waits: timedelta,
) -> None:
    at = now + DAY - left
    reply = writes(company, cast.ana, ticket, at)
    assert reply.mail is not None
    assert reply.mail.release_at == at + waits
    assert to_carla(company.sweeps(at + waits - SECOND)) == []
    assert len(to_carla(company.sweeps(at + waits))) == 1
    company.sweeps(now + DAY + HOUR)
    assert first_reply(ticket).state == "met"
    assert not ticket.events.filter(kind=Kind.BREACHED).exists()


def test_a_deadline_that_comes_nearer_takes_the_held_reply_with_it(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    at = now + 3 * HOUR + 45 * MINUTE
    reply = writes(company, cast.ana, ticket, at)
    ticket.refresh_from_db()
    said = {
        "status": ticket.status, "category": ticket.category_id, "team": ticket.team_id,
        "assignee": ticket.assignee_id, "priority": "urgent",
    }  # fmt: skip
    company.posts(cast.ana, f"/tickets/{ticket.reference}/properties/", at + MINUTE, **said)
    clock = first_reply(ticket)
    assert clock.due_at == now + 4 * HOUR
    assert reply.mail is not None
    reply.mail.refresh_from_db()
    assert reply.mail.release_at == now + 4 * HOUR - 2 * MINUTE
    company.sweeps(now + 4 * HOUR - 2 * MINUTE)
    assert first_reply(ticket).state == "met"


def test_a_reply_that_the_mail_server_does_not_take_answers_nobody_until_it_does(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    company.office.refused_recipients[CARLA] = "451 4.7.1 Come back later"
    writes(company, cast.ana, ticket, now + HOUR)
    leaves = now + HOUR + 30 * MINUTE
    company.sweeps(leaves)
    assert first_reply(ticket).state == "running"
    company.office.refused_recipients.clear()
    assert len(to_carla(company.sweeps(leaves + MINUTE))) == 1
    clock = first_reply(ticket)
    assert (clock.state, clock.satisfied_at) == ("met", leaves + MINUTE)


def test_sent_now_it_leaves_with_the_next_pass(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    reply = writes(company, cast.ana, ticket, now + HOUR)
    path = f"/tickets/{ticket.reference}/messages/{reply.pk}/send-now/"
    company.posts(cast.ana, path, now + HOUR)
    assert company.sent() == [], "nothing is sent inside a web request"
    assert len(to_carla(company.sweeps(now + HOUR))) == 1
    assert first_reply(ticket).satisfied_at == now + HOUR
