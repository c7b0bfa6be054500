"""Mails about offers: to those who can approve, to the one who asked, and to who tells the customer."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from kb.offers.models import Grant
from kb.offers.services.reaching import Reach
from tickets.models import Message
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, User
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


def tell_of_reversal(was: Grant, row: Grant, reach: Reach, now: datetime) -> None:
    """One mail to each whom it concerns: why, and what became of what they wrote.

    To who asked and who granted it, and to who has told the customer of it or may be about to; not
    to who reversed it. ``was`` is how it was before.
    """
    told: dict[User, list[str]] = {each: [] for each in _gave(was)}
    for person, line in _of_what_they_wrote(row, reach):
        told.setdefault(person, []).append(line)
    for person, lines in told.items():
        if person != row.decided_by:
            _mail([person], f"{row.words}: reversed", _reversed(row, reach, lines), now)


def _reversed(row: Grant, reach: Reach, lines: list[str]) -> str:
    who = row.decided_by.name if row.decided_by else "A rule"
    said = "\n\n".join([*lines, _what_they_know(row, reach), f"{_address(row)}{row.pk}/"])
    return (
        f"{who} reversed an offer on {row.ticket.reference} «{row.ticket.subject}»:\n\n"
        f"    {row.words}\n\nReason: {row.decision}\n\n{said}\n"
    )


def _gave(was: Grant) -> list[User]:
    """Who asked for it, or whose the ticket is now, and who granted it."""
    people = [*_concerned(was), was.decided_by]
    return list(dict.fromkeys(each for each in people if each and each.is_active))


def _of_what_they_wrote(row: Grant, reach: Reach) -> Iterator[tuple[User, str]]:
    for message in reach.waiting:
        for person in _answering(row, message):
            yield person, _recalled(message, person, message in reach.drafted)
    for message in reach.others:
        for person in _answering(row, message):
            yield (
                person,
                (
                    f"{_whose(message, person)} that leaves at {_moment(message, person)} was not recalled. If it "
                    "speaks of this offer in other words, recall or edit it before it leaves."
                ),
            )
    for person in reach.drafting:
        yield person, "Your draft still tells the customer of it in part: take that out."


def _recalled(message: Message, person: User, is_drafted: bool) -> str:
    said = f"{_whose(message, person)} that was to leave at {_moment(message, person)} told the customer of it."
    is_yours = is_drafted and person == message.author
    where = "your draft" if is_yours else "the conversation, as recalled"
    return (
        f"{said} It was recalled and did not leave; its text is in {where}. "
        "The customer waits for an answer: send it anew without the offer."
    )


def _whose(message: Message, person: User) -> str:
    what = message.get_kind_display().lower()
    if person == message.author:
        return f"Your {what}"
    return f"The {what} of {message.author.name}" if message.author else f"A {what}"


def _moment(message: Message, person: User) -> str:
    at = message.mail.release_at if message.mail else message.at
    return f"{at.astimezone(person.zone):%H:%M}"


def _answering(row: Grant, message: Message) -> list[User]:
    """Its writer; where they left, whose the ticket is, else who leads its team."""
    people = [each for each in (message.author, row.ticket.assignee) if each and each.is_active]
    leads = User.objects.filter(is_active=True, memberships__in=_leading(row))
    return people[:1] or list(leads.order_by("pk"))


def _leading(row: Grant) -> QuerySet[Membership]:
    return Membership.objects.leading().filter(team=row.ticket.team_id)


def _what_they_know(row: Grant, reach: Reach) -> str:
    if row.is_told or reach.left:
        return "The customer knows of the offer: see to it that they hear that it is reversed."
    if row.told == Grant.Told.NOT_YET:
        return "The customer has not been told of the offer."
    return "If the customer knows of the offer, see to it that they hear that it is reversed."


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
