"""Tickets chosen in the queue linked to an incident at once: foreseen, done, taken back."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation.incidents import services
from escalation.incidents.models import AffectedTicket, Incident, SeverityRule, Telling
from tests import factories
from tests.escalation.incidents.conftest import declared
from tickets.access import NotAllowed
from tickets.errors import Invalid, Over
from tickets.models import BulkDeed, Ticket
from tickets.outbox import services as outbox
from tickets.people.models import User
from tickets.services import bulk, triage

LATER = timedelta(minutes=5)
Menu = Callable[[User], str]


def done(
    incident: Incident, tickets: list[Ticket], actor: User, now: datetime, **given: Any
) -> BulkDeed:
    references = [each.reference for each in tickets]
    wanted = {"references": references, "key": uuid4()} | given
    return services.link_many(incident=incident, actor=actor, now=now, **wanted)


def linked(incident: Incident) -> set[int]:
    return set(incident.affected.values_list("ticket", flat=True))


def tell(incident: Incident, cast: SimpleNamespace, now: datetime) -> None:
    services.say(
        incident=incident, text="We are on it.", actor=cast.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip


def kept(deed: BulkDeed) -> dict[int, str]:
    return dict(deed.items.values_list("ticket", "kept_because"))


def test_those_that_may_be_are_linked_and_the_others_left_alone_with_why(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    free, has_it, gone, target = (factories.ticket(broken, now) for _ in range(4))
    hidden = factories.ticket(broken, now, team=broken.billing)
    services.link(incident=incident, tickets=[has_it], actor=broken.ana, now=now)
    triage.merge(source=gone, target=target, actor=broken.ana, now=now)
    deed = done(incident, [free, has_it, gone, hidden], broken.ana, now)
    assert linked(incident) == {free.pk, has_it.pk}
    assert deed.said == f"linked to {incident.reference} Updates break the Hub"
    assert dict(deed.left_alone) == {
        has_it.reference: "It is linked already.",
        gone.reference: "It was merged into another ticket: link that one.",
        hidden.reference: "You do not see it any more.",
    }
    assert factories.kinds(free)[-1] == "incident_linked"


def test_what_is_foreseen_is_what_happens(broken: SimpleNamespace, now: datetime) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    triage.involve(ticket=one, user=broken.max, because="asked", now=now)
    for actor, why in ((broken.ana, ""), (broken.max, "You may not change this ticket.")):
        (outlook,) = services.foresee_link(incident=incident, tickets=[one], actor=actor)
        assert outlook.why == why
        assert bool(outlook.changes) == (not why)
    assert linked(incident) == set()


def test_who_reports_no_incidents_links_none(broken: SimpleNamespace, now: datetime) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    triage.involve(ticket=one, user=broken.max, because="asked", now=now)
    with pytest.raises(NotAllowed):
        done(incident, [one], broken.max, now)
    assert not BulkDeed.objects.exists()


def test_to_what_is_over_and_of_nothing_and_of_too_many_none_is_linked(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, tickets = declared(broken, now), [factories.ticket(broken, now) for _ in range(3)]
    monkeypatch.setattr(bulk, "MOST", 2)
    for chosen in ([], tickets):
        with pytest.raises(Invalid):
            done(incident, chosen, broken.ana, now)
    services.say(incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved")
    with pytest.raises(Over):
        done(incident, tickets[:1], broken.ana, now)
    assert not AffectedTicket.objects.exists()


def test_an_incident_that_gets_worse_by_it_says_so_once(
    broken: SimpleNamespace, now: datetime
) -> None:
    SeverityRule.objects.create(measure="tickets", at_least=3, severity=2)
    incident = declared(broken, now)
    done(incident, [factories.ticket(broken, now) for _ in range(3)], broken.ana, now)
    incident.refresh_from_db()
    assert incident.severity == 2
    assert incident.updates.filter(text__contains="3 linked tickets").count() == 1


def test_it_is_undone_only_where_the_deed_had_linked_it(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    before, one, two = (factories.ticket(broken, now) for _ in range(3))
    services.link(incident=incident, tickets=[before], actor=broken.ana, now=now)
    deed = done(incident, [before, one, two], broken.ana, now)
    bulk.undo(deed=deed, actor=broken.ana, now=now + LATER)
    assert linked(incident) == {before.pk}
    assert kept(deed) == {one.pk: "", two.pk: ""}
    assert factories.kinds(one)[-3:] == ["incident_linked", "incident_unlinked", "undone"]


def test_a_ticket_that_was_worked_on_meanwhile_is_taken_off_all_the_same(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    deed = done(incident, [one], broken.ana, now)
    one.refresh_from_db()
    triage.set_priority(ticket=one, priority="urgent", actor=broken.ben, now=now)
    bulk.undo(deed=deed, actor=broken.ana, now=now + LATER)
    assert linked(incident) == set()
    one.refresh_from_db()
    assert one.priority == "urgent"


def test_whose_customer_was_told_meanwhile_stays_linked_and_who_waits_is_told_no_more(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    told, waits = (
        factories.ticket(broken, now),
        factories.ticket(broken, now, requester=broken.carl),
    )
    deed = done(incident, [told, waits], broken.ana, now)
    tell(incident, broken, now + LATER)
    Telling.objects.filter(ticket=waits).update(next_at=now + 3 * LATER)
    services.spread_next(now + LATER)
    outbox.deliver_due(now + 2 * LATER)
    bulk.undo(deed=deed, actor=broken.ana, now=now + 2 * LATER)
    assert linked(incident) == {told.pk}
    why = f"Its customer was told of {incident.reference} meanwhile, so it stays linked."
    assert kept(deed) == {told.pk: why, waits.pk: ""}
    services.spread_next(now + 4 * LATER)
    assert not waits.messages.filter(kind="progress").exists()


def test_a_line_that_still_waits_keeps_nothing_linked_and_is_recalled(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    deed = done(incident, [one], broken.ana, now)
    tell(incident, broken, now)
    services.spread_next(now)
    bulk.undo(deed=deed, actor=broken.ana, now=now)
    assert linked(incident) == set()
    assert kept(deed) == {one.pk: ""}
    assert factories.kinds(one)[-3:] == ["incident_unlinked", "reply_recalled", "undone"]


def test_where_one_line_has_left_and_another_waits_all_stays_as_it_is(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    deed = done(incident, [one], broken.ana, now)
    tell(incident, broken, now)
    services.spread_next(now)
    outbox.deliver_due(now + LATER)
    services.say(
        incident=incident, text="Still at it.", actor=broken.sue, now=now + LATER, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    services.spread_next(now + LATER)
    bulk.undo(deed=deed, actor=broken.ana, now=now + LATER)
    assert linked(incident) == {one.pk}
    assert "was told of" in kept(deed)[one.pk]
    assert one.messages.filter(kind="progress", mail__state="held").exists()
    assert set(Telling.objects.values_list("state", flat=True)) == {"told"}


def test_what_the_customer_heard_before_the_deed_keeps_nothing(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    services.link(incident=incident, tickets=[one], actor=broken.ana, now=now)
    tell(incident, broken, now)
    services.spread_next(now)
    services.unlink(incident=incident, ticket=one, actor=broken.ana, now=now)
    deed = done(incident, [one], broken.ana, now + LATER)
    bulk.undo(deed=deed, actor=broken.ana, now=now + 2 * LATER)
    assert linked(incident) == set()


def test_a_link_that_somebody_made_anew_is_theirs(broken: SimpleNamespace, now: datetime) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    deed = done(incident, [one], broken.ana, now)
    services.unlink(incident=incident, ticket=one, actor=broken.ben, now=now + LATER)
    services.link(incident=incident, tickets=[one], actor=broken.ben, now=now + LATER)
    bulk.undo(deed=deed, actor=broken.ana, now=now + 2 * LATER)
    assert linked(incident) == {one.pk}
    assert kept(deed)[one.pk] == "It was changed since, and stays as it is."


def test_what_went_out_of_sight_meanwhile_stays_and_says_so(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident, one = declared(broken, now), factories.ticket(broken, now)
    deed = done(incident, [one], broken.ana, now)
    one.refresh_from_db()
    triage.move_to_team(ticket=one, team=broken.billing, actor=broken.ben, now=now)
    bulk.undo(deed=deed, actor=broken.ana, now=now + LATER)
    assert linked(incident) == {one.pk}
    assert kept(deed)[one.pk] == "You may not change this ticket."


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_deed(
    transactional_db: None, broken: SimpleNamespace, now: datetime
) -> None:
    incident, one, key = declared(broken, now), factories.ticket(broken, now), uuid4()
    first, second = factories.at_once(
        lambda: done(incident, [one], broken.ana, now, key=key),
        lambda: done(incident, [one], broken.ana, now, key=key),
    )
    assert first == second
    assert first.left_alone == []
    assert factories.kinds(one).count("incident_linked") == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_link_each_ticket_once(
    transactional_db: None, broken: SimpleNamespace, now: datetime
) -> None:
    incident, tickets = declared(broken, now), [factories.ticket(broken, now) for _ in range(4)]
    factories.at_once(
        lambda: done(incident, tickets, broken.ana, now),
        lambda: done(incident, tickets[::-1], broken.ben, now),
    )
    assert linked(incident) == {each.pk for each in tickets}
    assert BulkDeed.objects.exclude(items=None).count() == 1


def test_fifty_are_linked_by_as_many_queries_as_three(
    broken: SimpleNamespace, now: datetime
) -> None:
    counts = []
    for number in (3, 50):
        incident = declared(broken, now, title=f"For {number}")
        tickets = [factories.ticket(broken, now) for _ in range(number)]
        with CaptureQueriesContext(connection) as seen:
            done(incident, tickets, broken.ana, now)
        assert len(linked(incident)) == number
        counts.append(len(seen))
    assert counts[0] == counts[1]


# At the desk


@pytest.fixture
def ana(broken: SimpleNamespace) -> Client:
    client = Client()
    client.force_login(broken.ana)
    return client


@pytest.fixture
def menu() -> Menu:
    """What the bar is given to offer."""

    def asked(person: User) -> str:
        client = Client()
        client.force_login(person)
        answer = client.get("/queue/bulk/incidents/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return answer.content.decode().strip()

    return asked


def previewed(ana: Client, incident: Incident, *tickets: Ticket) -> Any:
    chosen = {"t": [each.reference for each in tickets], "back": "tab=all"}
    return ana.post(f"/queue/bulk/incidents/{incident.pk}/", chosen)


def pressed(ana: Client, incident: Incident, preview: Any) -> Any:
    """Presses the button of the preview, with every hidden field of its form."""
    address = f"/queue/bulk/incidents/{incident.pk}/link/"
    form = preview.content.decode().partition(f'action="{address}"')[2].partition("</form>")[0]
    said: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        said.setdefault(name, []).append(value)
    return ana.post(address, said)


def test_the_bar_offers_what_is_open_the_worst_first_and_nothing_where_nothing_is(
    broken: SimpleNamespace, now: datetime, menu: Menu
) -> None:
    assert menu(broken.ana) == ""
    minor, worst = declared(broken, now), declared(broken, now, title="All is down", severity=3)
    over = declared(broken, now, title="It was")
    services.say(incident=over, text="Over.", actor=broken.sue, now=now, state="resolved")
    offered = re.findall(r'formaction="/queue/bulk/incidents/(\d+)/"', menu(broken.ana))
    assert offered == [str(worst.pk), str(minor.pk)]
    assert menu(broken.max) == ""


def test_at_the_desk_it_is_previewed_done_told_and_undone(
    broken: SimpleNamespace, ana: Client, now: datetime
) -> None:
    incident = declared(broken, now)
    has_it, *free = (factories.ticket(broken, now, subject=f"Hub {n}") for n in range(3))
    services.link(incident=incident, tickets=[has_it], actor=broken.ana, now=now)
    preview = previewed(ana, incident, has_it, *free)
    told = preview.content.decode()
    assert "2 of 3 will be linked" in told
    assert "1 left alone: It is linked already." in told
    assert "Link 2 tickets" in told
    assert linked(incident) == {has_it.pk}
    assert pressed(ana, incident, preview).headers["Location"] == "/?tab=all"
    said = f"2 tickets linked to {incident.reference} Updates break the Hub."
    assert said in ana.get("/").content.decode()
    deed = BulkDeed.objects.get()
    assert "It is linked already." in ana.get(f"/queue/bulk/{deed.pk}/").content.decode()
    answer = ana.post(f"/queue/bulk/{deed.pk}/undo/", follow=True)
    assert "2 tickets are as before." in answer.content.decode()
    assert linked(incident) == {has_it.pk}


def test_without_scripts_it_is_chosen_on_a_page_that_carries_the_selection(
    broken: SimpleNamespace, ana: Client, now: datetime
) -> None:
    one = factories.ticket(broken, now)
    nothing = ana.post("/queue/bulk/incidents/", {"t": one.reference}).content.decode()
    assert "No incident is open" in nothing
    incident = declared(broken, now)
    page = ana.post("/queue/bulk/incidents/", {"t": one.reference}).content.decode()
    assert f'formaction="/queue/bulk/incidents/{incident.pk}/"' in page
    assert f'name="t" value="{one.reference}"' in page
    assert "No ticket is selected" in ana.post("/queue/bulk/incidents/").content.decode()
    assert ana.get("/queue/bulk/incidents/").headers["Location"] == "/"
    assert ana.get(f"/queue/bulk/incidents/{incident.pk}/").headers["Location"] == "/"


def test_what_was_resolved_after_the_preview_is_said_and_another_can_be_chosen(
    broken: SimpleNamespace, ana: Client, now: datetime
) -> None:
    incident, other = declared(broken, now), declared(broken, now, title="The shop is shut")
    one = factories.ticket(broken, now)
    preview = previewed(ana, incident, one)
    services.say(incident=incident, text="Over.", actor=broken.sue, now=now, state="resolved")
    for answer in (pressed(ana, incident, preview), previewed(ana, incident, one)):
        assert answer.status_code == 422
        told = answer.content.decode()
        assert f"{incident.reference} is over" in told
        assert f'formaction="/queue/bulk/incidents/{other.pk}/"' in told
        assert one.reference in told
    assert not AffectedTicket.objects.exists()


def test_strangers_tickets_are_not_there_and_those_who_only_advise_are_refused(
    broken: SimpleNamespace, ana: Client, now: datetime
) -> None:
    incident, secret = declared(broken, now), factories.ticket(broken, now, team=broken.billing)
    told = previewed(ana, incident, secret).content.decode()
    assert secret.subject not in told
    assert "1 of those you chose you do not see any more" in told
    ana.force_login(broken.max)
    assert previewed(ana, incident, secret).status_code == 403
    address = f"/queue/bulk/incidents/{incident.pk}/link/"
    said = {"t": secret.reference, "key": str(uuid4())}
    assert ana.post(address, said).status_code == 403
    ana.force_login(broken.ana)
    assert ana.post(address, said | {"key": "x"}).status_code == 400
    assert not BulkDeed.objects.exists()


def test_the_preview_asks_the_same_for_3_and_30_tickets(
    broken: SimpleNamespace, ana: Client, now: datetime
) -> None:
    incident, tickets, counts = declared(broken, now), [], []
    for number in range(30):
        tickets.append(factories.ticket(broken, now))
        if number in {2, 29}:
            with CaptureQueriesContext(connection) as seen:
                assert previewed(ana, incident, *tickets).status_code == 200
            counts.append(len(seen))
    assert counts[0] == counts[1]


def test_who_comes_back_from_a_log_in_on_the_way_is_at_the_queue_again(
    broken: SimpleNamespace, now: datetime, client: Client
) -> None:
    client.force_login(broken.ana)
    answer = client.get(f"/queue/bulk/incidents/{declared(broken, now).pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
