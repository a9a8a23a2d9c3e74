"""The watch machine, by the event or schedule that starts it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest

from components.machines import errors
from components.machines.errors import NO_SUCCESS_YET
from components.machines.integrations import CONTAINER, LOG_STREAM_PREFIX
from components.machines.watch.machine import ANSWERED, SWEEP_INPUT, WatchState, definition, watch_machine
from components.resources.watch_triggers import patterns
from components.settings.bounds import REPORT, watch_timeout_seconds
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from tests.components.machines.definitions import ACTIONS, expressions_in, lint_findings, states_of
from tests.components.machines.outcomes import REPORTER_FAULTS, message_of, outcome_of, text_of
from tests.components.machines.runs import (
    LAST_SUCCESS,
    NO_TIMES,
    environment_of,
    fails,
    raises,
    stack_prices,
    summary,
)
from tests.components.machines.walk import Call, Failed, Walk
from tests.components.machines.watches import (
    EXECUTION,
    FAULT,
    FAULTS,
    LOG_STREAM,
    MISSED_AFTER_HOURS,
    MONITOR,
    NAMES,
    UNREPORTED,
    WITH_EACH_LIST,
    ended_execution,
    every_way,
    now,
    planned,
    since,
    stopped_task,
    subscribed,
    watched,
    watched_with,
    with_workers,
    worker,
)
from tests.golden_files import golden
from tests.stacks import ENVIRONMENTS, names_of, settings_of
from worker.errors import ErrorName

Json = dict[str, Any]


def told(walked: Walk) -> Json:
    (call,) = walked.called(WatchState.FAIL_WORKER)
    return dict(call.arguments)


def metrics_of(walked: Walk, state: str) -> dict[str, float]:
    (call,) = walked.called(state)
    return {datum["MetricName"]: datum["Value"] for datum in call.arguments["MetricData"]}


def stopped_workers(walked: Walk) -> list[str]:
    return [call.arguments["Task"] for call in walked.called("StopWorker")]


# A stopped task


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("Worker.StartFailed", {"stopCode": "TaskFailedToStart", "containers": [{"name": CONTAINER}]}),
        ("Worker.Interrupted", {"stopCode": "SpotInterruption"}),
        ("Worker.Interrupted", {"stopCode": "TerminationNotice"}),
        ("Worker.Interrupted", {"stopCode": "UserInitiated"}),
        # A task that does not end in time after it is stopped is killed.
        (
            "Worker.Interrupted",
            {"stopCode": "UserInitiated", "containers": [{"name": CONTAINER, "exitCode": 137}]},
        ),
        # It was killed, and ECS reports no OutOfMemoryError.
        ("Worker.Crashed", {"containers": [{"name": CONTAINER, "exitCode": 137}]}),
        (
            "Worker.WrongArchitecture",
            {
                "stopCode": "TaskFailedToStart",
                "stoppedReason": "CannotPullContainerError: image Manifest does not contain descriptor matching "
                "platform 'linux/arm64'",
                "containers": [{"name": CONTAINER}],
            },
        ),
        (
            "Worker.WrongArchitecture",
            {
                "stopCode": "TaskFailedToStart",
                "containers": [
                    {"name": CONTAINER, "reason": 'CannotStartContainerError: exec "/opt": Exec format error'}
                ],
            },
        ),
        (
            "Worker.OutOfMemory",
            {
                "containers": [
                    {"name": CONTAINER, "reason": "OutOfMemoryError: Container killed due to memory usage"}
                ]
            },
        ),
        ("Worker.OutOfMemory", {"stoppedReason": "OutOfMemoryError: Container killed due to memory usage"}),
        ("Worker.Crashed", {}),
        ("Worker.Crashed", {"containers": [{"name": CONTAINER, "exitCode": 0}]}),
        ("Worker.Crashed", {"containers": [{"name": "other", "exitCode": 137}]}),
        ("Worker.Crashed", {"containers": []}),
        ("Worker.Crashed", {"containers": None, "stoppedReason": None, "stopCode": None}),
    ],
)
def test_the_state_that_waits_for_a_worker_receives_the_reason_of_its_end(error: str, changes: Json) -> None:
    walked = watched(stopped_task(**changes))
    assert told(walked)["Error"] == error
    assert told(walked)["TaskToken"] == "a-token"
    assert walked.failed is None


def test_the_errors_are_those_that_a_worker_publishes_and_a_run_tries_again() -> None:
    published = {errors.START_FAILED, errors.INTERRUPTED, errors.OUT_OF_MEMORY, errors.CRASHED}
    assert published <= set(ErrorName)
    assert published <= {*errors.COULD_NOT_START, *errors.WAS_LOST}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, f"Essential container in task exited (exit code 1) Log stream: {LOG_STREAM}"),
        (
            {"containers": [{"name": CONTAINER, "exitCode": 0}]},
            f"Essential container in task exited (exit code 0) Log stream: {LOG_STREAM}",
        ),
        (
            {"containers": [{"name": CONTAINER, "exitCode": 137, "reason": "OutOfMemoryError: killed"}]},
            "OutOfMemoryError: killed; Essential container in task exited (exit code 137) "
            f"Log stream: {LOG_STREAM}",
        ),
        (
            {"stoppedReason": "CannotStartContainerError: exec format error", "containers": None},
            f"CannotStartContainerError: exec format error Log stream: {LOG_STREAM}",
        ),
        (
            {
                "stopCode": "TaskFailedToStart",
                "stoppedReason": "CannotPullContainerError: not found",
                "startedAt": None,
                "containers": None,
            },
            "CannotPullContainerError: not found It never started.",
        ),
        (
            {"stoppedReason": None, "containers": [{"name": CONTAINER}]},
            f"Log stream: {LOG_STREAM}",
        ),
    ],
)
def test_the_cause_has_the_known_facts_and_the_log_stream(changes: Json, cause: str) -> None:
    assert told(watched(stopped_task(**changes)))["Cause"] == cause


@pytest.mark.parametrize("reason", ["x" * 40_000, "é" * 40_000])
def test_an_answer_is_within_the_limits_of_aws(reason: str) -> None:
    answer = told(watched(stopped_task(stoppedReason=reason)))
    # AWS Step Functions API Reference, SendTaskFailure.
    assert len(answer["Cause"].encode()) <= 32_768
    assert len(answer["Error"]) <= 256


OTHER = {"name": "sidecar", "environment": [{"name": "TASK_TOKEN", "value": "not-ours"}]}


@pytest.mark.parametrize(
    "overrides",
    [
        [MONITOR],
        [OTHER, MONITOR],
        [MONITOR, OTHER],
        [{"name": "sidecar"}, MONITOR],
        [{**MONITOR, "environment": MONITOR["environment"][1:]}],
        [{**MONITOR, "environment": MONITOR["environment"][::-1]}],
    ],
)
def test_the_token_is_found_by_name_wherever_it_stands(overrides: list[Json]) -> None:
    assert told(watched(stopped_task(overrides={"containerOverrides": overrides})))["TaskToken"] == "a-token"


@pytest.mark.parametrize(
    "overrides",
    [
        None,
        {},
        {"containerOverrides": []},
        {"containerOverrides": [OTHER]},
        {"containerOverrides": [{"name": CONTAINER}]},
        {"containerOverrides": [{"name": CONTAINER, "environment": []}]},
        {"containerOverrides": [{"name": CONTAINER, "environment": [{"name": "RUN_ID", "value": "1"}]}]},
    ],
)
def test_a_task_without_a_token_is_ignored(overrides: Json | None) -> None:
    walked = watched(stopped_task(overrides=overrides))
    assert walked.calls == []
    assert walked.output == {}


@pytest.mark.parametrize("error", ANSWERED)
def test_a_worker_that_has_answered_already_is_no_fault(error: str) -> None:
    walked = watched(stopped_task(), **{WatchState.FAIL_WORKER: raises(Failed(error))})
    assert len(walked.called(WatchState.FAIL_WORKER)) == 1
    assert walked.output == {}


def test_an_answer_that_fails_is_tried_again_and_at_last_fails_the_watch() -> None:
    assert watched(stopped_task(), **{WatchState.FAIL_WORKER: raises(FAULT, then={})}).failed is None
    walked = watched(stopped_task(), **{WatchState.FAIL_WORKER: FAULTS})
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


# An ended execution


@pytest.mark.parametrize("error", [errors.REPORTED, errors.PARTIAL])
@pytest.mark.parametrize("described", [True, False])
def test_a_run_that_has_reported_its_outcome_is_not_reported_again(error: str, described: bool) -> None:
    # A description may lag behind the event for a moment.
    answer = {"Name": "by-hand", "Status": "FAILED" if described else "RUNNING", "Input": "{}"}
    walked = watched(
        ended_execution("FAILED", error=error),
        **{WatchState.DESCRIBE_EXECUTION: answer | ({"Error": error} if described else {})},
    )
    assert not walked.called(WatchState.REPORT_END)
    assert walked.output == {}


def test_a_run_that_could_not_report_its_outcome_is_reported() -> None:
    cause = "Worker.InvalidInput: no such region"
    walked = watched(ended_execution("FAILED", error=errors.NOT_REPORTED, cause=cause))
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert (outcome["status"], outcome["error"], outcome["cause"]) == ("failed", errors.NOT_REPORTED, cause)


@pytest.mark.parametrize(
    ("status", "answer", "subject", "headline"),
    [
        (
            "TIMED_OUT",
            {},
            "ccapi dev: by-hand TIMED OUT",
            "Run by-hand timed out: it was ended after 12 h, the longest that a run may take.",
        ),
        (
            "ABORTED",
            {"Error": "Operator", "Cause": "it was the wrong week"},
            "ccapi dev: by-hand STOPPED by an operator",
            "Run by-hand was stopped by an operator.",
        ),
        (
            "FAILED",
            {"Error": "States.Runtime", "Cause": "An error occurred while executing the state"},
            "ccapi dev: by-hand FAILED",
            "Run by-hand failed after 1 of 2 regions was monitored for 2026-W47.",
        ),
    ],
)
@pytest.mark.parametrize("is_event", [True, False])
def test_an_end_without_a_report_is_reported(
    status: str, answer: Json, subject: str, headline: str, is_event: bool
) -> None:
    described = {"Name": "by-hand", "Status": status, "Input": "{}", **({} if is_event else answer)}
    event = ended_execution(status, **{key.lower(): value for key, value in answer.items() if is_event})
    walked = watched(event, **{WatchState.DESCRIBE_EXECUTION: described})
    (call,) = walked.called(WatchState.REPORT_END)
    assert call.arguments["FunctionName"] == NAMES.reporter_arn
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert outcome["status"] == status.lower()
    assert (outcome.get("error"), outcome.get("cause")) == (answer.get("Error"), answer.get("Cause"))
    message = message_of(outcome)
    assert (message.subject, message.headline) == (subject, headline)
    assert walked.output == {}


def test_a_description_completes_the_error_of_the_event() -> None:
    described = {"Name": "by-hand", "Status": "FAILED", "Input": "{}", "Error": "Late", "Cause": "described"}
    walked = watched(ended_execution("FAILED"), **{WatchState.DESCRIBE_EXECUTION: described})
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert (outcome["error"], outcome["cause"]) == ("Late", "described")


def test_an_outcome_has_the_execution_its_times_and_its_input() -> None:
    described = {"Name": "by-hand", "Status": "TIMED_OUT", "Input": '{"regions_count": 3}'}
    walked = watched(ended_execution(), **{WatchState.DESCRIBE_EXECUTION: described})
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert outcome["execution"] == EXECUTION
    assert outcome["run_id"] == "by-hand"
    assert outcome["input"] == {"regions_count": 3}
    assert outcome["start_time"] == "2026-11-23T06:00:00.000Z"
    assert outcome["duration_seconds"] == 125
    assert (outcome["usd"] > 0, outcome["usd_is_at_most"]) == (True, True)
    message = message_of(outcome)
    assert any(link.url.endswith(f"details/{EXECUTION}") for link in message.links)
    assert NAMES.dashboard_url in {link.url for link in message.links}
    _, command = message.commands
    assert NAMES.machine_arn in command.line
    assert """'{"regions_count":3,"run_id":"by-hand"}'""" in command.line


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ({}, "by-hand"),
        ({"run_id": "2026-W40"}, "2026-W40"),
        ({"scheduled_time": "2026-11-23T06:00:00Z"}, "2026-W48"),
        ({"run_id": "no good name"}, "by-hand"),
        *(({"scheduled_time": time}, "by-hand") for time in NO_TIMES),
        ([], "by-hand"),
        (7, "by-hand"),
        ("text", "by-hand"),
        (None, "by-hand"),
    ],
)
def test_an_ended_run_has_the_name_that_it_gave_itself(given: Any, run: str) -> None:
    described = {"Name": "by-hand", "Status": "ABORTED", "Input": json.dumps(given)}
    walked = watched(ended_execution("ABORTED"), **{WatchState.DESCRIBE_EXECUTION: described})
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert outcome["run_id"] == run
    assert message_of(outcome).subject == f"ccapi dev: {run} STOPPED by an operator"
    assert walked.called("ReadPlan")[0].arguments["Key"] == f"runs/{run}/plan.json"


@pytest.mark.parametrize(
    ("of_event", "run"),
    [
        ({}, "by-hand"),
        ({"input": None}, "by-hand"),
        ({"input": '{"run_id": "2026-W40"}'}, "2026-W40"),
    ],
)
def test_an_execution_whose_input_is_not_described_has_that_of_the_event_or_is_named_by_itself(
    of_event: Json, run: str
) -> None:
    walked = watched(
        ended_execution(**of_event),
        **{WatchState.DESCRIBE_EXECUTION: {"Name": "by-hand", "Status": "TIMED_OUT"}},
    )
    assert outcome_of(walked, WatchState.REPORT_END)["run_id"] == run


@pytest.mark.parametrize("error", [errors.REPORTED, errors.PARTIAL, errors.NOT_REPORTED])
def test_metrics_that_the_run_published_are_not_published_again(error: str) -> None:
    found = deepcopy(UNREPORTED)
    found["Payload"]["unreported"][0]["outcome"]["error"] = error
    walked = watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: found})
    assert outcome_of(walked, WatchState.REPORT_END)["error"] == error
    assert not walked.called(WatchState.PUBLISH_END)


def test_each_end_of_a_redriven_execution_is_an_event_of_its_own() -> None:
    ids = [
        message_of(outcome_of(watched(ended_execution(redriveCount=count)), WatchState.REPORT_END)).id
        for count in (0, 1, 2)
    ]
    assert ids == [f"execution/{EXECUTION}/failed{end}" for end in ("", "/redrive-1", "/redrive-2")]


def test_the_message_of_an_unreported_execution_names_the_others() -> None:
    outcome = outcome_of(
        watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: UNREPORTED}), WatchState.REPORT_END
    )
    line = "1 more execution ended without a report: by-hand-2 (failed)."
    assert line in text_of(outcome)
    many = [{"execution": f"{EXECUTION}-{number}", "status": "aborted"} for number in range(12)]
    assert "by-hand-9 (stopped) and 2 more." in text_of({**outcome, "unreported": many})


def test_the_metrics_say_that_it_was_no_success() -> None:
    settings = settings_of("dev")
    prices = stack_prices(settings)
    assert prices is not None
    attempts = 1 + settings.run.start_retries + settings.run.worker_retries
    assert metrics_of(watched(ended_execution()), WatchState.PUBLISH_END) == {
        "WeeklyMonitoringSuccess": 0,
        "WeeklyMonitoringPartial": 0,
        "ExecutionDuration": 125,
        # The sum of two workers for the whole time at the price of later attempts, a minute for each attempt,
        # and everything else.
        "EstimatedRunCostUsd": pytest.approx(
            float(2 * (125 + 60 * attempts) * prices.later + 6 * 60 * prices.validation + prices.run),
            abs=0.0001,
        ),
    }


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (summary(1, 1), ["Monitored: 1 of 1 region. "]),
        (
            summary(2, 0, failures=[{"region": "brebes, tegal", "error": "The run was stopped."}]),
            ["Monitored: 0 of 2 regions. ", "\n- The run was stopped.\n  brebes, tegal\n"],
        ),
        (
            summary(
                3,
                1,
                failures=[
                    {"region": "brebes", "error": "No image."},
                    {"region": "tegal", "error": "Stopped."},
                ],
                log_stream="worker/monitor/1",
            ),
            ["Monitored: 1 of 3 regions. ", "\n- No image.\n  brebes\n- Stopped.\n  tegal\n"],
        ),
    ],
)
def test_an_outcome_has_how_far_the_run_came(answer: Json, lines: list[str]) -> None:
    plan = planned(*map(str, range(answer["regions"])))
    walked = watched(ended_execution(), ReadPlan=plan, SummarizeRun={**answer, "warnings": ["no report"]})
    outcome = outcome_of(walked, WatchState.REPORT_END)
    for field in "regions", "succeeded", "failures", "period", "log_stream":
        assert outcome[field] == answer[field]
    assert outcome["warnings"] == ["no report"]
    assert outcome["is_summarized"] is True
    assert outcome["usual"] == LAST_SUCCESS
    text = text_of(outcome)
    assert all(line in text for line in lines)
    assert "\nDuration: 2 min 5 s (the last full success took 1 h 31 min)\n" in text
    assert walked.called("ReadPlan")[0].arguments["Key"] == "runs/by-hand/plan.json"


MANY = tuple(f"region_{number:05}" for number in range(29_000))


@pytest.mark.parametrize(
    ("plan", "regions"),
    [
        (planned("brebes"), 1),
        (planned(*MANY), 29_000),
        (planned("brebes", has_count=False), 1),
        (planned("brebes", "tegal", has_count=False), 2),
        # Only the whole of a plan without a count can be counted.
        (planned(*MANY, has_count=False), None),
    ],
)
def test_the_regions_of_a_run_without_summary_are_counted_in_the_beginning_of_its_plan(
    plan: Json, regions: int | None
) -> None:
    walked = watched(ended_execution(), ReadPlan=plan, SummarizeRun=FAULTS)
    assert outcome_of(walked, WatchState.REPORT_END)["regions"] == regions
    assert walked.called("ReadPlan")[0].arguments["Range"] == "bytes=0-99999"
    assert max(walked.payloads.values()) <= 262_144


@pytest.mark.parametrize(
    ("status", "ended_as"), [("TIMED_OUT", "timed_out"), ("ABORTED", "aborted"), ("FAILED", "failed")]
)
def test_a_run_that_ended_silently_is_reduced_after_its_workers_are_stopped(
    status: str, ended_as: str
) -> None:
    walked = watched(ended_execution(status), **with_workers(worker("1")))
    (call,) = walked.called("SummarizeRun")
    environment = environment_of(call)
    assert environment["RUN_STATUS"] == ended_as
    assert environment["RUN_ID"] == "by-hand"
    assert call.arguments["Overrides"]["ContainerOverrides"][0]["Command"] == ["summarize"]
    order = [walked.path.index(state) for state in ("StopWorker", "SummarizeRun", WatchState.REPORT_END)]
    assert order == sorted(order)


def test_a_run_that_never_had_a_plan_is_not_reduced_and_no_fault_of_the_watch() -> None:
    nothing = {state: raises(Failed(NO_SUCCESS_YET[0]), FAULT) for state in ("ReadPlan", "ReadUsualDuration")}
    walked = watched(ended_execution(), **nothing)
    message = text_of(outcome_of(walked, WatchState.REPORT_END))
    assert walked.called("SummarizeRun") == []
    assert "\nIt ended before its regions were planned, so none was started.\n" in message
    assert "\nDuration: 2 min 5 s\n" in message
    assert "To start the run again" in message
    assert walked.failed is None


def test_an_unreadable_plan_makes_the_number_of_regions_unknown() -> None:
    outcome = outcome_of(
        watched(ended_execution("FAILED", error="X"), ReadPlan=FAULTS), WatchState.REPORT_END
    )
    assert outcome["regions"] is None
    text = text_of(outcome)
    assert "before any region" not in text
    assert "it is not known how many regions were planned and monitored" in text
    assert '"run_id":"by-hand"' in text
    bare = watched(ended_execution(), ReadPlan=FAULTS, **{WatchState.REPORT_END: FAULTS}).called(
        WatchState.PUBLISH_OUTCOME
    )
    assert json.loads(bare[0].arguments["Message"])["regions"] is None


def test_the_outcome_has_the_planned_regions_if_the_summary_fails() -> None:
    outcome = outcome_of(watched(ended_execution(), SummarizeRun=FAULTS), WatchState.REPORT_END)
    assert (outcome["regions"], outcome["is_summarized"]) == (2, False)
    text = text_of(outcome)
    assert "Monitored: not known, of 2 planned regions." in text
    assert '"run_id":"by-hand"' in text


@pytest.mark.parametrize(
    "state",
    [
        WatchState.LOAD_SETTINGS,
        "ReadPlan",
        "SummarizeRun",
        "ReadUsualDuration",
        WatchState.PUBLISH_END,
        WatchState.REPORT_END,
        "FindWorkers",
    ],
)
def test_a_fault_keeps_nothing_else_from_being_done_and_fails_the_watch(state: str) -> None:
    answers = with_workers(worker("1")) | {state: FAULTS}
    walked = watched(ended_execution(), **answers)
    assert walked.called(WatchState.REPORT_END)
    assert stopped_workers(walked) == ([] if state == "FindWorkers" else ["1"])
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


@pytest.mark.parametrize("is_included", [True, False])
def test_an_execution_that_cannot_be_described_is_reported_from_its_event_and_fails_the_watch(
    is_included: bool,
) -> None:
    known = {"input": '{"run_id": "2026-W40"}'} if is_included else {}
    event = ended_execution("FAILED", error="States.Runtime", cause="no such state", **known)
    walked = watched(event, **with_workers(worker("1")), **{WatchState.DESCRIBE_EXECUTION: FAULTS})
    assert stopped_workers(walked) == ["1"]
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert (outcome["status"], outcome["error"], outcome["cause"]) == (
        "failed",
        "States.Runtime",
        "no such state",
    )
    assert outcome["run_id"] == ("2026-W40" if is_included else "by-hand")
    assert outcome["regions"] == 2
    assert outcome["input"] == ({"run_id": "2026-W40"} if is_included else None)
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


@pytest.mark.parametrize(
    ("of_event", "regions", "command"),
    [
        # A start with the defaults would be another run.
        ({"input": None}, None, "# aws stepfunctions start-execution"),
        ({}, None, "# aws stepfunctions start-execution"),
        ({"input": "{}"}, 0, "aws stepfunctions start-execution"),
    ],
)
def test_an_input_that_is_not_known_is_not_taken_for_an_empty_one(
    of_event: Json, regions: int | None, command: str
) -> None:
    walked = watched(
        ended_execution("TIMED_OUT", **of_event),
        **{WatchState.DESCRIBE_EXECUTION: FAULTS, "ReadPlan": raises(Failed(NO_SUCCESS_YET[0]))},
    )
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert outcome["regions"] == regions
    assert message_of(outcome).commands[-1].line.startswith(command)
    assert ("It ended before its regions were planned" in text_of(outcome)) is (regions == 0)


def test_a_validation_that_cannot_be_described_is_known_by_its_event() -> None:
    event = ended_execution("ABORTED", input='{"validate_only": true}')
    assert not watched(event, **{WatchState.DESCRIBE_EXECUTION: FAULTS}).called(WatchState.REPORT_END)


def test_an_execution_that_reported_and_cannot_be_described_is_not_reported_again() -> None:
    event = ended_execution("FAILED", error=errors.REPORTED)
    assert not watched(event, **{WatchState.DESCRIBE_EXECUTION: FAULTS}).called(WatchState.REPORT_END)


def test_without_the_run_settings_the_cost_is_not_known() -> None:
    outcome = outcome_of(
        watched(ended_execution(), **{WatchState.LOAD_SETTINGS: FAULTS}), WatchState.REPORT_END
    )
    assert outcome["usd"] == 0
    assert "Cost: not known" in text_of(outcome)


# A failing reporter


@pytest.mark.parametrize("fault", REPORTER_FAULTS, ids=lambda fault: fault.error)
@pytest.mark.parametrize("is_missed", [True, False])
def test_the_watch_publishes_the_bare_outcome_and_fails_if_the_reporter_fails(
    fault: Failed, is_missed: bool
) -> None:
    state = WatchState.REPORT_MISSED if is_missed else WatchState.REPORT_END
    given: Json = since(now(hours=MISSED_AFTER_HOURS + 1)) if is_missed else {}
    event = SWEEP_INPUT if is_missed else ended_execution()
    walked = watched(event, **given, **{state: fails(fault)})
    assert len(walked.called(state)) == 1 + REPORT.max_attempts
    (call,) = walked.called(WatchState.PUBLISH_OUTCOME)
    assert call.arguments["TopicArn"] == NAMES.topic_arn("failure")
    published, reported = json.loads(call.arguments["Message"]), outcome_of(walked, state)
    assert {**reported, "regions": published["regions"], "run_id": published["run_id"]} == {
        **reported,
        **published,
    }
    assert published["status"] == reported["status"]
    assert walked.failed == Failed(fault.error, fault.cause)


@pytest.mark.parametrize("is_missed", [True, False])
def test_the_watch_fails_with_the_last_error_if_nothing_can_be_sent(is_missed: bool) -> None:
    state = WatchState.REPORT_MISSED if is_missed else WatchState.REPORT_END
    given: Json = since(now(hours=MISSED_AFTER_HOURS + 1)) if is_missed else {}
    event = SWEEP_INPUT if is_missed else ended_execution()
    answers = {state: fails(REPORTER_FAULTS[0]), WatchState.PUBLISH_OUTCOME: FAULTS}
    walked = watched(event, **given, **answers)
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


@pytest.mark.parametrize("fault", REPORTER_FAULTS, ids=lambda fault: fault.error)
def test_a_sweep_for_unreported_executions_that_fails_is_a_fault_of_the_watch(fault: Failed) -> None:
    walked = watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: fails(fault)})
    assert walked.failed == Failed(fault.error, fault.cause)
    assert walked.called(WatchState.PUBLISH_HOURS)


def test_an_earlier_fault_is_kept_if_the_sweep_for_unreported_executions_fails_too() -> None:
    faults = {WatchState.PUBLISH_HOURS: FAULTS, WatchState.FIND_UNREPORTED: fails(REPORTER_FAULTS[0])}
    assert watched(SWEEP_INPUT, **faults).failed == Failed(FAULT.error, FAULT.cause)


# An unreported execution


@pytest.mark.parametrize("payload", [{"unreported": []}, {}])
def test_a_sweep_that_finds_every_execution_reported_ends_well(payload: Json) -> None:
    walked = watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: {"Payload": payload}})
    assert walked.path[-3:] == [WatchState.CHECK_UNREPORTED, WatchState.CHECK_FAILURE, WatchState.DONE]
    assert walked.called(WatchState.FIND_UNREPORTED)[0].arguments == {
        "FunctionName": NAMES.reporter_arn,
        "Payload": {"sweep": True},
    }
    assert not walked.called(WatchState.REPORT_END)


def test_an_execution_that_was_not_reported_is_summed_up_and_reported_by_the_sweep() -> None:
    walked = watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: UNREPORTED})
    found = UNREPORTED["Payload"]["unreported"][0]
    outcome = outcome_of(walked, WatchState.REPORT_END)
    assert {**outcome, **found["outcome"]} == outcome
    assert (outcome["run_id"], outcome["input"]) == ("by-hand", found["input"])
    assert (outcome["regions"], outcome["succeeded"], outcome["is_summarized"]) == (2, 1, True)
    assert outcome["usd"] > 0
    assert walked.called("SummarizeRun")
    # The run is not recent: its metrics were published when it ended.
    assert metrics_of(walked, WatchState.PUBLISH_END)["ExecutionDuration"] == 10_800
    assert walked.failed is None


def test_a_missed_run_does_not_hide_an_execution_that_was_not_reported() -> None:
    answers = since(now(hours=MISSED_AFTER_HOURS + 1))
    walked = watched(SWEEP_INPUT, **answers, **{WatchState.FIND_UNREPORTED: UNREPORTED})
    assert outcome_of(walked, WatchState.REPORT_MISSED)["status"] == "missed"
    assert outcome_of(walked, WatchState.REPORT_END)["status"] == "timed_out"


# The sweep


@pytest.mark.parametrize("given", [SWEEP_INPUT, ended_execution()])
@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        ([], []),
        ([worker("1")], ["1"]),
        ([worker("1"), worker("2")], ["1", "2"]),
        # An operator started it, or a revision did that did not name its execution yet.
        ([worker("1", None)], []),
        ([worker("1", None), worker("2")], ["2"]),
        ([{"TaskArn": "1"}], []),
    ],
)
def test_workers_whose_execution_has_ended_are_stopped(
    given: Json, workers: list[Json], expected: list[str]
) -> None:
    walked = watched(given, **with_workers(*workers))
    assert stopped_workers(walked) == expected
    assert walked.failed is None


@pytest.mark.parametrize(
    ("status", "is_over"),
    [
        ("RUNNING", False),
        ("PENDING_REDRIVE", False),
        ("SUCCEEDED", True),
        ("FAILED", True),
        ("TIMED_OUT", True),
        ("ABORTED", True),
    ],
)
def test_a_worker_is_left_alone_as_long_as_its_execution_runs(status: str, is_over: bool) -> None:
    walked = watched(SWEEP_INPUT, **with_workers(worker("1"), DescribeOwner={"Status": status}))
    assert stopped_workers(walked) == (["1"] if is_over else [])
    assert walked.called("DescribeOwner")[0].arguments == {"ExecutionArn": EXECUTION}


def test_a_worker_whose_execution_aws_has_forgotten_is_stopped() -> None:
    gone = raises(Failed(errors.EXECUTION_GONE[0]), Failed(errors.EXECUTION_GONE[0]))
    walked = watched(SWEEP_INPUT, **with_workers(worker("1"), DescribeOwner=gone))
    assert stopped_workers(walked) == ["1"]
    assert len(walked.called("DescribeOwner")) == 1


@pytest.mark.parametrize("state", ["DescribeOwner", "StopWorker"])
def test_a_worker_that_cannot_be_stopped_keeps_no_other_from_it_and_fails_the_watch(state: str) -> None:
    def answer(call: Call) -> Json:
        if "first" in json.dumps(call.arguments):
            raise FAULT
        return {"Status": "FAILED"}

    workers = [worker("first", "first"), worker("second", "second")]
    walked = watched(SWEEP_INPUT, **with_workers(*workers) | {state: answer})
    assert "second" in stopped_workers(walked)
    assert walked.called(WatchState.PUBLISH_HOURS)
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


def test_an_error_on_one_page_of_workers_is_kept_after_the_next_page() -> None:
    pages = iter([{"TaskArns": ["1"], "NextToken": "2"}, {"TaskArns": ["2"]}])
    stops = raises(*[FAULT] * 2, then={})
    answers = with_workers(worker("1"), FindWorkers=lambda _: next(pages), StopWorker=stops)
    walked = watched(SWEEP_INPUT, **answers)
    assert len(walked.called("FindWorkers")) == 2
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


# Metrics


@pytest.mark.parametrize(
    ("state", "changed_hours", "success_hours", "expected"),
    [
        ("ENABLED", 30, 5, 5),
        ("ENABLED", 30, 300, 30),
        ("ENABLED", 30, None, 30),
        ("ENABLED", -3, None, 0),
        ("DISABLED", 300, 300, 0),
        ("DISABLED", 300, None, 0),
    ],
)
def test_the_hours_count_from_the_last_success_or_the_last_change_of_the_schedule(
    state: str, changed_hours: float, success_hours: float | None, expected: float
) -> None:
    answers: Json = {
        WatchState.READ_SCHEDULE: {"State": state, "LastModificationDate": now(hours=changed_hours)},
        WatchState.READ_LAST_SUCCESS: raises(Failed(NO_SUCCESS_YET[0]), FAULT)
        if success_hours is None
        else {"Body": json.dumps({"run": "2026-W48", "at": now(hours=success_hours)})},
    }
    walked = watched(SWEEP_INPUT, **answers)
    metrics = metrics_of(walked, WatchState.PUBLISH_HOURS)
    assert metrics == {"HoursSinceLastSuccess": pytest.approx(expected, abs=0.02)}
    assert walked.failed is None


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (WatchState.READ_SCHEDULE, FAULTS),
        (WatchState.READ_LAST_SUCCESS, FAULTS),
        (WatchState.READ_LAST_SUCCESS, {"Body": "{"}),
        (WatchState.PUBLISH_HOURS, FAULTS),
    ],
)
def test_hours_that_cannot_be_computed_or_published_fail_the_watch_machine(state: str, answer: Any) -> None:
    assert watched(SWEEP_INPUT, **{state: answer}).failed is not None


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"run": "2026-W48"}),
        json.dumps({"run": 48, "at": "2026-11-23T06:00:00Z"}),
        json.dumps({"run": "2026-W48", "at": "on Monday"}),
        # A year that no clock of a test reaches, and that is the same at each collection.
        json.dumps({"run": "2927-W48", "at": "2927-11-29T00:00:00Z"}),
    ],
)
def test_a_last_success_that_cannot_be_or_is_in_the_future_is_named_and_not_believed(body: str) -> None:
    answers = {
        WatchState.READ_SCHEDULE: {"State": "ENABLED", "LastModificationDate": now(hours=9)},
        WatchState.READ_LAST_SUCCESS: {"Body": body},
    }
    walked = watched(SWEEP_INPUT, **answers)
    assert metrics_of(walked, WatchState.PUBLISH_HOURS)["HoursSinceLastSuccess"] == pytest.approx(9, abs=0.1)
    assert walked.failed is not None
    assert walked.failed.error == errors.STATE_UNREADABLE
    assert walked.failed.cause.startswith("s3://ccapi-cache-dev-111111111111/state/last-success.json ")


@pytest.mark.parametrize(
    ("late_hours", "is_late"), [(-0.1, False), (0.1, True), (3.9, True), (4.1, True), (400, True)]
)
def test_a_week_without_a_run_is_reported_by_each_sweep(late_hours: float, is_late: bool) -> None:
    moment = now(hours=MISSED_AFTER_HOURS + late_hours)
    walked = watched(SWEEP_INPUT, **since(moment))
    assert bool(walked.called(WatchState.REPORT_MISSED)) == is_late
    if is_late:
        outcome = outcome_of(walked, WatchState.REPORT_MISSED)
        assert outcome["status"] == "missed"
        assert outcome["hours"] == pytest.approx(MISSED_AFTER_HOURS + late_hours, abs=0.02)
        assert outcome["last_run"] == "2026-W46"
        rounded = datetime.fromisoformat(moment) - datetime.fromisoformat(outcome["since"])
        assert timedelta(0) <= rounded < timedelta(milliseconds=1)
        message = message_of(outcome)
        assert message.subject.startswith("ccapi dev: no run has succeeded for ")
        assert NAMES.machine_arn in message.commands[-1].line


def test_the_reports_of_one_missed_success_are_one_message() -> None:
    moment = now(hours=MISSED_AFTER_HOURS + 1)
    walks = [watched(SWEEP_INPUT, **since(moment)) for _ in range(2)]
    first, second = (message_of(outcome_of(walked, WatchState.REPORT_MISSED)) for walked in walks)
    assert first.id == second.id


def test_a_start_is_not_missed_while_the_schedule_is_disabled() -> None:
    moment = now(hours=MISSED_AFTER_HOURS + 1)
    assert not watched(SWEEP_INPUT, **since(moment, "DISABLED")).called(WatchState.REPORT_MISSED)


def test_before_the_first_success_there_is_no_last_success() -> None:
    answers = since(now(hours=MISSED_AFTER_HOURS + 1))
    answers[WatchState.READ_LAST_SUCCESS] = raises(Failed(NO_SUCCESS_YET[0]))
    outcome = outcome_of(watched(SWEEP_INPUT, **answers), WatchState.REPORT_MISSED)
    assert outcome["last_run"] == ""
    assert "\nNo run that succeeded is on record.\n" in text_of(outcome)


def test_only_the_schedule_has_the_hours_published() -> None:
    assert not watched(ended_execution()).called(WatchState.PUBLISH_HOURS)


# Addresses without mail


CONFIRMED = "arn:aws:sns:us-east-1:111111111111:topic:id"
PENDING, DELETED = "PendingConfirmation", "Deleted"


@pytest.mark.parametrize(
    ("failure", "alarms", "success", "missing"),
    [
        ([CONFIRMED], [CONFIRMED], [CONFIRMED, CONFIRMED], 0),
        ([CONFIRMED], [PENDING], [CONFIRMED, CONFIRMED], 1),
        ([PENDING], [PENDING], [PENDING, PENDING], 4),
        # The subscription was never confirmed, and SNS deleted it after 48 hours.
        ([], [], [CONFIRMED, CONFIRMED], 2),
        ([CONFIRMED], [DELETED], [DELETED], 3),
        # An address subscribed by hand to one topic does not count for the other topics.
        ([CONFIRMED, CONFIRMED, CONFIRMED], [CONFIRMED, CONFIRMED], [PENDING], 2),
    ],
)
def test_addresses_without_a_confirmed_subscription_are_counted(
    failure: list[str], alarms: list[str], success: list[str], missing: int
) -> None:
    answers = {
        "ListFailureSubscriptions": subscribed(*failure),
        "ListAlarmsSubscriptions": subscribed(*alarms),
        "ListSuccessSubscriptions": subscribed(*success),
    }
    walked = watched_with(WITH_EACH_LIST, SWEEP_INPUT, answers)

    # A metric is billed for each hour in which it has a value; without one its alarm is OK.
    published = walked.called("PublishSubscriptions")
    assert bool(published) == (missing > 0)
    if published:
        assert metrics_of(walked, "PublishSubscriptions") == {"SubscriptionsMissing": missing}
    assert walked.failed is None


def test_a_topic_without_any_subscription_has_none_that_is_confirmed() -> None:
    walked = watched(SWEEP_INPUT, ListFailureSubscriptions={"Subscriptions": []})

    assert metrics_of(walked, "PublishSubscriptions")["SubscriptionsMissing"] == 1


def test_a_list_without_addresses_makes_no_call() -> None:
    states = dict(states_of(definition(settings_of("dev"), NAMES)))
    assert {name for name in states if name.endswith("Subscriptions")} == {
        "ListFailureSubscriptions",
        "CheckSubscriptions",
        "PublishSubscriptions",
    }


@pytest.mark.parametrize(
    "state",
    [
        "ListFailureSubscriptions",
        "ListSuccessSubscriptions",
        "ListAlarmsSubscriptions",
        "PublishSubscriptions",
    ],
)
def test_the_watch_does_the_rest_and_fails_if_subscriptions_cannot_be_counted(state: str) -> None:
    answers = {f"List{topic}Subscriptions": subscribed() for topic in ("Failure", "Success", "Alarms")}
    walked = watched_with(WITH_EACH_LIST, SWEEP_INPUT, {**answers, state: FAULTS})

    assert walked.called(WatchState.PUBLISH_HOURS)
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


def test_no_address_is_in_the_definition() -> None:
    assert "@example.com" not in json.dumps(definition(settings_of("dev"), NAMES))


# Invalid input


@pytest.mark.parametrize(
    "given", [{}, [], "text", 1, {"sweep": False}, {"sweep": "true"}, {"detail-type": "Other"}]
)
def test_an_unknown_watch_input_is_refused(given: Any) -> None:
    walked = watched(given)
    assert walked.calls == []
    assert walked.failed is not None
    assert walked.failed.error == "Ccapi.InputNotUnderstood"


# The machine


def test_all_paths_together_evaluate_every_expression() -> None:
    evaluated = set().union(*(walked.evaluated for walked in every_way()))
    assert set(expressions_in(definition(settings_of("dev"), NAMES))) == evaluated


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_cfn_lint_finds_nothing_wrong(environment: str) -> None:
    machine = definition(settings_of(environment), names_of(environment))
    assert lint_findings(machine) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_call_is_bounded_caught_and_all_of_them_fit_into_the_timeout(environment: str) -> None:
    machine = watch_machine(settings_of(environment), names_of(environment))
    for name, state in states_of(machine.definition):
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"] > 0, name
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name
    analysis = analyse(machine.definition, Bounds(items_of=machine.max_items))
    assert analysis.worst_case_seconds is not None, analysis.unbounded
    assert analysis.worst_case_seconds <= watch_timeout_seconds(settings_of(environment).worker)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_role_allows_only_the_calls_of_the_states(environment: str) -> None:
    machine = watch_machine(settings_of(environment), names_of(environment))
    called = {
        state["Resource"].partition(":states:::")[2]
        for _, state in states_of(machine.definition)
        if state["Type"] == "Task"
    }
    allowed = {action for permission in machine.permissions for action in permission.actions}
    assert allowed == set().union(*(ACTIONS[call] for call in called))


def test_the_definition_reads_as_expected(update_golden: bool) -> None:
    generated = definition(settings_of("local"), names_of("local"))
    text = json.dumps(generated, ensure_ascii=False, indent=2) + "\n"
    assert golden("watch-machine.local.asl.json", text, update=update_golden) == text


# The rules that start it


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return true if a pattern of values and prefixes matches an event."""
    return all(
        matches(wanted, event.get(key, {}))
        if isinstance(wanted, Mapping)
        else any(
            event.get(key) == one
            or (isinstance(one, Mapping) and str(event.get(key)).startswith(one["prefix"]))
            for one in wanted
        )
        for key, wanted in pattern.items()
    )


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        ({}, True),
        ({"lastStatus": "RUNNING"}, False),
        ({"clusterArn": "arn:aws:ecs:us-east-1:111111111111:cluster/other"}, False),
        ({"group": "ccapi-dev-2/2026-W48"}, False),
        ({"group": "family:ccapi-monitor-dev"}, False),
    ],
)
def test_a_stopped_task_of_this_stack_starts_the_watch_and_no_other(change: Json, starts: bool) -> None:
    event = deepcopy(stopped_task(**change))
    found = [what for what, pattern in patterns(NAMES).items() if matches(pattern, event)]
    assert found == (["task-stopped"] if starts else [])


@pytest.mark.parametrize(
    ("status", "change", "starts"),
    [
        ("FAILED", {}, True),
        ("TIMED_OUT", {}, True),
        ("ABORTED", {}, True),
        ("RUNNING", {}, False),
        ("SUCCEEDED", {}, False),
        # Not even events of the watch machine itself match: it would start itself endlessly.
        ("FAILED", {"stateMachineArn": NAMES.watch_arn}, False),
        ("FAILED", {"executionArn": f"{NAMES.arn('states', f'execution:{NAMES.shard_machine}')}:1"}, False),
    ],
)
def test_only_a_failed_run_starts_the_watch_machine(status: str, change: Json, starts: bool) -> None:
    event = ended_execution(status, **change)
    found = [what for what, pattern in patterns(NAMES).items() if matches(pattern, event)]
    assert found == (["execution-ended"] if starts else [])


def test_the_log_stream_is_named_as_the_task_definition_has_it() -> None:
    assert (LOG_STREAM_PREFIX, CONTAINER) == ("worker", "monitor")
