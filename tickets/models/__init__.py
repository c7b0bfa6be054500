"""The conversation: tickets, what was said on them, and everything that happened to them."""

from tickets.models.drafts import Draft
from tickets.models.events import TicketEvent
from tickets.models.messages import Attachment, Message
from tickets.models.relations import Involvement, TicketLink
from tickets.models.sorting import Category, Tag
from tickets.models.tickets import IS_ACTIVE, STATUS_CHOICES, Ticket

__all__ = [
    "IS_ACTIVE",
    "STATUS_CHOICES",
    "Attachment",
    "Category",
    "Draft",
    "Involvement",
    "Message",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketLink",
]
