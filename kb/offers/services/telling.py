"""Mails about offers: to those who can approve, and to the one who asked."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from kb.offers.models import Grant
from tickets import access
from tickets.access import Action
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import triage


def approvers(grant: Grant) -> list[User]:
    """Who may approve it: the authority for the amount, and the ticket within their sight."""
    roles = [each.role for each in grant.offer.authorities.all() if each.most >= grant.amount]
    people: QuerySet[User] = User.objects.filter(is_active=True, role__in=roles)
    people = people.filter(
        Q(memberships__team=grant.ticket.team_id) | ~Q(role__in=["agent", "supervisor"])
    )
    return [
        person
        for person in people.exclude(pk=grant.requested_by_id).distinct().order_by("pk")
        if access.may(person, Action.APPROVE_OFFER, grant.ticket)
    ]


def tell_approvers(grant: Grant, now: datetime) -> None:
    """One mail to all of them; an executive among them sees the ticket from now on."""
    people = approvers(grant)
    for person in people:
        if person.role == User.Role.EXECUTIVE:
            triage.involve(
                ticket=grant.ticket,
                user=person,
                because=f"Asked to approve {describe(grant)}",
                now=now,
            )
    text = (
        f"{grant.requested_by.name} asks for approval on {grant.ticket.reference} "
        f"«{grant.ticket.subject}»:\n\n    {describe(grant)}\n\n"
        f"Reason: {grant.reason or 'none given'}\n\nDecide here: {_address(grant)}\n"
    )
    _mail(people, f"Approval asked: {describe(grant)}", text, now)


def tell_requester(grant: Grant, actor: User, now: datetime) -> None:
    said = grant.get_state_display().lower()
    text = (
        f"{actor.name} decided about {grant.ticket.reference}: {said}.\n\n    {describe(grant)}\n"
        f"{grant.decision}\n\n{_address(grant)}\n"
    )
    _mail([grant.requested_by], f"{describe(grant)}: {said}", text, now)


def describe(grant: Grant) -> str:
    """«Refund of 20.00 USD», «Discount: 10 %», «Free gift × 1»."""
    offer, amount = grant.offer, grant.amount
    if offer.unit == "percent":
        return f"{offer.name}: {amount.normalize():f} %"
    if offer.unit == "piece":
        return f"{offer.name} × {amount.normalize():f}"
    return f"{offer.name} of {amount} {offer.currency}"


def _address(grant: Grant) -> str:
    return f"{settings.BASE_URL}/tickets/{grant.ticket.reference}/offers/"


def _mail(people: list[User], subject: str, text: str, now: datetime) -> None:
    recipients = [outbox.Recipient(person.email, person.name) for person in people if person.email]
    if recipients:
        outbox.queue(
            purpose=OutgoingMail.Purpose.ALERT, recipients=recipients, subject=subject, text=text,
            now=now,
        )  # fmt: skip
