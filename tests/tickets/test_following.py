"""What a held reply will make of its ticket is said of any number of them by the same queries."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import ticket
from tickets.models import Ticket
from tickets.people.models import Contact
from tickets.services import addressees, conversation, triage
from tickets.services.following import hindrances

MINUTE = timedelta(minutes=1)


def asked(its: Ticket, now: datetime) -> tuple[set[str], int]:
    """What is said of all held replies of the ticket, and by how many queries."""
    held = list(its.messages.filter(kind="reply"))
    reached = {each.mail_id: addressees.goes_to(each) for each in held}
    with CaptureQueriesContext(connection) as captured:
        found = hindrances(its, held, reached, now)
    assert len(found) == len(held)
    return set(found.values()), len(captured)


def test_of_five_held_replies_it_is_asked_as_of_one(cast: SimpleNamespace, now: datetime) -> None:
    its, phil = ticket(cast, now), Contact.objects.create(name="Phil", phone="+49 30 1")
    theirs = ticket(cast, now, requester=phil, channel="phone")
    triage.merge(
        source=theirs, target=its, actor=cast.ana, now=now, other_customer=its.requester_id
    )
    told = []
    for number in (1, 4):
        for _ in range(number):
            at = now + MINUTE
            conversation.reply(
                ticket=its, author=cast.ana, body="It is known.", now=at, status_after="pending"
            )
        told.append(asked(its, now + 2 * MINUTE))
    unreached = "somebody who waits here is not among those it goes to"
    assert told[0] == told[1]
    assert told[0][0] == {unreached}
