"""Instants and amounts as people read them: to the second, and never out of order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla import wording
from escalation.sla.explain import LineKind, explain
from escalation.sla.values import Metric
from tests.sla.world import clock, hours, opened, plan, reply, status, target

NY = ZoneInfo("America/New_York")
START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda passed: START + passed)
AMOUNTS = st.timedeltas(timedelta(0), timedelta(days=9))


def test_a_fraction_of_a_second_is_not_shown() -> None:
    at = datetime(2026, 3, 6, 21, 30, 15, 999_999, tzinfo=UTC)
    assert wording.exact(at, NY) == "Fri 6 Mar 2026 16:30:15 EST"
    assert wording.moment(at.replace(second=0), NY) == "Fri 6 Mar 16:30"
    assert wording.amount(timedelta(minutes=2, seconds=3, microseconds=999_999)) == "2 min 3 s"
    assert wording.amount(timedelta(microseconds=1)) == "0 s"


@given(INSTANTS, AMOUNTS)
def test_what_is_later_never_reads_as_earlier(at: datetime, later: timedelta) -> None:
    shown = [f"{each:%Y-%m-%d} {wording.exact(each, ZoneInfo('UTC')).split()[4]}"
             for each in (at, at + later)]  # fmt: skip
    padded = [each if each.count(":") == 2 else f"{each}:00" for each in shown]
    assert padded == sorted(padded)
    assert "." not in "".join(shown)


@given(INSTANTS, st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), min_size=1, max_size=4))
def test_the_amounts_of_an_account_add_up_as_they_are_printed(
    start: datetime, gaps: list[timedelta]
) -> None:
    wanted = plan(start, target(Metric.RESOLUTION, hours(8), pause_on=frozenset({"pending"})))
    facts, at = [opened(start)], start
    for number, gap in enumerate(gaps):
        at += gap + timedelta(microseconds=1)
        facts.append(status(at, "pending" if number % 2 == 0 else "open"))
    state = clock(facts, [wanted], at, Metric.RESOLUTION, 1)
    account = explain(state, at, "UTC")
    assert not any(
        "." in part
        for part in account.text.replace(". ", " ").split()
        if part[:1].isdigit() and not part.endswith(".")
    )
    for line in account.lines:
        if line.kind is LineKind.SUM:
            terms, _, total = line.text.rstrip(".").partition(" = ")
            assert sum(map(seconds, terms.split(" + "))) == seconds(total)


def seconds(said: str) -> int:
    sizes = {"h": 3600, "min": 60, "s": 1}
    words = said.split()
    return sum(int(n) * sizes[unit] for n, unit in zip(words[::2], words[1::2], strict=True))


def test_an_answer_a_moment_late_says_so_though_both_read_alike() -> None:
    start = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    late = start + timedelta(hours=1, milliseconds=400)
    wanted = plan(start, target(Metric.FIRST_REPLY, hours(1), calendar=None))
    facts = [opened(start), reply(late)]
    told = explain(clock(facts, [wanted], late, Metric.FIRST_REPLY, 1), late, "UTC").text
    assert "Due Tue 3 Mar 2026 15:00 UTC." in told
    assert "Met late Tue 3 Mar 2026 15:00 UTC, less than a second after the deadline." in told
