"""Workers killed at the worst moments, on PostgreSQL: every step once, every mail at least once."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.faults.conftest import Postbox

CLOCKS, KILLS = 500, 50


def one(link: "psycopg.Connection[Any]", sql: str) -> int:
    row = link.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.servers
def test_fifty_kills_during_a_sweep_lose_nothing_and_double_nothing(
    scene: Callable[..., None], environment: dict[str, str], postbox: tuple[Postbox, int]
) -> None:
    scene("due", CLOCKS, -30)
    scene("kills", KILLS, 20261123, 0.17)
    box, _ = postbox
    with psycopg.connect(environment["DATABASE_URL"]) as link:
        breached = one(link, "SELECT count(*) FROM escalation_clockstep WHERE kind = 'breach'")
        events = one(link, "SELECT count(*) FROM tickets_ticketevent WHERE kind = 'breached'")
        climbs = one(link, "SELECT count(*) FROM escalation_escalation WHERE trigger = 'breach'")
        mails = one(link, "SELECT count(*) FROM outbox_delivery")
        unsent = one(link, "SELECT count(*) FROM outbox_delivery WHERE state <> 'sent'")
    assert (breached, events, climbs) == (CLOCKS, CLOCKS, CLOCKS)
    assert mails >= CLOCKS
    assert unsent == 0
    assert len(box.seen) == mails, "every mail arrived, under one Message-ID each"
    repeats = sum(box.seen.values()) - mails
    assert repeats <= KILLS, f"{repeats} repeats after {KILLS} kills"
    print(f"{KILLS} kills: {mails} mails arrived, {repeats} of them twice")
