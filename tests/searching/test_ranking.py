"""Which ticket comes first."""

from datetime import datetime, timedelta

from tickets.searching.ranking import CUSTOMER, HALF_LIFE, SAID, SUBJECT, hits_of, ranked

DAY = timedelta(days=1)


def order(now: datetime, *found: tuple[int, int, timedelta, float]) -> list[int]:
    lines = [(ticket, message, now - age, strength) for ticket, message, age, strength in found]
    return [hit.ticket for hit in ranked(hits_of(lines), now)]


def test_a_subject_counts_more_than_a_customer_and_that_more_than_a_message(now: datetime) -> None:
    assert order(now, (1, 7, DAY, SAID), (2, 0, DAY, SUBJECT), (3, 0, DAY, CUSTOMER)) == [2, 3, 1]


def test_of_equals_the_newer_comes_first(now: datetime) -> None:
    assert order(now, (1, 7, 3 * DAY, SAID), (2, 8, DAY, SAID), (3, 9, 2 * DAY, SAID)) == [2, 3, 1]


def test_what_is_long_past_gives_way_to_what_is_new(now: datetime) -> None:
    assert order(now, (1, 0, 4 * HALF_LIFE, SUBJECT), (2, 9, DAY, SAID)) == [2, 1]


def test_a_ticket_is_found_once_with_its_best_message_first(now: datetime) -> None:
    lines = [(1, 7, now, 1.1), (1, 0, now - DAY, SUBJECT), (1, 8, now - DAY, 1.4), (1, 7, now, 1.1)]
    (hit,) = hits_of(lines)
    assert (hit.messages, hit.at, hit.strength) == ([8, 7], now, SUBJECT)


def test_several_messages_count_more_than_one(now: datetime) -> None:
    assert order(now, (1, 7, DAY, SAID), (2, 8, DAY, SAID), (2, 9, DAY, SAID)) == [2, 1]


def test_an_instant_ahead_of_now_breaks_nothing(now: datetime) -> None:
    assert order(now, (1, 7, -DAY, SAID), (2, 8, DAY, SAID)) == [1, 2]
