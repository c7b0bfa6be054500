"""How a message of a ticket becomes a mail to its customer: addresses, subject, threading."""

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import formataddr
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tickets.errors import Invalid
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.people.services import checked_email
from tickets.references import check_token, normalise, reply_token
from tickets.rendering import message_html
from tickets.words import shown

MAX_COPIES = 20
_MOST_REFERENCES = 10
_ID = re.compile(r"\A<?([^\s<>\x00-\x1f\x7f]{1,248})>?\Z")


def company() -> str:
    return settings.COMPANY_NAME


def sender() -> str:
    """The From header: the company at its support address; never an agent's own address."""
    return formataddr((company(), settings.SUPPORT_ADDRESS))


def reply_address(ticket: Ticket) -> str:
    """Where the customer's answer goes: our address plus a token signed for this ticket."""
    local, _, domain = settings.SUPPORT_ADDRESS.rpartition("@")
    return f"{local}+{reply_token(settings.SECRET_KEY, ticket.reference)}@{domain}"


def reference_of(address: str) -> str | None:
    """The reference in an address that we made, in whatever case it comes back, or None."""
    local, _, domain = address.strip().rpartition("@")
    our_local, _, our_domain = settings.SUPPORT_ADDRESS.rpartition("@")
    prefix, _, token = local.rpartition("+")
    if (prefix.lower(), domain.lower()) != (our_local.lower(), our_domain.lower()):
        return None
    return check_token(settings.SECRET_KEY, token)


def subject_for(ticket: Ticket) -> str:
    """The ticket's subject and its reference, once, however often it went to and fro."""
    subject = re.sub(r"^(?:re\s*:\s*)+", "", ticket.subject, flags=re.IGNORECASE)
    named = re.findall(r"\[([^\[\]]{6,20})\]", subject)
    if any(normalise(each) == ticket.reference for each in named):
        return f"Re: {subject}"
    return f"Re: {subject} [{ticket.reference}]"


def send_to_customer(
    *,
    ticket: Ticket,
    text: str,
    html: str = "",
    purpose: OutgoingMail.Purpose,
    now: datetime,
    release_at: datetime | None = None,
    author: User | None = None,
    cc: Sequence[str] = (),
    automatic: bool = False,
    thread: Sequence[str] | None = None,
) -> OutgoingMail:
    """Queues ``text`` to the requester (and ``cc``), threaded under what was said before.

    ``thread`` are the Message-IDs it answers, the last one directly; looked up when None.
    """
    contact = ticket.requester
    recipients = outbox.reachable([(contact.email, contact.name)])
    recipients += [outbox.Recipient(address, kind="cc") for address in cc]
    return outbox.queue(
        purpose=purpose,
        recipients=recipients,
        subject=subject_for(ticket),
        text=text,
        html=html,
        now=now,
        release_at=release_at,
        author=author,
        sender=sender(),
        reply_to=reply_address(ticket),
        headers=_headers(_thread(ticket) if thread is None else thread, automatic),
    )


class Words(NamedTuple):
    """What a mail says, twice."""

    text: str
    html: str


def reply_words(reference: str, body: str, author: User) -> Words:
    """The words of a reply as they leave, as text and as HTML: below them the writer and the reference.

    The text is as it was typed; the HTML is its Markdown, the same that ``reply_shown`` shows.
    """
    html = {"shown": reply_shown(reference, body, author)}
    context = _signed(reference, author) | {"body": body}
    return Words(
        text=render_to_string("mail/reply.txt", context),
        html=render_to_string("mail/reply.html", html),
    )


def reply_shown(reference: str, body: str, author: User) -> SafeString:
    """What the customer sees of a reply in a program that shows HTML."""
    context = _signed(reference, author) | {"html": message_html(body)}
    return render_to_string("mail/shown.html", context)


def _signed(reference: str, author: User) -> dict[str, object]:
    writer = shown(author.name)  # no sign of it may turn the lines below around
    return {"writer": writer, "company": company(), "reference": reference}


def copies(cc: Sequence[str]) -> list[str]:
    """Addresses to copy in: checked, each once, never ourselves. Raises Invalid."""
    found = dict.fromkeys(checked_email(each, field="cc") for each in cc if each.strip())
    if len(found) > MAX_COPIES:
        raise Invalid(f"At most {MAX_COPIES} people can be copied in.", "cc")
    return list(found)


def plain_id(message_id: str) -> str:
    """A Message-ID as ``<…>``, or nothing where it is not one."""
    found = _ID.match(message_id.strip())
    return f"<{found[1]}>" if found else ""


def _thread(ticket: Ticket) -> list[str]:
    """The Message-IDs of the last mails from the customer, the newest last."""
    rows = Message.objects.filter(ticket=ticket, kind=Message.Kind.CUSTOMER).exclude(message_id="")
    newest = rows.order_by("-at", "-pk").values_list("message_id", flat=True)[:_MOST_REFERENCES]
    return list(newest)[::-1]


def _headers(thread: Sequence[str], automatic: bool) -> dict[str, str]:
    headers: dict[str, str] = {}
    if thread:
        headers |= {"In-Reply-To": thread[-1], "References": " ".join(thread)}
    if automatic:
        headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    return headers


def one_line(text: str) -> str:
    """A name as it may stand in a header."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
