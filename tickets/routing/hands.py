"""Who of a team is at work, with how much to do and which skills; and what a ticket needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from tickets.leading import assignable
from tickets.models import Ticket
from tickets.people.models import Absence, Team, User
from tickets.routing.models import Need


@dataclass(slots=True)
class Hand:
    """Somebody of the team. ``open`` counts what they have in all their teams."""

    person: User
    open: int
    most: int | None
    skills: frozenset[int] = frozenset()
    absence: Absence | None = None

    @property
    def has_room(self) -> bool:
        return self.most is None or self.open < self.most


def hands_of(team: Team, now: datetime) -> list[Hand]:
    """Everybody who may be given the team's tickets, by number; three queries."""
    people = list(assignable(team).annotate(open=Coalesce(_open(), 0)).prefetch_related("skills"))
    out = Absence.objects.of_each(now, [person.pk for person in people]) if people else {}
    return [
        Hand(
            person=person,
            open=person.open,
            most=team.most_open if person.most_open is None else person.most_open,
            skills=frozenset(skill.pk for skill in person.skills.all()),
            absence=out.get(person.pk),
        )
        for person in people
    ]


def needed_by(tickets: Iterable[Ticket]) -> dict[int, dict[int, str]]:
    """For each ticket, by number, the skills that it needs, by number and name; three queries."""
    tickets = list(tickets)
    tags: dict[int, set[int]] = {ticket.pk: set() for ticket in tickets}
    needs = list(Need.objects.select_related("skill").order_by("skill__name", "pk"))
    if any(need.tag_id for need in needs):
        rows = Ticket.tags.through.objects.filter(ticket__in=list(tags))
        for ticket, tag in rows.values_list("ticket_id", "tag_id"):
            tags[ticket].add(tag)
    return {
        ticket.pk: {
            need.skill_id: need.skill.name for need in needs if _asks(need, ticket, tags[ticket.pk])
        }
        for ticket in tickets
    }


def _asks(need: Need, ticket: Ticket, tags: set[int]) -> bool:
    """«pt-br» is met by what is said of it and by what is said of pt."""
    if need.language:
        code = ticket.requester.language
        return need.language in {code, code.partition("-")[0]}
    return need.category_id == ticket.category_id or need.tag_id in tags


def _open() -> Subquery:
    theirs = Ticket.objects.active().filter(assignee=OuterRef("pk")).order_by()
    return Subquery(theirs.values("assignee").annotate(count=Count("pk")).values("count"))
