"""Forms that most visits do not need: fetched when opened, or shown by their own address."""

from types import SimpleNamespace

import pytest

from tests.desk.conftest import Opener
from tests.desk.test_ticket import Desk
from tickets.services import triage

KEYS = ("progress", "call", "subject", "tags", "link", "requester", "order", "notes")


@pytest.mark.parametrize("key", KEYS)
def test_the_page_begins_without_the_form_and_has_it_at_its_own_address(
    cast: SimpleNamespace, desk: Desk, opened: Opener, key: str
) -> None:
    client, address = desk(cast.ana), f"/tickets/{opened().reference}/"
    action = f'action="{address}{"calls" if key == "call" else key}/"'
    plain = client.get(address).content.decode()
    assert action not in plain
    assert f"?form={key}#{key}" in plain
    assert action in client.get(address, {"form": key}).content.decode()


@pytest.mark.parametrize("key", KEYS)
def test_the_form_comes_alone_where_the_page_fetches_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener, key: str
) -> None:
    address = f"/tickets/{opened(tags=['vip']).reference}/"
    answer = desk(cast.ana).get(address, {"form": key}, headers={"HX-Request": "true"})
    told = answer.content.decode()
    assert told.count("<form") == 1
    assert "<html" not in told
    assert ('value="vip"' in told) == (key == "tags")


def test_a_progress_line_fetched_later_answers_to_what_the_page_had_shown(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    client, seen = desk(cast.ana), ticket.version
    triage.set_priority(ticket=ticket, priority="urgent", actor=cast.ben, now=ticket.opened_at)
    address = f"/tickets/{ticket.reference}/?form=progress&seen={seen}"
    told = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert f'name="version" value="{seen}"' in told


def test_who_may_not_use_a_form_is_not_given_it(
    cast: SimpleNamespace, desk: Desk, opened: Opener
) -> None:
    ticket = opened()
    triage.involve(ticket=ticket, user=cast.max, because="Knows lamps", now=ticket.opened_at)
    address = f"/tickets/{ticket.reference}/"
    client = desk(cast.max)
    assert "tickets/tools" not in client.get(address, {"form": "tags"}).content.decode()
    told = client.get(address, {"form": "tags"}).content.decode()
    assert f'action="{address}tags/"' not in told
