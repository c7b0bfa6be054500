"""Mail that brings a key to somebody's account back: what a bounce returns is shown to nobody."""

import re

from django.urls import reverse

from tickets.inbound import parsing
from tickets.outbox.models import OutgoingMail

HIDDEN = "It returns a mail about somebody's account: its words are shown to nobody."
_ID = re.compile(rb"<[^<>\s@\x00-\x1f\x7f]{1,200}@[^<>\s@\x00-\x1f\x7f]{1,200}>")
_MOST_IDS = 200
_DEEPEST = 3


def holds_a_key(raw: bytes) -> bool:
    """Whether it names a mail of ours about an account, or carries the link of one in its words."""
    named = dict.fromkeys(each.decode("ascii", "replace") for each in _ID.findall(raw))
    about_accounts = OutgoingMail.objects.filter(purpose=OutgoingMail.Purpose.ACCOUNT)
    if about_accounts.filter(message_id__in=list(named)[:_MOST_IDS]).exists():
        return True
    return _says(raw, reverse("account_reset_password") + "key/")


def _says(raw: bytes, link: str, depth: int = 0) -> bool:
    """Whether the mail, or a mail in it, says ``link``, however its words are encoded."""
    if link.encode() in raw:
        return True
    try:
        mail = parsing.parse(raw)
    except parsing.Unparsable:
        return False
    inner = [bytes(each.content) for each in mail.files] if depth < _DEEPEST else []
    return link in mail.text or any(_says(each, link, depth + 1) for each in inner)
