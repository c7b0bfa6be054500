"""Mails about offers: to those who can approve, and to the one who asked."""

from datetime import datetime

from django.conf import settings

from kb.offers.models import Grant
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import triage
from tickets.services.mailing import one_line


def put_before(people: list[User], grant: Grant, now: datetime) -> None:
    """One mail to all who are asked; an executive among them sees the ticket from now on."""
    for person in people:
        if person.role == User.Role.EXECUTIVE:
            triage.involve(
                ticket=grant.ticket,
                user=person,
                because=f"Asked to approve {grant.words}",
                now=now,
            )
    text = (
        f"{grant.requested_by.name} asks for approval on {grant.ticket.reference} "
        f"«{grant.ticket.subject}»:\n\n    {grant.words}\n\n"
        f"Reason: {grant.reason or 'none given'}\n\nDecide here: {_address(grant)}{grant.pk}/\n"
    )
    _mail(people, f"Approval asked: {grant.words}", text, now)


def tell_requester(grant: Grant, now: datetime) -> None:
    said = grant.get_state_display().lower()
    who = grant.decided_by.name if grant.decided_by else "A rule"
    text = (
        f"{who} decided about {grant.ticket.reference}: {said}.\n\n    {grant.words}\n"
        f"{grant.decision}\n\n{_what_now(grant)}{_address(grant)}\n"
    )
    _mail(_concerned(grant), f"{grant.words}: {said}", text, now)


def _what_now(grant: Grant) -> str:
    if grant.state != Grant.State.GRANTED:
        return ""
    if grant.is_in_reply:
        return "Its words are in your reply on the ticket: send them.\n\n"
    if grant.requested_by.is_active:
        return "You may not reply there any more: ask who has the ticket to tell the customer.\n\n"
    return "The customer does not know yet: tell them.\n\n"


def _concerned(grant: Grant) -> list[User]:
    """Who asked for it; where they left, whose the ticket is now."""
    people = (grant.requested_by, grant.ticket.assignee)
    return [each for each in people if each and each.is_active][:1]


def _address(grant: Grant) -> str:
    return f"{settings.BASE_URL}/tickets/{grant.ticket.reference}/offers/"


def _mail(people: list[User], subject: str, text: str, now: datetime) -> None:
    recipients = outbox.reachable((person.email, person.name) for person in people)
    if recipients:
        outbox.queue(
            purpose=OutgoingMail.Purpose.ALERT, recipients=recipients, subject=one_line(subject),
            text=text, now=now,
        )  # fmt: skip
