"""Many at once: one winner, and everybody knows whether it was they."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tickets.outbox import services
from tickets.outbox.models import Delivery, OutgoingMail

from .conftest import Listener, PostOffice, Put, at_once, fresh, rows

MINUTE = timedelta(minutes=1)
Ways = dict[str, Callable[[OutgoingMail, datetime], bool]]
WAYS: Ways = {
    "recalled": lambda mail, now: services.recall(mail=fresh(mail), now=now),
    "sent now": lambda mail, now: services.send_now(mail=fresh(mail), now=now),
    "released": lambda mail, now: services.release_due(now=now) == 1,
}


@pytest.mark.parametrize("to", [["a@x.example"], []], ids=["to somebody", "to nobody"])
def test_releasing_recalling_and_sending_one_reply_have_one_winner(
    many_connections: int, put: Put, now: datetime, to: list[str]
) -> None:
    mail = put(*to, release_at=now)
    names = [list(WAYS)[number % len(WAYS)] for number in range(many_connections)]
    deeds = [lambda name=name: WAYS[name](mail, now) for name in names]
    outcomes = at_once(deeds)
    [winner] = [name for name, won in zip(names, outcomes, strict=True) if won]
    assert (fresh(mail).state == "recalled") == (winner == "recalled")
    waiting = Delivery.objects.filter(mail=mail, next_try_at__isnull=False).count()
    assert waiting == (0 if winner == "recalled" else len(to))


def test_the_words_that_leave_are_those_of_an_edit_that_was_told_it_won(
    many_connections: int, put: Put, now: datetime
) -> None:
    mail = put("a@x.example", release_at=now, text="first")
    deeds: list[Callable[[], Any]] = [lambda: services.send_now(mail=fresh(mail), now=now)]
    deeds += [
        lambda number=number: services.edit(mail=fresh(mail), text=f"words {number}", now=now)
        for number in range(1, many_connections)
    ]
    released, *edited = at_once(deeds)
    assert released
    winners = {f"words {number}" for number, won in enumerate(edited, 1) if won} or {"first"}
    assert fresh(mail).text in winners


def test_no_two_workers_claim_the_same_row(many_connections: int, put: Put, now: datetime) -> None:
    for number in range(40):
        put(f"a{number}@x.example")
    takers = many_connections
    claims = at_once([lambda: services.claim(now=now, limit=3)] * takers)
    taken = Counter(row.pk for rows in claims for row in rows)
    assert set(taken.values()) == {1}
    assert len(taken) == min(40, takers * 3)


def test_many_passes_at_once_send_every_mail_once(
    many_connections: int,
    post: PostOffice,
    put: Put,
    now: datetime,
    listener: Listener,
    settings: Any,
) -> None:
    # Many on few processors: a slow answer is not what is tested here.
    settings.EMAIL_TIMEOUT = 30
    mails = [put(f"a{number}@x.example", f"b{number}@x.example") for number in range(20)]
    at_once([lambda: services.deliver_due(now)] * (many_connections // 6))
    assert set(Counter(post.recipients).values()) == {1}
    assert len(post.recipients) == 40
    assert all(listener.of(mail) == ["left"] for mail in mails)


def test_of_two_recipients_given_up_at_once_somebody_notices_that_it_was_the_last(
    many_connections: int, put: Put, now: datetime, listener: Listener
) -> None:
    count = min(many_connections, 10)
    mail = put(*[f"a{number}@x.example" for number in range(count)])
    claimed = services.claim(now=now, limit=count)
    at_once(
        [
            lambda row=row: services.settle_failed(
                delivery=row, now=now, error="550 no", permanent=True
            )
            for row in claimed
        ]
    )
    assert {row.state for row in vars(rows(mail)).values()} == {"dead"}
    assert (fresh(mail).state, listener.of(mail)) == ("dead", ["dead"])


def test_an_owner_is_told_once_however_many_try(
    many_connections: int, put: Put, now: datetime, listener: Listener
) -> None:
    mails = [put() for _ in range(5)]
    told = at_once([lambda: services.announce_pending(now=now)] * many_connections)
    assert sum(told) == 5
    assert all(listener.of(mail) == ["left"] for mail in mails)
