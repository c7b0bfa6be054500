"""When somebody leaves: what they answered for goes back to its teams, and the leads are told."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal

from tickets import events
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Membership, Team, User
from tickets.querysets import TicketQuerySet
from tickets.services.locking import locked, write
from tickets.services.mailing import one_line

# Sent with people=; every listener answers with the ids of the tickets it will change on ``left``.
holding = Signal()
# Sent with person=, actor=, now= in the transaction in which they left, their tickets put back.
left = Signal()


def answered_for(person: User) -> TicketQuerySet:
    """The open tickets that are ``person``'s."""
    return Ticket.objects.active().filter(assignee=person)


def hold(*people: User) -> None:
    """Locks whatever their leaving changes, in the order of everywhere: tickets, then people.

    What came to them while a row was waited for is locked too. Call it before any of them changes.
    """
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=[each.pk for each in people])
    while True:
        taken = transaction.savepoint()
        found = _concerned(people)
        list(
            Ticket.objects.select_for_update(no_key=True)
            .filter(pk__in=found)
            .order_by("pk")
            .values("pk")
        )
        list(rows.order_by("pk").values("pk"))
        if _concerned(people) <= found:
            transaction.savepoint_commit(taken)
            return
        transaction.savepoint_rollback(taken)


@transaction.atomic
def put_back(*, person: User, actor: User | None, now: datetime) -> int:
    """Takes ``person``, who left, off every ticket that is not closed; how many were open.

    Solved ones too, since a customer may reopen them. Each ticket's history says so, and the leads
    of each team hear once which open ones are nobody's now; administrators where a team has none.
    From here on the person is inactive: call it before other changes of their row are written.
    """
    hold(person)
    User.objects.filter(pk=person.pk, is_active=True).update(is_active=False)
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
    left.send(sender=User, person=person, actor=actor, now=now)
    return sum(map(len, found.values()))


def _concerned(people: Collection[User]) -> set[int]:
    rows = Ticket.objects.filter(assignee__in=people).exclude(status=Status.CLOSED)
    further: list[Any] = [ids for _, ids in holding.send(sender=User, people=people)]
    return set(rows.values_list("pk", flat=True)).union(*further)


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
