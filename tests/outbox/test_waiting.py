"""While a mail is held."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tickets.outbox import services
from tickets.outbox.checking import BadMail
from tickets.outbox.models import OutgoingMail

from .conftest import Listener, Put, fresh, rows

pytestmark = pytest.mark.django_db

HALF_AN_HOUR = timedelta(minutes=30)
Deed = Callable[[OutgoingMail, datetime], bool]
DEEDS: dict[str, Deed] = {
    "recall": lambda mail, now: services.recall(mail=mail, now=now),
    "edit": lambda mail, now: services.edit(mail=mail, text="Other words", now=now),
    "send now": lambda mail, now: services.send_now(mail=mail, now=now),
    "retime": lambda mail, now: services.retime(mail=mail, release_at=now),
}
ENDINGS: dict[str, Deed] = {
    "recalled": lambda mail, now: services.recall(mail=mail, now=now),
    "sent now": lambda mail, now: services.send_now(mail=mail, now=now),
    "released": lambda mail, now: bool(services.release_due(now=mail.release_at)),
    "sent": lambda mail, now: bool(services.deliver_due(mail.release_at)),
}


@pytest.fixture
def held(put: Put, now: datetime) -> OutgoingMail:
    return put("a@x.example", release_at=now + HALF_AN_HOUR)


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_once_the_hold_has_ended_nothing_can_be_done_any_more(
    held: OutgoingMail, now: datetime, ending: Deed, deed: Deed
) -> None:
    assert ending(held, now)
    before = OutgoingMail.objects.values().get(pk=held.pk)
    assert not deed(held, now)
    assert OutgoingMail.objects.values().get(pk=held.pk) == before


def test_a_recalled_mail_never_leaves(
    held: OutgoingMail, now: datetime, mailoutbox: list[Any], listener: Listener
) -> None:
    assert services.recall(mail=held, now=now)
    services.deliver_due(now + timedelta(days=1))
    assert mailoutbox == []
    assert listener.of(held) == []
    assert (fresh(held).state, fresh(held).recalled_at) == ("recalled", now)


def test_the_last_words_before_the_release_are_those_that_leave(
    held: OutgoingMail, now: datetime, mailoutbox: list[Any]
) -> None:
    services.edit(mail=held, text="Better words", html="<b>Better</b>", subject="Better", now=now)
    services.edit(mail=held, text="Best words", now=now)
    services.deliver_due(held.release_at)
    [message] = mailoutbox
    assert (message.subject, message.body, message.alternatives) == ("Better", "Best words", [])


def test_an_edit_is_checked_like_a_new_mail(held: OutgoingMail, now: datetime) -> None:
    for fields in ({"text": "nul \x00"}, {"text": "a", "subject": "a\r\nBcc: b@x.example"}):
        with pytest.raises(BadMail):
            services.edit(mail=held, now=now, **fields)
    assert fresh(held).text == "An answer.\n"


def test_sending_now_leaves_with_the_next_pass(
    held: OutgoingMail, now: datetime, mailoutbox: list[Any]
) -> None:
    assert services.send_now(mail=held, now=now)
    assert (held.state, fresh(held).released_at) == ("released", now)
    assert rows(held).a.next_try_at == now
    services.deliver_due(now)
    assert len(mailoutbox) == 1


def test_sending_now_to_nobody_is_sent_and_told_by_the_next_pass(
    put: Put, now: datetime, listener: Listener
) -> None:
    mail = put(release_at=now + HALF_AN_HOUR)
    assert services.send_now(mail=mail, now=now)
    assert (fresh(mail).state, fresh(mail).sent_at) == ("sent", now)
    services.deliver_due(now + timedelta(seconds=1))
    assert ("left", mail.pk, now) in listener.heard


def test_a_moved_release_counts_from_then_on(
    held: OutgoingMail, now: datetime, mailoutbox: list[Any]
) -> None:
    assert services.retime(mail=held, release_at=now + timedelta(minutes=5))
    services.deliver_due(now + timedelta(minutes=4, seconds=59))
    assert mailoutbox == []
    services.deliver_due(now + timedelta(minutes=5))
    assert len(mailoutbox) == 1
