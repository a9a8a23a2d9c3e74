import json
from pathlib import Path

from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds

MACHINE = json.loads(Path(__file__).with_name("by_hand.asl.json").read_text(encoding="utf-8"))

# Three attempts of a minute, with waits of 2 and 4 seconds between them.
CALL_SECONDS = 3 * 60 + 2 + 4
VALIDATE_SECONDS = 3 * 120 + 30 + 60
# Two retriers of two retries each: 30 and 60, 60 and 120 seconds.
SHARD_SECONDS = 5 * 900 + (30 + 60) + (60 + 120)


def test_the_time_of_a_whole_machine_is_the_one_calculated_by_hand() -> None:
    analysis = analyse(MACHINE, Bounds(items=2))
    load = publish = notify = CALL_SECONDS
    assert analysis.worst_case_seconds == load + VALIDATE_SECONDS + SHARD_SECONDS + publish + notify == 5_778
    assert analysis.timeout_seconds == 10_800


def test_a_third_shard_is_a_second_round() -> None:
    two, three = (analyse(MACHINE, Bounds(items=items)).worst_case_seconds for items in (2, 3))
    assert two is not None
    assert three == two + SHARD_SECONDS


def test_items_that_are_known_at_run_time_must_be_declared() -> None:
    assert [found.state for found in analyse(MACHINE).unbounded] == ["RunWeeklyMonitoring"]


def test_a_whole_machine_s_transitions_and_events() -> None:
    analysis = analyse(MACHINE, Bounds(items=2))
    # LoadSettings, NameRun, ValidateInputs, the Map and its two shards, CheckExecutionStatus, HandleEmptyResult,
    # HandleFailure, PublishMetrics, ChooseNotification, a notification, the end.
    assert analysis.transitions.expected == 3 + (1 + 2) + 7
    # Three attempts of four tasks; of each shard five attempts and LoseShard.
    assert analysis.transitions.worst == 4 * 3 + 1 + (1 + 2 * (5 + 1)) + 3 + 1 + 1
    call, validate, shard = 2 + 3 * 3, 2 + 3 * 4, 2 + 5 * 4
    shards = 2 + 2 + 2 * (2 + shard + 2)
    # NameRun, CheckExecutionStatus, HandleEmptyResult, HandleFailure, ChooseNotification, Complete.
    assert analysis.history_events == 2 + 3 * call + validate + shards + 6 * 2
