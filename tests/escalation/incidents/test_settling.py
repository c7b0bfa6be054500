"""What becomes of the words written to customers of an incident: taken back, lost, or left after all."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from escalation.incidents import services
from escalation.incidents.models import Incident, Notification, Subscriber, Telling
from tests import factories
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery
from tickets.services import bulk, conversation, triage
from tickets.services.conversation import undelivered


@pytest.fixture
def incident(broken: SimpleNamespace, now: datetime) -> Incident:
    return declared(broken, now)


@pytest.fixture
def ticket(broken: SimpleNamespace, now: datetime, incident: Incident) -> Ticket:
    """Carla's, linked, with a line that waits to leave; she subscribes too, in other capitals."""
    Subscriber.objects.create(email="Carla@Acme.example", asked_at=now, confirmed_at=now)
    one = factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    run(now)
    return one


def run(now: datetime) -> None:
    while services.spread_next(now) or services.notify_next(now):
        pass


def line(ticket: Ticket) -> Message:
    return Message.objects.select_related("mail").get(ticket=ticket, kind="progress")


def told() -> tuple[str, str]:
    row = Telling.objects.get()
    return row.state, row.because


def mailed() -> list[str]:
    """Who got the news by their subscription."""
    return list(Delivery.objects.filter(mail__purpose="notice").values_list("email", flat=True))


def fails(ticket: Ticket, at: datetime) -> None:
    """The line leaves its hold and is refused."""
    outbox.release_due(now=at)
    (claimed,) = [each for each in outbox.claim(now=at, limit=50) if each.mail == line(ticket).mail]
    outbox.begin(delivery=claimed, now=at)
    outbox.settle_failed(delivery=claimed, now=at, error="550 No such user", permanent=True)


def page(cast: SimpleNamespace, incident: Incident) -> str:
    client = Client()
    client.force_login(cast.sue)
    return " ".join(client.get(incident.get_absolute_url()).content.decode().split())


def test_while_the_line_waits_the_page_says_being_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    assert "Customers: 0 told, 1 being told" in page(broken, incident)
    outbox.deliver_due(now + MINUTE)
    assert "Customers: 1 told</p>" in page(broken, incident)
    assert "call them" not in page(broken, incident)


def test_the_subscription_waits_until_the_line_has_left(
    broken: SimpleNamespace, now: datetime, ticket: Ticket
) -> None:
    assert Notification.objects.get().state == "waiting"
    outbox.deliver_due(now + MINUTE)
    run(now + MINUTE)
    row = Notification.objects.get()
    assert (row.state, row.because, mailed()) == ("told", "told on their ticket", [])


def by_an_agent(cast: SimpleNamespace, ticket: Ticket, now: datetime) -> None:
    conversation.recall(message=line(ticket), actor=cast.ana, now=now)


def by_solving(cast: SimpleNamespace, ticket: Ticket, now: datetime) -> None:
    ticket.refresh_from_db()
    triage.set_status(ticket=ticket, status="solved", actor=cast.ana, now=now)


def by_the_mail_server(cast: SimpleNamespace, ticket: Ticket, now: datetime) -> None:
    fails(ticket, now + MINUTE)


@pytest.mark.parametrize(
    ("lost", "because"),
    [
        pytest.param(by_an_agent, "Ana recalled it before it left", id="recalled"),
        pytest.param(by_solving, "{} is solved: it was taken back before it left", id="solved"),
        pytest.param(
            by_the_mail_server, "the mail could not be delivered: 550 No such user", id="failed"
        ),
    ],
)
def test_a_line_that_never_arrives_tells_nobody_so_they_are_called_and_mailed(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket,
    lost: Callable[[SimpleNamespace, Ticket, datetime], None], because: str,
) -> None:  # fmt: skip
    lost(broken, ticket, now)
    said = because.format(ticket.reference)
    assert told() == ("not_told", said)
    shown = page(broken, incident)
    assert "Customers: 0 told, <strong>1 not told</strong>" in shown
    assert "Not told: call them" in shown
    assert said in shown
    run(now + MINUTE)
    assert mailed() == ["Carla@Acme.example"]


def test_a_line_that_comes_back_after_it_left_is_told_to_the_subscription_after_all(
    broken: SimpleNamespace, now: datetime, ticket: Ticket
) -> None:
    outbox.deliver_due(now + MINUTE)
    run(now + MINUTE)
    message = line(ticket)
    undelivered(message=message, at=now + HOUR, now=now + HOUR, why="It came back.", had_left=True)
    assert told() == ("not_told", "the mail could not be delivered")
    run(now + HOUR)
    assert mailed() == ["Carla@Acme.example"]


def test_a_line_that_is_sent_again_and_arrives_has_told_them(
    broken: SimpleNamespace, now: datetime, ticket: Ticket
) -> None:
    fails(ticket, now + MINUTE)
    outbox.resend(mail=line(ticket).mail, now=now + HOUR)
    outbox.deliver_due(now + HOUR)
    assert told() == ("told", "")


def test_a_line_taken_back_by_a_solving_that_is_undone_waits_again_and_tells(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    ticket.refresh_from_db()
    deed = bulk.carry_out(
        references={ticket.reference: ticket.version}, wanted={"status": "solved"},
        actor=broken.ana, now=now, key=uuid4(),
    )  # fmt: skip
    assert told()[0] == "not_told"
    bulk.undo(deed=deed, actor=broken.ana, now=now)
    assert "Customers: 0 told, 1 being told</p>" in page(broken, incident)
    assert "call them" not in page(broken, incident)
    run(now + MINUTE / 2)
    assert mailed() == []
    outbox.deliver_due(now + MINUTE)
    assert told() == ("told", "")


def other(cast: SimpleNamespace, incident: Incident, now: datetime) -> Ticket:
    """Another one of Carla's, older and told by the line of the first."""
    one = factories.ticket(cast, now - HOUR)
    services.link(incident=incident, tickets=[one], actor=cast.ana, now=now)
    services.say(
        incident=incident, text="We are on it.", actor=cast.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    run(now)
    assert not one.messages.filter(kind="progress").exists()
    return one


def test_where_the_told_ticket_is_solved_the_customers_other_one_is_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    second = other(broken, incident, now)
    by_solving(broken, ticket, now)
    run(now)
    assert line(second).body.startswith("We are on it.\n\n")
    assert set(Telling.objects.values_list("state", "because")) == {
        ("told", f"told on {second.reference}"), ("told", ""),
    }  # fmt: skip


def test_what_an_agent_recalls_is_said_on_no_other_ticket_and_asks_for_one_call(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    second = other(broken, incident, now)
    by_an_agent(broken, ticket, now)
    run(now + MINUTE)
    assert not second.messages.filter(kind="progress").exists()
    shown = page(broken, incident)
    assert "<strong>1 not told</strong>" in shown
    assert shown.count("Ana recalled it before it left") == 1


def test_taken_off_within_the_minute_the_line_is_recalled(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    services.unlink(incident=incident, ticket=ticket, actor=broken.ana, now=now)
    assert told() == ("not_told", "taken off the incident")
    ticket.refresh_from_db()
    assert ticket.waiting_kind == ""
    outbox.deliver_due(now + MINUTE)
    assert line(ticket).mail.state == "recalled"  # type: ignore[union-attr]


def test_taken_off_within_the_minute_the_customers_other_ticket_is_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    second = other(broken, incident, now)
    services.unlink(incident=incident, ticket=ticket, actor=broken.ana, now=now)
    run(now)
    assert line(second).body.startswith("We are on it.\n\n")


def test_what_others_wrote_on_the_ticket_is_not_recalled_with_it(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    reply = conversation.reply(ticket=ticket, author=broken.ana, body="Try this.", now=now)
    services.unlink(incident=incident, ticket=ticket, actor=broken.ana, now=now)
    reply.mail.refresh_from_db()  # type: ignore[union-attr]
    assert reply.mail.state == "held"  # type: ignore[union-attr]


def test_taken_off_after_it_left_it_stays_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, ticket: Ticket
) -> None:
    outbox.deliver_due(now + MINUTE)
    services.unlink(incident=incident, ticket=ticket, actor=broken.ana, now=now + MINUTE)
    assert told() == ("told", "")


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("passes", range(3))
def test_taken_off_while_it_is_told_nothing_leaves(
    transactional_db: None, broken: SimpleNamespace, now: datetime, incident: Incident,
    passes: int,
) -> None:  # fmt: skip
    one = factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    outcomes = factories.at_once(
        lambda: services.unlink(incident=incident, ticket=one, actor=broken.ana, now=now),
        lambda: services.spread_next(now),
    )
    assert not [each for each in outcomes if isinstance(each, Exception)]
    services.spread_next(now + HOUR)
    assert told() == ("not_told", "taken off the incident")
    assert not one.messages.filter(mail__purpose="reply", mail__state="held").exists()
