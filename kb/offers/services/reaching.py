"""How far the words of an offer have got: into drafts, replies that wait, and those that have left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from kb.offers.models import Grant
from kb.offers.services.wording import texts_of
from kb.scripts.rendering import says
from tickets.access import Action, may
from tickets.errors import TooLate
from tickets.models import Draft, Message, Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.services import conversation, drafting

State = OutgoingMail.State


@dataclass(slots=True)
class Reach:
    """The replies of a ticket, as they concern what was granted there.

    ``waiting`` say it and can be recalled; ``others`` wait as well, and may speak of it in words of
    their own; ``left`` say it and can not be recalled any more. ``is_true_still``: something else is
    granted there in the same words.
    """

    waiting: list[Message] = field(default_factory=list)
    others: list[Message] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    drafted: list[Message] = field(default_factory=list)  # recalled, the rest in its writer's draft
    drafting: list[User] = field(default_factory=list)  # whose draft says it still
    is_true_still: bool = False

    @property
    def sent(self) -> Message | None:
        """The reply that the customer has."""
        return next((each for each in self.left if _state(each) == State.SENT), None)


def granted_on(ticket: Ticket) -> list[Grant]:
    return list(ticket.grants.filter(state=Grant.State.GRANTED).select_related("offer"))


def replies_on(ticket: Ticket, since: datetime) -> list[Message]:
    """What we wrote there and waits or has left since then, oldest first; one query."""
    out = Q(mail__state__in=[State.RELEASED, State.SENT], mail__released_at__gte=since)
    said = Message.objects.filter(Q(mail__state=State.HELD) | out, ticket=ticket)
    said = said.filter(kind__in=Message.HELD).select_related("mail", "author")
    return list(said.defer("mail__text", "mail__html").order_by("at", "pk"))


def reach_of(grant: Grant, replies: Sequence[Message], granted: Sequence[Grant]) -> Reach:
    """Which of ``replies`` say what was granted; ``granted`` is all that is on the ticket."""
    words = grant.offer.words
    others = (each.offer.words for each in granted if each.pk != grant.pk)
    reach = Reach(is_true_still=words in others)
    for each in replies:
        told = says(each.body, words)
        if _state(each) == State.HELD:
            (reach.waiting if told and not reach.is_true_still else reach.others).append(each)
        elif told and each.mail and (each.mail.released_at or each.at) >= grant.given_at:
            reach.left.append(each)
    return reach


def with_reach(grants: Iterable[Grant], ticket: Ticket) -> list[Grant]:
    """Each of ``grants`` that is granted knows how far its words have got; two queries more at most."""
    rows = list(grants)
    granted = granted_on(ticket) if any(each.state == Grant.State.GRANTED for each in rows) else []
    if not granted:
        return rows
    replies = replies_on(ticket, min(each.given_at for each in granted))
    for each in rows:
        if each.state == Grant.State.GRANTED:
            each.reach = reach_of(each, replies, granted)
    return rows


def is_known(grant: Grant, reach: Reach) -> bool:
    """Whether the customer knows of it, or will before anybody can do anything about it."""
    return grant.is_told or bool(reach.left)


def called_back(grant: Grant, reach: Reach, actor: User, now: datetime) -> Reach:
    """Recalls the replies that say it into their writers' drafts, and takes it out of all drafts.

    Under the ticket's lock. Who wins the race for a reply, the recall or its release, is decided by
    its row; ``left`` of what is returned has those that were too late. ``grant`` is as it was while
    it was granted.
    """
    outcome = Reach(others=reach.others, left=[*reach.left], is_true_still=reach.is_true_still)
    for message in reach.waiting:
        try:
            conversation.recall(message=message, actor=actor, now=now)
        except TooLate:
            if message.mail:
                message.mail.refresh_from_db(fields=["state", "sent_at", "released_at"])
            outcome.left.append(message)
        else:
            outcome.waiting.append(message)
            if _draft_again(grant, message, now):
                outcome.drafted.append(message)
    if not reach.is_true_still:
        outcome.drafting = _out_of_the_drafts(grant, now)
    return outcome


def _draft_again(grant: Grant, message: Message, now: datetime) -> bool:
    """What else it said is in its writer's draft again, below what they are typing; False where
    there is nothing else, or they may not reply any more."""
    author, ticket = message.author, grant.ticket
    if author is None or not may(author, Action.REPLY, ticket):
        return False
    rest = message.body
    for text in texts_of(grant, author, grant.given_at, message.at, now):
        rest = drafting.without(rest, text)
    if rest:
        drafting.add(ticket=ticket, author=author, kind=message.kind, text=rest, now=now)
    return bool(rest)


def _out_of_the_drafts(grant: Grant, now: datetime) -> list[User]:
    """Takes its words out of every draft where they stand as they were put in; who has others left."""
    ticket, drafts = grant.ticket, Draft.objects.filter(kind__in=Message.HELD)
    for each in drafts.filter(ticket=ticket).select_related("author").order_by("pk"):
        for text in texts_of(grant, each.author, grant.given_at, each.kept_at, now):
            drafting.take_out(ticket=ticket, author=each.author, kind=each.kind, text=text)
    left = drafts.filter(ticket=ticket).select_related("author").order_by("pk")
    return [each.author for each in left if says(each.body, grant.offer.words)]


def _state(message: Message) -> str:
    return message.mail.state if message.mail else ""
