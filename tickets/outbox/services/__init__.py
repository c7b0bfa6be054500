"""The outbox's services: queueing, the hold, releasing, delivering, settling."""

from tickets.outbox.checking import BadMail, Recipient, is_mailable, is_ours, reachable
from tickets.outbox.services.announcing import announce_pending
from tickets.outbox.services.claiming import begin, claim, is_behind, put_back
from tickets.outbox.services.passing import deliver_due
from tickets.outbox.services.queueing import Draft, enclose, queue, queue_many
from tickets.outbox.services.releasing import release_due
from tickets.outbox.services.resending import resend
from tickets.outbox.services.settling import is_no_address, settle_failed, settle_sent
from tickets.outbox.services.waiting import edit, hold_again, recall, retime, send_now

__all__ = [
    "BadMail",
    "Draft",
    "Recipient",
    "announce_pending",
    "begin",
    "claim",
    "deliver_due",
    "edit",
    "enclose",
    "hold_again",
    "is_behind",
    "is_mailable",
    "is_no_address",
    "is_ours",
    "put_back",
    "queue",
    "queue_many",
    "reachable",
    "recall",
    "release_due",
    "resend",
    "retime",
    "send_now",
    "settle_failed",
    "settle_sent",
]
