"""What holds for every history of a ticket, whatever happened and in whatever order we learned."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.sla.clock import ClockState, State, replay
from escalation.sla.ladder import BREACH, next_fact
from escalation.sla.values import Fact, FactKind, Metric, Plan, Target, Threshold
from tests.sla.world import CHAIN, MICROSECOND, MINUTE, OFFICE, WARN_90, ny, opened, plan

START = ny(3, 2, 10)
LAST = START + timedelta(days=6)

instants = st.integers(0, 6 * 24 * 4).map(lambda quarters: START + quarters * 15 * MINUTE)
statuses = st.sampled_from(["open", "pending", "on_hold", "solved", "closed"])
KINDS = [kind for kind in FactKind if kind not in (FactKind.OPENED, FactKind.BREACH_RECORDED)]

ABOUT_PROMISES = (FactKind.CALL_REACHED, FactKind.CALL_ATTEMPTED)


@st.composite
def some_facts(draw: st.DrawFn) -> Fact:
    kind, at = draw(st.sampled_from(KINDS)), draw(instants)
    learned = at + draw(st.integers(0, 4)) * 15 * MINUTE
    return Fact(
        kind,
        at,
        learned,
        status=draw(statuses) if kind is FactKind.STATUS else "",
        subject=draw(st.sampled_from(["a", "b"])),
        wait_since=draw(st.none() | instants) if kind is FactKind.MERGED_IN else None,
        due_at=draw(st.none() | instants) if kind is FactKind.CALLBACK_PROMISED else None,
        promises=draw(st.sampled_from([None, (), ("b",)])) if kind in ABOUT_PROMISES else None,
    )


histories = st.lists(some_facts(), max_size=12).map(lambda facts: [opened(START), *facts])


@st.composite
def targets(draw: st.DrawFn, metric: Metric) -> Target:
    hours = draw(st.none() | st.integers(0, 40))
    return Target(
        metric,
        None if hours is None else timedelta(hours=hours),
        draw(st.sampled_from([None, OFFICE])),
        warnings=draw(st.sampled_from([(), (WARN_90,), (Threshold(before=30 * MINUTE),)])),
        path=CHAIN,
        pause_on=frozenset(draw(st.sampled_from([(), ("pending",), ("pending", "on_hold")]))),
        attempts=draw(st.integers(0, 2)),
    )


@st.composite
def some_plans(draw: st.DrawFn) -> list[Plan]:
    times = [START, *draw(st.lists(instants, max_size=3))]
    return [plan(at, *(draw(targets(metric)) for metric in Metric)) for at in times]


def by_identity(states: tuple[ClockState, ...]) -> dict[tuple[Metric, int, str], ClockState]:
    return {(each.metric, each.cycle, each.subject): each for each in states}


@given(st.data(), histories, some_plans(), instants)
def test_the_order_in_which_facts_are_given_means_nothing(
    data: st.DataObject, facts: list[Fact], plans: list[Plan], now: datetime
) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert replay(shuffled, plans, now) == replay(facts, plans, now)


@given(histories, some_plans(), instants)
def test_only_the_past_counts(facts: list[Fact], plans: list[Plan], now: datetime) -> None:
    past = [fact for fact in facts if fact.at <= now]
    ruled = [each for each in plans if each.at <= now]
    assert replay(facts, plans, now) == replay(past, ruled, now)


@given(histories, some_plans(), instants)
def test_every_clock_is_there_once(facts: list[Fact], plans: list[Plan], now: datetime) -> None:
    states = replay(facts, plans, now)
    assert len(by_identity(states)) == len(states)


@given(histories, some_plans(), instants, instants)
def test_what_was_broken_stays_broken_at_the_same_instant(
    facts: list[Fact], plans: list[Plan], one: datetime, other: datetime
) -> None:
    now, later = sorted((one, other))
    after = by_identity(replay(facts, plans, later))
    for identity, state in by_identity(replay(facts, plans, now)).items():
        if state.breached_at is not None:
            assert after[identity].breached_at == state.breached_at


@given(histories, some_plans(), instants, instants)
def test_a_verdict_is_given_once(
    facts: list[Fact], plans: list[Plan], one: datetime, other: datetime
) -> None:
    now, later = sorted((one, other))
    after = by_identity(replay(facts, plans, later))
    for identity, state in by_identity(replay(facts, plans, now)).items():
        if state.state in (State.MET, State.MET_LATE):
            assert after[identity] == state


@given(histories, some_plans(), instants)
def test_a_state_is_consistent_in_itself(
    facts: list[Fact], plans: list[Plan], now: datetime
) -> None:
    # A promise that is learned of later is not late before that, however long ago it was made.
    known = [fact for fact in facts if fact.recorded_at <= now]
    for state in replay(known, plans, now):
        assert state.target.duration is not None
        assert state.used + state.remaining == state.target.duration
        assert state.finished == (state.stopped_at is not None)
        if state.state in (State.BREACHED, State.MET_LATE):
            assert state.breached_at is not None
        if state.state in (State.RUNNING, State.PAUSED, State.MET):
            assert state.breached_at is None
        if state.state is State.RUNNING:
            assert state.due_at is not None
            assert state.due_at >= now


@given(histories, some_plans(), instants)
def test_the_segments_are_the_whole_time_without_gaps(
    facts: list[Fact], plans: list[Plan], now: datetime
) -> None:
    for state in replay(facts, plans, now):
        ends = [segment.end for segment in state.segments]
        starts = [segment.start for segment in state.segments]
        assert starts[1:] == ends[:-1]
        assert sum((segment.used for segment in state.segments), timedelta(0)) == state.used


@given(histories, some_plans(), instants)
def test_a_breach_is_seen_exactly_when_its_look_again_instant_comes(
    facts: list[Fact], plans: list[Plan], now: datetime
) -> None:
    for state in replay(facts, plans, now):
        due = next_fact(state, ())
        if due is None or due.key != BREACH or due.at <= now:
            continue
        known = [fact for fact in facts if fact.at <= now]
        ruled = [each for each in plans if each.at <= now]
        identity = (state.metric, state.cycle, state.subject)
        before = by_identity(replay(known, ruled, due.at - MICROSECOND))[identity]
        after = by_identity(replay(known, ruled, due.at))[identity]
        assert (before.state, after.state) == (State.RUNNING, State.BREACHED)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 96))
def test_a_longer_target_is_never_due_earlier(one: int, other: int, quarters: int) -> None:
    change = START + quarters * 15 * MINUTE

    def due(hours: int) -> datetime:
        wanted = Target(Metric.RESOLUTION, timedelta(hours=hours), OFFICE)
        old = plan(START, Target(Metric.RESOLUTION, timedelta(hours=60), OFFICE))
        (state,) = replay([opened(START)], [old, plan(change, wanted)], change)
        assert state.due_at is not None
        return max(state.breached_at or state.due_at, state.due_at)

    assert due(min(one, other)) <= due(max(one, other))


@given(histories, some_plans(), st.integers(0, 20))
def test_more_pause_never_makes_a_clock_due_earlier(
    facts: list[Fact], plans: list[Plan], quarters: int
) -> None:
    def due(pause_on: frozenset[str]) -> datetime | None:
        wanted = Target(Metric.RESOLUTION, timedelta(hours=40), OFFICE, pause_on=pause_on)
        found = replay(facts, [plan(START, wanted)], START + quarters * 60 * MINUTE)
        return found[0].due_at

    never, always = due(frozenset()), due(frozenset({"pending"}))
    assert never is not None
    assert always is None or never <= always
