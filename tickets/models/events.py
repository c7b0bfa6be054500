"""Everything that happened to a ticket, append-only."""

from typing import TypeAlias

from django.conf import settings
from django.db import models

from tickets.constraints import one_of
from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class EventKind(models.TextChoices):
    """What can happen to a ticket; another one needs a migration of the constraint as well."""

    OPENED = "opened", "Opened"
    CUSTOMER_MESSAGE = "customer_message", "Customer wrote"
    REPLY_WRITTEN = "reply_written", "Reply written"
    REPLY_EDITED = "reply_edited", "Held reply edited"
    REPLY_RECALLED = "reply_recalled", "Reply recalled"
    REPLY_RELEASED = "reply_released", "Reply sent"
    # Written before a merge or a change of customer: it left, and satisfies nothing here.
    REPLY_TO_ANOTHER = "reply_to_another", "Sent, but not to this ticket's customer"
    REPLY_FAILED = "reply_failed", "Reply could not be delivered"
    ACKNOWLEDGED_CUSTOMER = "acknowledged_customer", "Automatic acknowledgement"
    NOTE_ADDED = "note_added", "Note added"
    PROGRESS = "progress", "Customer told of progress"
    STATUS_CHANGED = "status_changed", "Status changed"
    PUT_ASIDE = "put_aside", "Put aside until a date"
    CAME_BACK = "came_back", "Came back by itself"
    PRIORITY_CHANGED = "priority_changed", "Priority changed"
    CATEGORY_CHANGED = "category_changed", "Category changed"
    SUBJECT_CHANGED = "subject_changed", "Subject changed"
    REQUESTER_CHANGED = "requester_changed", "Customer changed"
    ASSIGNED = "assigned", "Assigned"
    TEAM_CHANGED = "team_changed", "Moved to a team"
    TAGS_CHANGED = "tags_changed", "Tags changed"
    FOLLOWERS_CHANGED = "followers_changed", "Followers changed"
    INVOLVED = "involved", "Put before a person"
    LINKED = "linked", "Linked"
    ORDER_LINKED = "order_linked", "Order linked"
    MERGED_AWAY = "merged_away", "Merged into another ticket"
    MERGED_IN = "merged_in", "Another ticket merged in"
    STILL_WAITING = "still_waiting", "Another customer still waits"
    SPLIT_OFF = "split_off", "Split off"
    SPLIT_FROM = "split_from", "Split from another ticket"
    UNDONE = "undone", "Change of many tickets undone"
    CALL_REACHED = "call_reached", "Call reached the customer"
    CALL_ATTEMPTED = "call_attempted", "Call did not reach the customer"
    # A colleague of theirs, say, or who wrote before: nobody who waits has an answer.
    CALL_TO_ANOTHER = "call_to_another", "Call to somebody other than who waits"
    CALL_RECEIVED = "call_received", "Customer called"
    CALLBACK_PROMISED = "callback_promised", "Callback promised"
    CALLBACK_WITHDRAWN = "callback_withdrawn", "Callback withdrawn"
    EXPERT_ASKED = "expert_asked", "Expert asked"
    EXPERT_ANSWERED = "expert_answered", "Expert answered"
    EXPERT_WITHDRAWN = "expert_withdrawn", "Question withdrawn"
    OFFER_REQUESTED = "offer_requested", "Approval of an offer asked"
    OFFER_GRANTED = "offer_granted", "Offer granted"
    OFFER_REFUSED = "offer_refused", "Offer refused"
    OFFER_REVERSED = "offer_reversed", "Offer reversed"
    # Recorded by the escalation floor.
    INCIDENT_LINKED = "incident_linked", "Linked to an incident"
    INCIDENT_UNLINKED = "incident_unlinked", "Taken off an incident"
    POLICY_BOUND = "policy_bound", "Response schedule chosen"
    WARNED = "warned", "Warned of a deadline"
    BREACHED = "breached", "Deadline missed"
    RULE_FIRED = "rule_fired", "Rule fired"
    ESCALATED = "escalated", "Escalated"
    ESCALATION_ACKNOWLEDGED = "escalation_acknowledged", "Escalation acknowledged"
    HANDED_OVER = "handed_over", "Handed to a supervisor"
    TAKEN_OVER = "taken_over", "Taken over"
    HANDED_BACK = "handed_back", "Handed back"
    FLAGGED = "flagged", "Flagged for a person"


class TicketEvent(models.Model):
    """An append-only fact: when it happened (``at``) and when we learned of it (``recorded_at``)."""

    Kind: TypeAlias = EventKind

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="+")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["ticket", "at", "id"], name="event_ticket_at")]
        constraints = [
            one_of(
                "kind",
                EventKind.values,
                "event_kind_known",
                "Nothing of this kind happens to a ticket.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.ticket_id}"
