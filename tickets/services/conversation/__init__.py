"""What is said on a ticket: the customer's messages, replies with their hold, notes, progress."""

from tickets.services.conversation.customer import customer_message
from tickets.services.conversation.held import (
    edit_held,
    recall,
    retime_holds,
    send_now,
    why_not_held,
    written_on,
)
from tickets.services.conversation.internal import is_of_the_desk, note
from tickets.services.conversation.replies import progress, reply
from tickets.services.conversation.undelivered import undelivered

__all__ = [
    "customer_message",
    "edit_held",
    "is_of_the_desk",
    "note",
    "progress",
    "recall",
    "reply",
    "retime_holds",
    "send_now",
    "undelivered",
    "why_not_held",
    "written_on",
]
