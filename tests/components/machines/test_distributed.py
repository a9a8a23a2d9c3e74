"""The weekly machine with more shards than an inline Map runs at once: each shard is a child execution."""

import json
from decimal import Decimal
from typing import Any

import pytest

from components.cost.happy_path import run_transitions
from components.machines import errors, orphans
from components.machines.watch.machine import WatchState, watch_machine
from components.machines.weekly.machine import weekly_machine
from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import sweep_pages, watch_timeout_seconds
from components.settings.names import Names
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from local.emulator.jsonata import evaluate
from tests.components.machines.definitions import lint_findings
from tests.components.machines.outcomes import outcome_of
from tests.components.machines.runs import done, environment_of, fails, run, sharded, stack_prices, stalled
from tests.components.machines.walk import DATA_LIMIT_EXCEEDED, Failed, Walk, arn_of
from tests.components.machines.watches import stopped_task, watched_with

SHARDS = INLINE_SHARDS + 5
SETTINGS = sharded(SHARDS, SHARDS)
NAMES = Names.of(SETTINGS)
MACHINE = weekly_machine(SETTINGS, NAMES)
MAP: dict[str, Any] = MACHINE.states[WeeklyState.RUN_WEEKLY_MONITORING].fields


# No state of a child catches it; the end is the same if an operator stops the child.
UNHANDLED = fails(Failed(DATA_LIMIT_EXCEEDED))


def walked(*first: Any, others: dict[str, Any] | None = None) -> Walk:
    """Return a run in which the shards after the first ones succeed."""
    shards = [*first, *(done(shard) for shard in range(len(first), SHARDS))]
    return run(*shards, regions=SHARDS, settings=SETTINGS, others=stalled() | (others or {}))


@pytest.mark.parametrize(
    ("shards", "mode"),
    [(INLINE_SHARDS, "INLINE"), (INLINE_SHARDS + 1, "DISTRIBUTED"), (MAX_SHARDS, "DISTRIBUTED")],
)
def test_the_map_is_distributed_above_the_most_items_of_an_inline_one(shards: int, mode: str) -> None:
    settings = sharded(shards, shards)
    machine = weekly_machine(settings, Names.of(settings))
    each = machine.states[WeeklyState.RUN_WEEKLY_MONITORING].fields
    assert each["ItemProcessor"]["ProcessorConfig"]["Mode"] == mode
    assert each["MaxConcurrency"] == shards
    assert lint_findings(machine.definition) == []


def test_every_shard_runs_once_and_all_succeed() -> None:
    this = walked()
    assert this.failed is None
    assert this.output["status"] == "succeeded"
    shards = [int(environment_of(call)["SHARD"]) for call in this.called(WeeklyState.RUN_SHARD)]
    assert shards == list(range(SHARDS))


def test_workers_have_the_execution_of_the_run_and_its_group() -> None:
    # The sweeps compare both with the run's execution, and a child's own is none of them.
    for call in walked().called(WeeklyState.RUN_SHARD):
        assert environment_of(call)["EXECUTION"] == arn_of("by-hand")
        assert environment_of(call)["RUN_ID"] == "by-hand"
        assert call.arguments["Group"] == f"{NAMES.task_group}/by-hand"


def test_workers_have_the_same_arguments_as_those_of_an_inline_map() -> None:
    inline = run(done(), settings=sharded(1, 1)).called(WeeklyState.RUN_SHARD)[0]
    assert walked().called(WeeklyState.RUN_SHARD)[0].arguments == inline.arguments


def test_the_states_of_a_child_read_only_their_input() -> None:
    text = json.dumps(MAP["ItemProcessor"])
    assert "$states.context.Execution" not in text
    assert "$states.context.Map" not in text
    for variable in ("$settings", "$input.", "$run_id", "$shards"):
        assert variable not in text


def test_one_lost_shard_does_not_end_the_others() -> None:
    this = walked(fails(Failed("Worker.WrongArchitecture", "another processor")))
    outcome = outcome_of(this)
    assert (outcome["status"], outcome["succeeded"]) == ("partial", SHARDS - 1)
    (lost,) = json.loads(environment_of(this.called(WeeklyState.SUMMARIZE_RUN)[0])["LOST_SHARDS"])
    assert lost == {"shard": 0, "error": "Worker.WrongArchitecture: another processor"}


def test_a_child_that_ends_without_an_answer_is_a_lost_shard() -> None:
    this = walked(UNHANDLED, others={WeeklyState.SUMMARIZE_RUN: fails(Failed("Worker.InvalidInput"))})
    outcome = outcome_of(this)
    assert (outcome["status"], outcome["succeeded"]) == ("partial", SHARDS - 1)
    assert outcome["failures"] == [{"region": "shard 0", "error": "Its execution ended without an answer."}]
    # Its worker may still be running.
    assert orphans.ENTRY_STATE in this.path


def test_a_run_whose_children_are_all_stopped_has_failed() -> None:
    answers = [UNHANDLED] * SHARDS
    this = run(*answers, regions=SHARDS, settings=SETTINGS, others=stalled())
    assert outcome_of(this)["status"] == "failed"
    assert orphans.ENTRY_STATE in this.path


@pytest.mark.parametrize("result", [[], [None], [{"Error": "States.TaskFailed", "Cause": "stopped"}]])
@pytest.mark.parametrize("answered", [0, 1, 2])
def test_any_form_of_a_missing_result_is_a_lost_shard(result: list[Any], answered: int) -> None:
    results = [
        {"shard": number, "answer": done(number), "lost": [], "retries": 0, "usd": 0.5}
        for number in range(answered)
    ]
    states = {
        "result": [*results, *result],
        "context": {"State": {"RetryCount": 0, "EnteredTime": "2026-11-23T06:00:00.000Z"}},
    }
    bindings = {
        "states": states,
        "shards": list(range(answered + 1)),
        "retries": 0,
        "usd": 0,
        "settings": {"unitPrices": {"later": 0}},
    }
    assigned = {name: evaluate(text[2:-2].strip(), bindings) for name, text in MAP["Assign"].items()}
    assert [lost["shard"] for lost in assigned["lost"]] == [answered]
    assert assigned["succeeded"] == answered
    assert assigned["usd"] == 0.5 * answered
    assert [failure["region"] for failure in assigned["failures"]] == [f"shard {answered}"]


def test_the_role_may_start_and_stop_the_children_of_this_machine_only() -> None:
    allowed = {
        action: permission.resources
        for permission in MACHINE.permissions
        for action in permission.actions
        if action.startswith("states:") and action != "states:DescribeExecution"
    }
    children = NAMES.arn("states", f"execution:{NAMES.machine}/{MAP['Label']}:*")
    assert allowed == {
        "states:StartExecution": (NAMES.machine_arn,),
        "states:StopExecution": (NAMES.arn("states", f"execution:{NAMES.machine}:*"), children),
    }


def test_the_tokens_of_children_may_be_answered() -> None:
    assert NAMES.token_machine_arns[-1] == f"{NAMES.machine_arn}/{MAP['Label']}"
    inline = Names.of(sharded(INLINE_SHARDS, INLINE_SHARDS))
    assert inline.token_machine_arns == (inline.machine_arn, inline.watch_arn)


@pytest.mark.parametrize("shards", [INLINE_SHARDS, INLINE_SHARDS + 1, MAX_SHARDS])
def test_the_guardrails_find_the_worst_case_of_both_machines_and_it_fits(shards: int) -> None:
    settings = sharded(shards, MAX_SHARDS)
    names = Names.of(settings)
    weekly, watch = weekly_machine(settings, names), watch_machine(settings, names)
    for machine in (weekly, watch):
        analysis = analyse(machine.definition, Bounds(items_of=machine.max_items))
        assert analysis.worst_case_seconds == machine.worst_case_seconds, analysis.unbounded
        assert machine.timeout_seconds is not None
        assert machine.worst_case_seconds <= machine.timeout_seconds
    assert watch.timeout_seconds == watch_timeout_seconds(settings.worker)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (orphans.STOP_REASON, errors.ORPHANED),
        ("Task stopped by user", errors.INTERRUPTED),
        (None, errors.INTERRUPTED),
    ],
)
def test_a_child_starts_no_other_worker_after_its_run_has_ended(reason: str | None, error: str) -> None:
    event = stopped_task(stopCode="UserInitiated", stoppedReason=reason)
    (call,) = watched_with(SETTINGS, event, {}).called(WatchState.FAIL_WORKER)
    assert (call.arguments["TaskToken"], call.arguments["Error"]) == ("a-token", error)
    retried = {
        name
        for retrier in MAP["ItemProcessor"]["States"][WeeklyState.RUN_SHARD]["Retry"]
        for name in retrier["ErrorEquals"]
    }
    assert (error in retried) == (error != errors.ORPHANED)


def test_a_sweep_reads_the_workers_of_all_shards() -> None:
    assert [sweep_pages(sharded(shards, 200).worker) for shards in (1, 40, 41, 200)] == [2, 2, 3, 10]


def test_the_start_of_a_child_is_a_transition() -> None:
    inline = sharded(INLINE_SHARDS, SHARDS)
    of_inline = run_transitions(inline, weekly_machine(inline, Names.of(inline)))
    assert run_transitions(SETTINGS, MACHINE) == of_inline - INLINE_SHARDS + 2 * SHARDS


def test_the_cost_of_a_run_counts_each_child() -> None:
    prices = stack_prices(SETTINGS)
    assert prices is not None
    minute = Decimal(60) * prices.first
    assert Decimal(str(outcome_of(walked())["usd"])) >= SHARDS * minute
