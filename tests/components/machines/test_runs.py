"""Runs of the weekly machine, from the workers' answers to the reported outcome."""

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from components.machines import errors
from components.machines.integrations import UNREPORTED_METRIC
from components.machines.weekly.machine import definition, weekly_machine
from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import CALL, REPORT, REPORT_TIMEOUT_SECONDS, REPORTER_TIMEOUT_SECONDS
from components.settings.names import Names
from reporter.message import Occasion
from tests.components.machines.outcomes import REPORTER_FAULTS, message_of, outcome_of, text_of
from tests.components.machines.runs import (
    ANOTHER,
    LAST_SUCCESS,
    LOST,
    NO_TIMES,
    NOTHING_REPORTED,
    REGIONS_A_SHARD,
    SCHEDULED,
    TAKEN,
    contested,
    done,
    environment_of,
    every_kind_of_run,
    fails,
    raises,
    run,
    run_settings,
    stalled,
    summary,
)
from tests.components.machines.walk import Failed, Walk
from tests.stacks import names_of, settings_of

NOT_STARTED = Failed("ECS.AmazonECSException", "Capacity is unavailable at this time.")

TO_THE_WORK = [
    WeeklyState.LOAD_SETTINGS,
    WeeklyState.NAME_RUN,
    WeeklyState.CHOOSE_START,
    WeeklyState.CLAIM_PIPELINE,
    WeeklyState.CLAIM_RUN,
    WeeklyState.VALIDATE_INPUTS,
    WeeklyState.CHOOSE_WORK,
    WeeklyState.RUN_WEEKLY_MONITORING,
]
REPORTING = [WeeklyState.PUBLISH_METRICS, WeeklyState.REPORT_OUTCOME, WeeklyState.CHOOSE_END]


def metrics_of(walked: Walk) -> dict[str, float]:
    (call,) = walked.called(WeeklyState.PUBLISH_METRICS)
    return {datum["MetricName"]: datum["Value"] for datum in call.arguments["MetricData"]}


# Outcomes, with the numbers of shards and failures that JSONata treats differently: none, one and two


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_run_whose_regions_all_succeed_reports_its_success(shards: int) -> None:
    walked = run(*(done(shard, succeeded=2) for shard in range(shards)))
    assert walked.path == [
        *TO_THE_WORK,
        *[WeeklyState.RUN_SHARD] * shards,
        WeeklyState.CHECK_RETRIES,
        WeeklyState.SUMMARIZE_RUN,
        WeeklyState.READ_LAST_SUCCESS,
        WeeklyState.CHECK_EXECUTION_STATUS,
        WeeklyState.EXTRACT_RESULTS,
        WeeklyState.CHECK_COVERAGE,
        WeeklyState.RECORD_SUCCESS,
        *REPORTING,
        WeeklyState.COMPLETE,
    ]
    outcome = outcome_of(walked)
    assert walked.output == outcome
    assert outcome["status"] == "succeeded"
    assert (outcome["regions"], outcome["succeeded"]) == (2 * shards, 2 * shards)
    assert outcome["failures"] == []
    assert (outcome["error"], outcome["cause"]) == ("", "")


@pytest.mark.parametrize(
    "shards",
    [
        [done(succeeded=1, failed=("brebes",))],
        [done(succeeded=1, failed=("brebes", "tegal"))],
        [done(0), done(1, succeeded=0, failed=("brebes",))],
        [done(0), done(1, succeeded=0, failed=("brebes", "tegal"))],
        [done(0, failed=("brebes",)), done(1, failed=("tegal", "subang"))],
    ],
)
def test_a_run_with_some_regions_failed_names_each_of_them(shards: list[dict[str, Any]]) -> None:
    failed = [failure for shard in shards for failure in shard["failures"]]
    walked = run(*shards)
    assert walked.path[-7:] == [
        WeeklyState.EXTRACT_RESULTS,
        WeeklyState.CHECK_COVERAGE,
        WeeklyState.RECORD_SUCCESS,
        *REPORTING,
        WeeklyState.COMPLETE,
    ]
    outcome = outcome_of(walked)
    assert walked.output == outcome
    assert outcome["status"] == "partial"
    assert outcome["failures"] == failed
    assert outcome["regions"] - outcome["succeeded"] == len(failed)
    names = ", ".join(failure["region"] for failure in failed)
    assert f"\n- no imagery\n  {names}\n" in text_of(outcome)


@pytest.mark.parametrize(
    "shards",
    [
        [done(succeeded=0, failed=("brebes",))],
        [done(succeeded=0, failed=("brebes", "tegal"))],
        [done(0, succeeded=0, failed=("brebes",)), done(1, succeeded=0, failed=("tegal",))],
    ],
)
def test_a_run_without_any_region_fails_with_every_reason(shards: list[dict[str, Any]]) -> None:
    walked = run(*shards)
    assert walked.path[-7:] == [
        WeeklyState.CHECK_EXECUTION_STATUS,
        WeeklyState.EXTRACT_RESULTS,
        WeeklyState.CHECK_COVERAGE,
        *REPORTING,
        WeeklyState.FAIL_EXECUTION,
    ]
    failed = [item for shard in shards for item in shard["failures"]]
    cause = f"{len(failed)} failed. The first: no imagery"
    assert walked.failed == Failed(errors.REPORTED, f"{errors.NO_REGION_SUCCEEDED}: {cause}")
    outcome = outcome_of(walked)
    assert outcome["status"] == "failed"
    assert outcome["failures"] == failed
    assert (outcome["error"], outcome["cause"]) == (errors.NO_REGION_SUCCEEDED, cause)
    names = ", ".join(item["region"] for item in failed)
    assert f"\n- no imagery\n  {names}\n" in text_of(outcome)


@pytest.mark.parametrize(
    ("allowed", "shards", "ran"), [(1, 1, 1), (2, 2, 2), (2, 1, 1), (1, 2, 0), (2, 3, 0)]
)
def test_a_plan_of_more_shards_than_the_stack_allows_runs_none_of_them(
    allowed: int, shards: int, ran: int
) -> None:
    walked = run(
        *(done(shard) for shard in range(shards)), settings=settings_of("dev", worker={"shards": allowed})
    )
    assert walked.path.count(WeeklyState.RUN_SHARD) == ran
    if not ran:
        assert walked.failed is not None
        assert f"more than {allowed} items" in walked.failed.cause
        assert f"more than {allowed} items" in outcome_of(walked)["cause"]


def test_regions_found_done_count_as_succeeded() -> None:
    walked = run(done(0, succeeded=1, skipped=4), done(1, succeeded=0, skipped=5))
    assert walked.output["status"] == "succeeded"
    assert walked.output["succeeded"] == 10


def test_a_partial_run_fails_if_the_setting_is_fail() -> None:
    settings = settings_of("dev", run={"onPartialFailure": "fail"})
    walked = run(done(failed=("brebes",)), settings=settings)
    assert walked.path[-2:] == [WeeklyState.CHOOSE_END, WeeklyState.FAIL_PARTIAL]
    assert walked.failed == Failed(errors.PARTIAL, "1 of 2 regions failed")
    assert outcome_of(walked)["status"] == "partial"


@pytest.mark.parametrize(("succeeded", "enough"), [(1, False), (2, True), (3, True)])
def test_a_partial_run_is_accepted_with_as_many_regions_as_the_settings_say(
    succeeded: int, enough: bool
) -> None:
    settings = settings_of("dev", monitoring={"regionsCount": 2}, run={"minSucceededRegions": 2})
    walked = run(done(succeeded=succeeded, failed=("brebes",)), settings=settings)
    assert outcome_of(walked)["status"] == "partial"
    assert walked.path[-1] == (WeeklyState.COMPLETE if enough else WeeklyState.FAIL_PARTIAL)
    assert bool(recorded(walked)) == enough


def test_a_whole_run_needs_no_more_regions_than_it_has() -> None:
    walked = run(done(succeeded=1), settings=settings_of("dev", run={"minSucceededRegions": 5}))
    assert walked.path[-1] == WeeklyState.COMPLETE


@pytest.mark.parametrize(
    ("shards", "warnings"),
    [
        ([[]], []),
        ([["no report"]], ["no report"]),
        ([["no report"], ["no report"]], ["no report"]),
        ([["no report", "no cache"], []], ["no report", "no cache"]),
        # A worker image of an earlier version returns no warnings.
        ([None], []),
        ([None, ["no report"]], ["no report"]),
    ],
)
@pytest.mark.parametrize("failed", [(), ("brebes",)])
def test_a_warning_of_several_workers_is_reported_once(
    shards: list[list[str] | None], warnings: list[str], failed: tuple[str, ...]
) -> None:
    answers = [done(shard, failed=failed) | {"warnings": given} for shard, given in enumerate(shards)]
    for answer in answers:
        if answer["warnings"] is None:
            del answer["warnings"]
    walked = run(*answers)
    outcome = outcome_of(walked)
    assert outcome["warnings"] == warnings
    text = text_of(outcome)
    assert all(text.count(warning) == 1 for warning in warnings)


# Duration


def test_an_outcome_has_the_duration_and_the_cost_of_this_run_and_of_the_last_full_success() -> None:
    outcome = outcome_of(run(done()))
    # The execution was started an hour ago.
    assert outcome["duration_seconds"] == pytest.approx(3600, abs=30)
    assert outcome["usd"] > 0
    assert (outcome["usual_seconds"], outcome["usual_usd"]) == (LAST_SUCCESS["seconds"], LAST_SUCCESS["usd"])
    text = text_of(outcome)
    assert "(the last full success took 1 h 31 min)" in text
    assert "usually $0.15" in text


@pytest.mark.parametrize(
    "answer",
    [
        raises(Failed(errors.NO_SUCCESS_YET[0])),
        raises(*[Failed("S3.S3Exception")] * 9),
        {"Body": "{"},
        {"Body": json.dumps({"run": "2026-W47"})},
    ],
)
def test_an_outcome_can_do_without_the_last_full_success(answer: Any) -> None:
    outcome = outcome_of(run(done(), others={WeeklyState.READ_LAST_SUCCESS: answer}))
    assert (outcome["usual_seconds"], outcome["usual_usd"]) == (0, 0)
    assert outcome["status"] == "succeeded"
    assert "the last full success" not in text_of(outcome)


def test_a_last_success_of_before_that_has_no_cost_still_has_its_duration() -> None:
    before = {name: value for name, value in LAST_SUCCESS.items() if name != "usd"}
    outcome = outcome_of(run(done(), others={WeeklyState.READ_LAST_SUCCESS: {"Body": json.dumps(before)}}))
    assert (outcome["usual_seconds"], outcome["usual_usd"]) == (LAST_SUCCESS["seconds"], 0)


# Suggested commands


@pytest.mark.parametrize("status", ["failed", "skipped", "partial"])
@pytest.mark.parametrize("given", [{"regions_count": 3, "enable_scraping": False}, SCHEDULED])
def test_the_command_of_a_message_has_the_input_of_its_execution(status: str, given: dict[str, Any]) -> None:
    def typed_next(after: dict[str, Any]) -> dict[str, Any]:
        others: dict[str, dict[str, Any]] = {
            "failed": {WeeklyState.VALIDATE_INPUTS: raises(Failed("Worker.CredentialsInvalid"))},
            "skipped": contested("Pipeline"),
        }
        walked = run(done(succeeded=2, failed=("brebes",)), execution_input=after, others=others.get(status))
        outcome = outcome_of(walked)
        assert (outcome["status"], outcome["input"]) == (status, after)
        *_, command = message_of(outcome).commands
        started: dict[str, Any] = json.loads(shlex.split(command.line)[-1])
        return started

    again = {**given, "run_id": "2026-W48" if given is SCHEDULED else "by-hand"}
    # A run without a plan is not named in the command, since its name would be refused.
    assert typed_next(given) == (again if status == "partial" else given)
    assert typed_next(again) == again


# Lost workers


def test_a_lost_worker_is_tried_again_on_demand_and_one_size_up() -> None:
    walked = run(raises(LOST, then=done()), regions=1)
    first, second = walked.called(WeeklyState.RUN_SHARD)
    assert first.arguments["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
    assert second.arguments["CapacityProviderStrategy"] == [{"CapacityProvider": "FARGATE", "Weight": 1}]
    sizes = [
        (call.arguments["Overrides"]["Cpu"], call.arguments["Overrides"]["Memory"])
        for call in (first, second)
    ]
    assert sizes == [("1024", "2048"), ("1024", "4096")]
    assert walked.output["status"] == "succeeded"


def test_without_spot_every_attempt_is_on_demand() -> None:
    walked = run(raises(LOST, then=done()), regions=1, settings=settings_of("prod"))
    strategies = [call.arguments["CapacityProviderStrategy"] for call in walked.called(WeeklyState.RUN_SHARD)]
    assert strategies == [[{"CapacityProvider": "FARGATE", "Weight": 1}]] * 2


def test_each_attempt_receives_its_number() -> None:
    walked = run(raises(LOST, LOST, then=done()), regions=1)
    attempts = [environment_of(call)["ATTEMPT"] for call in walked.called(WeeklyState.RUN_SHARD)]
    assert attempts == ["0", "1", "2"]


@pytest.mark.parametrize("error", errors.COULD_NOT_START)
def test_the_settings_limit_the_retries_of_a_worker_that_could_not_start(error: str) -> None:
    settings = settings_of("dev", run={"startRetries": 3, "workerRetries": 1})
    walked = run(raises(*[Failed(error)] * 9), regions=1, settings=settings)
    assert len(walked.called(WeeklyState.RUN_SHARD)) == 4


@pytest.mark.parametrize("error", errors.WAS_LOST)
def test_the_settings_limit_the_retries_of_a_lost_worker(error: str) -> None:
    settings = settings_of("dev", run={"startRetries": 3, "workerRetries": 1})
    walked = run(raises(*[Failed(error)] * 9), regions=1, settings=settings)
    assert len(walked.called(WeeklyState.RUN_SHARD)) == 2


@pytest.mark.parametrize("error", ["Worker.InvalidInput", "ECS.AccessDeniedException", "States.Permissions"])
def test_a_permanent_error_of_a_worker_is_not_retried(error: str) -> None:
    walked = run(done(0), raises(Failed(error)), regions=2)
    assert len(walked.called(WeeklyState.RUN_SHARD)) == 2


def test_the_reduce_step_decides_and_receives_the_lost_shards() -> None:
    failures = [{"region": "region-0-1", "error": "Its worker was lost while it worked on this region."}]
    decided = summary(6, 5, failures=failures, log_stream="worker/monitor/1")
    walked = run(
        raises(*[LOST] * 9), done(1, succeeded=1), regions=6, others={WeeklyState.SUMMARIZE_RUN: decided}
    )
    (call,) = walked.called(WeeklyState.SUMMARIZE_RUN)
    environment = environment_of(call)
    assert json.loads(environment["LOST_SHARDS"]) == [
        {"shard": 0, "error": "States.HeartbeatTimeout: no heartbeat for 600 s"}
    ]
    assert environment["RUN_ID"] == "by-hand"
    assert call.arguments["Overrides"]["ContainerOverrides"][0]["Command"] == ["summarize"]
    outcome = outcome_of(walked)
    assert {name: outcome[name] for name in ("status", "regions", "succeeded", "failures")} == {
        "status": "partial",
        "regions": 6,
        "succeeded": 5,
        "failures": failures,
    }
    assert outcome["log_stream"] == "worker/monitor/1"
    assert outcome["is_summarized"] is True


def test_a_run_without_a_lost_shard_passes_none_to_the_reduce_step() -> None:
    (call,) = run(done()).called(WeeklyState.SUMMARIZE_RUN)
    assert environment_of(call)["LOST_SHARDS"] == "[]"


def test_without_the_reduce_step_the_shards_answers_hold_and_the_page_is_said_to_be_old() -> None:
    broken: dict[str, Any] = {WeeklyState.SUMMARIZE_RUN: raises(*[Failed("Worker.Crashed")] * 9)}
    walked = run(raises(*[LOST] * 9), done(1), regions=2, others=broken)
    outcome = outcome_of(walked)
    assert outcome["status"] == "partial"
    lost = {"region": "shard 0", "error": "States.HeartbeatTimeout: no heartbeat for 600 s"}
    assert outcome["failures"] == [lost]
    assert outcome["is_summarized"] is False
    assert outcome["warnings"] == ["SummarizeRun failed: Worker.Crashed"]
    assert "The page and summary.json of the run are not current" in text_of(outcome)
    # A worker that could not be started, or was lost, is retried once.
    assert len(walked.called(WeeklyState.SUMMARIZE_RUN)) == 2


def test_a_run_that_was_not_planned_is_not_reduced() -> None:
    refused: dict[str, Any] = {
        WeeklyState.VALIDATE_INPUTS: raises(Failed("Worker.InvalidInput", "no such region"))
    }
    walked = run(done(), others=refused, execution_input=SCHEDULED)
    assert walked.called(WeeklyState.SUMMARIZE_RUN) == []
    outcome = outcome_of(walked)
    assert (outcome["run_id"], outcome["regions"], outcome["input"]) == ("2026-W48", 0, SCHEDULED)
    message = text_of(outcome)
    assert "\nIt was scheduled for 2026-11-23T06:00:00Z.\n" in message
    # The run's name would be refused, since it has no plan; the scheduled time produces the name again.
    assert "run_id" not in message


def test_a_map_that_fails_as_a_whole_is_still_reduced() -> None:
    too_many: dict[str, Any] = {WeeklyState.VALIDATE_INPUTS: {"regions": 3, "shards": [0, 1, 2]}}
    walked = run(done(), settings=settings_of("dev", worker={"shards": 2}), others=too_many)
    assert walked.called(WeeklyState.SUMMARIZE_RUN)


def test_a_validation_that_hung_is_stopped_when_its_run_continues() -> None:
    answer = {"regions": 1, "shards": [0]}
    hung: dict[str, Any] = {WeeklyState.VALIDATE_INPUTS: raises(LOST, then=answer)}
    group = f"{Names.of(settings_of('dev')).task_group}/by-hand"
    walked = run(done(), others=hung | stalled(group))
    assert walked.called("StopWorker")
    assert walked.output["status"] == "succeeded"


@pytest.mark.parametrize("state", ["FindWorkers", "DescribeWorkers"])
def test_a_fault_of_one_page_leaves_the_sweep_its_other_page(state: str) -> None:
    group = f"{Names.of(settings_of('dev')).task_group}/by-hand"
    there = stalled(group)
    listed = {"TaskArns": ["0"], "NextToken": "more"}
    faults = [Failed("Ecs.EcsException")] * 2
    answers = {**there, "FindWorkers": lambda _call: listed}
    answers[state] = raises(*faults, then=listed if state == "FindWorkers" else there["DescribeWorkers"])
    walked = run(raises(LOST, then=done()), regions=1, others=answers)
    assert len(walked.called("StopWorker")) == 1
    assert walked.output["status"] == "succeeded"


def test_a_second_delivery_of_one_start_ends_without_a_word() -> None:
    walked = run(done(), others=contested("Pipeline", owner_run="2026-W48"), execution_input=SCHEDULED)
    assert walked.output["status"] == "skipped"
    assert walked.path[-1] == WeeklyState.ALREADY_RUN
    assert walked.called(WeeklyState.REPORT_OUTCOME) == []


@pytest.mark.parametrize("given", [SCHEDULED, {"run_id": "2026-W48"}])
def test_a_start_of_another_period_and_a_redo_are_reported_when_they_are_skipped(given: Any) -> None:
    owner_run = "2026-W48" if "run_id" in given else "2026-W47"
    walked = run(done(), others=contested("Pipeline", owner_run=owner_run), execution_input=given)
    outcome = outcome_of(walked)
    assert outcome == {
        "status": "skipped",
        "run_id": "2026-W48",
        "execution": "arn:aws:states:us-east-1:111111111111:execution:machine:by-hand",
        "input": given,
        "start_time": outcome["start_time"],
        "owner_run": owner_run,
        "owner_execution": ANOTHER,
    }
    assert datetime.fromisoformat(outcome["start_time"]) < datetime.now(UTC)
    assert walked.path[-1] == WeeklyState.ALREADY_RUNNING


def test_an_accepted_partial_run_is_in_time_but_no_full_success() -> None:
    walked = run(done(0, failed=("brebes",)))
    body = json.loads(walked.called(WeeklyState.RECORD_SUCCESS)[0].arguments["Body"])
    assert (body["run"], body["seconds"]) == (LAST_SUCCESS["run"], LAST_SUCCESS["seconds"])


def test_a_first_partial_run_records_no_success_and_no_usual_duration() -> None:
    nothing: dict[str, Any] = {WeeklyState.READ_LAST_SUCCESS: raises(Failed(errors.NO_SUCCESS_YET[0]))}
    walked = run(done(0, failed=("brebes",)), others=nothing)
    body = json.loads(walked.called(WeeklyState.RECORD_SUCCESS)[0].arguments["Body"])
    assert (body["run"], body["seconds"]) == ("", 0)


def test_a_message_names_the_run_and_the_week_that_it_covers() -> None:
    outcome = outcome_of(run(done(), execution_input=SCHEDULED))
    assert (outcome["run_id"], outcome["period"]) == ("2026-W48", "2026-W47")
    message = message_of(outcome)
    assert message.subject == "ccapi dev: 2026-W48 complete"
    assert message.headline == "Run 2026-W48 is complete: the 1 region was monitored for 2026-W47."


@pytest.mark.parametrize("uncounted", [False, True])
@pytest.mark.parametrize("unpublished", [False, True])
@pytest.mark.parametrize("unreported", [False, True])
def test_a_run_that_is_skipped_is_reported_or_counted_and_ends_as_skipped_in_any_case(
    unreported: bool, unpublished: bool, uncounted: bool
) -> None:
    faults: dict[str, Any] = {
        WeeklyState.REPORT_OUTCOME: raises(*[Failed("States.Timeout")] * (9 if unreported else 0), then={}),
        WeeklyState.PUBLISH_OUTCOME: raises(
            *[Failed("Sns.SnsException")] * (9 if unpublished else 0), then={}
        ),
        WeeklyState.COUNT_UNREPORTED: raises(
            *[Failed("CloudWatch.CloudWatchException")] * (9 if uncounted else 0)
        ),
    }
    walked = run(done(), others=contested("Pipeline") | faults)
    assert (
        message_of(outcome_of(walked)).subject == "ccapi dev: by-hand skipped, another run is still running"
    )
    assert bool(walked.called(WeeklyState.PUBLISH_OUTCOME)) == unreported
    assert bool(walked.called(WeeklyState.COUNT_UNREPORTED)) == (unreported and unpublished)
    assert walked.path[-1] == WeeklyState.ALREADY_RUNNING
    assert walked.output["status"] == "skipped"


def test_a_lost_shard_is_a_record_and_the_others_continue() -> None:
    walked = run(raises(*[LOST] * 9), done(1), regions=2)
    assert walked.output["status"] == "partial"
    assert walked.output["failures"] == [
        {"region": f"region-0-{number}", "error": "States.HeartbeatTimeout: no heartbeat for 600 s"}
        for number in range(REGIONS_A_SHARD)
    ]


def test_a_shard_that_is_lost_without_a_cause_is_reported_too() -> None:
    walked = run(
        done(0),
        raises(Failed("States.Timeout")),
        regions=2,
        settings=settings_of("dev", run={"workerRetries": 0}),
    )
    assert {failure["error"] for failure in walked.output["failures"]} == {"States.Timeout: "}


def test_the_message_about_a_shard_out_of_memory_names_its_remedy_once() -> None:
    killed = Failed(errors.OUT_OF_MEMORY, "Container killed due to memory usage (exit code 137).")
    outcome = outcome_of(run(done(0), raises(*[killed] * 9), regions=6))
    missing = [f"region-1-{number}" for number in range(REGIONS_A_SHARD)]
    reason = f"Worker.OutOfMemory: {killed.cause}"
    assert outcome["failures"] == [{"region": region, "error": reason} for region in missing]
    text = text_of(outcome)
    assert f"\n- {reason}\n  {', '.join(missing)}\n" in text
    assert text.count("Worker.OutOfMemory") == text.count("Raise worker.size") == 1


@pytest.mark.parametrize(
    ("shards", "retries"),
    [
        ([done(0), done(1)], 0),
        ([raises(LOST, then=done(0)), done(1)], 1),
        ([raises(LOST, NOT_STARTED, then=done(0)), raises(LOST, then=done(1))], 3),
        # All attempts of a lost worker count as retries, except its first one.
        ([raises(*[LOST] * 9), done(1)], settings_of("dev").run.worker_retries),
        ([raises(Failed("States.Permissions")), done(1)], 0),
    ],
)
def test_an_outcome_counts_the_attempts_of_workers_beyond_the_first_ones(
    shards: list[Any], retries: int
) -> None:
    assert outcome_of(run(*shards, regions=2))["retries"] == retries


def test_the_workers_of_a_shard_that_was_lost_at_its_first_attempt_are_swept() -> None:
    walked = run(raises(Failed("States.Permissions")), done(1), regions=2, others=stalled("another"))
    assert walked.called("FindWorkers")


@pytest.mark.parametrize("cause", ["x" * 40_000, "é" * 40_000])
def test_the_error_of_a_lost_shard_is_cut(cause: str) -> None:
    walked = run(raises(Failed("Worker.InvalidInput", cause)), done(1), regions=2)
    reported = {failure["error"] for failure in outcome_of(walked)["failures"]}
    assert reported
    assert all(text.startswith("Worker.InvalidInput: ") and text.endswith("...") for text in reported)
    assert max(map(len, reported)) <= len("Worker.InvalidInput: ") + 1_500


def test_a_run_that_lost_all_its_shards_fails() -> None:
    walked = run(raises(*[LOST] * 9), raises(*[NOT_STARTED] * 9), regions=2)
    assert walked.failed is not None
    assert walked.failed.cause.startswith(f"{errors.NO_REGION_SUCCEEDED}: 10 failed. The first: States.Heart")
    reasons = {failure["region"]: failure["error"] for failure in outcome_of(walked)["failures"]}
    assert len(reasons) == 2 * REGIONS_A_SHARD
    assert reasons["region-0-4"].startswith("States.HeartbeatTimeout: ")
    assert reasons["region-1-4"].startswith("ECS.AmazonECSException: ")


def test_the_maximum_number_of_failures_fits_into_a_state() -> None:
    shards = [
        {**done(shard, succeeded=0), "failures": [{"region": "x" * 60, "error": "e" * 300}] * 10}
        for shard in range(29)
    ]
    settings = settings_of("dev", monitoring={"regionsCount": 29}, worker={"shards": 29})
    walked = run(*shards, regions=290, settings=settings, others=NOTHING_REPORTED)
    assert walked.failed is not None
    assert len(walked.failed.cause) <= 9_000
    assert len(outcome_of(walked)["failures"]) == 290
    # Step Functions, the payload of a task; SNS, Publish, parameter Message.
    assert len(json.dumps(walked.called(WeeklyState.REPORT_OUTCOME)[0].arguments).encode()) <= 262_144
    assert len(walked.called(WeeklyState.PUBLISH_OUTCOME)[0].arguments["Message"].encode()) <= 262_144


# Failed calls


@pytest.mark.parametrize("state", [WeeklyState.LOAD_SETTINGS, WeeklyState.VALIDATE_INPUTS])
def test_a_run_that_cannot_begin_reports_it_and_fails(state: WeeklyState) -> None:
    walked = run(
        done(),
        others={state: raises(*[Failed("Worker.InvalidInput", "regions_count is 30: write 1 to 29")] * 9)},
    )
    assert walked.path[-4:] == [*REPORTING, WeeklyState.FAIL_EXECUTION]
    assert walked.failed == Failed(errors.REPORTED, "Worker.InvalidInput: regions_count is 30: write 1 to 29")
    outcome = outcome_of(walked)
    assert (outcome["status"], outcome["run_id"]) == ("failed", "by-hand")
    assert outcome["error"] == "Worker.InvalidInput"
    assert outcome["cause"] == "regions_count is 30: write 1 to 29"
    assert "regions_count is 30" in text_of(outcome)


def test_an_error_without_a_cause_is_reported_too() -> None:
    walked = run(done(), others={WeeklyState.VALIDATE_INPUTS: raises(Failed("States.Permissions"))})
    assert walked.failed == Failed(errors.REPORTED, "States.Permissions: ")
    outcome = outcome_of(walked)
    assert (outcome["error"], outcome["cause"]) == ("States.Permissions", "")


def test_a_cause_is_cut_to_the_length_that_a_fail_state_accepts() -> None:
    walked = run(
        done(), others={WeeklyState.VALIDATE_INPUTS: raises(Failed("Worker.InvalidInput", "é" * 16_000))}
    )
    assert walked.failed is not None
    # AWS Step Functions, Fail state, field Cause: 32,768 bytes.
    assert len(walked.failed.cause.encode()) <= 32_768
    assert outcome_of(walked)["cause"] == "é" * 7_897 + "..."


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ({"execution_name": "x" * 100}, True),
        ({"execution_name": "x" * 8_192}, False),
        ({"execution_name": "x" * 262_000}, False),
    ],
)
def test_an_input_that_no_worker_can_receive_is_in_no_variable(given: dict[str, Any], is_kept: bool) -> None:
    outcome = outcome_of(run(done(), execution_input=given))
    assert outcome["input"] == (given if is_kept else None)
    assert len(json.dumps(outcome)) < 50_000
    *_, command = message_of({**outcome, "status": "failed", "error": "States.Timeout"}).commands
    assert ("input.json" in command.line) is not is_kept


@pytest.mark.parametrize("error", [*errors.COULD_NOT_START, *errors.WAS_LOST])
def test_a_lost_validation_is_retried_twice(error: str) -> None:
    walked = run(done(), others={WeeklyState.VALIDATE_INPUTS: raises(*[Failed(error)] * 9)})
    assert len(walked.called(WeeklyState.VALIDATE_INPUTS)) == 3


def test_an_input_that_was_refused_is_not_validated_again() -> None:
    walked = run(done(), others={WeeklyState.VALIDATE_INPUTS: raises(Failed("Worker.InvalidInput"))})
    assert len(walked.called(WeeklyState.VALIDATE_INPUTS)) == 1


# Failed reports


KINDS: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "succeeded": (done(), {}),
    "partial": (done(failed=("brebes",)), {}),
    "without a region": (done(succeeded=0, failed=("brebes",)), {}),
    "invalid": (done(), {WeeklyState.VALIDATE_INPUTS: fails(Failed("Worker.InvalidInput"))}),
    "without settings": (done(), {WeeklyState.LOAD_SETTINGS: fails(Failed("Ssm.SsmException"))}),
    "skipped": (done(), contested("Pipeline") | {"ClaimPipeline": fails(TAKEN)}),
}


def run_of(kind: str, **faults: Any) -> Walk:
    shard, others = KINDS[kind]
    return run(shard, others={**others, **faults})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", REPORTER_FAULTS, ids=lambda fault: fault.error)
def test_if_the_reporter_fails_the_outcome_is_published_and_the_run_ends_unchanged(
    kind: str, fault: Failed
) -> None:
    usual = run_of(kind)
    walked = run_of(kind, **{WeeklyState.REPORT_OUTCOME: fails(fault)})
    assert len(walked.called(WeeklyState.REPORT_OUTCOME)) == 1 + REPORT.max_attempts
    (call,) = walked.called(WeeklyState.PUBLISH_OUTCOME)
    assert call.arguments["TopicArn"] == names_of("dev").topic_arn("failure")
    assert json.loads(call.arguments["Message"]) == outcome_of(walked)
    assert not walked.called(WeeklyState.COUNT_UNREPORTED)
    assert walked.path[-1] == usual.path[-1]
    assert (walked.failed is None) == (usual.failed is None)
    if walked.failed and usual.failed:
        # For an execution whose outcome was published, the watch machine does not report its event.
        assert walked.failed.error == usual.failed.error == errors.REPORTED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("uncounted", [False, True])
def test_a_message_that_cannot_be_sent_is_counted_and_a_failed_run_ends_as_not_reported(
    kind: str, uncounted: bool
) -> None:
    usual = run_of(kind)
    count = raises(*[Failed("CloudWatch.CloudWatchException")] * (9 if uncounted else 0), then={})
    walked = run_of(kind, **NOTHING_REPORTED, **{WeeklyState.COUNT_UNREPORTED: count})
    assert len(walked.called(WeeklyState.PUBLISH_OUTCOME)) == 1 + CALL.max_attempts
    (datum,) = walked.called(WeeklyState.COUNT_UNREPORTED)[0].arguments["MetricData"]
    assert (datum["MetricName"], datum["Value"]) == (UNREPORTED_METRIC, 1)
    assert walked.path[-1] == usual.path[-1]
    assert (walked.failed is None) == (usual.failed is None)
    if walked.failed and usual.failed:
        assert walked.failed == Failed(errors.NOT_REPORTED, usual.failed.cause)


def test_a_partial_run_that_is_a_failure_stays_one_that_the_sweep_finds() -> None:
    settings = settings_of("dev", run={"onPartialFailure": "fail"})
    walked = run(done(failed=("brebes",)), settings=settings, others=NOTHING_REPORTED)
    assert walked.called(WeeklyState.COUNT_UNREPORTED)
    assert walked.failed == Failed(errors.PARTIAL, "1 of 2 regions failed")


def test_a_report_that_works_at_a_later_attempt_is_one() -> None:
    walked = run(done(), others={WeeklyState.REPORT_OUTCOME: raises(REPORTER_FAULTS[0], then={})})
    assert len(walked.called(WeeklyState.REPORT_OUTCOME)) == 2
    assert not walked.called(WeeklyState.PUBLISH_OUTCOME)


def test_the_reporter_is_called_by_its_name_and_waited_for() -> None:
    (call,) = run(done()).called(WeeklyState.REPORT_OUTCOME)
    assert call.arguments["FunctionName"] == names_of("dev").reporter_arn
    state = definition(settings_of("dev"), names_of("dev"))["States"][WeeklyState.REPORT_OUTCOME]
    assert state["Resource"] == "arn:aws:states:::lambda:invoke"
    assert state["TimeoutSeconds"] == REPORT_TIMEOUT_SECONDS > REPORTER_TIMEOUT_SECONDS


@pytest.mark.parametrize("kind", ["succeeded", "partial", "without a region"])
def test_metrics_that_cannot_be_sent_change_no_outcome(kind: str) -> None:
    usual = run_of(kind)
    walked = run_of(kind, **{WeeklyState.PUBLISH_METRICS: fails(Failed("CloudWatch.CloudWatchException"))})
    assert len(walked.called(WeeklyState.PUBLISH_METRICS)) == 1 + CALL.max_attempts
    assert walked.path[-1] == usual.path[-1]
    assert outcome_of(walked)["status"] == outcome_of(usual)["status"]


# Requests to services


def test_validation_gets_the_unchanged_input() -> None:
    walked = run(done(), execution_input=SCHEDULED)
    (call,) = walked.called(WeeklyState.VALIDATE_INPUTS)
    environment = environment_of(call)
    assert json.loads(environment["RUN_INPUT"]) == SCHEDULED
    assert environment["RUN_ID"] == "2026-W48"
    assert call.arguments["Overrides"]["ContainerOverrides"][0]["Command"] == ["validate"]


@pytest.mark.parametrize(
    ("given", "scraping", "refresh"),
    [
        ({}, "false", "false"),
        ({"enable_scraping": True}, "true", "false"),
        ({"force_refresh": True}, "false", "true"),
        ({"enable_scraping": False, "force_refresh": False}, "false", "false"),
    ],
)
def test_an_option_of_the_input_reaches_both_workers(
    given: dict[str, bool], scraping: str, refresh: str
) -> None:
    walked = run(done(), execution_input=given)
    for state in (WeeklyState.VALIDATE_INPUTS, WeeklyState.RUN_SHARD):
        (call,) = walked.called(state)
        environment = environment_of(call)
        assert (environment["ENABLE_SCRAPING"], environment["FORCE_REFRESH"]) == (scraping, refresh)


def test_an_option_that_the_input_leaves_out_is_the_stacks() -> None:
    walked = run(done(), settings=settings_of("prod", monitoring={"forceRefresh": True}))
    (call,) = walked.called(WeeklyState.RUN_SHARD)
    environment = environment_of(call)
    assert (environment["ENABLE_SCRAPING"], environment["FORCE_REFRESH"]) == ("true", "true")


def test_a_worker_runs_in_the_cluster_and_subnets_of_the_run_settings() -> None:
    walked = run(done(), done(1))
    pinned = run_settings(settings_of("dev"))
    for call in [*walked.called(WeeklyState.VALIDATE_INPUTS), *walked.called(WeeklyState.RUN_SHARD)]:
        assert call.arguments["Cluster"] == pinned["cluster"]
        assert call.arguments["TaskDefinition"] == pinned["taskDefinition"]
        assert call.arguments["NetworkConfiguration"]["AwsvpcConfiguration"] == {
            "Subnets": ["subnet-a", "subnet-b"],
            "SecurityGroups": ["sg-a"],
            "AssignPublicIp": "ENABLED",
        }


def test_every_value_of_a_workers_environment_is_text() -> None:
    walked = run(done(), done(1), execution_input=SCHEDULED)
    for call in [*walked.called(WeeklyState.VALIDATE_INPUTS), *walked.called(WeeklyState.RUN_SHARD)]:
        assert all(isinstance(value, str) for value in environment_of(call).values())


def test_the_overrides_of_a_worker_stay_below_the_limit_of_run_task() -> None:
    longest = {"regions": ["x" * 40] * 29, "execution_name": "n" * 80}
    (call,) = run(done(), execution_input=longest).called(WeeklyState.VALIDATE_INPUTS)
    # RunTask, parameter overrides: 8,192 characters; a task token may have 2,048.
    assert len(json.dumps(call.arguments["Overrides"])) + 2_048 <= 8_192


def test_every_worker_of_a_run_is_in_the_runs_group() -> None:
    walked = run(done(), done(1), execution_input=SCHEDULED)
    calls = [*walked.called(WeeklyState.VALIDATE_INPUTS), *walked.called(WeeklyState.RUN_SHARD)]
    assert {call.arguments["Group"] for call in calls} == {"ccapi-dev/2026-W48"}


@pytest.mark.parametrize(
    ("shard", "success", "partial", "succeeded", "failed"),
    [
        (done(succeeded=3), 1, 0, 3, 0),
        (done(succeeded=3, failed=("brebes",)), 0, 1, 3, 1),
        (done(succeeded=0, failed=("brebes",)), 0, 0, 0, 1),
    ],
)
def test_metrics_show_the_outcome(
    shard: dict[str, Any], success: int, partial: int, succeeded: int, failed: int
) -> None:
    metrics = metrics_of(run(shard))
    assert metrics.pop("ExecutionDuration") >= 3_600
    assert metrics.pop("EstimatedRunCostUsd") > 0
    assert metrics == {
        "WeeklyMonitoringSuccess": success,
        "WeeklyMonitoringPartial": partial,
        "RegionsSucceeded": succeeded,
        "RegionsFailed": failed,
    }


@pytest.mark.parametrize(
    ("shard", "occasion"),
    [
        (done(), Occasion.SUCCEEDED),
        (done(failed=("brebes",)), Occasion.PARTIAL),
        (done(succeeded=0, failed=("brebes",)), Occasion.FAILED),
    ],
)
def test_every_kind_of_failure_has_its_occasion(shard: dict[str, Any], occasion: Occasion) -> None:
    assert message_of(outcome_of(run(shard))).occasion is occasion


# Names of runs


@pytest.mark.parametrize(
    ("scheduled", "zone", "run_id"),
    [
        ("2026-11-23T06:00:00Z", "UTC", "2026-W48"),
        ("2026-12-31T06:00:00Z", "UTC", "2026-W53"),
        ("2027-01-03T06:00:00Z", "UTC", "2026-W53"),
        ("2027-01-03T23:59:59Z", "UTC", "2026-W53"),
        ("2027-01-04T00:00:00Z", "UTC", "2027-W01"),
        ("2024-12-30T06:00:00Z", "UTC", "2025-W01"),
        ("2027-01-03T16:59:59Z", "Asia/Jakarta", "2026-W53"),
        ("2027-01-03T17:00:00Z", "Asia/Jakarta", "2027-W01"),
        ("2026-12-31T06:00:00Z", "Asia/Jakarta", "2026-W53"),
        ("2027-01-04T04:59:59Z", "America/New_York", "2026-W53"),
        ("2027-01-04T05:00:00Z", "America/New_York", "2027-W01"),
        ("2027-07-05T03:59:59Z", "America/New_York", "2027-W26"),
        ("2027-07-05T04:00:00Z", "America/New_York", "2027-W27"),
        ("2028-02-29T23:59:59.999999Z", "UTC", "2028-W09"),
        ("2026-11-23T13:59:59+14:00", "UTC", "2026-W47"),
        ("2026-11-22T12:00:00-12:00", "UTC", "2026-W48"),
    ],
)
def test_a_weekly_run_is_named_after_the_week_in_the_schedules_zone(
    scheduled: str, zone: str, run_id: str
) -> None:
    settings = settings_of("dev", schedule={"timeZone": zone})
    walked = run(done(), settings=settings, execution_input={"scheduled_time": scheduled})
    assert walked.output["run_id"] == run_id


@pytest.mark.parametrize(
    ("expression", "zone", "run_id"),
    [
        ("cron(0 6 * * ? *)", "UTC", "2026-12-31"),
        ("cron(0 6 * * ? *)", "Asia/Jakarta", "2027-01-01"),
        ("cron(0 * * * ? *)", "UTC", "2026-12-31T18"),
        ("cron(0 * * * ? *)", "Asia/Kathmandu", "2027-01-01T00"),
    ],
)
def test_a_run_is_named_after_the_schedules_period(expression: str, zone: str, run_id: str) -> None:
    schedule = {"preset": "on-demand", "expression": expression, "timeZone": zone}
    walked = run(
        done(),
        settings=settings_of("dev", schedule=schedule),
        execution_input={"scheduled_time": "2026-12-31T18:30:00Z"},
    )
    assert walked.output["run_id"] == run_id


def test_a_manual_run_is_named_after_its_execution() -> None:
    assert run(done(), name="manual-20261123").output["run_id"] == "manual-20261123"


def test_a_redo_keeps_the_name_of_the_run_that_it_redoes() -> None:
    walked = run(done(), execution_input={"run_id": "2026-W47", **SCHEDULED})
    assert walked.output["run_id"] == "2026-W47"


@pytest.mark.parametrize(
    "given",
    [
        {"run_id": None},
        {"run_id": 7},
        {"run_id": ""},
        {"run_id": "../2026-W47"},
        {"run_id": "two\nlines"},
        {"run_id": "x" * 129},
        {"scheduled_time": None},
        {"scheduled_time": 7},
        {"scheduled_time": "yesterday"},
        *({"scheduled_time": time} for time in NO_TIMES),
        {"scheduled_time": "<aws.scheduler.scheduled-time>"},
        [],
    ],
)
def test_an_input_that_cannot_name_a_run_reaches_the_validation_that_refuses_it(given: Any) -> None:
    walked = run(done(), execution_input=given)
    (call,) = walked.called(WeeklyState.VALIDATE_INPUTS)
    assert environment_of(call)["RUN_ID"] == "by-hand"
    assert json.loads(environment_of(call)["RUN_INPUT"]) == given


def test_a_plan_without_regions_fails_and_is_reported() -> None:
    walked = run(regions=0, others={WeeklyState.VALIDATE_INPUTS: {"regions": 0, "shards": []}})
    assert walked.failed is not None
    outcome = outcome_of(walked)
    assert (outcome["status"], outcome["error"]) == ("failed", errors.NO_REGION_SUCCEEDED)
    assert WeeklyState.RECORD_SUCCESS not in walked.path


@pytest.mark.parametrize("given", ["text", 7, True])
def test_an_input_that_is_no_object_fails_and_is_reported(given: Any) -> None:
    walked = run(done(), execution_input=given)
    assert walked.path[-3:] == [
        WeeklyState.REPORT_OUTCOME,
        WeeklyState.CHOOSE_END,
        WeeklyState.FAIL_EXECUTION,
    ]
    assert outcome_of(walked)["status"] == "failed"


# All paths


def test_the_runs_above_evaluate_every_expression_of_the_machine() -> None:
    small = {"monitoring": {"regionsCount": 2}, "worker": {"shards": 2}}
    settings = settings_of("dev", run={"onPartialFailure": "fail"}, **small)
    walks = every_kind_of_run(settings)
    evaluated = set().union(*(walked.evaluated for walked in walks))
    assert set(expressions(weekly_machine(settings, Names.of(settings)).definition)) == evaluated


def expressions(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in expressions(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in expressions(inner)]
    return [value] if isinstance(value, str) and value.startswith("{%") else []


# Records that the watch machine reads later


def recorded(walked: Walk) -> list[dict[str, Any]]:
    return [json.loads(call.arguments["Body"]) for call in walked.called(WeeklyState.RECORD_SUCCESS)]


@pytest.mark.parametrize(
    ("shard", "ending", "counts"),
    [
        (done(), "succeed", True),
        (done(), "fail", True),
        (done(failed=("brebes",)), "succeed", True),
        (done(failed=("brebes",)), "fail", False),
        (done(succeeded=0, failed=("brebes",)), "succeed", False),
    ],
)
def test_a_success_is_recorded_and_a_partial_success_only_if_the_settings_accept_it(
    shard: dict[str, Any], ending: str, counts: bool
) -> None:
    small = {"monitoring": {"regionsCount": 1}, "worker": {"shards": 1}}
    walked = run(shard, settings=settings_of("dev", run={"onPartialFailure": ending}, **small))
    good_run = LAST_SUCCESS["run"] if shard["failed"] else "by-hand"
    assert [record["run"] for record in recorded(walked)] == ([good_run] if counts else [])


def this_week() -> str:
    year, week, _ = datetime.now(UTC).isocalendar()
    return f"{year}-W{week:02}"


@pytest.mark.parametrize(
    ("regions", "given", "counts"),
    [
        (5, {}, True),
        (4, {}, False),
        (4, {"regions_count": 4}, False),
        (5, {"run_id": this_week()}, True),
        (5, {"run_id": "2025-W01"}, False),
        (5, {"run_id": "by-hand"}, False),
    ],
)
def test_only_a_run_of_every_region_for_this_period_counts_as_its_success(
    regions: int, given: dict[str, Any], counts: bool
) -> None:
    settings = settings_of("dev", monitoring={"regionsCount": 5})
    walked = run(done(succeeded=regions), settings=settings, execution_input=given)
    assert walked.output["status"] == "succeeded"
    assert bool(recorded(walked)) == counts


@pytest.mark.parametrize(
    ("given", "seconds"),
    [({}, 3600), (SCHEDULED, 3600), ({"run_id": this_week()}, LAST_SUCCESS["seconds"])],
)
def test_a_redo_keeps_how_long_the_last_whole_run_took(given: dict[str, Any], seconds: int) -> None:
    walked = run(done(succeeded=0, skipped=1), execution_input=given)
    (record,) = recorded(walked)
    # The execution was started an hour ago.
    assert record["seconds"] == pytest.approx(seconds, abs=30)


def test_a_redo_of_the_first_run_does_not_know_how_long_one_takes() -> None:
    nothing_yet: dict[str, Any] = {WeeklyState.READ_LAST_SUCCESS: raises(Failed(errors.NO_SUCCESS_YET[0]))}
    (record,) = recorded(run(done(), execution_input={"run_id": this_week()}, others=nothing_yet))
    assert record["seconds"] == 0
    known: dict[str, Any] = {WeeklyState.READ_LAST_SUCCESS: {"Body": json.dumps(record)}}
    assert outcome_of(run(done(), others=known))["usual_seconds"] == 0


def test_a_success_that_cannot_be_recorded_is_still_a_success() -> None:
    fault = raises(*[Failed("S3.S3Exception")] * 9)
    walked = run(done(), others={WeeklyState.RECORD_SUCCESS: fault})
    assert len(walked.called(WeeklyState.RECORD_SUCCESS)) == CALL.max_attempts + 1
    assert walked.output["status"] == "succeeded"


def test_a_worker_receives_its_execution() -> None:
    walked = run(done(), name="by-hand")
    for state in (WeeklyState.VALIDATE_INPUTS, WeeklyState.RUN_SHARD):
        (call,) = walked.called(state)
        assert environment_of(call)["EXECUTION"].endswith(":by-hand")


@pytest.mark.parametrize(
    ("shards", "stream"),
    [
        ([done()], ""),
        ([done(0, failed=("brebes",))], "worker/monitor/0"),
        ([done(0), done(1, failed=("brebes",))], "worker/monitor/1"),
        ([done(0, failed=("brebes",)), done(1, failed=("tegal",))], "worker/monitor/0"),
        ([{**done(0, failed=("brebes",)), "log_stream": None}], ""),
        (
            [{**done(0, failed=("brebes",)), "log_stream": None}, done(1, failed=("tegal",))],
            "worker/monitor/1",
        ),
    ],
)
def test_the_log_that_is_named_is_that_of_the_first_worker_that_failed(
    shards: list[dict[str, Any]], stream: str
) -> None:
    outcome = outcome_of(run(*shards))
    assert outcome["log_stream"] == stream
    assert not stream or stream.replace("/", "$252F") in text_of(outcome)
