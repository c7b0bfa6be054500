from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from tests.inbound.conftest import eml, written
from tickets.errors import Invalid
from tickets.inbound import services
from tickets.inbound.models import RawMail
from tickets.models import Attachment, Message, Ticket, TicketEvent
from tickets.outbox import services as outbox
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Contact
from tickets.services import conversation, mailing, triage

Receive = Callable[..., RawMail]
Kind = TicketEvent.Kind


@pytest.fixture
def ticket(receive: Receive) -> Ticket:
    """Carla's ticket, opened by her mail <one@acme.example>."""
    ticket = receive(written()).ticket
    assert ticket
    return ticket


def answer(**more: str) -> bytes:
    """A second mail; says where it points by ``more``."""
    fields = {"message_id": "<two@acme.example>", "subject": "Something", "text": "Kitchen."}
    return written(**(fields | more))


def acknowledgement(ticket: Ticket) -> OutgoingMail:
    mail = ticket.messages.get(kind=Message.Kind.AUTOMATIC).mail
    assert mail
    return mail


# A new matter


def test_a_mail_opens_a_ticket_that_counts_from_its_receipt(
    receive: Receive, now: datetime
) -> None:
    received = now - timedelta(minutes=12)
    raw = services.store(eml("plain"), received, "pipe")
    ticket = services.process(raw, now).ticket
    assert ticket
    assert (ticket.subject, ticket.channel) == ("The lamp flickers", "email")
    assert (ticket.opened_at, ticket.updated_at) == (received, now)
    assert ticket.events.get(kind=Kind.OPENED).at == received
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    assert message.message_id == "<plain@acme.example>"
    assert raw.message == message


def test_a_new_customer_becomes_a_contact(receive: Receive) -> None:
    raw = receive(eml("koi8"))
    contact = Contact.objects.get(email="ivan@home.example")
    assert raw.ticket
    assert (contact.name, raw.ticket.requester) == ("Иван Петров", contact)


def test_it_is_acknowledged_at_once_and_answers_the_mail(ticket: Ticket) -> None:
    mail = acknowledgement(ticket)
    assert (mail.purpose, mail.state) == ("acknowledgement", "released")
    assert ticket.reference in mail.text
    assert mail.headers["In-Reply-To"] == "<one@acme.example>"
    assert mail.headers["Auto-Submitted"] == "auto-replied"
    assert [row.email for row in mail.deliveries.all()] == ["carla@acme.example"]


@pytest.mark.parametrize("name", ["suppress_only"])
def test_who_wants_no_answer_gets_a_ticket_and_no_answer(receive: Receive, name: str) -> None:
    raw = receive(eml(name))
    assert (raw.state, raw.acknowledged) == ("processed", False)
    assert not OutgoingMail.objects.exists()


def test_a_sender_gets_few_acknowledgements_an_hour_but_every_ticket(
    receive: Receive, now: datetime
) -> None:
    for number in range(8):
        receive(written(message_id=f"<{number}@acme.example>", text=f"Bomb {number}."))
    assert Ticket.objects.count() == 8
    assert OutgoingMail.objects.count() == services.ACKNOWLEDGEMENTS_AN_HOUR
    other = written(sender="carl@home.example", message_id="<other@home.example>")
    assert receive(other).acknowledged
    later = receive(written(message_id="<late@acme.example>"), now + timedelta(hours=1, seconds=1))
    assert later.acknowledged


def test_files_are_kept_under_names_that_say_nothing(receive: Receive) -> None:
    message = receive(eml("multipart")).message
    assert message
    photo, bill = message.attachments.all()
    assert (photo.name, photo.content_type, photo.size) == ("photo.jpg", "image/jpeg", 10)
    assert bill.name == "Rechnung äö.pdf"
    assert photo.file.read().startswith(b"\xff\xd8\xff")
    assert "photo" not in photo.file.name
    assert "." not in Path(photo.file.name).name


def test_files_left_out_are_named_in_the_text(receive: Receive) -> None:
    message = receive(eml("bad_files")).message
    assert message
    assert "setup.exe (of a kind that is not accepted)" in message.body
    assert "picture.png (a program)" in message.body
    assert {each.name for each in message.attachments.all()} >= {"passwd.txt", "a X-Evil_ yes.txt"}
    assert not message.attachments.filter(name__endswith=".exe").exists()


@pytest.mark.parametrize(
    ("name", "subject", "body"),
    [
        ("no_subject", "(no subject)", "Text."),
        ("empty_body", "Only a subject", "(no text)"),
        ("encoded_injection", "Hello X-Evil: yes there", "Text."),
        ("nul", "nul here", "beforeafter[31m 💡\n��� half"),
    ],
)
def test_odd_mails_still_open_tickets(receive: Receive, name: str, subject: str, body: str) -> None:
    message = receive(eml(name)).message
    assert message
    assert (message.ticket.subject, message.body) == (subject, body)


def test_a_megabyte_of_subject_and_more_of_text_is_cut_not_refused(receive: Receive) -> None:
    message = receive(written(subject="s" * 1_000_000, text="t" * 3_000_000)).message
    assert message
    assert len(message.ticket.subject) == 250
    assert len(message.body) <= 1_000_000


# Going on with a conversation


def test_an_answer_to_the_signed_address_joins_whoever_sends_it(
    receive: Receive, ticket: Ticket
) -> None:
    raw = receive(answer(to=mailing.reply_address(ticket).lower(), sender="cleo@home.example"))
    assert raw.ticket == ticket
    assert raw.message
    assert raw.message.contact
    assert raw.message.contact.email == "cleo@home.example"


def test_a_forged_signature_opens_nothing_of_anybodys(receive: Receive, ticket: Ticket) -> None:
    forged = f"support+{ticket.reference}.aaaaaaaaaaaaaaaa@helpdesk.localhost"
    assert receive(answer(to=forged, sender="eve@evil.example")).ticket != ticket


def test_a_participants_answer_joins_by_our_message_id(receive: Receive, ticket: Ticket) -> None:
    raw = receive(answer(In_Reply_To=acknowledgement(ticket).message_id))
    assert raw.ticket == ticket
    assert ticket.events.filter(kind=Kind.CUSTOMER_MESSAGE).count() == 1


def test_a_participants_second_mail_joins_by_their_own(receive: Receive, ticket: Ticket) -> None:
    raw = receive(answer(References="<elsewhere@x> <one@acme.example>"))
    assert raw.ticket == ticket


def test_a_participant_may_name_the_ticket_in_the_subject(receive: Receive, ticket: Ticket) -> None:
    assert receive(answer(subject=f"About {ticket.reference.lower()}!")).ticket == ticket


def test_who_wrote_before_takes_part(receive: Receive, ticket: Ticket) -> None:
    receive(answer(to=mailing.reply_address(ticket), sender="cleo@home.example"))
    third = answer(
        subject=ticket.reference, sender="cleo@home.example", message_id="<3@home.example>"
    )
    assert receive(third).ticket == ticket


@pytest.mark.parametrize("points", ["References", "subject", "two senders"])
def test_a_stranger_does_not_join_and_learns_nothing(
    receive: Receive, ticket: Ticket, points: str
) -> None:
    more = {"sender": "eve@evil.example", "In_Reply_To": acknowledgement(ticket).message_id}
    if points == "subject":
        more = {"sender": "eve@evil.example", "subject": f"Re: {ticket.reference}"}
    if points == "two senders":
        more["sender"] = "Carla <carla@acme.example>, eve@evil.example"
    raw = receive(answer(**more))
    assert raw.ticket
    assert raw.ticket != ticket
    assert ticket.messages.filter(kind=Message.Kind.CUSTOMER).count() == 1
    assert "The lamp flickers" not in acknowledgement(raw.ticket).text


def test_an_answer_is_shown_without_its_quote_and_not_acknowledged(
    receive: Receive, ticket: Ticket
) -> None:
    text = "Kitchen.\n\n> which lamp?\n> Ana"
    raw = receive(answer(subject=ticket.reference, text=text))
    assert raw.message
    assert raw.message.body == "Kitchen."
    assert b"which lamp?" in bytes(RawMail.objects.get(pk=raw.pk).raw)
    assert not raw.acknowledged
    assert OutgoingMail.objects.count() == 1


def test_the_quote_stays_in_a_mail_that_opens_a_ticket(receive: Receive) -> None:
    message = receive(eml("reply_gmail")).message
    assert message
    assert "> which lamp is it?" in message.body


def test_an_answer_opens_a_solved_ticket_again(
    receive: Receive, ticket: Ticket, now: datetime
) -> None:
    triage.set_status(ticket=ticket, status="solved", actor=None, now=now)
    receive(answer(subject=ticket.reference), now + timedelta(hours=1))
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_an_answer_to_a_closed_ticket_opens_a_follow_up(
    receive: Receive, ticket: Ticket, now: datetime
) -> None:
    triage.set_status(ticket=ticket, status="closed", actor=None, now=now)
    raw = receive(answer(subject=ticket.reference), now + timedelta(hours=1))
    assert raw.ticket
    assert raw.ticket != ticket
    assert raw.acknowledged


# What is not a customer's mail


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("auto_reply", "An automatic mail: Auto-Submitted: auto-replied."),
        ("auto_reply_old", "An automatic mail: x-autoreply."),
        ("list", "A mailing: Precedence: list."),
        ("bounce", "A bounce: an empty return path."),
        ("null_path", "A bounce: an empty return path."),
        ("read_receipt", "A bounce: a delivery report."),
        ("from_ourselves", "Our own mail came back."),
        ("loop_mark", "Our own mail came back."),
    ],
)
def test_it_is_ignored_but_kept_with_the_reason(receive: Receive, name: str, because: str) -> None:
    raw = receive(eml(name))
    assert (raw.state, raw.because) == ("ignored", because)
    assert not Ticket.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_our_own_message_id_is_ours_whatever_the_sender(receive: Receive, ticket: Ticket) -> None:
    ours = acknowledgement(ticket).message_id
    assert receive(answer(message_id=ours)).because == "Our own mail came back."


def test_an_absence_note_on_a_ticket_neither_answers_nor_reopens(
    receive: Receive, ticket: Ticket, now: datetime
) -> None:
    triage.set_status(ticket=ticket, status="pending", actor=None, now=now)
    receive(answer(to=mailing.reply_address(ticket), Auto_Submitted="auto-replied"))
    ticket.refresh_from_db()
    assert ticket.status == "pending"


def test_a_bounce_is_told_on_the_ticket_whose_mail_did_not_arrive(
    receive: Receive, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    reply = conversation.reply(ticket=ticket, author=cast.ana, body="Which lamp?", now=now)
    assert reply.mail
    report = eml("bounce").replace(b"<returned@helpdesk.localhost>", reply.mail.message_id.encode())
    raw = receive(report)
    assert (raw.state, raw.ticket) == ("ignored", ticket)
    assert ticket.events.get(kind=Kind.REPLY_FAILED).message == reply
    assert Ticket.objects.count() == 1


def test_of_a_bounce_the_author_and_the_leads_hear_once(
    receive: Receive, ticket: Ticket, cast: SimpleNamespace, now: datetime
) -> None:
    reply = conversation.reply(ticket=ticket, author=cast.ana, body="Which lamp?", now=now)
    conversation.send_now(message=reply, actor=cast.ana, now=now)
    outbox.deliver_due(now)
    assert reply.mail
    report = eml("bounce").replace(b"<returned@helpdesk.localhost>", reply.mail.message_id.encode())
    receive(report)
    receive(report.replace(b"Subject: ", b"Subject: Again: ", 1))
    assert ticket.events.filter(kind=Kind.REPLY_FAILED).count() == 2
    (alert,) = OutgoingMail.objects.filter(purpose="alert")
    told = set(alert.deliveries.values_list("email", flat=True))
    assert told == {cast.ana.email, cast.sue.email}
    assert "no clock will remind you" in alert.text


def test_a_colleagues_address_never_speaks_on_a_ticket(
    receive: Receive, ticket: Ticket, now: datetime
) -> None:
    raw = receive(answer(to=mailing.reply_address(ticket), sender="Ana@company.example"))
    assert raw.state == "parked"
    assert "Ana" in raw.because
    assert ticket.messages.count() == 2
    assert not ticket.messages.exclude(author=None).exists()
    taken = services.process(raw, now, insist=True)
    assert taken.message
    assert (taken.message.kind, taken.message.author) == ("customer", None)


def test_a_colleagues_answer_to_an_alert_waits_for_a_person(
    receive: Receive, cast: SimpleNamespace, now: datetime
) -> None:
    alert = outbox.queue(
        purpose="alert", recipients=[outbox.Recipient(cast.eve.email)], subject="A large order",
        text="Decide.", now=now,
    )  # fmt: skip
    raw = receive(answer(sender=cast.eve.email, In_Reply_To=alert.message_id))
    assert (raw.state, raw.ticket) == ("parked", None)


def test_a_colleague_with_a_matter_of_their_own_is_a_customer(receive: Receive) -> None:
    ticket = receive(written(sender="ana@company.example")).ticket
    assert ticket
    assert ticket.requester.email == "ana@company.example"


@pytest.mark.parametrize("name", ["no_sender", "bad_sender", "headers_only", "empty", "not_a_mail"])
def test_what_cannot_be_used_waits_for_a_person(receive: Receive, name: str) -> None:
    raw = receive(eml(name))
    assert (raw.state, raw.next_try_at) == ("parked", None)
    assert raw.because
    assert bytes(RawMail.objects.get(pk=raw.pk).raw) == eml(name)


def test_a_person_may_take_an_ignored_mail_all_the_same(receive: Receive, now: datetime) -> None:
    raw = receive(eml("auto_reply"))
    assert services.process(raw, now).state == "ignored"
    assert services.process(raw, now, insist=True).ticket


# Once


def test_the_same_bytes_are_one_mail(receive: Receive, now: datetime) -> None:
    first = receive(eml("plain"))
    assert services.store(eml("plain"), now + timedelta(hours=1), "imap") == first
    assert services.process(first, now + timedelta(hours=1)) == first
    assert Ticket.objects.count() == 1


def test_a_mail_that_came_by_two_ways_is_dealt_with_once(receive: Receive) -> None:
    receive(eml("plain"))
    copy = receive(b"Received: from another.example\n" + eml("plain"))
    assert (copy.state, copy.because) == ("ignored", "It came before by another way.")
    assert Ticket.objects.count() == 1


def test_a_mailer_that_reuses_its_message_id_loses_nothing(receive: Receive) -> None:
    receive(written(text="One."))
    receive(written(text="Two."))
    assert Message.objects.filter(kind=Message.Kind.CUSTOMER).count() == 2


def test_a_stranger_cannot_take_anothers_message_id_in_advance(receive: Receive) -> None:
    receive(written(sender="eve@evil.example"))
    assert receive(written()).state == "processed"


def test_two_workers_with_the_same_mail_make_one_ticket(
    cast: SimpleNamespace, now: datetime
) -> None:
    one = services.store(eml("plain"), now, "pipe")
    two = RawMail.objects.get(pk=one.pk)
    services.process(one, now)
    services.process(two, now)
    assert Ticket.objects.count() == 1


# Failing


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The ticket is opened, its files are stored, and then something fails."""

    def fail(**_: Any) -> None:
        raise RuntimeError("no\x00 way")

    monkeypatch.setattr(services, "_end", lambda *_, **__: fail())
    return monkeypatch


def test_a_failure_undoes_everything_and_is_tried_again(
    receive: Receive, broken: pytest.MonkeyPatch, now: datetime
) -> None:
    raw = receive(eml("multipart"))
    assert (raw.state, raw.attempts, raw.because) == ("failed", 1, "RuntimeError: no way")
    assert raw.next_try_at == now + timedelta(minutes=1)
    for model in (Ticket, Message, Attachment, OutgoingMail, TicketEvent):
        assert not model.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    broken.undo()
    assert services.process_waiting(now + timedelta(seconds=59)) == 0
    assert services.process_waiting(now + timedelta(minutes=1)) == 1
    raw.refresh_from_db()
    assert (raw.state, raw.because) == ("processed", "")


def test_after_a_few_tries_a_person_is_asked(
    receive: Receive, broken: pytest.MonkeyPatch, now: datetime
) -> None:
    raw = receive(eml("plain"))
    for day in range(1, 10):
        services.process_waiting(now + timedelta(days=day))
    raw.refresh_from_db()
    assert (raw.state, raw.attempts) == ("parked", services.MOST_TRIES)
    broken.undo()
    assert services.process(raw, now).state == "processed"


def test_a_mail_that_kills_its_process_is_given_up(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    def die(raw: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "parse", die)
    raw = services.store(eml("plain"), now, "pipe")
    for day in range(services.MOST_CUT_OFF):
        with pytest.raises(KeyboardInterrupt):
            services.process_waiting(now + timedelta(days=day))
    assert services.process_waiting(now + timedelta(days=9)) == 1
    raw.refresh_from_db()
    assert (raw.state, raw.because) == ("parked", "Each try was cut off.")


def test_a_stored_mail_that_nobody_processed_is_swept_up(
    cast: SimpleNamespace, now: datetime
) -> None:
    services.store(eml("plain"), now, "pipe")
    services.store(eml("koi8"), now, "pipe")
    assert services.process_waiting(now) == 2
    assert Ticket.objects.count() == 2
    assert services.process_waiting(now + timedelta(days=1)) == 0


def test_storing_refuses_what_it_cannot_hold(db: None, now: datetime) -> None:
    with pytest.raises(Invalid, match="50 MB"):
        services.store(b"x" * (services.LARGEST + 1), now, "pipe")
    with pytest.raises(Invalid, match="time zone"):
        services.store(b"x", now.replace(tzinfo=None), "pipe")


def test_an_address_that_no_contact_can_have_waits_for_a_person(receive: Receive) -> None:
    raw = receive(written(sender="carla@acme"))
    assert (raw.state, raw.because) == ("parked", "«carla@acme» is not an e-mail address.")


def test_an_address_one_letter_too_long_waits_for_a_person(receive: Receive) -> None:
    domain = ".".join(["b" * 62, "c" * 62, "d" * 60, "com"])
    raw = receive(written(sender=f"{'a' * 64}@{domain}"))
    assert len(f"{'a' * 64}@{domain}") == 255
    assert (raw.state, raw.because) == ("parked", "It has no usable sender's address.")
    assert receive(written(sender=f"{'a' * 63}@{domain}")).state in {"processed", "parked"}
