"""Whose ticket it is and what belongs to it: team, customer, other tickets."""

from collections.abc import Container
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tickets import events
from tickets.errors import Invalid
from tickets.models import Ticket, TicketEvent, TicketLink
from tickets.people.models import Contact, Organization, Team, User
from tickets.services.locking import lock_both, locked, must_not_be_closed, said, write

Kind = TicketEvent.Kind
# Who works for their teams; an executive or expert has a ticket in whatever team it is.
OF_A_TEAM = frozenset({User.Role.AGENT, User.Role.SUPERVISOR})


def move_to_team(
    *,
    ticket: Ticket,
    team: Team,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Moves the ticket; an agent or supervisor who is not of the new team lets go of it.

    Raises Conflict, Invalid.
    """
    with locked(ticket, expected_version):
        if ticket.team_id != team.pk:
            must_not_be_closed(ticket)
            before, leaver = ticket.team, leaver_of(ticket, team)
            write(ticket, now, team=team, **({"assignee": None} if leaver else {}))
            if leaver:
                events.record(
                    ticket, Kind.ASSIGNED, at=now, now=now, actor=actor,
                    to_id=None, from_id=leaver.pk, **events.from_to(said(leaver), None),
                )  # fmt: skip
            # Last: who hears of it may give the ticket to somebody of the new team.
            events.record(
                ticket, Kind.TEAM_CHANGED, at=now, now=now, actor=actor,
                from_team=before.pk, **events.from_to(before.name, team.name),
            )  # fmt: skip
    return ticket


def change_requester(
    *,
    ticket: Ticket,
    requester: Contact,
    actor: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Ticket:
    """Another customer is the one who asks. Never restarts a clock (sla.md rule 9)."""
    with locked(ticket, expected_version):
        if ticket.requester_id != requester.pk:
            must_not_be_closed(ticket)
            before = ticket.requester.display_name
            write(ticket, now, requester=requester, organization=requester.organization)
            ticket.participants.remove(requester)
            events.record(
                ticket, Kind.REQUESTER_CHANGED, at=now, now=now, actor=actor,
                **events.from_to(before, requester.display_name),
            )  # fmt: skip
    return ticket


def follow_company(
    *, ticket: Ticket, former: Organization | None, actor: User | None, now: datetime
) -> Ticket:
    """The ticket of a customer who came from ``former`` to another company goes along."""
    with locked(ticket):
        customer = ticket.requester
        write(ticket, now, organization=customer.organization)
        events.record(
            ticket, Kind.REQUESTER_CHANGED, at=now, now=now, actor=actor,
            **events.from_to(_of(customer, former), _of(customer, customer.organization)),
        )  # fmt: skip
    return ticket


def link(
    *,
    ticket: Ticket,
    other: Ticket,
    actor: User | None,
    now: datetime,
    kind: str = TicketLink.Kind.RELATED,
) -> TicketLink:
    """Says that ``ticket`` is related to, split from or the follow-up of ``other``.

    Stands in the history of both. Linking what is linked changes nothing. Raises Invalid.
    """
    if kind not in TicketLink.Kind.values:
        raise Invalid(f"«{kind[:40]}» is not a kind of link.", "kind")
    if ticket.pk == other.pk:
        raise Invalid("A ticket cannot be linked to itself.", "reference")
    with transaction.atomic():
        lock_both(ticket, other)
        ends = Q(ticket=ticket, other=other) | Q(ticket=other, other=ticket)
        known = TicketLink.objects.filter(ends, kind=kind).first()
        if known:
            return known
        row = TicketLink.objects.create(ticket=ticket, other=other, kind=kind)
        for end, far in ((ticket, other), (other, ticket)):
            events.record(
                end, Kind.LINKED, at=now, now=now, actor=actor, other=far.reference, how=str(kind)
            )
    return row


def leaver_of(ticket: Ticket, team: Team, members: Container[int] | None = None) -> User | None:
    """The assignee who cannot keep the ticket in ``team``; an executive or expert is of none.

    ``members`` are the ids of the team's people, for who knows them already.
    """
    person = ticket.assignee
    if person is None or person.role not in OF_A_TEAM:
        return None
    if members is None:
        stays = person.memberships.filter(team=team).exists()
    else:
        stays = person.pk in members
    return None if stays else person


def _of(customer: Contact, company: Organization | None) -> str:
    name = customer.display_name
    return f"{name} ({company.name})" if company else name
