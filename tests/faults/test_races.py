"""Many hands on one thing, through the desk's pages: one winner, a clear word for the rest."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from kb.defaults import install_defaults as install_knowledge
from kb.offers import services as offering
from kb.offers.models import Grant, LedgerEntry, Offer
from tests.outbox.conftest import at_once
from tickets.models import Category, Message, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import User
from tickets.services import conversation
from tickets.services.opening import open_ticket

pytestmark = pytest.mark.django_db(transaction=True)
HALF_AN_HOUR = timedelta(minutes=30)
Browsers = Callable[[User, int], list[Client]]


@pytest.fixture
def moment() -> datetime:
    """The pages read the real clock, so the story begins now."""
    return timezone.now()


@pytest.fixture
def broken(cast: SimpleNamespace, moment: datetime) -> Ticket:
    install_knowledge(now=moment)
    category = Category.objects.create(name="Fault", nature="problem")
    return open_ticket(
        subject="Broken", body="It broke.", requester=cast.carla, channel="email", now=moment,
        category=category, acknowledge=False,
    )  # fmt: skip


def browsers(person: User, count: int) -> list[Client]:
    """Signed in beforehand: what races is the click."""
    clients = [Client() for _ in range(count)]
    for client in clients:
        client.force_login(person)
    return clients


def told(answer: Any) -> str:
    """What the page says after an action that led back to the ticket."""
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def test_of_many_who_grant_one_offer_one_does_and_the_others_hear_who(
    cast: SimpleNamespace, broken: Ticket, many_connections: int
) -> None:
    credit = Offer.objects.get(name="Credit")
    address = f"/tickets/{broken.reference}/offers/make/"
    fields = {"offer": credit.pk, "amount": "10", "grant": "1"}
    clients = browsers(cast.ana, many_connections)
    answers = at_once(
        [
            lambda n=n, client=client: client.post(address, fields | {"key": f"click {n}"})
            for n, client in enumerate(clients)
        ]
    )
    refused = [each for each in answers if each.status_code == 422]
    assert len(answers) - len(refused) == 1
    for each in refused:
        assert (
            "Credit is granted on this ticket already, by Ana: it is given once."
            in each.content.decode()
        )
    assert (Grant.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_many_who_recall_and_release_one_reply_agree_on_how_it_ended(
    cast: SimpleNamespace, broken: Ticket, many_connections: int, moment: datetime, mailoutbox: Any
) -> None:
    held = conversation.reply(ticket=broken, author=cast.ana, body="Wait.", now=moment)
    address = f"/tickets/{broken.reference}/messages/{held.pk}/recall/"
    due = moment + HALF_AN_HOUR
    clients = browsers(cast.ana, many_connections // 2)
    recalling = [lambda client=client: client.post(address) for client in clients]
    releasing = [lambda: outbox.deliver_due(due)] * (many_connections - len(clients))
    deeds: list[Callable[[], Any]] = [
        deed for pair in zip(releasing, recalling, strict=True) for deed in pair
    ]
    answers = [each for each in at_once(deeds) if not isinstance(each, int)]
    outbox.deliver_due(due)

    message = Message.objects.select_related("mail").get(pk=held.pk)
    winners = [each for each in answers if "?draft=" in each.headers["Location"]]
    assert message.mail is not None
    recalled = message.mail.state == "recalled"
    assert (len(winners), len(mailoutbox)) == ((1, 0) if recalled else (0, 1))
    kinds = list(broken.events.values_list("kind", flat=True))
    assert kinds.count("reply_recalled") == int(recalled)
    assert kinds.count("reply_released") == int(not recalled)
    ending = "was recalled before" if recalled else "has already left"
    assert all(ending in told(each) for each in answers if each not in winners)


def test_a_reversed_offer_is_recalled_or_known_however_its_reply_leaves_meanwhile(
    cast: SimpleNamespace, broken: Ticket, many_connections: int, moment: datetime, mailoutbox: Any
) -> None:
    """Many reverse it while many release the held reply that says it; one reversal, one end of it."""
    row = offering.grant(
        ticket=broken, offer=Offer.objects.get(name="Credit"), amount=Decimal(10), actor=cast.ana,
        now=moment, key="one",
    )  # fmt: skip
    held = conversation.reply(ticket=broken, author=cast.ana, body=row.offer.words, now=moment)
    address = f"/tickets/{broken.reference}/offers/{row.pk}/reverse/"
    due, clients = moment + HALF_AN_HOUR, browsers(cast.sue, many_connections // 2)
    reversing = [
        lambda client=client: client.post(address, {"reason": "A slip"}) for client in clients
    ]
    releasing = [lambda: outbox.deliver_due(due)] * (many_connections - len(clients))
    deeds: list[Callable[[], Any]] = [
        deed for pair in zip(releasing, reversing, strict=True) for deed in pair
    ]
    answers = [each for each in at_once(deeds) if not isinstance(each, int)]
    outbox.deliver_due(due)

    row.refresh_from_db()
    message = Message.objects.select_related("mail").get(pk=held.pk)
    assert message.mail is not None
    assert row.state == "reversed"
    assert LedgerEntry.objects.filter(is_reversal=True).count() == 1
    [winner] = [each for each in answers if each.status_code == 302]
    recalled = message.mail.state == "recalled"
    to_carla = [each for each in mailoutbox if row.offer.words in each.body]
    assert (len(to_carla), row.told) == ((0, "not_yet") if recalled else (1, "reply"))
    ending = "is recalled; its writer is told" if recalled else "The customer knows of it"
    assert ending in told(winner)
    refused = [each for each in answers if each is not winner]
    assert all("reversed already, by Sue" in each.content.decode() for each in refused)


def test_of_two_agents_who_save_one_ticket_one_wins_and_the_other_keeps_what_was_typed(
    cast: SimpleNamespace, broken: Ticket
) -> None:
    broken.refresh_from_db()
    address = f"/tickets/{broken.reference}/subject/"
    people = [cast.ana, cast.ben]
    said = [{"subject": f"As {each.name} sees it", "version": broken.version} for each in people]
    clients = [browsers(each, 1)[0] for each in people]
    answers = at_once(
        [
            lambda client=client, fields=fields: client.post(address, fields)
            for client, fields in zip(clients, said, strict=True)
        ]
    )
    assert sorted(each.status_code for each in answers) == [302, 409]
    lost = next(place for place, each in enumerate(answers) if each.status_code == 409)
    page, winner = answers[lost].content.decode(), people[1 - lost].name
    assert f"{winner} changed the subject" in page
    assert f"As {people[lost].name} sees it" in page, "the loser's words stay in the form"
    broken.refresh_from_db()
    assert broken.subject == f"As {winner} sees it"
    assert broken.events.filter(kind="subject_changed").count() == 1
