"""The operators that can be typed: their names, what they ask for, an example of each; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    asks: str
    example: str


OPERATORS = {
    "from": Operator("the customer: name, e-mail, company or phone", 'from:"Carla Costa"'),
    "to": Operator("who answers for it: a name, me or none", "to:me"),
    "status": Operator("new, open, pending, on_hold, solved, closed; active or done", "status:active"),
    "priority": Operator("low, normal, high or urgent", "priority:high,urgent"),
    "team": Operator("the team", "team:billing"),
    "category": Operator("the category", "category:suggestion"),
    "tag": Operator("the tag", "tag:vip"),
    "channel": Operator("email, phone, form, portal or api", "channel:phone"),
    "ref": Operator("how the reference begins", "ref:HD-7K3"),
    "order": Operator("the number of an order on the ticket", "order:NL-1001"),
    "is": Operator("late, escalated, unassigned, held, paused, merged or followed", "is:late"),
    "has": Operator("attachment, order, tag or note", "has:attachment"),
    "opened": Operator("a day, a span, or since how long", "opened:7d"),
    "changed": Operator("the same, of the last change", "changed:>2026-01-31"),
    "solved": Operator("the same, of the solution", "solved:2026-01"),
}  # fmt: skip
ALIASES = {
    "customer": "from",
    "requester": "from",
    "assignee": "to",
    "assigned": "to",
    "label": "tag",
    "reference": "ref",
    "updated": "changed",
    "created": "opened",
}
# Operators of other search boxes, which say of a day what a sign before it says here.
SIGNS = {"after": ">", "since": ">=", "before": "<", "until": "<="}
# Words that other search boxes know as signs, and what to write here; so written they are none.
JOINERS = {
    "OR": '«OR» is no sign here, every word is sought: look for one after the other, or write "OR".',
    "AND": '«AND» is not needed, every word is sought: leave it out, or write "AND" for the word.',
    "NOT": '«NOT» is written as -word here; for the word itself write "NOT".',
}
# What can be typed without a colon.
FORMS = (
    ("lamp cable", "both words: in one message, or one in subject or customer"),
    ('"exact phrase"', "these words in this order"),
    ("flick*", "words that begin so"),
    ("-refund", "without the word; also -tag:vip, -status:closed"),
)
