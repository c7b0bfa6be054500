"""Who may stop a climb by acknowledging it: whoever it has reached, or somebody above them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from escalation.models import Escalation
from tickets.access import Action, NotAllowed, is_admin, may, outranks, require
from tickets.models import Ticket
from tickets.people.models import User

Told = dict[str, int | str]


def stoppable(
    actor: User,
    rows: Sequence[Escalation],
    ticket: Ticket,
    *,
    known: Mapping[int, User] | None = None,
) -> set[int]:
    """The numbers of those ``rows`` of ``ticket`` that ``actor`` may acknowledge; one query at most,
    none where everybody who works here is ``known``.

    Those at work cannot silence what climbs over their heads, only what was put to themselves,
    and nobody stops what has climbed past them. Where nobody who was told still works here, or
    nobody was told yet, it takes somebody above whoever is at work.
    """
    own = {row.pk for row in rows if actor.pk in _numbers(reached(row))}
    if not may(actor, Action.ACKNOWLEDGE, ticket):
        return own
    others = [row for row in rows if row.pk not in own]
    if is_admin(actor):
        return own | {row.pk for row in others}
    told = {number for row in others for number in _numbers(reached(row))}
    at_it = {ticket.assignee_id} if ticket.assignee_id else set()
    people = known if known is not None else _working(told | at_it)
    at_work = [people[pk] for pk in at_it if pk in people]
    above = (row for row in others if outranks(actor, _of(row, people) or at_work))
    return own | {row.pk for row in above}


def require_to_stop(actor: User, row: Escalation, ticket: Ticket) -> None:
    """Raises NotAllowed, in words, unless ``actor`` may acknowledge ``row``."""
    if row.pk in stoppable(actor, [row], ticket):
        return
    if not _was_told(actor, row):
        require(actor, Action.ACKNOWLEDGE, ticket)
    names = ", ".join(str(person["name"]) for person in reached(row))
    if not names:
        raise NotAllowed(
            "Nobody was told of this yet. Only somebody above whoever is at work on the ticket "
            "can acknowledge it now."
        )
    instead = (
        " You can take the ticket over instead." if may(actor, Action.TAKE_OVER, ticket) else ""
    )
    raise NotAllowed(
        f"This has climbed to level {_height(row)}, where {names} was told. Only who was told "
        f"there, or somebody above, can acknowledge it now.{instead}"
    )


def reached(row: Escalation) -> list[Told]:
    """The people told at the highest level that anybody was told at, as id and name."""
    height = _height(row)
    told: dict[int, Told] = {
        person["id"]: person
        for step in row.steps.all()
        if step.level == height
        for person in step.told
    }
    return list(told.values())


def _height(row: Escalation) -> int:
    return max((step.level for step in row.steps.all() if step.told), default=0)


def _was_told(actor: User, row: Escalation) -> bool:
    return any(actor.pk in _numbers(step.told) for step in row.steps.all())


def _numbers(told: Sequence[Told]) -> set[int]:
    return {int(person["id"]) for person in told}


def _working(numbers: Collection[int]) -> dict[int, User]:
    if not numbers:
        return {}
    return {user.pk: user for user in User.objects.filter(pk__in=numbers, is_active=True)}


def _of(row: Escalation, people: Mapping[int, User]) -> list[User]:
    return [people[number] for number in _numbers(reached(row)) if number in people]
