"""Opening tickets: through the service, and from raw mail as the pipe brings it."""

import time
from email.message import EmailMessage
from typing import Any

from django.utils import timezone

from tickets.inbound import services as inbound
from tickets.people.models import Contact
from tickets.services import opening

COUNT = 400


def measure() -> dict[str, Any]:
    contacts = list(Contact.objects.order_by("-pk")[:COUNT])
    _open(contacts[0])
    start = time.perf_counter()
    for contact in contacts:
        _open(contact)
    through_service = COUNT / (time.perf_counter() - start)
    mails = [_mail(contact, number) for number, contact in enumerate(contacts)]
    start = time.perf_counter()
    for raw in mails:
        now = timezone.now()
        inbound.process(inbound.store(raw, received_at=now, source="bench"), now=now)
    through_pipe = COUNT / (time.perf_counter() - start)
    return {
        "opening by the service, a second": through_service,
        "opening from raw mail, a second": through_pipe,
    }


def _open(contact: Contact) -> None:
    opening.open_ticket(
        subject="Does the lamp remember its brightness?", body="It forgets at every power cut.",
        requester=contact, channel="email", now=timezone.now(),
    )  # fmt: skip


def _mail(contact: Contact, number: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = str(contact.email), "support@helpdesk.localhost"
    mail["Subject"] = f"Question {number}"
    mail["Message-ID"] = f"<bench-{time.time_ns()}-{number}@clones.example>"
    mail.set_content("Hello,\n\ndoes the lamp remember its brightness?\n\nKind regards")
    return mail.as_bytes()
