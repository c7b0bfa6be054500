"""What becomes of a mail: ignored, for a person, joined to a ticket, or a new one; pure.

A sender's address proves nothing and a ticket's number is no secret, so only two things lead into
an existing conversation: a reply address that we signed for it, or an answer to one of its mails
(or its number in the subject) from somebody who already takes part. Anybody else opens a ticket.

Mail from a colleague's address never speaks for the colleague. Where it points at a conversation it
is put before a person, because as the customer's words it would be wrong and as the colleague's it
might be forged. Where it does not, the colleague is a customer like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tickets.inbound.parsing import ParsedMail


class Via(StrEnum):
    TOKEN = "token"  # noqa: S105  the address it was sent to was signed by us
    THREAD = "thread"  # it answers a mail that we sent
    OWN_THREAD = "own_thread"  # it answers another mail of the customer's
    SUBJECT = "subject"  # its subject names the ticket


# What only whom we wrote to can know; a sender's address and the rest, anybody may write.
PROVEN = frozenset({Via.TOKEN, Via.THREAD})


class Fate(StrEnum):
    IGNORE = "ignore"
    ASK = "ask"
    JOIN = "join"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that the mail points at, and whether its sender already takes part there."""

    ticket: int
    via: Via
    takes_part: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the database knows about a mail."""

    is_ours: bool = False
    colleague: str = ""
    answers_us: bool = False  # it answers a mail of ours, of a ticket or not, such as an alert
    candidates: Sequence[Candidate] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """``ticket`` is set where the fate is to join; ``is_proven`` where its sender must be who they say."""

    fate: Fate
    because: str = ""
    ticket: int = 0
    is_proven: bool = True


def decide(mail: ParsedMail, sight: Sight, *, insist: bool = False) -> Decision:
    """``insist``: a person has looked at it and wants it taken as a customer's mail all the same."""
    if sight.is_ours:
        return Decision(Fate.IGNORE, "Our own mail came back.")
    if not insist and (because := _ignored_because(mail, sight)):
        return Decision(Fate.IGNORE, because)
    if mail.sender is None:
        return Decision(Fate.ASK, "It has no usable sender's address.")
    if sight.colleague and (sight.candidates or sight.answers_us) and not insist:
        return Decision(
            Fate.ASK,
            f"It comes from the address of {sight.colleague}, who works here, and answers us. "
            "A sender can be forged, so nothing was written on a ticket.",
        )
    for candidate in sight.candidates:
        if candidate.via is Via.TOKEN or (candidate.takes_part and not mail.other_senders):
            proven = candidate.via in PROVEN
            return Decision(Fate.JOIN, candidate.via, candidate.ticket, is_proven=proven)
    return Decision(Fate.OPEN)


def _ignored_because(mail: ParsedMail, sight: Sight) -> str:
    if mail.bounce:
        return f"A bounce: {mail.bounce}."
    if mail.automatic:
        return f"An automatic mail: {mail.automatic}."
    # A customer may write through a group of their own; a signed address shows that they do.
    if mail.bulk and not any(each.via is Via.TOKEN for each in sight.candidates):
        return f"A mailing: {mail.bulk}."
    return ""
