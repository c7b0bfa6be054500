"""The fourteen rules of the clocks, and for each the tests that show it; every name is checked."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
# rule: what it says, and file: tests that would fail without it.
LAW = {
    "1 Time": {
        "sla/test_worked_examples.py": ["a_day_of_elapsed_time_is_24_hours_over_the_spring_night"],
        "sla/test_hours.py": ["every_answer_is_in_utc", "naive_instants_are_refused",
                              "a_whole_day_is_as_long_as_it_is"],
        "escalation/test_climbing.py": ["people_in_two_zones_read_their_own_time"],
    },
    "2 Business time": {
        "sla/test_worked_examples.py": ["half_an_hour_on_friday_and_half_an_hour_on_monday",
                                        "a_deadline_exactly_at_closing_stays_at_closing",
                                        "opened_at_the_instant_of_closing_starts_at_the_next_opening"],
        "sla/test_hours_properties.py": ["the_next_opening_is_open_and_nothing_before_it_is"],
        "escalation/test_clocks.py": ["business_time_counts_open_hours_only"],
    },
    "3 Met or missed": {
        "sla/test_replies.py": ["satisfied_at_the_deadline_is_met",
                                "satisfied_one_microsecond_later_is_late"],
        "escalation/test_raising.py": ["a_deadline_met_at_the_very_instant_is_met",
                                       "one_microsecond_later_it_is_missed"],
    },
    "4 Pause": {
        "sla/test_replies.py": ["a_status_satisfies_no_reply_and_never_pauses_the_first_one",
                                "a_next_reply_and_an_update_pause_where_the_policy_says_so",
                                "a_clock_pauses_and_counts_in_fractions_of_a_second"],
        "sla/test_resolution.py": ["pending_pauses_and_shows_no_deadline",
                                   "a_pause_outside_business_hours_moves_nothing"],
        "sla/test_retargeting.py": ["a_policy_applied_later_sees_earlier_pauses"],
    },
    "5 Instant of a fact": {
        "sla/test_replies.py": ["a_message_counts_from_our_servers_receipt_though_fetched_later"],
        "inbound/test_services.py": ["a_mail_opens_a_ticket_that_counts_from_its_receipt"],
        "flows/test_a_reply_is_held.py": [
            "the_clock_is_satisfied_at_the_instant_at_which_the_reply_left"],
    },
    "6 The hold": {
        "outbox/test_holding.py": ["a_sooner_deadline_shortens_the_hold_to_the_margin_before_it",
                                   "a_deadline_at_hand_still_leaves_the_minimum"],
        "flows/test_a_reply_is_held.py": [
            "a_recalled_reply_leaves_the_clocks_as_if_it_had_never_been_written",
            "the_hold_shortens_so_that_it_never_causes_a_breach"],
        "sla/test_replies.py": ["a_recalled_reply_has_never_happened"],
    },
    "7 Priority or category changes": {
        "sla/test_worked_examples.py": ["raising_the_priority_after_an_hour_of_two_leaves_one",
                                        "raising_the_priority_too_late_breaches_at_the_change"],
        "escalation/test_raising.py": ["relaxing_does_not_erase_a_recorded_breach",
                                       "a_retarget_into_the_past_breaks_at_the_instant_of_the_change"],
        "escalation/test_matching.py": ["a_change_of_category_chooses_another_schedule"],
    },
    "8 Editing a policy or a calendar": {
        "escalation/test_publishing.py": ["the_preview_names_each_move_and_changes_nothing",
                                          "reapplying_binds_each_ticket_once_and_moves_its_clocks"],
        "escalation/test_clocks.py": [
            "a_holiday_declared_now_moves_running_deadlines_and_leaves_a_version"],
        "sla/test_retargeting.py": ["a_breach_recorded_before_a_holiday_was_declared_stays"],
    },
    "9 Merge, split, reassigning": {
        "sla/test_merging.py": ["the_clocks_of_a_ticket_merged_away_are_cancelled_not_met",
                                "the_running_clock_takes_the_earlier_start",
                                "a_split_ticket_has_its_own_clocks_from_the_split"],
        "escalation/test_clocks.py": ["changing_the_customer_or_the_assignee_restarts_nothing"],
    },
    "10 Warnings": {
        "sla/test_ladder.py": ["each_warning_comes_once",
                               "a_warning_whose_breach_is_recorded_is_skipped"],
        "sla/test_replies.py": ["each_wait_is_warned_of_anew"],
        "escalation/test_raising.py": ["a_breach_keeps_its_true_instant_and_when_it_was_seen"],
    },
    "11 After downtime": {
        "escalation/test_raising.py": ["after_downtime_only_the_level_of_now_is_told"],
        "faults/test_asleep.py": [
            "a_warning_and_a_breach_slept_through_are_recorded_and_the_level_of_now_is_told",
            "a_climb_under_way_goes_on_at_the_level_where_it_would_stand"],
    },
    "12 Exactly once": {
        "escalation/test_sweeping.py": ["four_sweeps_at_once_act_once",
                                        "a_worker_that_dies_in_the_middle_leaves_everything_to_the_next"],
        "faults/test_small.py": ["five_kills_during_a_sweep_lose_nothing_and_double_nothing"],
        "faults/test_mail_server.py": [
            "a_server_that_hangs_after_the_data_repeats_one_mail_and_delays_no_other"],
    },
    "13 Paths": {
        "escalation/test_acknowledging.py": [
            "a_climb_that_went_past_somebody_is_no_longer_theirs_to_stop",
            "taking_over_stops_it_from_any_height"],
        "escalation/test_stacked_take_overs.py": [
            "each_gives_it_back_to_whom_it_was_taken_from"],
        "escalation/test_climbing.py": ["a_level_that_is_nobody_falls_to_the_next_at_once",
                                        "the_last_resort_is_the_administrators",
                                        "a_path_that_loops_ends_where_it_began_and_says_so",
                                        "a_delay_may_wait_for_open_hours"],
        "escalation/test_raising.py": ["solving_ends_every_climb"],
        "people/test_leaving.py": ["a_level_that_was_only_theirs_falls_to_the_administrators"],
    },
    "14 Rules by fact": {
        "escalation/test_rules.py": ["an_order_strictly_above_500_goes_to_the_executives",
                                     "an_order_linked_later_fires_then",
                                     "a_rule_fires_once_per_ticket",
                                     "without_a_rate_the_ticket_is_flagged_for_a_person_once"],
    },
}  # fmt: skip


@cache
def names(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))


@pytest.mark.parametrize("rule", LAW)
def test_each_rule_has_tests_that_show_it(rule: str) -> None:
    wanted = {(file, f"test_{name}") for file, tests in LAW[rule].items() for name in tests}
    assert wanted
    assert {(file, name) for file, name in wanted if name not in names(file)} == set()
