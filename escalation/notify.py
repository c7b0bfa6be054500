"""Whom a level of a path means, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from textwrap import shorten
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Left

from escalation.deeds import Alert, Deeds
from escalation.models import Escalation, Step
from escalation.sla import wording
from escalation.specs import Spec
from tickets.models import Message, Ticket
from tickets.outbox.services import Recipient, is_mailable
from tickets.people.models import Absence, Membership, User

Who = Step.Who
MOST_RECIPIENTS = 50
LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a step reaches, and what there is to say of those who are out."""

    people: list[User]
    remark: str = ""


@dataclass(slots=True)
class Crew:
    """The people who work here, read once for a whole pass; without ``now`` nobody is out."""

    now: datetime | None = None
    people: dict[int, User] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    leads: dict[int, list[int]] = field(default_factory=dict)
    out: dict[int, Absence] = field(default_factory=dict)
    _read: bool = False

    def mean(self, step: Spec, ticket: Ticket) -> list[User]:
        """Everybody a step means who works here and can be told; perhaps nobody."""
        return self.reach(step, ticket).people

    def reach(self, step: Spec, ticket: Ticket) -> Meant:
        """The same; for who is out their deputy, and in words who that was."""
        self._load()
        numbers = self._numbers(step, ticket)
        found = (self.people.get(pk) for pk in numbers if pk is not None)
        meant: dict[int, User] = {}
        remarks: list[str] = []
        for person in (person for person in found if person is not None):
            stands_in = self._standing_in(person)
            if person.pk in self.out:
                remarks.append(_is_out(self.out[person.pk], stands_in))
            if stands_in is not None and _is_told(stands_in, step):
                meant.setdefault(stands_in.pk, stands_in)
        return Meant(list(meant.values()), " ".join(remarks))

    def covering(self, numbers: Iterable[int | None], team: int | None = None) -> list[User]:
        """Those people and the members of ``team`` who work here, each once; for who is out of
        office whoever stands in."""
        self._load()
        known = [*numbers, *self.members.get(team or 0, ())]
        people = (self.people[pk] for pk in known if pk in self.people)
        found = (self._standing_in(person) for person in people)
        return list({each.pk: each for each in found if each is not None}.values())

    def _standing_in(self, person: User) -> User | None:
        """The person, or whoever stands in while they are out; nobody where all those are out."""
        seen: set[int] = set()
        while (absence := self.out.get(person.pk)) is not None:
            seen.add(person.pk)
            deputy = self.people.get(absence.deputy_id or 0)
            if deputy is None or deputy.pk in seen:
                return None
            person = deputy
        return person

    def last_resort(self) -> list[User]:
        """The administrators; supervisors, or whoever is there, where no administrator is.

        Those who are out only where nobody else is left. Where none of them can be mailed, they
        are told on the desk.
        """
        self._load()
        everybody = list(self.people.values())
        at_work = [person for person in everybody if person.pk not in self.out]
        mailable = [[each for each in rows if each.email] for rows in (at_work, everybody)]
        for rows in (*mailable, at_work, everybody):
            for fits in (_is_admin, _is_supervisor, lambda person: True):
                chosen = [person for person in rows if fits(person)]
                if chosen:
                    return chosen[:MOST_RECIPIENTS]
        return []

    def at_hand(self) -> dict[int, User]:
        """Everybody who works here, by number."""
        self._load()
        return self.people

    def sees(self, person: User, ticket: Ticket) -> bool:
        """Whether they see the ticket without its being put before them."""
        self._load()
        of_team = person.pk in self.members.get(ticket.team_id, ())
        desk = person.role in (User.Role.AGENT, User.Role.SUPERVISOR)
        return _is_admin(person) or ticket.assignee_id == person.pk or (desk and of_team)

    def _numbers(self, step: Spec, ticket: Ticket) -> Iterable[int | None]:
        who = step["who"]
        if who == Who.PERSON:
            return [step["person"]]
        if who == Who.ASSIGNEE:
            return [ticket.assignee_id]
        if who == Who.TEAM:
            return self.members.get(step["team"], [])
        if who == Who.SUPERVISORS:
            return self.leads.get(ticket.team_id, [])
        if who == Who.NAMED:
            return [ticket.requester.named_person_id]
        if who == Who.ROLE:
            return [pk for pk, person in self.people.items() if person.role == step["role"]]
        return [pk for pk, person in self.people.items() if _is_admin(person)]

    def _load(self) -> None:
        if self._read:
            return
        active = User.objects.filter(is_active=True).order_by("pk")
        people = {person.pk: _reachable(person) for person in active}
        out = Absence.objects.of_each(self.now) if self.now is not None else {}
        rows = Membership.objects.order_by("pk").values_list("team_id", "user_id", "leads")
        several = list(rows)
        # Only now: what fails half-way is read again, and never taken for an empty house.
        self.people, self.out, self._read = people, out, True
        for team, user, leads in several:
            self.members.setdefault(team, []).append(user)
            if leads and user in self.people and self.people[user].may_lead:
                self.leads.setdefault(team, []).append(user)


def tell(
    *,
    row: Escalation,
    ticket: Ticket,
    people: Sequence[User],
    level: int,
    remark: str,
    deeds: Deeds,
    crew: Crew,
    by_mail: bool,
) -> None:
    """Puts the ticket before ``people`` and, ``by_mail``, queues mails per time zone, each to 50 at most."""
    for person in people:
        if not crew.sees(person, ticket):
            deeds.involve.append((ticket, person, row.because))
    if not by_mail:
        return
    zones: dict[ZoneInfo, list[Recipient]] = {}
    for person in [each for each in people if each.email]:
        zones.setdefault(person.zone, []).append(Recipient(person.email, one_line(person.name)))
    said = last_words(ticket) if zones else ""
    for zone, recipients in zones.items():
        text = _text(row, ticket, level, remark, zone, said)
        for first in range(0, len(recipients), MOST_RECIPIENTS):
            some = recipients[first : first + MOST_RECIPIENTS]
            deeds.alerts.append(Alert(some, subject(row, ticket), text))


def subject(row: Escalation, ticket: Ticket) -> str:
    what = {
        Escalation.Trigger.WARNING: "Due soon",
        Escalation.Trigger.BREACH: "Late",
        Escalation.Trigger.HAND_OVER: "Handed to you",
    }.get(Escalation.Trigger(row.trigger), "Needs you")
    return f"[{ticket.reference}] {what}: {one_line(ticket.subject)}"[:200]


def handed_back(*, ticket: Ticket, person: User, by: User, note: str, deeds: Deeds) -> None:
    """Tells the agent who works on the ticket again."""
    text = "\n".join(
        [
            f"{by.name} has handed {ticket.reference} back to you.",
            "",
            note,
            "",
            f"Open it: {address(ticket)}",
        ]
    )
    if is_mailable(person.email):
        line = f"[{ticket.reference}] Back to you: {one_line(ticket.subject)}"[:200]
        deeds.alerts.append(Alert([Recipient(person.email, one_line(person.name))], line, text))


def address(ticket: Ticket) -> str:
    return f"{settings.BASE_URL}/tickets/{ticket.reference}/"


def last_words(ticket: Ticket) -> str:
    """What the customer wrote last, in short: enough to judge by on the telephone."""
    written = Message.objects.filter(ticket=ticket, kind=Message.Kind.CUSTOMER)
    latest = written.order_by("-at", "-pk").values_list(Left("body", 4 * LONGEST_WORDS), flat=True)
    return shorten(one_line(latest.first() or ""), LONGEST_WORDS, placeholder=" …")


def _text(
    row: Escalation, ticket: Ticket, level: int, remark: str, zone: ZoneInfo, said: str
) -> str:
    clock = row.clock
    due = _due(clock.due_at, zone) if clock else ""
    facts = [
        ("Customer", one_line(ticket.requester.display_name)),
        ("Subject", one_line(ticket.subject)),
        ("Team", ticket.team.name),
        ("Assigned to", ticket.assignee.name if ticket.assignee else "nobody"),
        ("Priority", ticket.get_priority_display()),
        ("Due", due),
        ("Since", wording.exact(row.started_at, zone)),
        ("Level", str(level)),
    ]
    lines = [row.because, ""]
    lines += [f"{name}: {value}" for name, value in facts if value]
    lines += ["", f"The customer's last words: «{said}»"] if said else []
    lines += ["", f"Note: {remark}"] if remark else []
    lines += ["", f"Open it, acknowledge it or take it over: {address(ticket)}"]
    return "\n".join(lines)


def _due(at: datetime | None, zone: ZoneInfo) -> str:
    return wording.exact(at, zone) if at else ""


def one_line(text: str) -> str:
    """Text for a header or one line: no control characters, nothing that turns the direction."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _reachable(person: User) -> User:
    """A mistyped address is none: the next level is told instead of nobody."""
    if not is_mailable(person.email):
        person.email = ""
    return person


def _is_told(person: User, step: Spec) -> bool:
    return step["channel"] == Step.Channel.DESK or bool(person.email)


def _is_out(absence: Absence, deputy: User | None) -> str:
    until = wording.exact(absence.ends_at, absence.user.zone)
    then = f"; {deputy.name} stands in" if deputy else ""
    return f"{absence.user.name} is out until {until}{then}."


def _is_admin(person: User) -> bool:
    return person.is_superuser or person.role == User.Role.ADMIN


def _is_supervisor(person: User) -> bool:
    return person.role == User.Role.SUPERVISOR
