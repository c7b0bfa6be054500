"""Updates brought to the customers of linked tickets: to each once, whatever happens meanwhile."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.incidents import services
from escalation.incidents.models import Incident, Telling, Update
from escalation.incidents.services import spreading
from tests import factories
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery
from tickets.people.models import Contact
from tickets.services import conversation, triage

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


def bodies(*tickets: Ticket) -> list[str]:
    said = Message.objects.filter(ticket__in=tickets, kind__in=["progress", "reply"])
    return list(said.order_by("pk").values_list("body", flat=True))


def lines(*tickets: Ticket) -> list[str]:
    """What was said, without the paragraph on which incident it is about."""
    return [body.partition("\n\nThis is about ")[0] for body in bodies(*tickets)]


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


# One customer with several tickets


def test_a_customer_with_three_tickets_gets_one_mail_on_the_newest(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    newest = linked(at=now)
    older, oldest = linked(at=now - HOUR), linked(at=now - 2 * HOUR)
    update = say(broken, incident, now)
    tell(now)
    tell(now + HOUR)
    assert mailed() == ["carla@acme.example"]
    assert lines(newest) == ["We are on it."]
    there = ("told", f"told on {newest.reference}")
    assert records(update) == {newest.pk: ("told", ""), older.pk: there, oldest.pk: there}


def test_an_open_ticket_is_told_before_a_newer_one_that_is_solved(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    open_one, solved = linked(at=now - HOUR), linked(at=now)
    triage.set_status(ticket=solved, status="solved", actor=broken.ana, now=now)
    say(broken, incident, now, state="resolved", text="It works again.")
    tell(now)
    assert (lines(open_one), lines(solved)) == (["It works again."], [])


def test_where_others_wait_on_the_older_ticket_it_is_told_there_too(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    newest, older = linked(at=now), linked(at=now - HOUR)
    older.participants.add(broken.carl)
    say(broken, incident, now)
    tell(now)
    assert (lines(newest), lines(older)) == (["We are on it."], ["We are on it."])
    assert mailed() == ["carl@home.example", "carla@acme.example", "carla@acme.example"]


def test_where_the_same_others_wait_on_both_one_mail_is_enough(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    for ticket in (linked(at=now), linked(at=now - HOUR)):
        ticket.participants.add(broken.carl)
    say(broken, incident, now)
    tell(now)
    assert mailed() == ["carl@home.example", "carla@acme.example"]


def test_where_the_newest_cannot_be_told_the_next_is_and_nobody_has_to_call(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    newest, older = linked(at=now), linked(at=now - HOUR)
    update = say(broken, incident, now)
    triage.set_status(ticket=newest, status="solved", actor=broken.ana, now=now)
    tell(now)
    assert lines(older) == ["We are on it."]
    assert records(update) == {
        newest.pk: ("told", f"told on {older.reference}"), older.pk: ("told", ""),
    }  # fmt: skip


def test_a_ticket_linked_later_and_said_again_spares_whom_another_has_told(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    first = linked()
    update = say(broken, incident, now)
    tell(now)
    second = linked()
    say(broken, incident, now)
    tell(now)
    assert lines(second) == []
    assert records(update)[second.pk] == ("told", f"told on {first.reference}")


def test_another_customer_is_spared_nothing(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    linked(), linked(requester=broken.carl)
    say(broken, incident, now)
    tell(now)
    assert mailed() == ["carl@home.example", "carla@acme.example"]


def test_customers_are_counted_once_however_many_tickets_they_have(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    linked(), linked(), linked(requester=broken.carl)
    update = say(broken, incident, now)
    counted = incident.updates.with_customers().get(pk=update.pk)
    assert (counted.told, counted.waiting, counted.not_told) == (0, 2, 0)
    tell(now)
    counted = incident.updates.with_customers().get(pk=update.pk)
    assert (counted.told, counted.waiting, counted.not_told) == (0, 2, 0)
    outbox.deliver_due(now + MINUTE)
    counted = incident.updates.with_customers().get(pk=update.pk)
    assert (counted.told, counted.waiting, counted.not_told) == (2, 0, 0)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_two_tickets_of_one_customer_tell_them_once(
    transactional_db: None, broken: SimpleNamespace, now: datetime, incident: Incident,
    linked: Linked,
) -> None:  # fmt: skip
    for _ in range(6):
        linked()
    say(broken, incident, now)
    first, *_, last = Telling.objects.due(now).select_related("ticket")
    factories.at_once(
        lambda: spreading._tell(first, now),
        lambda: spreading._tell(last, now),
        lambda: services.spread_next(now),
    )
    assert mailed() == ["carla@acme.example"]
    assert not Telling.objects.exclude(state="told").exists()


def test_who_has_thirty_tickets_costs_as_many_questions_as_who_has_three(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    counts = []
    for number in (3, 30):
        while incident.affected.count() < number:
            linked()
        say(broken, incident, now, text=f"Of {number}.")
        row, *others = Telling.objects.due(now).select_related("ticket")
        assert len(others) == number - 1
        with CaptureQueriesContext(connection) as seen:
            spreading._tell(row, now)
        assert not Telling.objects.exclude(state="told").exists()
        counts.append(len(seen))
    assert counts[0] == counts[1]


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
    say(broken, incident, now + HOUR, state="identified", text="Again.", tell_customers=False)
    say(broken, incident, now + 2 * HOUR, text="It is not over after all.")
    tell(now + 2 * HOUR)
    assert lines(one) == ["It is over.", "It is not over after all."]


def test_who_was_never_told_that_it_is_over_is_not_bothered_on_a_solved_ticket(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    triage.set_status(ticket=one, status="solved", actor=broken.ana, now=now)
    say(broken, incident, now, state="resolved", text="It is over.", tell_customers=False)
    say(broken, incident, now + HOUR, state="investigating", text="It is back.")
    over = say(broken, incident, now + 2 * HOUR, state="resolved", text="Over.")
    tell(now + 2 * HOUR)
    message = over.tellings.get().message
    assert message is not None
    conversation.recall(message=message, actor=broken.ana, now=now + 2 * HOUR)
    assert not say(
        broken, incident, now + 3 * HOUR, state="identified", text="Back."
    ).tellings.exists()
    assert lines(one) == ["Over."]


def test_what_is_decided_for_an_open_ticket_is_no_reply_on_one_solved_meanwhile(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    update = say(broken, incident, now)
    triage.set_status(ticket=one, status="solved", actor=broken.ana, now=now)
    tell(now)
    assert "is solved" in records(update)[one.pk][1]


def test_a_contact_without_an_address_waits_for_no_mail(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    newest, older = linked(at=now), linked(at=now - HOUR)
    older.participants.add(Contact.objects.create(name="By phone", phone="+15550100"))
    update = say(broken, incident, now)
    tell(now)
    assert records(update)[older.pk] == ("told", f"told on {newest.reference}")


# Which incident it is about


def test_the_customer_reads_which_incident_it_is_about_and_where_everything_stands(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked, settings: Any
) -> None:
    settings.BASE_URL = "https://desk.example"
    open_one, solved = linked(), linked(requester=broken.carl)
    triage.set_status(ticket=solved, status="solved", actor=broken.ana, now=now)
    services.say(incident=incident, text="Secretly our fault.", actor=broken.sue, now=now)
    say(broken, incident, now, state="resolved", text="It works again.")
    tell(now)
    about = (
        "It works again.\n\nThis is about «Updates break the Hub». "
        f"Everything on it: https://desk.example/status/{incident.pk}/"
    )
    assert bodies(open_one, solved) == [about, about]
    outbox.deliver_due(now + MINUTE)
    sent = [each.body for each in mail.outbox if "It works again." in each.body]
    assert len(sent) == 2
    assert all(f"https://desk.example/status/{incident.pk}/" in each for each in sent)
    assert "Secretly" not in "".join(sent)


def test_words_that_leave_no_room_for_it_reach_the_customer_alone(
    broken: SimpleNamespace, now: datetime, incident: Incident, linked: Linked
) -> None:
    one = linked()
    say(broken, incident, now, text="x" * 1990)
    tell(now)
    assert bodies(one) == ["x" * 1990]
