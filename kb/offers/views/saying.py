"""What was done about an offer and what is left to do, in words for who has just done it."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from kb.offers.models import Grant
from kb.offers.services import Reach
from tickets.models import Message
from tickets.people.models import User

IN_REPLY, NOT_IN_REPLY = "its words are in your reply.", "see to it that they are told."
OF_ANOTHER = "is granted. Its words are in the reply of who asked, who is told."
OF_NOBODY = (
    "is granted. Who asked may not reply here any more: see to it that the customer is told."
)
STATES = {
    Grant.State.GRANTED: "is granted. The customer does not know yet",
    Grant.State.REQUESTED: "is asked for. You are told by mail what is decided; promise nothing before.",
    Grant.State.REFUSED: "is refused. Who asked is told.",
    Grant.State.REVERSED: "is reversed.",
}


Says = Callable[[Grant, User], str]


def left_to_do(row: Grant, user: User) -> str:
    said = STATES[Grant.State(row.state)]
    if row.state == Grant.State.GRANTED and row.requested_by_id == user.pk:
        said = f"{said}: {IN_REPLY if row.is_in_reply else NOT_IN_REPLY}"
    elif row.state == Grant.State.GRANTED:
        said = OF_ANOTHER if row.is_in_reply else OF_NOBODY
    elif row.state == Grant.State.REVERSED and row.reach:
        said = " ".join([said, *_became(row, row.reach, user)])
    return f"{row.words} {said}"


def known(row: Grant, user: User) -> str:
    """What somebody has said of the customer."""
    knows = "knows of it" if row.is_told else "does not know of it yet"
    return f"{row.words}: noted that the customer {knows}."


def _became(row: Grant, reach: Reach, user: User) -> list[str]:
    """What became of its words, and whether the customer has to be told."""
    said = []
    for message in reach.waiting:
        was = f"{whose(message, user)} that was to leave at {leaves(message)} is recalled"
        into = f" into {'your' if message.author == user else 'their'} draft"
        told = "" if message.author == user else "; its writer is told"
        said.append(f"{was}{into if message in reach.drafted else ''}{told}.")
    said += [
        f"{whose(each, user)} leaves at {leaves(each)}: look whether it speaks of it."
        for each in reach.others
    ]
    if row.is_told or reach.left:
        said.append("The customer knows of it: tell them that it is reversed.")
    elif row.told == Grant.Told.NOT_YET:
        said.append("The customer had not been told of it.")
    else:
        said.append("If the customer knows of it, tell them.")
    return said


def whose(message: Message, user: User) -> str:
    """«Your reply», «The progress line of Ana»."""
    what = message.get_kind_display().lower()
    if message.author == user:
        return f"Your {what}"
    return f"The {what} of {message.author.name}" if message.author else f"A {what}"


def leaves(message: Message) -> str:
    return _clock(message.mail.release_at) if message.mail else ""


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
