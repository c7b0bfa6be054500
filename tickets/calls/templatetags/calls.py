"""What templates say of calls: numbers to dial, lengths, holds, by when a call is owed."""

import re
from datetime import datetime

from django import template
from django.utils.safestring import SafeString

from tickets.calls.models import Call, Hold
from tickets.calls.standing import minutes
from tickets.templatetags.desk import clock
from tickets.words import clock_badge, shown

register = template.Library()
_LEAST = 3


@register.filter
def digits(number: str) -> str:
    """What a telephone dials; empty where there is nothing to dial."""
    bare = re.sub(r"[^0-9]", "", number or "")
    plus = "+" if (number or "").lstrip().startswith("+") else ""
    return plus + bare if len(bare) >= _LEAST and bare.isascii() else ""


@register.filter
def lasted(call: Call) -> str:
    return minutes((call.ended_at - call.started_at).total_seconds()) if call.ended_at else ""


@register.filter
def held(hold: Hold) -> str:
    """«0:45», and what was more than the caller had been told."""
    if hold.ended_at is None:
        return "under way"
    told = minutes((hold.ended_at - hold.started_at).total_seconds())
    over = hold.kept_waiting.total_seconds()
    told = f"{told} ({minutes(over)} longer than said)" if over >= 1 else told
    return f"{told}: {shown(hold.because)}" if hold.because else told


@register.simple_tag
def owed_by(at: datetime, now: datetime) -> SafeString:
    return clock(clock_badge(status="open", due_at=at, metric="callback", is_paused=False, now=now))
