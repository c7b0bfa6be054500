"""The conversation: tickets, what was said on them, and everything that happened to them."""

from tickets.models.bulk import BulkDeed, BulkItem
from tickets.models.drafts import Draft
from tickets.models.events import TicketEvent
from tickets.models.messages import Attachment, Message
from tickets.models.relations import Involvement, TicketLink
from tickets.models.sorting import Category, Tag
from tickets.models.taking import TakenList
from tickets.models.tickets import IS_ACTIVE, RANKS, STATUS_CHOICES, URGENCY, Ticket
from tickets.models.views import QueueColumns, SavedView

__all__ = [
    "IS_ACTIVE",
    "RANKS",
    "STATUS_CHOICES",
    "URGENCY",
    "Attachment",
    "BulkDeed",
    "BulkItem",
    "Category",
    "Draft",
    "Involvement",
    "Message",
    "QueueColumns",
    "SavedView",
    "Tag",
    "TakenList",
    "Ticket",
    "TicketEvent",
    "TicketLink",
]
