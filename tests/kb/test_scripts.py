"""Scripts: a fixed vocabulary, filled in, and nothing executed."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kb.defaults.scripts import SCRIPTS
from kb.scripts.models import Script
from kb.scripts.rendering import VOCABULARY, fill_in, says, unknown_fields
from kb.scripts.services import Filled, scripts_for
from tickets.models import Ticket
from tickets.people.models import Membership
from tickets.services import opening


@pytest.mark.parametrize("text", ["{nobody}", "{{customer}}", "a { b", "}", "{customer.password}"])
def test_what_the_vocabulary_does_not_know_is_refused_when_saved(text: str) -> None:
    with pytest.raises(ValidationError):
        Script(name="x", kind="hold", body=text).clean_fields(exclude=["category"])


def test_a_field_without_a_value_reads_well() -> None:
    assert fill_in("Hello {first_name}!", {"first_name": " "}) == "Hello there!"


def test_a_value_that_looks_like_a_field_stays_what_it_is() -> None:
    assert fill_in("{customer}", {"customer": "{agent} {% now %}"}) == "{agent} {% now %}"


def test_a_name_that_turns_the_reading_direction_or_hides_letters_is_plain_in_a_script() -> None:
    assert fill_in("Hello {customer}.", {"customer": "Car\u202ela\u200b\x9b"}) == "Hello Carla."


@given(st.text(max_size=300), st.text(max_size=30))
def test_filling_in_never_fails(text: str, name: str) -> None:
    fill_in(text, dict.fromkeys(VOCABULARY, name))
    unknown_fields(text)


@given(st.dictionaries(st.sampled_from(sorted(VOCABULARY)), st.text(max_size=80)))
def test_what_was_filled_in_is_recognised_whatever_its_values(values: dict[str, str]) -> None:
    text = "{first_name}, we are sorry: {order} of {organization} comes again.\nYours, {agent}"
    assert says(f"Hello.\n\n{fill_in(text, values)}\n\nBye", text)


@pytest.mark.parametrize(
    ("said", "text", "is_said"),
    [
        ("We put a credit on your account.", "We put a credit on your account.", True),
        ("WE put a *credit* on\r\nyour account!", "We put a credit on your account.", True),
        ("We put a big credit on your account.", "We put a credit on your account.", False),
        ("> We put a credit on your account.", "We put a credit on your account.", False),
        ("We put a credit", "We put a credit on your account.", False),
        ("Order 5: ok. Anything else.", "{order}: ok.", False),  # stands anywhere by chance
        ("anything", "", False),
        ("anything", "{customer} {order}", False),
        (
            "We credit " + "x" * 400 + " to your account.",
            "We credit {order} to your account.",
            False,
        ),
    ],
)
def test_words_are_recognised_as_a_whole_and_only_there(
    said: str, text: str, is_said: bool
) -> None:
    assert says(said, text) is is_said


def test_recognising_words_takes_no_long_time() -> None:
    started = time.process_time()
    says("a b " * 50_000, "a {order} b {agent} " * 40 + "c and some more words")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("words", [words for _, _, words, *_ in SCRIPTS])
def test_every_seeded_script_uses_known_fields(words: str) -> None:
    assert unknown_fields(words) == []


def test_a_tickets_scripts_carry_its_customer_reference_and_agent(
    cast: SimpleNamespace, now: Any
) -> None:
    Script.objects.create(
        name="ours", kind="hold", body="{first_name} {reference} {agent} {supervisor}"
    )
    Script.objects.create(name="other", kind="hold", body="x", category=cast.suggestion)
    ticket = opening.open_ticket(
        subject="S", body="b", requester=cast.carla, channel="email", now=now
    )
    [found] = scripts_for(ticket=ticket, user=cast.ana, now=now)
    assert found.text == f"Carla {ticket.reference} Ana Sue"


def test_who_was_marked_as_leading_once_is_nobodys_supervisor_in_a_script(
    cast: SimpleNamespace, now: Any
) -> None:
    Membership.objects.filter(user=cast.ana).update(leads=True)
    Script.objects.create(name="ours", kind="hold", body="{supervisor}")
    ticket = opening.open_ticket(
        subject="S", body="b", requester=cast.carla, channel="email", now=now
    )
    [found] = scripts_for(ticket=ticket, user=cast.ana, now=now)
    assert found.text == "Sue"


def test_thirty_scripts_cost_no_more_queries_than_three(
    cast: SimpleNamespace, now: Any, django_assert_num_queries: Any
) -> None:
    ticket = opening.open_ticket(
        subject="S", body="b", requester=cast.carla, channel="email", now=now
    )
    for count in (3, 30):
        for number in range(Script.objects.count(), count):
            Script.objects.create(name=f"s{number}", kind="hold", body="{first_name} {agent}")
        fresh = Ticket.objects.get(pk=ticket.pk)
        with django_assert_num_queries(7):
            assert len(scripts_for(ticket=fresh, user=cast.ana, now=now)) == count


def promised(cast: SimpleNamespace, now: Any, due: Any, zone: str = "UTC") -> Filled:
    """The one script, of a ticket that owes an answer by ``due``."""
    cast.carla.time_zone = zone
    cast.carla.save()
    Script.objects.create(name="late", kind="apology", body="I shall write again {expected_by}.")
    ticket = opening.open_ticket(
        subject="S", body="b", requester=cast.carla, channel="email", now=now
    )
    Ticket.objects.filter(pk=ticket.pk).update(answer_due_at=due)
    filled = scripts_for(ticket=Ticket.objects.get(pk=ticket.pk), user=cast.ana, now=now)
    return next(each for each in filled if each.script.name == "late")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "by Tuesday 3 March, 10:30 New York time"),
        ("Europe/Berlin", "by Tuesday 3 March, 16:30 Berlin time"),
        ("UTC", "by Tuesday 3 March, 15:30 UTC"),
    ],
)
def test_a_promised_moment_is_said_in_the_customers_zone_which_is_named(
    cast: SimpleNamespace, now: Any, zone: str, said: str
) -> None:
    filled = promised(cast, now, now + timedelta(minutes=90), zone)
    assert filled.text == f"I shall write again {said}."
    assert filled.warning == ""


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=3)])
def test_a_moment_that_has_passed_is_never_promised_and_the_agent_is_warned(
    cast: SimpleNamespace, now: Any, ago: timedelta
) -> None:
    filled = promised(cast, now, now - ago, "America/New_York")
    assert filled.text == "I shall write again as soon as we can."
    assert "has passed: choose a new one" in filled.warning
    assert "New York time" in filled.warning


def test_only_a_script_that_promises_a_moment_is_warned_about(
    cast: SimpleNamespace, now: Any
) -> None:
    Script.objects.create(name="calm", kind="angry", body="Hello {first_name}.")
    promised(cast, now, now - timedelta(hours=1))
    ticket = Ticket.objects.get()
    warned = {
        each.script.name: bool(each.warning)
        for each in scripts_for(ticket=ticket, user=cast.ana, now=now)
    }
    assert warned == {"calm": False, "late": True}
