"""The pages of incidents: who sees what, and how a refusal goes on."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalation.incidents import services
from escalation.incidents.models import Incident, Telling
from tests import factories
from tickets.models import Ticket


def filled(form: Any) -> dict[str, Any]:
    """What a browser sends of a form as it is shown."""
    return {name: value for name in form.fields if (value := form[name].value()) not in ("", None)}


def client(user: object) -> Client:
    made = Client()
    made.force_login(user)  # type: ignore[arg-type]
    return made


@pytest.fixture
def incident(cast: SimpleNamespace) -> Incident:
    now = timezone.now()
    ticket = factories.ticket(cast, now, subject="The humming lamp")
    return services.declare(
        title="Lamps hum", severity=2, actor=cast.sue, now=now, lead=cast.sue, tickets=[ticket]
    )


def test_what_was_refused_as_overtaken_is_sent_again_as_it_is(
    cast: SimpleNamespace, incident: Incident
) -> None:
    sue, seen = client(cast.sue), incident.version
    services.say(incident=incident, text="Meanwhile.", actor=cast.ben, now=timezone.now())
    said = {"text": "My words.", "audience": "public", "state": "", "version": seen}
    refused = sue.post(f"/incidents/{incident.pk}/say/", said)
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "My words.</textarea>" in page
    incident.refresh_from_db()
    assert f'name="version" value="{incident.version}"' in page
    again = sue.post(f"/incidents/{incident.pk}/say/", said | {"version": incident.version})
    assert again.status_code == 302


def test_it_does_not_begin_after_its_end(cast: SimpleNamespace, incident: Incident) -> None:
    now = timezone.now()
    Incident.objects.filter(pk=incident.pk).update(started_at=now - timedelta(hours=2))
    services.say(
        incident=incident, text="Over.", actor=cast.sue, now=now - timedelta(hours=1),
        state="resolved",
    )  # fmt: skip
    sue = client(cast.sue)
    form = sue.get(f"/incidents/{incident.pk}/change/").context["form"]
    said = filled(form)
    said |= {"started_at": (now - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")}
    answer = sue.post(f"/incidents/{incident.pk}/change/", said)
    assert answer.status_code == 422
    assert "after it was over" in answer.content.decode()


def test_tickets_that_one_does_not_see_are_only_counted(
    cast: SimpleNamespace, incident: Incident
) -> None:
    update, ticket = incident.updates.first(), incident.affected.get().ticket
    assert update is not None
    Telling.objects.create(
        update=update, ticket=ticket, next_at=timezone.now(), state="not_told", because="No address"
    )
    for who, sees in ((cast.ana, True), (cast.max, False), (cast.bo, False)):
        page = client(who).get(f"/incidents/{incident.pk}/").content.decode()
        for words in (ticket.reference, "The humming lamp", "No address"):
            assert (words in page) == sees, (who, words)
        assert "<strong>1</strong> linked" in page


def test_an_agent_speaks_to_the_staff_from_the_page(
    cast: SimpleNamespace, incident: Incident
) -> None:
    ana = client(cast.ana)
    assert (
        "Everybody: the status page" not in ana.get(f"/incidents/{incident.pk}/").content.decode()
    )
    assert ana.post(f"/incidents/{incident.pk}/say/", {"text": "I look."}).status_code == 302
    said = {"text": "All of you!", "audience": "public"}
    assert ana.post(f"/incidents/{incident.pk}/say/", said).status_code == 403
    assert list(incident.updates.values_list("audience", flat=True)) == ["staff", "staff"]


def test_a_company_that_is_not_known_is_said_at_its_field(
    cast: SimpleNamespace, incident: Incident
) -> None:
    sue = client(cast.sue)
    form = sue.get("/incidents/new/").context["form"]
    said = filled(form)
    said |= {
        "title": "More", "started_at": timezone.now().strftime("%Y-%m-%dT%H:%M"),
        "organizations": "acme\nNobody Ltd",
    }  # fmt: skip
    answer = sue.post("/incidents/new/", said)
    assert answer.status_code == 422
    assert "There is no company «Nobody Ltd»." in answer.content.decode()
    said["organizations"] = "acme\nAcme"
    answer = sue.post("/incidents/new/", said)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Incident.objects.get(title="More").organizations.get() == cast.acme


@pytest.mark.parametrize(
    ("severity", "is_shown", "said"),
    [
        (1, False, "it stands among the incidents and beside the tickets it touches"),
        (2, True, "every desk shows it"),
        (3, True, "every desk shows it"),
    ],
)
def test_who_declares_it_reads_who_sees_it_and_so_it_is(
    cast: SimpleNamespace, severity: int, is_shown: bool, said: str
) -> None:
    sue = client(cast.sue)
    form = sue.get("/incidents/new/").context["form"]
    given = filled(form) | {"title": "Lamps hum", "severity": severity}
    given["started_at"] = timezone.now().strftime("%Y-%m-%dT%H:%M")
    page = " ".join(sue.post("/incidents/new/", given, follow=True).content.decode().split())
    assert f"is declared: {said}, and who responds is told." in page
    incident = Incident.objects.get()
    assert incident.is_headline == (incident in Incident.objects.headlines()) == is_shown
    assert ("Lamps hum" in client(cast.ben).get("/pulse/").content.decode()) == is_shown


def test_who_declares_it_reads_beforehand_what_becomes_of_a_minor_one(
    cast: SimpleNamespace,
) -> None:
    page = " ".join(client(cast.sue).get("/incidents/new/").content.decode().split())
    assert "Every desk shows it at once" not in page
    assert "Every desk shows a major or critical one at once; a minor one stands" in page


def test_the_page_says_how_many_customers_would_be_told_each_once(
    cast: SimpleNamespace, incident: Incident
) -> None:
    now = timezone.now()
    more = factories.ticket(cast, now)
    services.link(incident=incident, tickets=[more], actor=cast.sue, now=now)
    sue = client(cast.sue)
    page = sue.get(f"/incidents/{incident.pk}/").content.decode()
    assert "Tell the 1 customer of open linked tickets too" in page
    said = {"text": "We know.", "audience": "public", "tell_customers": "on", "version": 1}
    said |= {"version": incident.version, "state": ""}
    answer = sue.post(f"/incidents/{incident.pk}/say/", said, follow=True)
    assert "1 customer will be told" in answer.content.decode()


def test_what_customers_read_of_goes_on_before_everybody_unless_one_chooses_the_staff(
    cast: SimpleNamespace, incident: Incident
) -> None:
    sue, place = client(cast.sue), f"/incidents/{incident.pk}/"
    assert filled(sue.get(place).context["say"])["audience"] == "staff"
    services.say(
        incident=incident, text="We know.", actor=cast.sue, now=timezone.now(), is_public=True
    )
    said = filled(sue.get(place).context["say"])
    assert said["audience"] == "public"
    said |= {"text": "Our fault, and over.", "state": "resolved"}
    refused = sue.post(f"{place}say/", said | {"audience": "staff"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "say to everybody that it is «Resolved», or leave the state as it is." in page
    assert 'aria-describedby="say-audience_error"' in page
    assert "Our fault, and over.</textarea>" in page
    assert sue.post(f"{place}say/", said | {"audience": "staff", "state": ""}).status_code == 302
    assert incident.updates.latest("pk").audience == "staff"


def test_who_may_only_write_to_the_staff_reads_who_says_how_it_stands(
    cast: SimpleNamespace, incident: Incident
) -> None:
    page = client(cast.ana).get(f"/incidents/{incident.pk}/").content.decode()
    assert "executives and admins speak to everybody and say how it stands" in page


def test_the_linked_tickets_that_break_first_stand_at_the_top_and_those_without_a_deadline_last(
    cast: SimpleNamespace, incident: Incident
) -> None:
    now = timezone.now()
    none = incident.affected.get().ticket
    later, late = factories.ticket(cast, now), factories.ticket(cast, now)
    services.link(incident=incident, tickets=[later, late], actor=cast.sue, now=now)
    for ticket, at in ((none, None), (later, timedelta(hours=1)), (late, -timedelta(hours=1))):
        Ticket.objects.filter(pk=ticket.pk).update(next_due_at=at and now + at)
    shown = client(cast.sue).get(f"/incidents/{incident.pk}/").context["tickets"]
    assert shown == [late, later, none]


def test_what_is_linked_already_is_said_to_be(cast: SimpleNamespace, incident: Incident) -> None:
    one, sue = incident.affected.get().ticket, client(cast.sue)
    two, three = (factories.ticket(cast, timezone.now()) for _ in range(2))

    def told(*tickets: Ticket) -> str:
        typed = {"references": " ".join(each.reference for each in tickets)}
        answer = sue.post(f"/incidents/{incident.pk}/link/", typed)
        return [str(each) for each in get_messages(answer.wsgi_request)][-1]

    assert told(one) == f"{one.reference} is linked already."
    assert told(one, two) == f"1 ticket linked. {one.reference} is linked already."
    assert told(one, two, three) == "1 ticket linked. 2 tickets are linked already."
    assert told(one, two) == "2 tickets are linked already."
    place = reverse("ticket-incident-link", args=[one.reference, incident.pk])
    beside = sue.post(place, headers={"HX-Request": "true"}).content.decode()
    assert f"{one.reference} is linked to {incident.reference} already." in beside
