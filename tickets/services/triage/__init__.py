"""Who works on a ticket, how urgent it is, where it belongs; one name for callers."""

from tickets.services.orders import link_order
from tickets.services.triage.aside import agree_on, check_return, put_aside
from tickets.services.triage.belonging import change_requester, link, move_to_team
from tickets.services.triage.merging import merge
from tickets.services.triage.people import assign, follow, involve, unfollow
from tickets.services.triage.properties import (
    add_tags,
    remove_tags,
    set_category,
    set_priority,
    set_subject,
)
from tickets.services.triage.splitting import split
from tickets.services.triage.status import check_step, come_back, put_back, set_status

__all__ = [
    "add_tags",
    "agree_on",
    "assign",
    "change_requester",
    "check_return",
    "check_step",
    "come_back",
    "follow",
    "involve",
    "link",
    "link_order",
    "merge",
    "move_to_team",
    "put_aside",
    "put_back",
    "remove_tags",
    "set_category",
    "set_priority",
    "set_status",
    "set_subject",
    "split",
    "unfollow",
]
