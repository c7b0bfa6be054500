"""A mail server that is not kind, under the whole product: retried or marked, others flow."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.models import Clock
from tests.faults.servers import free_port
from tests.flows.conftest import DAY, HOUR, MINUTE, Company
from tests.inbound.conftest import written
from tickets.models import Ticket
from tickets.outbox.models import Delivery, OutgoingMail

CARLA, CARL = "carla@acme.example", "carl@home.example"
ANA, SUE = "ana@company.example", "sue@company.example"
BOSS, LAWYER = "boss@acme.example", "lawyer@acme.example"


@pytest.fixture
def other(company: Company, now: datetime) -> Ticket:
    """Carl's ticket, whose mail has nothing to do with what goes wrong for Carla's."""
    mail = written(sender=CARL, subject="The door squeaks", message_id="<two@home.example>")
    opened = company.receives(mail, now)
    company.sweeps(now)
    return opened


def replies(company: Company, cast: SimpleNamespace, ticket: Ticket, at: datetime) -> datetime:
    """Ana answers with two copies, and sends it now; returns the instant."""
    path = f"/tickets/{ticket.reference}/"
    company.posts(cast.ana, f"{path}reply/", at, body="It is known.", cc=f"{BOSS}, {LAWYER}")
    reply = ticket.messages.get(kind="reply")
    company.posts(cast.ana, f"{path}messages/{reply.pk}/send-now/", at)
    return at


def to(sent: list[tuple[str, str]]) -> list[str]:
    return [address for address, _ in sent]


def first_reply(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket, metric="first_reply")


def test_a_server_that_refuses_connections_loses_nothing_and_everything_leaves_later(
    company: Company, cast: SimpleNamespace, ticket: Ticket, other: Ticket, now: datetime,
    settings: SimpleNamespace,
) -> None:  # fmt: skip
    listening, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    at = replies(company, cast, ticket, now + HOUR)
    replies(company, cast, other, at)
    assert company.sweeps(at) == []
    assert first_reply(ticket).state == "running"
    assert set(Delivery.objects.filter(sent_at=None).values_list("state", flat=True)) == {"waiting"}
    settings.EMAIL_PORT = listening
    assert to(company.sweeps(at + MINUTE)) == sorted([CARLA, CARL, BOSS, LAWYER, BOSS, LAWYER])
    assert first_reply(ticket).satisfied_at == first_reply(other).satisfied_at == at + MINUTE


def test_a_server_that_hangs_after_the_data_repeats_one_mail_and_delays_no_other(
    company: Company, cast: SimpleNamespace, ticket: Ticket, other: Ticket, now: datetime
) -> None:
    company.office.hangs_after_data.add(CARLA)
    at = replies(company, cast, ticket, now + HOUR)
    replies(company, cast, other, at)
    assert set(to(company.sweeps(at))) == {CARLA, CARL, BOSS, LAWYER}
    assert first_reply(ticket).state == "running", "nobody knows whether she has it"
    assert first_reply(other).state == "met"
    company.office.hangs_after_data.clear()
    assert to(company.sweeps(at + MINUTE)) == [CARLA]
    said = zip(company.office.taken, company.office.mails(), strict=True)
    copies = [
        mail["Message-ID"]
        for envelope, mail in said
        if envelope.rcpt_tos == [CARLA] and "It is known." in mail.as_string()
    ]
    assert len(copies) == 2, "the server had taken the first one after all"
    assert len(set(copies)) == 1
    assert first_reply(ticket).satisfied_at == at + MINUTE


def test_one_of_three_recipients_rejected_is_marked_and_the_two_have_it(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    company.office.refused_recipients[LAWYER] = "550 5.1.1 No such user"
    at = replies(company, cast, ticket, now + HOUR)
    assert to(company.sweeps(at)) == [BOSS, CARLA]
    row = Delivery.objects.get(email=LAWYER)
    assert (row.state, row.last_error) == ("dead", "550 5.1.1 No such user")
    assert first_reply(ticket).state == "met"
    page = company.gets(cast.ana, f"/tickets/{ticket.reference}/", at).content.decode()
    assert f"Not delivered to <bdi>{LAWYER}</bdi>: <bdi>550 5.1.1 No such user" in page
    assert company.sweeps(at + DAY / 2) == []


def test_a_customer_who_cannot_be_reached_was_not_answered_and_the_clock_runs_on(
    company: Company, cast: SimpleNamespace, ticket: Ticket, now: datetime
) -> None:
    company.office.refused_recipients[CARLA] = "550 5.1.1 No such user"
    at = replies(company, cast, ticket, now + HOUR)
    sent = company.sweeps(at)
    assert [who for who, subject in sent if "Not delivered" not in subject] == [BOSS, LAWYER]
    assert [who for who, subject in sent if "Not delivered" in subject] == [ANA, SUE]
    assert OutgoingMail.objects.get(purpose="reply").state == "dead"
    assert first_reply(ticket).state == "running"
    page = company.gets(cast.ana, f"/tickets/{ticket.reference}/", at).content.decode()
    assert "could not be delivered" in page
    assert SUE in to(company.sweeps(now + DAY + MINUTE))
