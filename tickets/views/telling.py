"""Events as sentences: who did what, in the words of the page."""

from datetime import datetime

from django.utils.timezone import localtime

from tickets.lifecycle import Status, words
from tickets.models import TicketEvent
from tickets.words import METRICS, exactly, shown

Kind = TicketEvent.Kind
# The conversation itself shows these.
SAID_BY_MESSAGES = [
    Kind.CUSTOMER_MESSAGE,
    Kind.REPLY_WRITTEN,
    Kind.REPLY_RELEASED,
    Kind.NOTE_ADDED,
    Kind.PROGRESS,
    Kind.ACKNOWLEDGED_CUSTOMER,
]
_DONE = {
    Kind.STATUS_CHANGED: "changed the status",
    Kind.PUT_ASIDE: "put the ticket aside",
    Kind.PRIORITY_CHANGED: "changed the priority",
    Kind.CATEGORY_CHANGED: "changed the category",
    Kind.SUBJECT_CHANGED: "changed the subject",
    Kind.REQUESTER_CHANGED: "changed the customer",
    Kind.ASSIGNED: "changed the assignee",
    Kind.TEAM_CHANGED: "moved the ticket to another team",
    Kind.TAGS_CHANGED: "changed the tags",
    Kind.FOLLOWERS_CHANGED: "changed the followers",
    Kind.REPLY_EDITED: "edited the held reply",
    Kind.REPLY_RECALLED: "recalled the reply",
    Kind.HANDED_OVER: "handed the ticket to a supervisor",
    Kind.TAKEN_OVER: "took the ticket over",
    Kind.HANDED_BACK: "handed the ticket back",
    Kind.ESCALATION_ACKNOWLEDGED: "acknowledged the escalation",
    Kind.OFFER_GRANTED: "granted an offer",
    Kind.OFFER_REQUESTED: "asked for approval of an offer",
    Kind.OFFER_REFUSED: "refused an offer",
    Kind.OFFER_REVERSED: "reversed an offer",
    Kind.REPLY_TO_ANOTHER: "wrote to another customer, so nothing is answered here",
    Kind.MERGED_IN: "merged another ticket into this one",
    Kind.MERGED_AWAY: "merged this ticket into another",
    Kind.LINKED: "linked a ticket",
    Kind.ORDER_LINKED: "linked an order",
    Kind.INCIDENT_LINKED: "linked the ticket to an incident",
    Kind.INCIDENT_UNLINKED: "took the ticket off an incident",
    Kind.SPLIT_OFF: "split messages off into another ticket",
    Kind.SPLIT_FROM: "split this ticket off from another",
    Kind.UNDONE: "undid a change of many tickets",
    Kind.OPENED: "opened the ticket",
    Kind.INVOLVED: "put the ticket before somebody",
    Kind.CALL_REACHED: "called the customer",
    Kind.CALL_ATTEMPTED: "called the customer in vain",
    Kind.CALL_TO_ANOTHER: "called somebody other than who waits, so nothing is answered",
    Kind.CALL_RECEIVED: "took a call of the customer",
}
_TAKEN_AWAY = "took away when the ticket comes back by itself"
# Where the event is about a progress line and not about a reply.
_OF_A_LINE = {
    Kind.REPLY_EDITED: "edited the held progress line",
    Kind.REPLY_RECALLED: "recalled the progress line",
}
_BY_THE_CLOCKS = {Kind.POLICY_BOUND, Kind.WARNED, Kind.BREACHED, Kind.RULE_FIRED, Kind.ESCALATED}
# What may be told of an event's data, in this order, and how; all else is for machines.
_TOLD = {
    "until": "until {}", "metric": "{}", "threshold": "{}", "offer": "{}", "level": "level {}", "told": "told {}",
    "user": "{}", "reached": "to {}", "customer": "{}", "taken_from": "from {}", "policy": "{}", "rule": "{}", "order": "{}",
    "amount": "{}", "source": "{}", "target": "{}", "other": "{}", "incident": "{}", "undone": "{}",
    "added": "+ {}", "removed": "− {}", "outcome": "{}", "because": "{}", "reason": "{}",
    "note": "{}", "remark": "{}", "summary": "«{}»",
}  # fmt: skip
_OUTCOMES = {"no_answer": "no answer", "cut_off": "cut off"}
_NOTHING: tuple[object, ...] = (None, "", [])


def sentence(event: TicketEvent, by: str = "") -> str:
    """The event in one line, such as «Ana changed the status: open → solved»; ``by`` is who."""
    kind, is_line = Kind(event.kind), event.data.get("said") == "progress"
    done = (is_line and _OF_A_LINE.get(kind)) or _DONE.get(kind)
    if kind == Kind.PUT_ASIDE and not event.data.get("until"):
        done = _TAKEN_AWAY
    told = event.get_kind_display()
    if by and done:
        told = f"{by} {done}"
    elif kind == Kind.REPLY_FAILED:
        # Its writer has not made it fail.
        told = told.replace("Reply", "Progress line") if is_line else told
    elif by and event.kind not in _BY_THE_CLOCKS:
        told = f"{told} by {by}"
    details = _details(event.data)
    return shown(f"{told}: {details}" if details else told)


def _details(data: dict[str, object]) -> str:
    parts = []
    if data.get("outcome") == "reached":  # goes without saying of a call
        data = data | {"outcome": None}
    if data.get("currency"):
        data = data | {"amount": f"{data.get('amount')} {data['currency']}"}
    if data.get("until"):
        data = data | {"until": exactly(localtime(datetime.fromisoformat(str(data["until"]))))}
    if "from" in data:
        parts.append(f"{_said(data['from'])} → {_said(data.get('to'))}")
    elif "to" in data:
        parts.append(f"to {_said(data['to'])}")
    parts += [
        how.format(_said(data[key])) for key, how in _TOLD.items() if data.get(key) not in _NOTHING
    ]
    # «Orders above 500 USD» need not be named twice where the reason begins with it.
    told = [part for part in parts if not any(f"«{part}»" in other for other in parts)]
    return "; ".join(dict.fromkeys(filter(None, told)))[:400]


def _said(value: object) -> str:
    """One value of an event's data; statuses and metrics have words of their own."""
    if value in (None, ""):
        return "nobody" if value is None else "none"
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value)
    if isinstance(value, dict):
        return ""
    text = str(value)
    if text in set(Status):
        return words(text)
    return _OUTCOMES.get(text) or METRICS.get(text, text)
