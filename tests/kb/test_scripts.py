"""Scripts: a fixed vocabulary, filled in, and nothing executed."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kb.defaults.scripts import SCRIPTS
from kb.scripts.models import Script
from kb.scripts.rendering import VOCABULARY, fill_in, unknown_fields
from kb.scripts.services import scripts_for
from tickets.models import Ticket
from tickets.services import opening


@pytest.mark.parametrize("text", ["{nobody}", "{{customer}}", "a { b", "}", "{customer.password}"])
def test_what_the_vocabulary_does_not_know_is_refused_when_saved(text: str) -> None:
    with pytest.raises(ValidationError):
        Script(name="x", kind="hold", body=text).clean_fields(exclude=["category"])


def test_a_field_without_a_value_reads_well() -> None:
    assert fill_in("Hello {first_name}!", {"first_name": " "}) == "Hello there!"


def test_a_value_that_looks_like_a_field_stays_what_it_is() -> None:
    assert fill_in("{customer}", {"customer": "{agent} {% now %}"}) == "{agent} {% now %}"


@given(st.text(max_size=300), st.text(max_size=30))
def test_filling_in_never_fails(text: str, name: str) -> None:
    fill_in(text, dict.fromkeys(VOCABULARY, name))
    unknown_fields(text)


@pytest.mark.parametrize("words", [words for _, _, words in SCRIPTS])
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
    [found] = scripts_for(ticket=ticket, user=cast.ana)
    assert found.text == f"Carla {ticket.reference} Ana Sue"


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
            assert len(scripts_for(ticket=fresh, user=cast.ana)) == count
