"""What the database knows about a mail: is it ours, whose address is it, which tickets it means."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower

from tickets.inbound.matching import Candidate, Sight, Via
from tickets.inbound.parsing import ParsedMail
from tickets.models import Message, Ticket
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import User
from tickets.references import references_in
from tickets.services import mailing


def look(mail: ParsedMail) -> Sight:
    if _is_ours(mail):
        return Sight(is_ours=True)
    found = _tickets(mail)
    theirs = _takes_part(mail, found)
    return Sight(
        colleague=_colleague(mail),
        answers_us=_answers_us(mail),
        candidates=[Candidate(pk, via, pk in theirs) for pk, via in found.items()],
    )


def undelivered(mail: ParsedMail) -> Message | None:
    """The message of ours that a bounce says did not arrive."""
    if not mail.undelivered:
        return None
    messages = Message.objects.select_related("ticket", "mail")
    return messages.filter(mail__message_id=mail.undelivered).first()


def _is_ours(mail: ParsedMail) -> bool:
    """By its sender, a loop mark, or because a mail of ours has this very Message-ID."""
    senders = [mail.sender, *mail.other_senders] if mail.sender else []
    if any(outbox.is_ours(each.email) for each in senders):
        return True
    if any(settings.SUPPORT_ADDRESS.lower() in mark for mark in mail.loop_marks):
        return True
    known = OutgoingMail.objects.filter(message_id=mail.message_id)
    return bool(mail.message_id) and known.exists()


def _answers_us(mail: ParsedMail) -> bool:
    return bool(mail.thread) and OutgoingMail.objects.filter(message_id__in=mail.thread).exists()


def _tickets(mail: ParsedMail) -> dict[int, Via]:
    """The tickets it points at, the surest sign first."""
    signed = [ref for ref in map(mailing.reference_of, mail.delivered_to) if ref]
    found = dict.fromkeys(_named(signed), Via.TOKEN)
    for pk, via in _answered(mail.thread):
        if found.setdefault(pk, via) is Via.OWN_THREAD:
            found[pk] = via
    for pk in _named(references_in(mail.subject)):
        found.setdefault(pk, Via.SUBJECT)
    return found


def _named(references: list[str]) -> list[int]:
    if not references:
        return []
    known = Ticket.objects.filter(reference__in=references).values_list("reference", "pk")
    return _in_order(references, dict(known))


def _answered(ids: list[str]) -> list[tuple[int, Via]]:
    """The tickets of the mails it answers, and whether those are ours or the customer's own."""
    if not ids:
        return []
    ours = Message.objects.filter(mail__message_id__in=ids)
    theirs = Message.objects.filter(message_id__in=ids).order_by("-pk")
    known = {key: (pk, Via.OWN_THREAD) for key, pk in theirs.values_list("message_id", "ticket")}
    sent = ours.values_list("mail__message_id", "ticket")
    known |= {key: (pk, Via.THREAD) for key, pk in sent}
    return [known[key] for key in ids if key in known]


def _in_order(keys: Iterable[str], known: dict[str, int]) -> list[int]:
    return list(dict.fromkeys(known[key] for key in keys if key in known))


def _takes_part(mail: ParsedMail, tickets: Iterable[int]) -> set[int]:
    """Where the sender is the customer, or has written before."""
    if not mail.sender:
        return set()
    email = mail.sender.email
    spoke = Message.objects.filter(contact__email=email).values("ticket")
    rows = Ticket.objects.filter(pk__in=list(tickets))
    return set(
        rows.filter(Q(requester__email=email) | Q(pk__in=spoke)).values_list("pk", flat=True)
    )


def _colleague(mail: ParsedMail) -> str:
    if not mail.sender:
        return ""
    people = User.objects.annotate(plain=Lower("email")).filter(is_active=True)
    found = people.filter(plain=mail.sender.email).first()
    return found.name if found else ""
