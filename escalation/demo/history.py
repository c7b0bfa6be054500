"""Ten days of Northlight, lived through the product's own services with time passed in.

Nothing is written into tables behind the services' backs: tickets open, agents answer, mail
leaves its hold, deadlines pass and escalate, only faster. So the demo's clocks really run.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from escalation import raising
from escalation.demo import giving
from escalation.demo.people import Company
from escalation.demo.reactions import Reactions
from escalation.demo.stories import STORIES, Story
from escalation.models import Clock, Escalation
from tickets.errors import ServiceRefused
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import Delivery, OutgoingMail
from tickets.people.models import Contact, Order, User
from tickets.services import conversation, opening, triage
from tickets.services.locking import reload

Progress = Callable[[int, int], None]
Action = Callable[[datetime], None]
DAYS = 10
RECENT = 2  # what is still open began within so many days
STEP = timedelta(minutes=30)  # how often the timers look
# How the story of a ticket at work goes, and how many of sixty go so.
AT_WORK = {
    "fresh": 14,  # nobody has answered yet
    "talking": 18,  # the customer's turn or ours, going on
    "waiting": 14,  # pending: the customer was asked
    "on_hold": 8,  # a third party has to do something
    "held": 6,  # a reply has just been written and waits
}
ENDED = {"solved": 28, "closed": 12}


class History:
    """Plays stories over the days before ``now``, in order of time.

    ``alone`` keeps the hands off what happens to other tickets meanwhile: only what these stories
    raise is reacted to.
    """

    def __init__(
        self, company: Company, now: datetime, dice: random.Random, *, alone: bool = False
    ) -> None:
        self.company, self.now, self.dice = company, now, dice
        self.queue: list[tuple[datetime, int, Action]] = []
        self.order = itertools.count()
        self.count = self.opened = 0
        self.tick = now - timedelta(days=DAYS)
        self.ours: set[int] | None = set() if alone else None
        self.reactions = Reactions(self._at, dice, self.ours)
        self.agents: dict[int, list[User]] = {}
        # Each customer's first order, by number.
        orders = Order.objects.order_by("-pk").values_list("contact", "number")
        self.orders: dict[int, str] = dict(orders)

    def play(self, fates: Sequence[str], progress: Progress) -> None:
        """One ticket for each fate: of ``AT_WORK`` or ``ENDED``."""
        self.count = len(fates)
        for fate in fates:
            self._plan_opening(fate)
        while self.queue:
            at, _, action = heapq.heappop(self.queue)
            self._live_until(at)
            action(at)
            progress(self.opened, self.count)
        self._let_time_pass(self.now)

    def _live_until(self, at: datetime) -> None:
        """The timers' looks before ``at``; those that would find nothing are passed over."""
        while self.tick + STEP < at:
            due = _next_due(at)
            steps = -((self.tick - due) // STEP) if due else 0  # rounded up
            reached = self.tick + STEP * max(1, steps)
            if due is None or reached >= at:
                self.tick += STEP * ((at - self.tick) // STEP)
                return
            self.tick = reached
            self._let_time_pass(reached)

    def _let_time_pass(self, at: datetime) -> None:
        while raising.raise_next(at):
            pass
        outbox.deliver_due(at)
        self.reactions.look(at)

    def _at(self, at: datetime, action: Action) -> None:
        """Plans ``action``; what would lie in the future simply does not happen."""
        if at < self.now:
            heapq.heappush(self.queue, (at, next(self.order), action))

    def _plan_opening(self, fate: str) -> None:
        story = self.dice.choice(STORIES)
        contact = self.dice.choice(self.company.contacts)
        self._at(self._opening_instant(fate), lambda at: self._open(at, story, contact, fate))

    def _opening_instant(self, fate: str) -> datetime:
        if fate == "held":
            return self.now - timedelta(minutes=self.dice.randint(8, 25))
        if fate == "fresh":
            return self.now - timedelta(minutes=int(self.dice.triangular(1, 60 * 40, 90)))
        days = DAYS if fate in {"solved", "closed"} else RECENT
        return self.now - timedelta(minutes=self.dice.randint(300, days * 24 * 60 - 60))

    def _open(self, at: datetime, story: Story, contact: Contact, fate: str) -> None:
        ticket = opening.open_ticket(
            subject=story.subject,
            body=story.body.format(order=self._order_of(contact)),
            requester=contact,
            channel=self.dice.choice(["email", "email", "email", "form", "portal"]),
            category=self.company.categories[story.category],
            priority=self.dice.choices(["low", "normal", "high", "urgent"], [10, 70, 15, 5])[0],
            now=at,
        )
        self.opened += 1
        if self.ours is not None:
            self.ours.add(ticket.pk)
        agent = self.dice.choice(self._agents_of(ticket))
        if fate != "fresh" or self.dice.random() < 0.4:
            self._at(
                at + timedelta(minutes=self.dice.randint(1, 6)),
                lambda then: self._assign(ticket, agent, then),
            )
        if fate != "fresh":
            wait = self.dice.randint(7, 9) if fate == "held" else self.dice.randint(15, 240)
            self._at(
                at + timedelta(minutes=wait),
                lambda then: self._answer(ticket, agent, story, fate, 0, then),
            )

    def _order_of(self, contact: Contact) -> str:
        return self.orders[contact.pk]

    def _agents_of(self, ticket: Ticket) -> list[User]:
        if ticket.team_id not in self.agents:
            here = User.objects.filter(is_active=True).order_by("pk")
            agents = here.filter(memberships__team=ticket.team_id, role="agent")
            self.agents[ticket.team_id] = list(agents or here)
        return self.agents[ticket.team_id]

    def _assign(self, ticket: Ticket, agent: User, at: datetime) -> None:
        reload(ticket)
        if ticket.is_active and ticket.assignee_id is None:
            triage.assign(ticket=ticket, assignee=agent, actor=agent, now=at)

    def _answer(
        self, ticket: Ticket, agent: User, story: Story, fate: str, turn: int, at: datetime
    ) -> None:
        reload(ticket)
        if not ticket.is_active:
            return
        writer = ticket.assignee or agent
        words = story.answers[min(turn, len(story.answers) - 1)].format(
            first_name=ticket.requester.name.split()[0],
            agent=writer.first_name,
            order=self._order_of(ticket.requester),
        )
        if story.gift and fate != "held" and turn == 0:
            given = giving.give(self._at, ticket, writer, story.gift, at)
            words = "\n\n".join(filter(None, (words, given)))
        conversation.reply(ticket=ticket, author=writer, body=words, now=at)
        if self.dice.random() < 0.25:
            conversation.note(
                ticket=ticket,
                author=writer,
                body="Checked the order history: nothing unusual. Answered from the manual.",
                now=at + timedelta(seconds=40),
            )
        self._continue(ticket, writer, story, fate, turn, at)

    def _continue(
        self, ticket: Ticket, agent: User, story: Story, fate: str, turn: int, at: datetime
    ) -> None:
        later = at + timedelta(minutes=self.dice.randint(45, 400))
        if fate in {"waiting", "on_hold"}:
            status = Status.PENDING if fate == "waiting" else Status.ON_HOLD
            self._at(
                at + timedelta(minutes=33), lambda then: self._set(ticket, status, agent, then)
            )
        elif fate == "talking" and turn < 2:
            self._at(later, lambda then: self._customer(ticket, story.follow_up, then))
            self._at(
                later + timedelta(minutes=self.dice.randint(20, 600)),
                lambda then: self._answer(ticket, agent, story, fate, turn + 1, then),
            )
        elif fate in {"solved", "closed"}:
            if self.dice.random() < 0.5:
                self._at(later, lambda then: self._customer(ticket, story.thanks, then))
            self._at(
                later + timedelta(minutes=20),
                lambda then: self._set(ticket, Status.SOLVED, agent, then),
            )
            if fate == "closed":
                self._at(
                    later + timedelta(hours=30),
                    lambda then: self._set(ticket, Status.CLOSED, agent, then),
                )

    def _customer(self, ticket: Ticket, words: str, at: datetime) -> None:
        reload(ticket)
        if ticket.status != Status.CLOSED:
            conversation.customer_message(
                ticket=ticket, contact=ticket.requester, body=words, received_at=at, now=at
            )

    def _set(self, ticket: Ticket, status: Status, agent: User, at: datetime) -> None:
        reload(ticket)
        if (ticket.status != status and ticket.is_active) or status == Status.CLOSED:
            try:
                triage.set_status(ticket=ticket, status=status, actor=agent, now=at)
            except ServiceRefused:
                return


def draw(dice: random.Random, fates: dict[str, int], count: int) -> list[str]:
    """So many fates, as often as their weights say."""
    return dice.choices(list(fates), weights=list(fates.values()), k=count)


def _next_due(before: datetime) -> datetime | None:
    """The earliest instant at which a clock, a climb or a mail has something to do; one query."""
    clocks = Clock.objects.filter(next_step_at__lt=before).order_by()
    climbs = Escalation.objects.filter(next_step_at__lt=before).order_by()
    mails = Delivery.objects.filter(next_try_at__lt=before).order_by()
    held = OutgoingMail.objects.filter(state="held", release_at__lt=before).order_by()
    first = clocks.values_list("next_step_at").union(
        climbs.values_list("next_step_at"),
        mails.values_list("next_try_at"),
        held.values_list("release_at"),
        all=True,
    )
    found = first.order_by("next_step_at").first()
    return found[0] if found else None
