"""The way in: store the bytes, then make of them what they are, once, in one transaction."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.timezone import is_naive

from tickets import files
from tickets.errors import Invalid, ServiceRefused
from tickets.inbound import finding, quotes
from tickets.inbound.matching import Decision, Fate, decide
from tickets.inbound.models import RawMail
from tickets.inbound.parsing import ParsedMail, Unparsable, parse
from tickets.models import Message, Ticket, TicketEvent
from tickets.outbox import signals
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact
from tickets.people.services import contact_for
from tickets.services import words
from tickets.services.conversation import customer_message, undelivered
from tickets.services.filing import Shelf, shelf
from tickets.services.locking import lock_owner
from tickets.services.opening import open_ticket

log = structlog.get_logger(__name__)
State = RawMail.State

LARGEST = 50 * 1024 * 1024
MOST_TRIES = 5
# A sender (or a machine in their name) gets so many acknowledgements; their mail opens tickets on.
ACKNOWLEDGEMENTS_AN_HOUR = 5
_DELAYS = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120)]
# A try that never came as far as failing ended with its process; that harms others' mail as well.
MOST_CUT_OFF = 3
# So long nobody else takes up a mail that is being read; longer than a task may run.
UNDER_WAY = timedelta(minutes=5)
# A pass takes up no more mail after this long; the next tick goes on from there.
LONGEST_PASS = timedelta(seconds=20)


def store(raw: bytes, received_at: datetime, source: str) -> RawMail:
    """Keeps the bytes; when this returns they are safe. The same bytes again give the same row.

    ``received_at`` is when our mail server took it (sla.md rule 5). Raises Invalid.
    """
    if is_naive(received_at):
        raise Invalid("An instant needs its time zone.", "received_at")
    if len(raw) > LARGEST:
        raise Invalid(f"A mail of more than {LARGEST // 1024 // 1024} MB is not accepted.", "raw")
    digest = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            return RawMail.objects.create(
                raw=raw, sha256=digest, size=len(raw), source=source[:20],
                received_at=received_at, next_try_at=received_at,
            )  # fmt: skip
    except IntegrityError:
        return RawMail.objects.get(sha256=digest)


def process(raw_mail: RawMail, now: datetime, *, insist: bool = False) -> RawMail:
    """Makes of a stored mail what it is; does nothing to one that was dealt with before.

    What fails is rolled back, counted and tried again later, and after a few tries put before a
    person; so this raises only when the database is gone. ``insist``: a person wants it taken as
    a customer's mail although it was ignored or put before them.
    """
    from_states: Sequence[str] = [*RawMail.WAITING, State.PARKED] + (
        [State.IGNORED] if insist else []
    )
    if not _begin(raw_mail, from_states, now):
        return _reread(raw_mail)
    try:
        mail = parse(bytes(raw_mail.raw))
        with shelf() as kept, transaction.atomic():
            # Taken before the ticket's lock: nobody waits for this row while holding a ticket.
            if _take(raw_mail, from_states, mail, now):
                _deal_with(raw_mail, mail, kept, now, insist)
    except (Unparsable, ServiceRefused) as refusal:
        _fail(raw_mail, from_states, State.PARKED, str(refusal))
    except Exception as problem:
        log.exception("A mail could not be processed", raw_mail=raw_mail.pk)
        because = f"{type(problem).__name__}: {problem}"
        if raw_mail.attempts >= MOST_TRIES:
            _fail(raw_mail, from_states, State.PARKED, because)
        else:
            delay = _DELAYS[min(raw_mail.attempts, len(_DELAYS)) - 1]
            _fail(raw_mail, from_states, State.FAILED, because, next_try_at=now + delay)
    return _reread(raw_mail)


def process_waiting(
    now: datetime, limit: int = 100, *, clock: Callable[[], datetime] | None = None
) -> int:
    """Deals with what waits or failed before and is due again; returns how many it took up.

    ``clock`` tells the time between two mails, and lets a long pass end.
    """
    waiting = RawMail.objects.filter(state__in=RawMail.WAITING, next_try_at__lte=now)
    count = 0
    for raw_mail in waiting.order_by("next_try_at", "pk").defer("raw")[:limit]:
        at = clock() if clock else now
        if at - now > LONGEST_PASS:
            break
        if raw_mail.attempts >= (MOST_CUT_OFF if raw_mail.state == State.STORED else MOST_TRIES):
            _fail(raw_mail, RawMail.WAITING, State.PARKED, "Each try was cut off.")
        else:
            process(raw_mail, at)
        count += 1
    return count


def _begin(raw_mail: RawMail, states: Sequence[str], now: datetime) -> bool:
    """Counts the try before it happens, so that a mail that kills its process is given up too."""
    mine = RawMail.objects.filter(pk=raw_mail.pk, state__in=states, attempts=raw_mail.attempts)
    raw_mail.attempts += 1
    return bool(mine.update(attempts=raw_mail.attempts, next_try_at=now + UNDER_WAY))


def _reread(raw_mail: RawMail) -> RawMail:
    """As the row says now; the bytes never change."""
    fields = [each.attname for each in RawMail._meta.concrete_fields if each.name != "raw"]
    raw_mail.refresh_from_db(fields=fields)
    return raw_mail


def _take(raw_mail: RawMail, states: Sequence[str], mail: ParsedMail, now: datetime) -> bool:
    return bool(
        RawMail.objects.filter(pk=raw_mail.pk, state__in=states).update(
            state=State.PROCESSED, processed_at=now, next_try_at=None, because="",
            sender=mail.sender.email if mail.sender else "",
            subject=words.tidy_subject(mail.subject),
        )
    )  # fmt: skip


def _deal_with(
    raw_mail: RawMail, mail: ParsedMail, kept: Shelf, now: datetime, insist: bool
) -> None:
    if not _is_first(raw_mail, mail):
        return _end(raw_mail, state=State.IGNORED, because="It came before by another way.")
    decision = decide(mail, finding.look(mail), insist=insist)
    if decision.fate is Fate.ASK:
        return _end(raw_mail, state=State.PARKED, because=decision.because)
    if decision.fate is Fate.IGNORE:
        ticket = _report_bounce(raw_mail, mail, now)
        return _end(raw_mail, state=State.IGNORED, because=decision.because, ticket=ticket)
    if mail.sender is None:
        raise Unparsable("It has no usable sender's address.")
    acknowledge = not mail.wants_no_answer and _may_acknowledge(mail.sender.email, now)
    contact = contact_for(email=mail.sender.email, name=mail.sender.name, now=now)
    message = _write(raw_mail, mail, contact, decision, kept, acknowledge, now)
    _end(
        raw_mail, ticket=message.ticket, message=message,
        acknowledged=acknowledge and _opened_by(message),
    )  # fmt: skip


def _is_first(raw_mail: RawMail, mail: ParsedMail) -> bool:
    """The unique key decides between two copies, also between two at the same moment."""
    try:
        with transaction.atomic():
            RawMail.objects.filter(pk=raw_mail.pk).update(key=mail.key or None)
        return True
    except IntegrityError:
        return False


def _write(
    raw_mail: RawMail,
    mail: ParsedMail,
    contact: Contact,
    decision: Decision,
    kept: Shelf,
    acknowledge: bool,
    now: datetime,
) -> Message:
    accepted, refused = files.sorted_out(mail.files)
    said: dict[str, Any] = {
        "received_at": raw_mail.received_at, "now": now, "message_id": mail.message_id,
        "acknowledge": acknowledge,
    }  # fmt: skip
    if decision.fate is Fate.JOIN:
        message = customer_message(
            ticket=Ticket.objects.get(pk=decision.ticket), contact=contact,
            body=_body(quotes.trimmed(mail.text), refused), subject=mail.subject,
            is_proven=decision.is_proven, **said,
        )  # fmt: skip
    else:
        ticket = open_ticket(
            subject=words.tidy_subject(mail.subject), body=_body(mail.text, refused),
            requester=contact, channel=Ticket.Channel.EMAIL, **said,
        )  # fmt: skip
        customers = Message.objects.select_related("ticket").filter(kind=Message.Kind.CUSTOMER)
        message = customers.get(ticket=ticket)
    kept.attach(message, accepted)
    return message


def _opened_by(message: Message) -> bool:
    """Whether this message opened its ticket; only those are acknowledged."""
    return message.ticket.events.filter(kind=TicketEvent.Kind.OPENED, message=message).exists()


def _body(text: str, refused: list[str]) -> str:
    left_out = f"\n\n[Left out: {'; '.join(refused)}]" if refused else ""
    return words.tidy_body(text[: words.MAX_CUSTOMER_BODY - 50_000] + left_out)


def _may_acknowledge(email: str, now: datetime) -> bool:
    lately = RawMail.objects.filter(
        sender=email, acknowledged=True, processed_at__gt=now - timedelta(hours=1)
    )
    return lately.count() < ACKNOWLEDGEMENTS_AN_HOUR


def _report_bounce(raw_mail: RawMail, mail: ParsedMail, now: datetime) -> Ticket | None:
    """What did not arrive is a fact of its ticket; the report opens none and reopens none."""
    message = finding.undelivered(mail)
    if message is None:
        for sent in OutgoingMail.objects.filter(message_id=mail.undelivered or None):
            signals.returned.send(sender=OutgoingMail, mail=sent, now=now)
        return None
    ticket = lock_owner(message)
    message.ticket = ticket
    undelivered(
        message=message, at=raw_mail.received_at, now=now, had_left=True, raw=str(raw_mail.pk),
        why="The mail came back; the report lies with the incoming mail.",
    )  # fmt: skip
    return ticket


def _end(raw_mail: RawMail, **fields: object) -> None:
    RawMail.objects.filter(pk=raw_mail.pk).update(**fields)


def _fail(
    raw_mail: RawMail,
    states: Sequence[str],
    state: str,
    because: str,
    next_try_at: datetime | None = None,
) -> None:
    plain = because.replace("\x00", "")[:2000]
    RawMail.objects.filter(pk=raw_mail.pk, state__in=states).update(
        state=state, because=plain, next_try_at=next_try_at
    )
