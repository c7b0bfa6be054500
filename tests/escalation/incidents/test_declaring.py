"""An incident begins: who may, what is refused, and who hears of it."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.incidents.models import Incident
from tests.escalation.incidents.conftest import HOUR, MINUTE, declared
from tickets.access import NotAllowed
from tickets.errors import Invalid
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import Absence


def mailed() -> set[str]:
    return set(Delivery.objects.values_list("email", flat=True))


def test_it_is_open_and_customers_read_nothing_of_it(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    assert list(Incident.objects.open()) == [incident]
    assert not Incident.objects.published().exists()
    assert [each.audience for each in incident.updates.all()] == ["staff"]


def test_who_leads_it_and_the_responders_are_mailed_but_not_who_declares(
    broken: SimpleNamespace, now: datetime
) -> None:
    declared(broken, now, responders=broken.billing, actor=broken.stan)
    assert mailed() == {"sue@company.example", "bo@company.example"}


def test_a_responder_who_is_out_is_stood_in_for(broken: SimpleNamespace, now: datetime) -> None:
    Absence.objects.create(
        user=broken.sue, starts_at=now - HOUR, ends_at=now + HOUR, deputy=broken.stan
    )
    declared(broken, now)
    assert mailed() == {"stan@company.example"}


def test_without_lead_and_responders_who_leads_the_team_is_told(
    broken: SimpleNamespace, now: datetime
) -> None:
    declared(broken, now, lead=None)
    assert mailed() == {"sue@company.example"}


def test_where_nobody_leads_the_administrators_are_told(
    broken: SimpleNamespace, now: datetime
) -> None:
    broken.ana.memberships.all().delete()
    declared(broken, now, lead=None)
    assert mailed() == {"ada@company.example"}


def test_a_lead_without_an_address_is_no_reason_to_tell_nobody(
    broken: SimpleNamespace, now: datetime
) -> None:
    broken.stan.email = ""
    broken.stan.save()
    declared(broken, now, lead=broken.stan)
    assert mailed() == {"sue@company.example"}


def test_an_agent_puts_neither_themselves_nor_another_agent_in_charge(
    broken: SimpleNamespace, now: datetime
) -> None:
    for lead in (broken.ana, broken.ben, broken.max):
        with pytest.raises(Invalid, match="puts others in charge"):
            declared(broken, now, lead=lead)
    declared(broken, now, actor=broken.sue, lead=broken.max)
    assert Incident.objects.get().lead == broken.max


def test_the_mail_says_what_it_is_and_leads_to_its_page(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now, said={"happened": "Hubs restart in a circle."})
    mail = OutgoingMail.objects.get()
    assert mail.subject == f"[{incident.reference}] Minor: Updates break the Hub"
    assert "Hubs restart in a circle." in mail.text
    assert f"/incidents/{incident.pk}/" in mail.text


@pytest.mark.parametrize("role", ["max", "eve"])
def test_those_who_are_asked_for_advice_declare_none(
    broken: SimpleNamespace, now: datetime, role: str
) -> None:
    with pytest.raises(NotAllowed):
        declared(broken, now, actor=getattr(broken, role))
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("title", "  ", "The title is empty"),
        ("severity", 4, "no such severity"),
        ("customers_write", "hub, a", "too many mails"),
        ("said", {"cause": "x" * 2001}, "2,000"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nobody_is_mailed(
    broken: SimpleNamespace, now: datetime, field: str, wrong: object, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        declared(broken, now, **{field: wrong})
    assert not Incident.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_form_sent_twice_declares_it_once(broken: SimpleNamespace, now: datetime) -> None:
    first = declared(broken, now)
    second = declared(broken, now + MINUTE / 2, started_at=now - HOUR)
    assert first == second
    assert OutgoingMail.objects.count() == 1


def test_it_is_not_expected_back_before_it_began(broken: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(Invalid, match="before it began") as refused:
        declared(broken, now, said={"back_at": now - 2 * HOUR})
    assert refused.value.field == "back_at"


def test_it_cannot_begin_in_the_future(broken: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(Invalid, match="future") as refused:
        declared(broken, now, started_at=now + MINUTE)
    assert refused.value.field == "started_at"
