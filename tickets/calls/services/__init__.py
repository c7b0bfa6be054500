"""Calls: begun, held, passed on, finished or logged afterwards; promised, and the promise settled."""

from tickets.calls.services.checking import LONGEST_CALL, HoldSpan
from tickets.calls.services.finishing import finish
from tickets.calls.services.live import attach, begin, hold, keep_draft, name_caller, resume
from tickets.calls.services.opening import open_ticket_on
from tickets.calls.services.passing import pass_on
from tickets.calls.services.promising import (
    FARTHEST_PROMISE,
    Promise,
    expect,
    keep_callback,
    promise_callback,
    record_promise,
    withdraw_callback,
)
from tickets.calls.services.recording import log_call

__all__ = [
    "FARTHEST_PROMISE",
    "LONGEST_CALL",
    "HoldSpan",
    "Promise",
    "attach",
    "begin",
    "expect",
    "finish",
    "hold",
    "keep_callback",
    "keep_draft",
    "log_call",
    "name_caller",
    "open_ticket_on",
    "pass_on",
    "promise_callback",
    "record_promise",
    "resume",
    "withdraw_callback",
]
