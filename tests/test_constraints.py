"""What the database refuses is said in words wherever a form asks it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import BaseConstraint, CheckConstraint, Field, Model

from kb.offers.models import Authority, Offer
from tests.factories import ticket as open_ticket
from tickets.models import Ticket

FLOORS = ("tickets", "kb", "escalation")
MODELS = [model for model in apps.get_models() if model.__module__.partition(".")[0] in FLOORS]
OURS = [(model, constraint) for model in MODELS for constraint in model._meta.constraints]
CHOICES = [
    (model, field) for model in MODELS for field in model._meta.local_fields if field.choices
]
NAMES = [f"{model._meta.label}.{field.name}" for model, field in CHOICES]


@pytest.mark.parametrize(
    ("model", "constraint"), OURS, ids=[f"{m._meta.label}: {c.name}" for m, c in OURS]
)
def test_every_constraint_says_in_words_what_is_wrong(
    model: type[Model], constraint: BaseConstraint
) -> None:
    said = str(constraint.get_violation_error_message())
    assert constraint.name not in said
    assert said != constraint.default_violation_error_message
    assert said[0].isupper()
    assert said.endswith(".")


def _about(model: type[Model], field: "Field[Any, Any]") -> list[CheckConstraint]:
    """The checks that ask for this field."""
    checks = [each for each in model._meta.constraints if isinstance(each, CheckConstraint)]
    return [each for each in checks if field.name in dict(_asked(each.condition))]


def _asked(condition: Any) -> list[tuple[str, Any]]:
    """Pairs of a field's name and the values that are asked for."""
    if isinstance(condition, tuple):
        return [(condition[0].partition("__")[0], condition[1])]
    return [each for child in getattr(condition, "children", []) for each in _asked(child)]


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), CHOICES, ids=NAMES)
def test_the_database_itself_knows_what_may_be_chosen(
    model: type[Model], field: "Field[Any, Any]"
) -> None:
    with connection.cursor() as cursor:
        stored = connection.introspection.get_constraints(cursor, model._meta.db_table)
    declared = {each.name for each in _about(model, field)}
    assert declared & {name for name, each in stored.items() if each["check"]}


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), CHOICES, ids=NAMES)
def test_what_is_none_of_the_choices_is_refused(
    model: type[Model], field: "Field[Any, Any]"
) -> None:
    nonsense = 99 if field.get_internal_type() == "PositiveSmallIntegerField" else "?"
    row = model(**{field.name: nonsense})
    assert any(_is_violated(each, model, row) for each in _about(model, field))


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), CHOICES, ids=NAMES)
def test_every_choice_is_taken_and_an_empty_one_where_it_may_be(
    model: type[Model], field: "Field[Any, Any]"
) -> None:
    wanted = {value for value, _ in field.flatchoices} | ({""} if field.blank else set())
    known: set[Any] = set()
    for each in _about(model, field):
        for name, values in _asked(each.condition):
            if name == field.name:
                known |= {values} if isinstance(values, str | int) else set(values)
    if all(isinstance(each, int) for each in known):  # from the least to the most
        known = set(range(min(known), max(known) + 1))
    assert known == wanted


def _is_violated(constraint: CheckConstraint, model: type[Model], row: Model) -> bool:
    try:
        constraint.validate(model, row)
    except ValidationError:
        return True
    return False


def _refuses(model: type[Model], pk: int, **fields: object) -> bool:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**fields)
    except IntegrityError:
        return True
    return False


def test_what_goes_past_every_form_and_service_is_still_refused(
    cast: SimpleNamespace, now: Any
) -> None:
    ticket = open_ticket(cast, now)
    message, event = ticket.messages.get(kind="customer"), ticket.events.first()
    assert event is not None
    assert _refuses(Ticket, ticket.pk, priority="soon")
    assert _refuses(Ticket, ticket.pk, channel="pigeon")
    assert _refuses(Ticket, ticket.pk, status="lost")
    assert _refuses(type(message), message.pk, kind="rumour")
    assert _refuses(type(event), event.pk, kind="nothing")
    assert _refuses(type(cast.ana), cast.ana.pk, role="")
    assert not _refuses(Ticket, ticket.pk, priority="urgent")


def test_an_authority_never_gives_less_than_nothing_a_month(cast: SimpleNamespace) -> None:
    offer = Offer.objects.create(name="Tea", kind="credit", unit="money", most=50, words="Tea.")
    mine = Authority.objects.create(offer=offer, role="agent", most=20, most_a_month=20)
    assert _refuses(Authority, mine.pk, most_a_month=0)
    assert not _refuses(Authority, mine.pk, most_a_month=None)
