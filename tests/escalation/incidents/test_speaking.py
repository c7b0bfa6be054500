"""What is said of an incident, to whom, and how it stands afterwards."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from escalation.incidents import services
from escalation.incidents.models import Incident, Telling, Update
from tests import factories
from tests.escalation.incidents.conftest import MINUTE, declared
from tickets.access import NotAllowed
from tickets.errors import Conflict, Invalid
from tickets.models import Message, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.services import conversation, triage


def linked(cast: SimpleNamespace, incident: Incident, now: datetime, **fields: object) -> Ticket:
    ticket = factories.ticket(cast, now, **fields)
    services.link(incident=incident, tickets=[ticket], actor=cast.ana, now=now)
    return ticket


def lines(ticket: Ticket) -> list[str]:
    """What was said, without the paragraph on which incident it is about."""
    rows = Message.objects.filter(ticket=ticket, kind__in=["progress", "reply"]).order_by("pk")
    said = rows.values_list("body", flat=True)
    return [body.partition("\n\nThis is about ")[0] for body in said]


def tell(now: datetime) -> None:
    while services.spread_next(now):
        pass


def test_a_word_to_the_staff_stays_with_them(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="Bo looks at it.", actor=broken.ben, now=now)
    assert incident.updates.first().text == "Bo looks at it."
    assert incident.published_at is None


def test_agents_speak_to_the_staff_and_not_to_everybody(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    for wanted in ({"is_public": True}, {"state": "resolved"}):
        with pytest.raises(NotAllowed):
            services.say(incident=incident, text="Done.", actor=broken.ben, now=now, **wanted)
    assert incident.updates.count() == 1


def test_whoever_leads_it_speaks_for_it_whatever_their_role(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now, lead=broken.ben, actor=broken.sue)
    services.say(incident=incident, text="We are on it.", actor=broken.ben, now=now, is_public=True)
    assert incident.published_at == now


def test_customers_of_linked_tickets_hear_a_public_update_once(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    ticket = linked(broken, incident, now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    tell(now)
    tell(now + MINUTE)
    assert lines(ticket) == ["We are on it."]
    mail = OutgoingMail.objects.get(purpose="reply")
    assert mail.release_at == now + MINUTE


def test_what_is_said_to_the_staff_is_never_told_to_customers(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    with pytest.raises(Invalid, match="everybody"):
        services.say(
            incident=incident, text="Our fault.", actor=broken.sue, now=now, tell_customers=True
        )


def test_who_is_not_told_is_named_with_the_reason(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    solved = linked(broken, incident, now)
    broken.carl.email = None
    broken.carl.save()
    by_phone = linked(broken, incident, now, requester=broken.carl, channel="phone")
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    triage.set_status(ticket=solved, status="solved", actor=broken.ana, now=now)
    tell(now)
    reasons = dict(Telling.objects.values_list("ticket", "because"))
    assert "is solved" in reasons[solved.pk]
    assert "call them" in reasons[by_phone.pk]
    assert set(Telling.objects.values_list("state", flat=True)) == {"not_told"}


def test_news_meanwhile_is_for_open_tickets_alone(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    for status in ("solved", "closed"):
        ticket = linked(broken, incident, now)
        triage.set_status(ticket=ticket, status=status, actor=broken.ana, now=now)
    services.say(
        incident=incident, text="Still at it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    assert not Telling.objects.exists()


def test_the_same_words_with_another_state_are_said(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="Done.", actor=broken.sue, now=now)
    services.say(incident=incident, text="Done.", actor=broken.sue, now=now, state="resolved")
    assert not Incident.objects.open().exists()


def test_two_tickets_that_become_one_hear_it_once(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    one, two = linked(broken, incident, now), linked(broken, incident, now)
    triage.merge(source=one, target=two, actor=broken.ana, now=now)
    update = services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    # As where the links were read before the merge was committed.
    update.tellings.create(ticket=one, next_at=now)
    tell(now)
    assert lines(two) == ["We are on it."]


def test_that_it_is_over_reaches_also_those_whose_ticket_is_solved(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    ticket = linked(broken, incident, now)
    triage.set_status(ticket=ticket, status="solved", actor=broken.ana, now=now)
    services.say(
        incident=incident, text="It works again.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True, state="resolved",
    )  # fmt: skip
    tell(now)
    ticket.refresh_from_db()
    assert lines(ticket) == ["It works again."]
    assert ticket.status == "solved"
    assert incident.resolved_at == now


def test_a_line_to_a_customer_can_be_recalled_before_it_leaves(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    ticket = linked(broken, incident, now)
    services.say(
        incident=incident, text="All is well.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    tell(now)
    message = Message.objects.get(ticket=ticket, kind="progress")
    conversation.recall(message=message, actor=broken.ana, now=now)
    message.mail.refresh_from_db()
    assert message.mail.state == "recalled"


def test_a_failure_is_set_back_and_given_up_in_words(
    broken: SimpleNamespace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = declared(broken, now)
    linked(broken, incident, now)
    services.say(
        incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
        tell_customers=True,
    )  # fmt: skip
    # An author that cannot be written: the database itself refuses.
    Update.objects.filter(text="We are on it.").update(text="x" * 3000)
    at = now
    for _ in range(6):
        services.spread_next(at)
        at += 60 * MINUTE
    row = Telling.objects.get()
    assert row.state == "not_told"
    assert "2,000" in row.because


def test_a_resolved_incident_opens_again(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="Done.", actor=broken.sue, now=now, state="resolved")
    services.say(
        incident=incident, text="It is back.", actor=broken.sue, now=now, state="investigating"
    )
    incident.refresh_from_db()
    assert incident.is_open


def test_a_button_pressed_twice_says_it_once(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    linked(broken, incident, now)
    seen = incident.version
    for _ in range(2):
        services.say(
            incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True,
            tell_customers=True, expected_version=seen,
        )  # fmt: skip
    assert incident.updates.filter(audience="public").count() == 1
    assert Telling.objects.count() == 1


def test_what_somebody_said_meanwhile_is_read_first(broken: SimpleNamespace, now: datetime) -> None:
    incident = declared(broken, now)
    seen = incident.version
    services.say(incident=incident, text="First.", actor=broken.ben, now=now)
    with pytest.raises(Conflict, match="Ben"):
        services.say(
            incident=incident, text="Second.", actor=broken.sue, now=now, expected_version=seen
        )


@pytest.mark.parametrize(
    ("state", "named"), [("resolved", "Resolved"), ("identified", "Cause known")]
)
def test_what_customers_read_of_changes_its_state_before_their_eyes_or_not_at_all(
    broken: SimpleNamespace, now: datetime, state: str, named: str
) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True)
    said = {"incident": incident, "text": "Done.", "actor": broken.sue, "now": now, "state": state}
    with pytest.raises(Invalid, match=f"say to everybody that it is «{named}»") as refused:
        services.say(**said)
    assert refused.value.field == "audience"
    incident.refresh_from_db()
    assert (incident.state, incident.updates.first().text) == ("investigating", "We are on it.")
    services.say(**said, is_public=True)
    assert incident.state == state


def test_of_what_customers_read_the_staff_still_write_to_each_other(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True)
    note = {"incident": incident, "text": "Our fault.", "now": now}
    services.say(**note, actor=broken.ben)
    services.say(**note, actor=broken.sue, state="investigating")
    assert list(incident.updates.values_list("audience", flat=True)[:2]) == ["staff", "staff"]


def test_who_may_not_speak_to_everybody_reads_why_it_stays_as_it_is(
    broken: SimpleNamespace, now: datetime
) -> None:
    incident = declared(broken, now)
    services.say(incident=incident, text="We are on it.", actor=broken.sue, now=now, is_public=True)
    with pytest.raises(NotAllowed, match="they say what everybody reads, and how it stands"):
        services.say(incident=incident, text="Done.", actor=broken.ben, now=now, state="resolved")
