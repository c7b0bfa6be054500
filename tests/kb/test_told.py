"""Whether the customer knows of what was granted: a reply has left that says so, or a person says so."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Grant
from tests.kb.conftest import Offers, ask, give
from tickets.access import NotAllowed
from tickets.errors import Conflict
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.services import conversation, triage
from tickets.services.conversation import undelivered

CREDIT = "To make up for it we have put a credit of 20.00 USD on your account."
HALF_AN_HOUR = timedelta(minutes=31)
UNTOLD = "granted, the customer has not been told"


@pytest.fixture
def given(cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime) -> Grant:
    return give(problem, offers["Credit"], "20", cast.ana, now)


def writes(ticket: Ticket, author: Any, body: str, now: datetime) -> Message:
    return conversation.reply(ticket=ticket, author=author, body=body, now=now)


def told(row: Grant) -> tuple[Any, ...]:
    row.refresh_from_db()
    return row.told, row.told_at, row.told_by


def panel(client: Client, person: Any, ticket: Ticket) -> str:
    client.force_login(person)
    page = client.get(reverse("offers-panel", args=[ticket.reference])).content.decode()
    return " ".join(page.split())


def test_what_is_only_asked_for_is_nothing_to_tell(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, client: Client, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    assert not row.is_untold
    assert UNTOLD not in panel(client, cast.ana, problem)
    services.approve(grant=row, actor=cast.sue, now=now)
    assert UNTOLD in panel(client, cast.ana, problem)


def test_it_counts_as_told_when_the_reply_has_left_and_not_before(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, f"Dear Carla,\n\n{CREDIT}", now)
    assert told(given) == ("not_yet", None, None)
    page = panel(client, cast.ana, given.ticket)
    assert UNTOLD in page
    assert "that leaves at 14:30 says this." in page
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given) == ("reply", now + HALF_AN_HOUR, cast.ben)
    page = panel(client, cast.ana, given.ticket)
    assert UNTOLD not in page
    assert f'#m{held.pk}">a reply of <bdi>Ben</bdi></a> told them, 3 Mar, 14:31.' in page


def test_a_reply_about_something_else_tells_nothing(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    writes(given.ticket, cast.ben, "We look into it.", now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given)[0] == "not_yet"


def test_a_reply_that_was_recalled_has_told_nobody(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    conversation.recall(message=held, actor=cast.ben, now=now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given)[0] == "not_yet"


def test_a_reply_that_came_back_has_told_nobody(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    undelivered(message=held, at=now, now=now + 2 * HALF_AN_HOUR, why="unknown", had_left=True)
    assert told(given) == ("not_yet", None, None)


def test_what_goes_to_a_former_customer_does_not_tell_this_one(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    writes(given.ticket, cast.ben, CREDIT, now)
    triage.change_requester(ticket=given.ticket, requester=cast.carl, actor=cast.ana, now=now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given)[0] == "not_yet"


def test_a_person_says_that_they_know_and_that_they_do_not(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    client.force_login(cast.ben)
    address = reverse("offer-told", args=[given.ticket.reference, given.pk])
    page = client.post(address, follow=True).content.decode()
    assert "Credit, 20.00 USD: noted that the customer knows of it." in page
    assert told(given)[::2] == ("person", cast.ben)
    page = panel(client, cast.ana, given.ticket)
    assert "<bdi>Ben</bdi> says that the customer knows" in page
    assert UNTOLD not in page
    part = client.post(address, {"not": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "noted that the customer does not know of it yet." in part
    assert "data-at-once" not in part  # nothing is put into the reply that is open
    assert told(given) == ("not_yet", None, None)
    assert UNTOLD in panel(client, cast.ana, given.ticket)


def test_on_the_page_of_the_offer_one_stays_there(
    cast: SimpleNamespace, given: Grant, client: Client
) -> None:
    client.force_login(cast.ana)
    page = client.get(reverse("offer", args=[given.ticket.reference, given.pk])).content.decode()
    assert UNTOLD in page
    address = reverse("offer-told", args=[given.ticket.reference, given.pk])
    answer = client.post(address, {"page": "1"})
    assert answer.headers["Location"].endswith(f"/offers/{given.pk}/")


def test_nobody_unsays_what_a_reply_has_said(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    writes(given.ticket, cast.ben, CREDIT, now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    with pytest.raises(Conflict, match="has told the customer already"):
        services.say_told(grant=given, actor=cast.ana, now=now, knows=False)
    assert told(given)[0] == "reply"


def test_only_who_may_answer_the_customer_says_so(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    triage.involve(ticket=given.ticket, user=cast.eve, because="asked", now=now)
    with pytest.raises(NotAllowed):
        services.say_told(grant=given, actor=cast.eve, now=now)
    assert "Told by phone" not in panel(client, cast.eve, given.ticket)
    assert "Told by phone" in panel(client, cast.ana, given.ticket)


def test_of_what_was_reversed_there_is_nothing_to_say(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    services.reverse(grant=given, actor=cast.sue, reason="No", now=now)
    with pytest.raises(Conflict, match="reversed already, by Sue"):
        services.say_told(grant=given, actor=cast.ana, now=now)


def test_what_was_granted_before_this_was_kept_does_not_cry(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    Grant.objects.update(told="")
    assert UNTOLD not in panel(client, cast.sue, given.ticket)
    writes(given.ticket, cast.ben, CREDIT, now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given)[0] == "reply"


def test_a_merge_takes_along_what_the_customer_does_not_know(
    cast: SimpleNamespace, given: Grant, broken: Any, client: Client, now: datetime
) -> None:
    target = broken()
    triage.merge(source=given.ticket, target=target, actor=cast.ana, now=now)
    assert UNTOLD in panel(client, cast.ana, target)
    writes(target, cast.ben, CREDIT, now)
    outbox.deliver_due(now + HALF_AN_HOUR)
    assert told(given)[0] == "reply"


def test_the_api_says_it_and_is_told(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    client.force_login(cast.ana)
    address = f"/api/v1/tickets/{given.ticket.reference}/grants/"
    assert client.get(address).json()["results"][0]["told"] == "not_yet"
    answer = client.post(f"{address}{given.pk}/told/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["told"]) == (200, "person")
    back = client.post(
        f"{address}{given.pk}/told/", {"knows": False}, content_type="application/json"
    )
    assert back.json()["told"] == "not_yet"
