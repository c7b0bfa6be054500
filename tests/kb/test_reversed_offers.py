"""What was granted is reversed: nobody is promised it any more without somebody being told."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kb.offers import services
from kb.offers.models import Grant, LedgerEntry, Offer
from kb.offers.services.reaching import called_back, granted_on, reach_of, replies_on
from tests.factories import event, kinds
from tests.kb.conftest import Offers, ask, give
from tickets.errors import Conflict, Invalid
from tickets.models import Draft, Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, User
from tickets.services import bulk, conversation, drafting, triage

CREDIT = "To make up for it we have put a credit of 20.00 USD on your account."
MINUTE = timedelta(minutes=1)


@pytest.fixture
def given(cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime) -> Grant:
    return give(problem, offers["Credit"], "20", cast.ana, now)


def writes(ticket: Ticket, author: User, body: str, now: datetime) -> Message:
    return conversation.reply(ticket=ticket, author=author, body=body, now=now)


def taken(row: Grant, actor: User, now: datetime, **more: Any) -> Grant:
    return services.reverse(grant=row, actor=actor, reason="Paid twice", now=now, **more)


def draft(ticket: Ticket, author: User) -> str:
    found = Draft.objects.filter(ticket=ticket, author=author, kind="reply").first()
    return found.body if found else ""


def mails(to: User) -> list[str]:
    """What was mailed to somebody about a reversal."""
    rows = OutgoingMail.objects.filter(subject__endswith=": reversed", deliveries__email=to.email)
    return list(rows.order_by("pk").values_list("text", flat=True))


def state_of(message: Message) -> str:
    return str(OutgoingMail.objects.get(pk=message.mail_id).state)


# Whom it is told ----------------------------------------------------------------------------


def test_who_gave_it_is_told_who_reversed_it_and_why(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    taken(given, cast.sue, now)
    [text] = mails(cast.ana)
    for said in ("Sue reversed an offer", given.ticket.reference, "Credit, 20.00 USD",
                 "Reason: Paid twice", "The customer has not been told of the offer.",
                 reverse("offer", args=[given.ticket.reference, given.pk])):  # fmt: skip
        assert said in text, said
    assert mails(cast.sue) == []


def test_who_asked_and_who_approved_are_both_told(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    row = ask(problem, offers["Credit"], "120", cast.ana, now)
    services.approve(grant=row, actor=cast.sue, now=now)
    taken(row, cast.ada, now)
    assert (len(mails(cast.ana)), len(mails(cast.sue)), len(mails(cast.ada))) == (1, 1, 0)


def test_who_reverses_what_they_gave_themselves_gets_no_mail(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    row = give(problem, offers["Credit"], "20", cast.sue, now)
    taken(row, cast.sue, now)
    assert not OutgoingMail.objects.filter(subject__contains="reversed").exists()


def test_where_who_gave_it_has_left_it_is_told_to_whose_the_ticket_is(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    triage.assign(ticket=given.ticket, assignee=cast.ben, actor=cast.sue, now=now)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    taken(Grant.objects.get(), cast.sue, now)
    assert len(mails(cast.ben)) == 1
    assert mails(cast.ana) == []


def test_a_reversal_that_fails_tells_nobody(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ana, CREDIT, now)
    LedgerEntry.objects.all().delete()
    with pytest.raises(Exception, match="never booked"):
        taken(given, cast.sue, now)
    assert state_of(held) == "held"
    assert mails(cast.ana) == []


# What waits to be said ----------------------------------------------------------------------


def test_a_held_reply_that_says_it_is_recalled_into_its_writers_draft_who_is_told(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    cast.ben.time_zone = "America/New_York"
    cast.ben.save()
    body = f"Dear Carla,\n\n{CREDIT}\n\nKind regards"
    held = writes(given.ticket, cast.ben, body, now)
    drafting.keep(ticket=given.ticket, author=cast.ben, kind="reply", body="By the way:", now=now)
    taken(given, cast.sue, now + MINUTE)
    assert state_of(held) == "recalled"
    assert event(given.ticket, "reply_recalled").actor == cast.sue
    assert draft(given.ticket, cast.ben) == "By the way:\n\nDear Carla,\n\nKind regards"
    [text] = mails(cast.ben)
    assert "Your reply that was to leave at 09:30 told the customer of it." in text
    assert "its text is in your draft" in text
    outbox.deliver_due(now + 60 * MINUTE)
    assert state_of(held) == "recalled"


def test_what_was_recalled_outlives_the_page_that_its_writer_has_open(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    writes(given.ticket, cast.ben, f"Dear Carla,\n\n{CREDIT}", now)
    taken(given, cast.sue, now)
    drafting.keep(ticket=given.ticket, author=cast.ben, kind="reply", body="One more", now=now)
    assert draft(given.ticket, cast.ben) == "One more\n\nDear Carla,"


def test_who_may_not_reply_any_more_is_not_sent_to_a_draft(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, f"Dear Carla,\n\n{CREDIT}", now)
    Membership.objects.filter(user=cast.ben).delete()
    row = taken(given, cast.sue, now)
    assert (state_of(held), row.reach.drafted) == ("recalled", [])
    assert not Draft.objects.filter(author=cast.ben).exists()
    assert "its text is in the conversation, as recalled" in mails(cast.ben)[0]


def test_it_is_recognised_with_other_marks_line_ends_and_values(
    cast: SimpleNamespace, problem: Ticket, offers: Offers, now: datetime
) -> None:
    words = "Hello {first_name}, we put a credit on your account, {reference}."
    Offer.objects.filter(name="Credit").update(words=words)
    row = give(problem, Offer.objects.get(name="Credit"), "20", cast.ana, now)
    body = "HELLO Carola,\nwe put a **credit** on\nyour account – HD-ANOTHER."
    held = writes(problem, cast.ben, body, now)
    taken(row, cast.sue, now)
    assert state_of(held) == "recalled"
    assert draft(problem, cast.ben) == body  # its writer sees what is to be taken out
    assert "Your draft still tells the customer of it in part" in mails(cast.ben)[0]


def test_a_reply_in_other_words_stays_and_its_writer_is_asked_to_look(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, "You get 20 USD from us.", now)
    row = taken(given, cast.sue, now)
    assert state_of(held) == "held"
    assert [each.pk for each in row.reach.others] == [held.pk]
    assert "Your reply that leaves at 14:30 was not recalled." in mails(cast.ben)[0]


def test_what_is_quoted_promises_nothing(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, f"> {CREDIT}\n\nThis was a mistake.", now)
    taken(given, cast.sue, now)
    assert state_of(held) == "held"


def test_a_progress_line_that_says_it_is_recalled_too(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    line = conversation.progress(ticket=given.ticket, author=cast.ben, text=CREDIT, now=now)
    taken(given, cast.sue, now)
    assert state_of(line) == "recalled"
    assert "Your progress line that was to leave" in mails(cast.ben)[0]


def test_where_the_writer_has_left_who_leads_the_team_is_told(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    User.objects.filter(pk=cast.ben.pk).update(is_active=False)
    taken(given, cast.ada, now)
    assert state_of(held) == "recalled"
    assert "The reply of Ben that was to leave at 14:30" in mails(cast.sue)[0]


def test_what_is_still_granted_in_the_same_words_is_not_recalled(
    cast: SimpleNamespace, given: Grant, offers: Offers, now: datetime
) -> None:
    Offer.objects.filter(name="Discount").update(words=offers["Credit"].words)
    give(given.ticket, Offer.objects.get(name="Discount"), "5", cast.ana, now)
    held = writes(given.ticket, cast.ben, CREDIT, now)
    taken(given, cast.sue, now)
    assert state_of(held) == "held"
    assert len(mails(cast.ben)) == 1


def test_everybodys_draft_loses_the_words(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    client.force_login(cast.ben)
    client.post(reverse("offer-words", args=[given.ticket.reference, given.pk]))
    assert draft(given.ticket, cast.ben) == CREDIT
    taken(given, cast.sue, now)
    assert not Draft.objects.exclude(body="").exists()


# What has left ------------------------------------------------------------------------------


def test_what_has_left_is_said_plainly_to_all(
    cast: SimpleNamespace, given: Grant, now: datetime, mailoutbox: list[Any]
) -> None:
    held = writes(given.ticket, cast.ana, CREDIT, now)
    outbox.deliver_due(now + 31 * MINUTE)
    row = taken(given, cast.sue, now + 32 * MINUTE)
    assert state_of(held) == "sent"
    assert [each.pk for each in row.reach.left] == [held.pk]
    assert "reply_recalled" not in kinds(given.ticket)
    assert "The customer knows of the offer" in mails(cast.ana)[0]


def test_a_reply_that_is_released_between_the_look_and_the_recall_has_left(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    """The release takes no lock of the ticket."""
    ticket = given.ticket
    held = writes(ticket, cast.ana, CREDIT, now)
    seen = reach_of(given, replies_on(ticket, given.given_at), granted_on(ticket))
    assert [each.pk for each in seen.waiting] == [held.pk]
    outbox.release_due(now=now + 31 * MINUTE)
    became = called_back(given, seen, cast.sue, now + 31 * MINUTE)
    assert ([each.pk for each in became.left], became.waiting) == ([held.pk], [])
    assert state_of(held) == "released"
    row = taken(given, cast.sue, now + 31 * MINUTE)
    assert "The customer knows of the offer" in mails(cast.ana)[0]
    outbox.deliver_due(now + 32 * MINUTE)
    row.refresh_from_db()
    assert (row.told, row.told_in) == ("reply", held)


def test_who_was_shown_that_nobody_knows_is_told_when_a_reply_has_left_meanwhile(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    writes(given.ticket, cast.ben, CREDIT, now)
    outbox.deliver_due(now + 31 * MINUTE)
    with pytest.raises(Conflict, match="Meanwhile a reply of Ben has left"):
        taken(given, cast.sue, now + 32 * MINUTE, untold=True)
    given.refresh_from_db()
    assert given.state == "granted"
    assert LedgerEntry.objects.count() == 1
    assert taken(given, cast.sue, now + 32 * MINUTE).state == "reversed"


# Whoever still has the words on their screen ------------------------------------------------


def test_a_reply_that_still_says_it_is_refused_with_why_and_keeps_what_was_typed(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    taken(given, cast.sue, now)
    client.force_login(cast.ana)
    body = f"Dear Carla,\n\n{CREDIT}"
    answer = client.post(f"/tickets/{given.ticket.reference}/reply/", {"body": body})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "Credit, 20.00 USD was reversed by Sue (Paid twice)" in page
    assert "take its words out" in page
    assert CREDIT in page
    assert not given.ticket.messages.filter(kind="reply").exists()


def test_so_is_an_edit_of_a_held_reply(cast: SimpleNamespace, given: Grant, now: datetime) -> None:
    held = writes(given.ticket, cast.ana, "Dear Carla,", now)
    taken(given, cast.sue, now)
    with pytest.raises(Invalid, match="was reversed by Sue"):
        conversation.edit_held(message=held, actor=cast.ana, body=CREDIT, now=now)
    held.refresh_from_db()
    assert held.body == "Dear Carla,"


def test_what_was_granted_anew_may_be_said(
    cast: SimpleNamespace, given: Grant, offers: Offers, now: datetime
) -> None:
    taken(given, cast.sue, now)
    again = give(given.ticket, offers["Credit"], "10", cast.ana, now)
    held = writes(given.ticket, cast.ana, CREDIT, now)
    assert state_of(held) == "held"
    outbox.deliver_due(now + 31 * MINUTE)
    again.refresh_from_db()
    given.refresh_from_db()
    assert (again.told, given.told) == ("reply", "not_yet")


# The pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["offers-panel", "offer"])
def test_before_it_is_confirmed_it_is_said_what_will_be_recalled(
    cast: SimpleNamespace, given: Grant, client: Client, name: str, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    other = writes(given.ticket, cast.ana, "You get 20 USD.", now)
    client.force_login(cast.sue)
    args = [given.ticket.reference, *([given.pk] if name == "offer" else [])]
    page = " ".join(client.get(reverse(name, args=args)).content.decode().split())
    link = f'<a href="/tickets/{given.ticket.reference}/#m'
    assert f'{link}{held.pk}">A reply of <bdi>Ben</bdi></a> that leaves at 14:30 says this.' in page
    assert "the reply is recalled: its writer has it as a draft again, and is told." in page
    assert (
        f'{link}{other.pk}">a reply of <bdi>Ana</bdi></a> that leaves at 14:30. Read whether'
        in page
    )
    assert "Read whether it speaks of the offer, perhaps worded differently." in page
    assert 'name="untold"' in page


def test_afterwards_it_is_said_what_became_of_it(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    writes(given.ticket, cast.ben, f"Dear Carla,\n\n{CREDIT}", now)
    client.force_login(cast.sue)
    address = reverse("offer-reverse", args=[given.ticket.reference, given.pk])
    fields = {"reason": "Paid twice", "untold": "1"}
    page = client.post(address, fields, follow=True).content.decode()
    assert "Credit, 20.00 USD is reversed. The reply of Ben that was to leave at 14:30" in page
    assert "that was to leave at 14:30 is recalled into their draft; its writer is told." in page
    assert "The customer had not been told of it." in page


def test_what_left_while_one_decided_is_shown_before_it_is_reversed_all_the_same(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    client.force_login(cast.sue)
    address = reverse("offer-reverse", args=[given.ticket.reference, given.pk])
    outbox.deliver_due(now + 31 * MINUTE)
    fields = {"reason": "Paid twice", "untold": "1", "page": "1"}
    answer = client.post(address, fields)
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "Meanwhile a reply of Ben has left that tells the customer of it." in page
    assert "Paid twice" in page
    assert f'#m{held.pk}">a reply of <bdi>Ben</bdi></a> told them' in page
    assert 'name="untold"' not in page
    client.post(address, {"reason": "Paid twice", "page": "1"})
    given.refresh_from_db()
    assert given.state == "reversed"
    page = client.get(reverse("offer", args=[given.ticket.reference, given.pk])).content.decode()
    assert "The customer knows" in page


def test_the_panel_asks_as_often_for_three_replies_as_for_thirty(
    cast: SimpleNamespace, given: Grant, client: Client, now: datetime
) -> None:
    client.force_login(cast.sue)
    address = reverse("offers-panel", args=[given.ticket.reference])
    counts = []
    for more in (3, 27):
        for _ in range(more):
            writes(given.ticket, cast.ben, CREDIT, now)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_api_says_reversed_and_recalls_too(
    cast: SimpleNamespace, given: Grant, now: datetime, client: Client
) -> None:
    held = writes(given.ticket, cast.ben, CREDIT, now)
    client.force_login(cast.sue)
    address = f"/api/v1/tickets/{given.ticket.reference}/grants/{given.pk}/reverse/"
    answer = client.post(address, {"reason": "Paid twice"}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "reversed")
    assert state_of(held) == "recalled"


# Progress lines -----------------------------------------------------------------------------


def test_a_progress_line_promises_nothing_that_was_reversed(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    taken(given, cast.sue, now)
    with pytest.raises(Invalid, match=r"Credit, 20\.00 USD was reversed by Sue"):
        conversation.progress(ticket=given.ticket, author=cast.ana, text=CREDIT, now=now)
    assert not Message.objects.filter(kind="progress").exists()


def test_a_line_that_an_undone_close_would_bring_back_promises_nothing_that_was_reversed(
    cast: SimpleNamespace, given: Grant, now: datetime
) -> None:
    ticket = given.ticket
    said = [
        conversation.progress(ticket=ticket, author=cast.ana, text=text, now=now)
        for text in ("With engineering.", CREDIT)
    ]
    ticket.refresh_from_db()
    deed = bulk.carry_out(
        references={ticket.reference: ticket.version}, wanted={"status": "solved"},
        actor=cast.ana, now=now, key=uuid4(),
    )  # fmt: skip
    taken(given, cast.sue, now)
    bulk.undo(deed=deed, actor=cast.ana, now=now)
    assert [state_of(line) for line in said] == ["held", "recalled"]
    because = deed.items.get().kept_because
    assert "stays taken back, because Credit, 20.00 USD was reversed by Sue" in because
    assert because.endswith("write it anew on the ticket.")
