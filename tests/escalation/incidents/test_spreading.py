"""Updates brought to the customers of linked tickets: to each once, whatever happens meanwhile."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.incidents import services
from escalation.incidents.models import Incident, Telling, Update
from escalation.incidents.services import spreading
from tests import factories
from tests.escalation.incidents.conftest import HOUR, declared
from tickets.models import Message, Ticket
from tickets.outbox.models import Delivery
from tickets.services import triage

Linked = Callable[..., Ticket]


@pytest.fixture
def incident(broken: SimpleNamespace, now: datetime) -> Incident:
    return declared(broken, now)


@pytest.fixture
def linked(broken: SimpleNamespace, now: datetime, incident: Incident) -> Linked:
    """A ticket of Carla's that is about the incident; ``fields`` replace any of it."""

    def made(**fields: object) -> Ticket:
        ticket = factories.ticket(broken, fields.pop("at", now), **fields)  # type: ignore[arg-type]
        services.link(incident=incident, tickets=[ticket], actor=broken.ana, now=now)
        return ticket

    return made


def say(cast: SimpleNamespace, incident: Incident, now: datetime, **fields: object) -> Update:
    given = {"text": "We are on it.", "actor": cast.sue, "is_public": True, "tell_customers": True}
    return services.say(incident=incident, now=now, **given | fields)  # type: ignore[arg-type]


def tell(now: datetime) -> None:
    while services.spread_next(now):
        pass


def lines(*tickets: Ticket) -> list[str]:
    said = Message.objects.filter(ticket__in=tickets, kind__in=["progress", "reply"])
    return list(said.order_by("pk").values_list("body", flat=True))


def records(update: Update) -> dict[int, tuple[str, str]]:
    return {each.ticket_id: (each.state, each.because) for each in update.tellings.all()}


def mailed() -> list[str]:
    rows = Delivery.objects.filter(mail__purpose="reply").exclude(mail__state="recalled")
    return sorted(rows.values_list("email", flat=True))


def test_a_merge_between_the_reading_and_the_telling_keeps_nobody_from_hearing(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one, two = linked(), factories.ticket(broken, now)
    say(broken, incident, now)
    read_before = list(Telling.objects.due(now).select_related("ticket"))
    triage.merge(source=one, target=two, actor=broken.ana, now=now)
    for row in read_before:
        spreading._tell(row, now)
    tell(now + HOUR)
    assert lines(two) == ["We are on it."]
    assert Telling.objects.get().state == "told"


def test_what_was_told_between_the_reading_and_the_telling_is_not_told_again(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    say(broken, incident, now)
    (read_before,) = Telling.objects.due(now).select_related("ticket")
    tell(now)
    spreading._tell(read_before, now)
    assert lines(one) == ["We are on it."]


def test_who_was_taken_off_while_it_was_said_is_not_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    update = say(broken, incident, now, tell_customers=False)
    services.unlink(incident=incident, ticket=one, actor=broken.ana, now=now)
    # As where the links were read before the ticket was taken off, and this committed after it.
    Telling.objects.create(update=update, ticket=one, next_at=now)
    tell(now)
    assert lines(one) == []
    assert records(update) == {one.pk: ("not_told", "taken off the incident")}


# It is over, and is not


def test_who_heard_on_a_solved_ticket_that_it_is_over_hears_that_it_is_not(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    triage.set_status(ticket=one, status="solved", actor=broken.ana, now=now)
    say(broken, incident, now, state="resolved", text="It is over.")
    tell(now)
    at = now + HOUR
    say(broken, incident, at, state="investigating", text="It is back.")
    tell(at)
    say(broken, incident, at + HOUR, text="Still at it.")
    tell(at + HOUR)
    assert lines(one) == ["It is over.", "It is back."]
    one.refresh_from_db()
    assert one.status == "solved"
    say(broken, incident, at + 2 * HOUR, state="resolved", text="Now it is over.")
    tell(at + 2 * HOUR)
    assert lines(one)[2:] == ["Now it is over."]


def test_who_hears_of_the_reopening_only_later_hears_it_all_the_same(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    triage.set_status(ticket=one, status="solved", actor=broken.ana, now=now)
    say(broken, incident, now, state="resolved", text="It is over.")
    tell(now)
    services.say(
        incident=incident, text="Again.", actor=broken.sue, now=now + HOUR, state="identified"
    )
    say(broken, incident, now + 2 * HOUR, text="It is not over after all.")
    tell(now + 2 * HOUR)
    assert lines(one) == ["It is over.", "It is not over after all."]


def test_what_is_decided_for_an_open_ticket_is_no_reply_on_one_solved_meanwhile(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    update = say(broken, incident, now)
    triage.set_status(ticket=one, status="solved", actor=broken.ana, now=now)
    tell(now)
    assert "is solved" in records(update)[one.pk][1]
