"""What was not read in time is told by mail: one for all of it, once, to who wants it and is here."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from config.celery import app
from escalation import pulse
from tests.factories import at_once, customer_writes, ticket
from tickets.models import Ticket
from tickets.outbox.models import OutgoingMail
from tickets.people.models import Absence, Membership, User
from tickets.services import bulk, conversation, triage
from tickets.telling import mailing, services
from tickets.telling.models import Notification, Preference

MINUTE = timedelta(minutes=1)
LATER = 11 * MINUTE


def mails(now: datetime) -> list[OutgoingMail]:
    """What the timer writes at that instant."""
    known = set(OutgoingMail.objects.values_list("pk", flat=True))
    while mailing.mail_next(now):
        pass
    return list(OutgoingMail.objects.exclude(pk__in=known).order_by("pk"))


def recipients(mail: OutgoingMail) -> list[str]:
    return [each.email for each in mail.deliveries.all()]


def test_an_answer_that_nobody_read_for_ten_minutes_is_told_by_mail_once(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    customer_writes(hers, now, "Does it hum for ever?")
    assert mails(now + 9 * MINUTE) == []
    (mail,) = mails(now + LATER)
    assert recipients(mail) == [cast.ana.email]
    assert mail.subject == f"[{hers.reference}] Carla Customer wrote: The lamp hums"
    assert "«Does it hum for ever?»" in mail.text
    assert f"/tickets/{hers.reference}/" in mail.text
    assert "/notifications/settings/" in mail.text
    assert mails(now + 2 * LATER) == []


def test_what_was_read_on_the_desk_is_not_told_by_mail(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    message = customer_writes(hers, now)
    services.read(ticket=hers, person=cast.ana, event=0, message=message.pk, now=now + MINUTE)
    assert mails(now + LATER) == []


def test_a_customer_who_writes_again_and_again_puts_the_mail_off_no_longer(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    for minute in (0, 5, 9):
        customer_writes(hers, now + minute * MINUTE, f"Hello? {minute}")
    (mail,) = mails(now + LATER)
    assert "Hello? 9" in mail.text
    customer_writes(hers, now + 12 * MINUTE)
    assert mails(now + 21 * MINUTE) == []
    assert len(mails(now + 23 * MINUTE)) == 1


def test_everything_that_is_new_comes_in_one_mail_also_what_is_not_due_yet(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    other = ticket(cast, now, subject="Another lamp", acknowledge=False)
    customer_writes(hers, now)
    conversation.note(ticket=hers, author=cast.ben, body="Look.", now=now)
    triage.assign(ticket=other, assignee=cast.ana, actor=cast.sue, now=now + 8 * MINUTE)
    (mail,) = mails(now + LATER)
    assert mail.subject == "3 notifications that you have not read"
    for words in ("Carla Customer wrote", "Ben wrote a note", "Sue gave this ticket to you"):
        assert words in mail.text
    assert mails(now + 3 * LATER) == []


def test_two_hundred_tickets_given_at_once_make_one_mail(
    cast: SimpleNamespace, now: datetime
) -> None:
    several = [ticket(cast, now, acknowledge=False, subject=f"Lamp {n}") for n in range(60)]
    bulk.carry_out(
        references={each.reference: None for each in several}, wanted={"assignee": cast.ana},
        actor=cast.sue, now=now, key="7f1c6b3e-0f5d-4f0e-8f0c-3f6a1c7b1a11",  # type: ignore[arg-type]
    )  # fmt: skip
    (mail,) = mails(now + LATER)
    assert mail.subject == "60 tickets were given to you"
    assert mail.text.count("Sue gave this ticket to you") == mailing.LINES
    assert "And 10 more: " in mail.text


def test_who_is_out_is_told_once_they_are_back(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    back = now + timedelta(days=2)
    Absence.objects.create(user=cast.ana, starts_at=now - MINUTE, ends_at=back)
    customer_writes(hers, now)
    assert mails(now + LATER) == []
    assert mails(back - MINUTE) == []
    (mail,) = mails(back)
    assert recipients(mail) == [cast.ana.email]


@pytest.mark.parametrize("how", ["refused", "left", "no address", "sees it no more"])
def test_who_does_not_want_it_has_left_or_may_not_see_the_ticket_gets_no_mail(
    cast: SimpleNamespace, now: datetime, hers: Ticket, how: str
) -> None:
    customer_writes(hers, now)
    if how == "refused":
        Preference.objects.create(person=cast.ana, kind="wrote", by_mail=False)
    elif how == "left":
        User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    elif how == "no address":
        User.objects.filter(pk=cast.ana.pk).update(email="")
    else:
        Ticket.objects.filter(pk=hers.pk).update(assignee=None)
        Membership.objects.filter(user=cast.ana).delete()
    assert mails(now + LATER) == []
    assert not Notification.objects.filter(mail_at__isnull=False).exists()


def test_mentions_and_failures_have_their_own_mail_at_once_and_no_second_one(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    conversation.note(ticket=hers, author=cast.ben, body="@ana?", now=now, mentions=[cast.ana])
    assert OutgoingMail.objects.filter(subject__contains="mentioned you").count() == 1
    assert mails(now + LATER) == []


def test_who_wants_no_mail_of_mentions_gets_none(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    Preference.objects.create(person=cast.ben, kind="mentioned", by_mail=False)
    both = [cast.ben, cast.max]
    conversation.note(ticket=hers, author=cast.ana, body="You?", now=now, mentions=both)
    (mail,) = OutgoingMail.objects.filter(subject__contains="mentioned you")
    assert recipients(mail) == [cast.max.email]
    assert Notification.objects.filter(person=cast.ben, kind="mentioned").exists()


def test_what_cannot_be_told_waits_and_the_others_are_told(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    triage.assign(ticket=hers, assignee=cast.ben, actor=None, now=now, because="in turn")
    customer_writes(ticket(cast, now, assignee=cast.ana, actor=cast.ana), now)
    given = hers.events.filter(kind="assigned")
    sound = given.get().data
    given.update(data=["of another make"])
    assert [recipients(each) for each in mails(now + LATER)] == [[cast.ana.email]]
    given.update(data=sound)
    assert mails(now + LATER + MINUTE) == []
    (mail,) = mails(now + 30 * MINUTE)
    assert recipients(mail) == [cast.ben.email]
    assert "Given to you: in turn" in mail.text


def test_who_cannot_be_told_again_and_again_is_tried_less_often_and_an_admin_hears_of_it(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    triage.assign(ticket=hers, assignee=cast.ben, actor=None, now=now, because="in turn")
    hers.events.filter(kind="assigned").update(data=["of another make"])
    waits = []
    at = now + LATER
    for _ in range(8):
        assert mails(at) == []
        tried = Notification.objects.earliest("mail_at").mail_at
        assert tried is not None
        waits.append(tried - at)
        at = tried
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (mailing.SOONEST, mailing.LATEST)
    said = "1 person could not be mailed what they have not read; an admin has to look."
    assert said not in pulse.read(now + 2 * MINUTE).warnings
    assert said in pulse.read(at - MINUTE).warnings
    Absence.objects.create(user=cast.ben, starts_at=now, ends_at=at + LATER)
    assert said not in pulse.read(at - MINUTE).warnings


def test_the_timer_and_the_sweep_without_a_broker_both_look(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    entries = {each["task"] for each in app.conf.beat_schedule.values()}
    assert {"tickets.telling.tasks.tell_by_mail", "tickets.telling.tasks.forget_old"} <= entries
    customer_writes(hers, now)
    call_command("sweep", "--no-mail", verbosity=0)
    assert OutgoingMail.objects.filter(subject__contains="Carla Customer wrote").count() == 1
    # All of it is older than ninety days for the clock on the wall.
    assert not Notification.objects.exists()


def test_what_is_older_than_ninety_days_is_thrown_away(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    customer_writes(hers, now)
    other = ticket(cast, now, acknowledge=False)
    triage.assign(ticket=other, assignee=cast.ana, actor=cast.sue, now=now + timedelta(days=1))
    assert services.forget(now=now + timedelta(days=90, hours=1)) == 1
    assert [each.kind for each in Notification.objects.all()] == ["assigned"]


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_tells(
    cast: SimpleNamespace, now: datetime, hers: Ticket
) -> None:
    for _ in range(5):
        other = ticket(cast, now, acknowledge=False)
        triage.assign(ticket=other, assignee=cast.ana, actor=cast.sue, now=now)
    hers.followers.add(cast.ben)
    customer_writes(hers, now)
    at_once(*[lambda: mailing.mail_next(now + LATER)] * 6)
    sent = OutgoingMail.objects.filter(purpose="alert")
    assert sorted(recipients(each) for each in sent) == [[cast.ana.email], [cast.ben.email]]
