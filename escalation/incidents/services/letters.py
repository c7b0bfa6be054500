"""The mails that subscribers get, as drafts for the outbox; and how customers are told which incident
words are about."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from escalation.incidents import tokens
from escalation.incidents.models import Incident, Subscriber, Update
from escalation.notify import one_line
from escalation.sla import wording
from tickets.outbox.checking import Recipient
from tickets.outbox.models import OutgoingMail
from tickets.outbox.services import Draft
from tickets.words import shown

ASKED = (
    "Somebody, probably you, asked us to mail you whenever something of {company} does not work "
    "and how it goes on. Confirm that it was you:\n\n{link}\n\nThe link works for two days. If it "
    "was not you, do nothing: you will not hear from us."
)
KNOWN = (
    "Somebody, probably you, asked us to mail you whenever something of {company} does not work. "
    "You get these mails already; there is nothing to do."
)


def to_confirm(subscriber: Subscriber, now: datetime) -> Draft:
    """Asks the owner of the address whether they want our mails."""
    link = _address("status-confirm", tokens.to_confirm(subscriber.key, now))
    text = ASKED.format(company=settings.COMPANY_NAME, link=link)
    return _draft(subscriber, f"Confirm: news of the status of {settings.COMPANY_NAME}", text)


def known_already(subscriber: Subscriber) -> Draft:
    text = KNOWN.format(company=settings.COMPANY_NAME)
    return _draft(subscriber, f"News of the status of {settings.COMPANY_NAME}", text, leaves=True)


def news(subscriber: Subscriber, update: Update) -> Draft:
    """One public update, with how the incident stood when it was said."""
    incident, state = update.incident, update.get_state_display()
    subject = f"{settings.COMPANY_NAME}: {one_line(incident.title)} ({state.lower()})"
    return _draft(subscriber, subject, _told(incident, update), leaves=True)


def about(incident: Incident) -> str:
    """Which incident words to a customer are about, as everybody may read it, and where the rest is."""
    return f"This is about «{one_line(incident.title)}». {_everything_on(incident)}"


def _told(incident: Incident, update: Update) -> str:
    zone = _zone()
    facts = [
        ("State", update.get_state_display()),
        ("Said", wording.exact(update.at, zone)),
        ("Since", wording.exact(incident.started_at, zone)),
    ]
    if update.state != Incident.State.RESOLVED and incident.back_at:
        facts.append(("Expected back", wording.exact(incident.back_at, zone)))
    lines = [one_line(incident.title), "", shown(update.text), ""]
    lines += [f"{name}: {said}" for name, said in facts]
    lines += ["", _everything_on(incident)]
    return "\n".join(lines)


def _draft(subscriber: Subscriber, subject: str, text: str, *, leaves: bool = False) -> Draft:
    """``leaves`` adds the way out, also the one that mail programs show as a button (RFC 8058)."""
    headers = {"Auto-Submitted": "auto-generated"}
    if leaves:
        link = _address("status-unsubscribe", tokens.to_leave(subscriber.key))
        text = f"{text}\n\n--\nYou asked for this mail. If you want no more of them: {link}"
        headers |= {
            "List-Unsubscribe": f"<{link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return Draft(
        purpose=OutgoingMail.Purpose.NOTICE,
        recipients=[Recipient(subscriber.email)],
        subject=subject,
        text=f"{text}\n",
        headers=headers,
    )


def _everything_on(incident: Incident) -> str:
    return f"Everything on it: {_address('status-incident', incident.pk)}"


def _address(name: str, given: object) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=[given])}"


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_default_timezone_name())
