"""What a change of many tickets takes along without being told to, so that its preview can say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tickets.lifecycle import ACTIVE, ASIDE
from tickets.models import Ticket
from tickets.people.models import Membership, Team
from tickets.services.bulk.wording import Change, Wanted, when
from tickets.services.lapsing import lines_held_on
from tickets.services.triage.belonging import leaver_of
from tickets.services.triage.status import DONE
from tickets.services.triage.waiting import waited_on


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the tickets: how many progress lines are held on each, who is of the team to
    which they are moved, and on which the customer waits for an answer."""

    lines: Mapping[int, int]
    members: frozenset[int]
    unanswered: frozenset[int]


def beside(tickets: Sequence[Ticket], wanted: Wanted) -> Beside:
    """For all of these at once: a query for the team, and where they matter one for the lines and one for
    who waits."""
    done = wanted.get("status") in DONE
    lines = Counter(lines_held_on(tickets)) if done else Counter[int]()
    of_it = Membership.objects.filter(team=wanted["team"]) if "team" in wanted else None
    members = () if of_it is None else of_it.values_list("user_id", flat=True)
    return Beside(lines, frozenset(members), frozenset(waited_on(tickets) if done else ()))


def consequences(ticket: Ticket, wanted: Wanted, known: Beside) -> Iterator[Change]:
    """Each in words; none of it has a step of its own."""
    if "status" in wanted and wanted["status"] != ticket.status:
        yield from _return(ticket, wanted)
        if ticket.pk in known.unanswered:
            yield Change("unanswered", "customer's message", "", "not answered yet")
        if lines := known.lines.get(ticket.pk, 0):
            what = "held progress line" if lines == 1 else f"{lines} held progress lines"
            yield Change("lines", what, "", "taken back, not sent")
    if "team" in wanted and wanted["team"].pk != ticket.team_id and "assignee" not in wanted:
        yield from _hands(ticket, wanted, known)


def _hands(ticket: Ticket, wanted: Wanted, known: Beside) -> Iterator[Change]:
    """Who lets go of what is moved, and that another team gives by itself what nobody has."""
    team: Team = wanted["team"]
    leaver = leaver_of(ticket, team, known.members)
    after = "nobody"
    if team.assignment != Team.Assignment.NONE and (
        ticket.is_active or wanted.get("status") in ACTIVE
    ):
        after = f"whoever's turn it is in {team}"
    if leaver:
        yield Change("let_go", "assignee", leaver.name, after)
    elif ticket.assignee_id is None and after != "nobody":
        yield Change("given", "assignee", "nobody", after)


def _return(ticket: Ticket, wanted: Wanted) -> Iterator[Change]:
    """When it comes back, where only the status decides that."""
    if wanted.get("comes_back_at") or (ticket.comes_back_at and "comes_back_at" in wanted):
        return
    if wanted["status"] not in ASIDE:
        if ticket.comes_back_at:
            yield Change("returns", "comes back", when(ticket.comes_back_at), "no more")
    elif not ticket.comes_back_at and ticket.status not in ASIDE:
        yield Change("returns", "comes back", "", when(None))
