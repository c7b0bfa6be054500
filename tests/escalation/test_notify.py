"""Who works here, read once for a pass."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from escalation.notify import Crew


@pytest.mark.parametrize("table", ["people_user", "people_membership"])
def test_what_could_not_be_read_is_read_again_and_never_taken_for_an_empty_house(
    desk, table: str
) -> None:
    crew, failures = Crew(), [1]

    def fails_once(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if f'FROM "{table}"' in sql and failures:
            failures.pop()
            raise OperationalError("gone")
        return execute(sql, *rest)

    with connection.execute_wrapper(fails_once):
        with pytest.raises(OperationalError):
            crew.last_resort()
        assert crew.last_resort() == [desk.ada]
    assert desk.sue.pk in crew.leads[desk.support.pk]
    assert len(crew.members[desk.support.pk]) == len(set(crew.members[desk.support.pk]))
