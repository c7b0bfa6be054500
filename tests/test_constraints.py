"""What the database refuses is said in words wherever a form asks it."""

import pytest
from django.apps import apps
from django.db.models import BaseConstraint, Model

FLOORS = ("tickets", "kb", "escalation")
OURS = [
    (model, constraint)
    for model in apps.get_models()
    if model.__module__.partition(".")[0] in FLOORS
    for constraint in model._meta.constraints
]


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
