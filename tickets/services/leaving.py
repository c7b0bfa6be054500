"""When somebody leaves: what they answered for goes back to its teams, and the leads are told."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tickets import events
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, Team, User
from tickets.querysets import TicketQuerySet
from tickets.services.locking import locked, write
from tickets.services.mailing import one_line


def answered_for(person: User) -> TicketQuerySet:
    """The open tickets that are ``person``'s."""
    return Ticket.objects.active().filter(assignee=person)


@transaction.atomic
def put_back(*, person: User, actor: User | None, now: datetime) -> int:
    """Takes ``person``, who left, off every ticket that is not closed; how many were open.

    Solved ones too, since a customer may reopen them. Each ticket's history says so, and the leads
    of each team hear once which open ones are nobody's now; administrators where a team has none.
    Call it in the transaction that made the person inactive, after it.
    """
    rows = Ticket.objects.filter(assignee=person).exclude(status=Status.CLOSED)
    found: dict[Team, list[Ticket]] = {}
    for ticket in rows.select_related("team").order_by("pk"):
        with locked(ticket):
            if ticket.assignee_id != person.pk or ticket.status == Status.CLOSED:
                continue
            write(ticket, now, assignee=None)
            events.record(
                ticket, TicketEvent.Kind.ASSIGNED, at=now, now=now, actor=actor, to_id=None,
                because=f"{person.name} does not work here any more.",
                **events.from_to(person.name, None),
            )  # fmt: skip
        if ticket.is_active:
            found.setdefault(ticket.team, []).append(ticket)
    for team, tickets in found.items():
        _tell(person, team, tickets, now)
    return sum(map(len, found.values()))


def _tell(person: User, team: Team, tickets: list[Ticket], now: datetime) -> None:
    recipients = outbox.reachable((each.email, each.name) for each in _answerable(person, team))
    if not recipients:
        return
    lines = [f"{each.reference}: {each.subject} ({_address(each)})" for each in tickets]
    outbox.queue(
        purpose=OutgoingMail.Purpose.ALERT,
        recipients=recipients,
        subject=one_line(
            f"Nobody's now: {len(tickets)} open tickets of {person.name} in {team.name}"
        ),
        text="\n".join(
            [
                f"{person.name} does not work here any more. These open tickets of {team.name} "
                "are assigned to nobody; their deadlines run on.",
                "",
                *lines,
            ]
        ),
        headers={"Auto-Submitted": "auto-generated"},
        now=now,
    )


def _answerable(person: User, team: Team) -> Iterable[User]:
    """The team's leads, else the administrators."""
    here = User.objects.filter(is_active=True).exclude(pk=person.pk).order_by("pk")
    leads = here.filter(pk__in=Membership.objects.leading().filter(team=team).values("user"))
    return leads or here.filter(Q(is_superuser=True) | Q(role=User.Role.ADMIN))


def _address(ticket: Ticket) -> str:
    return f"{settings.BASE_URL}/tickets/{ticket.reference}/"
