"""What the watch does with each thing that starts it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from components import failures
from components.cost.unit_prices import unit_prices
from components.failures import NO_SUCCESS_YET
from components.integrations import CONTAINER, LOG_STREAM_PREFIX
from components.settings.bounds import WATCH_TIMEOUT_SECONDS
from components.watch import ANSWERED, SWEEP_INPUT, Watch, definition, watch_machine
from components.watcher import patterns
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from tests.components.machines import ACTIONS, expressions_in, lint_findings, states_of
from tests.components.runs import NO_TIMES, environment_of, raises, summary
from tests.components.walk import Call, Failed, Walk
from tests.components.watches import (
    EXECUTION,
    FAULT,
    FAULTS,
    LINK,
    MISSED_AFTER_HOURS,
    MONITOR,
    NAMES,
    ended_execution,
    every_way,
    now,
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
    (call,) = walked.called(Watch.FAIL_WORKER)
    return dict(call.arguments)


def metrics_of(walked: Walk, state: str) -> dict[str, float]:
    (call,) = walked.called(state)
    return {datum["MetricName"]: datum["Value"] for datum in call.arguments["MetricData"]}


def stopped_workers(walked: Walk) -> list[str]:
    return [call.arguments["Task"] for call in walked.called("StopWorker")]


# A task that stopped


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        ("Worker.StartFailed", {"stopCode": "TaskFailedToStart", "containers": [{"name": CONTAINER}]}),
        ("Worker.Interrupted", {"stopCode": "SpotInterruption"}),
        ("Worker.Interrupted", {"stopCode": "TerminationNotice"}),
        ("Worker.Interrupted", {"stopCode": "UserInitiated"}),
        # A task that is stopped and does not end in time is killed.
        (
            "Worker.Interrupted",
            {"stopCode": "UserInitiated", "containers": [{"name": CONTAINER, "exitCode": 137}]},
        ),
        # Killed, and ECS reports no OutOfMemoryError.
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
def test_who_waits_for_a_worker_is_told_why_it_stopped(error: str, changes: Json) -> None:
    walked = watched(stopped_task(**changes))
    assert told(walked)["Error"] == error
    assert told(walked)["TaskToken"] == "a-token"
    assert walked.failed is None


def test_the_errors_are_those_that_a_worker_publishes_and_a_run_tries_again() -> None:
    errors = {failures.START_FAILED, failures.INTERRUPTED, failures.OUT_OF_MEMORY, failures.CRASHED}
    assert errors <= set(ErrorName)
    assert errors <= {*failures.COULD_NOT_START, *failures.WAS_LOST}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        (
            {},
            "Essential container in task exited (exit code 1). If it did so at once and its log says exec format "
            f"error, the image is built for another processor. Log: {LINK}",
        ),
        (
            {"containers": [{"name": CONTAINER, "exitCode": 2}]},
            f"Essential container in task exited (exit code 2). Log: {LINK}",
        ),
        (
            {"containers": [{"name": CONTAINER, "exitCode": 137, "reason": "OutOfMemoryError: killed"}]},
            "OutOfMemoryError: killed; Essential container in task exited (exit code 137, which is signal 9). "
            f"Log: {LINK}",
        ),
        (
            {"stoppedReason": "CannotStartContainerError: exec format error", "containers": None},
            "CannotStartContainerError: exec format error. The image is built for another processor than X86_64: "
            f"build it for that, or write the image's as ccapi:worker.architecture. Log: {LINK}",
        ),
        (
            {
                "stopCode": "TaskFailedToStart",
                "stoppedReason": "CannotPullContainerError: not found",
                "startedAt": None,
                "containers": None,
            },
            "CannotPullContainerError: not found. It never started.",
        ),
        (
            {"stoppedReason": None, "containers": [{"name": CONTAINER, "exitCode": None}]},
            f"The task stopped. Log: {LINK}",
        ),
    ],
)
def test_the_cause_says_what_is_known_and_where_the_log_is(changes: Json, cause: str) -> None:
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
def test_for_a_task_that_nobody_waits_for_there_is_nothing_to_do(overrides: Json | None) -> None:
    walked = watched(stopped_task(overrides=overrides))
    assert walked.calls == []
    assert walked.output == {}


@pytest.mark.parametrize("error", ANSWERED)
def test_a_worker_that_has_answered_already_is_no_fault(error: str) -> None:
    walked = watched(stopped_task(), **{Watch.FAIL_WORKER: raises(Failed(error))})
    assert len(walked.called(Watch.FAIL_WORKER)) == 1
    assert walked.output == {}


def test_an_answer_that_fails_is_tried_again_and_at_last_fails_the_watch() -> None:
    assert watched(stopped_task(), **{Watch.FAIL_WORKER: raises(FAULT, then={})}).failed is None
    walked = watched(stopped_task(), **{Watch.FAIL_WORKER: FAULTS})
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


# An execution that ended


@pytest.mark.parametrize("error", [failures.ALREADY_TOLD, failures.PARTIAL])
@pytest.mark.parametrize("described", [True, False])
def test_a_run_that_has_told_people_itself_is_not_told_again(error: str, described: bool) -> None:
    # A description may be a moment behind the event.
    answer = {"Name": "by-hand", "Status": "FAILED" if described else "RUNNING", "Input": "{}"}
    walked = watched(
        ended_execution("FAILED", error=error),
        **{Watch.DESCRIBE_EXECUTION: answer | ({"Error": error} if described else {})},
    )
    assert not walked.called(Watch.NOTIFY_END)
    assert walked.output == {}


@pytest.mark.parametrize(
    ("status", "answer", "subject", "text"),
    [
        (
            "TIMED_OUT",
            {},
            "ccapi dev: by-hand TIMED OUT",
            f"The run by-hand was ended after the {settings_of('dev').run.timeout_seconds} s that it may take.\n",
        ),
        (
            "ABORTED",
            {"Error": "Operator", "Cause": "it was the wrong week"},
            "ccapi dev: by-hand ABORTED",
            "The run by-hand was stopped by hand.\nError: Operator\nCause: it was the wrong week\n",
        ),
        (
            "FAILED",
            {"Error": "States.Runtime", "Cause": "An error occurred while executing the state"},
            "ccapi dev: by-hand FAILED",
            "The run by-hand failed by an error that none of its states could catch.\n"
            "Error: States.Runtime\nCause: An error occurred while executing the state\n",
        ),
    ],
)
def test_an_end_that_no_state_saw_is_told_in_words(
    status: str, answer: Json, subject: str, text: str
) -> None:
    described = {"Name": "by-hand", "Status": status, "Input": "{}", **answer}
    walked = watched(ended_execution(status), **{Watch.DESCRIBE_EXECUTION: described})
    (call,) = walked.called(Watch.NOTIFY_END)
    assert call.arguments["TopicArn"] == NAMES.topic_arn("failure")
    assert call.arguments["Subject"] == subject
    assert call.arguments["Message"].startswith(text)
    assert walked.output == {}


def test_what_is_told_of_an_end_leads_on() -> None:
    described = {"Name": "by-hand", "Status": "TIMED_OUT", "Input": '{"regions_count": 3}'}
    walked = watched(ended_execution(), **{Watch.DESCRIBE_EXECUTION: described})
    (call,) = walked.called(Watch.NOTIFY_END)
    body = call.arguments["Message"]
    assert f"details/{EXECUTION}\n" in body
    assert NAMES.dashboard_url in body
    assert body.endswith(
        f'--state-machine-arn {NAMES.machine_arn} --input \'{{"regions_count":3,"run_id":"by-hand"}}\''
    )


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ({}, "by-hand"),
        ({"run_id": "2026-W40"}, "2026-W40"),
        ({"scheduled_time": "2026-11-23T06:00:00Z"}, "2026-W48"),
        ({"run_id": "no good name"}, "by-hand"),
        *(({"scheduled_time": time}, "by-hand") for time in NO_TIMES),
        ([], "by-hand"),
        ("text", "by-hand"),
        (None, "by-hand"),
    ],
)
def test_an_ended_run_has_the_name_that_it_gave_itself(given: Any, run: str) -> None:
    described = {"Name": "by-hand", "Status": "ABORTED", "Input": json.dumps(given)}
    walked = watched(ended_execution("ABORTED"), **{Watch.DESCRIBE_EXECUTION: described})
    (call,) = walked.called(Watch.NOTIFY_END)
    assert call.arguments["Subject"] == f"ccapi dev: {run} ABORTED"


def test_an_execution_whose_input_is_not_told_is_named_by_itself() -> None:
    walked = watched(
        ended_execution(), **{Watch.DESCRIBE_EXECUTION: {"Name": "by-hand", "Status": "TIMED_OUT"}}
    )
    assert "by-hand" in walked.called(Watch.NOTIFY_END)[0].arguments["Subject"]


def test_the_metrics_say_that_it_was_no_success() -> None:
    settings = settings_of("dev")
    prices = unit_prices(settings)
    assert prices is not None
    attempts = 1 + settings.run.start_retries + settings.run.worker_retries
    assert metrics_of(watched(ended_execution()), Watch.PUBLISH_END) == {
        "WeeklyMonitoringSuccess": 0,
        "WeeklyMonitoringPartial": 0,
        "ExecutionDuration": 125,
        # Two workers for all of it at the price of the later attempts, a minute for each attempt, and all else.
        "EstimatedRunCostUsd": pytest.approx(
            float(2 * (125 + 60 * attempts) * prices.later + 6 * 60 * prices.validation + prices.run),
            abs=0.0001,
        ),
    }


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (summary(1, 1), "1 of 1 regions were done."),
        (
            summary(2, 0, failures=[{"region": "brebes, tegal", "error": "The run was stopped."}]),
            "0 of 2 regions were done.\n- brebes, tegal: The run was stopped.",
        ),
        (
            summary(
                3,
                1,
                failures=[
                    {"region": "brebes", "error": "No image."},
                    {"region": "tegal", "error": "Stopped."},
                ],
            ),
            "1 of 3 regions were done.\n- brebes: No image.\n- tegal: Stopped.",
        ),
    ],
)
def test_what_is_told_of_an_end_says_how_far_it_came(answer: Json, lines: str) -> None:
    walked = watched(ended_execution(), SummarizeRun=answer)
    message = walked.called(Watch.NOTIFY_END)[0].arguments["Message"]
    assert f"\n{lines}\nWhat was finished is kept" in message
    assert "\nDuration: 2 min 5 s, the last good run took 90 min 32 s\n" in message
    assert walked.called("ReadPlan")[0].arguments["Key"] == "runs/by-hand/plan.json"


@pytest.mark.parametrize(
    ("status", "because"),
    [
        ("TIMED_OUT", "The run was ended by its timeout before this region was done."),
        ("ABORTED", "The run was stopped by hand before this region was done."),
        ("FAILED", "The run failed before this region was done."),
    ],
)
def test_a_run_that_ended_silently_is_reduced_after_its_workers_are_stopped(
    status: str, because: str
) -> None:
    walked = watched(ended_execution(status), **with_workers(worker("1")))
    (call,) = walked.called("SummarizeRun")
    environment = environment_of(call)
    assert environment["UNDONE_BECAUSE"] == because
    assert environment["RUN_ID"] == "by-hand"
    assert call.arguments["Overrides"]["ContainerOverrides"][0]["Command"] == ["summarize"]
    order = [walked.path.index(state) for state in ("StopWorker", "SummarizeRun", Watch.NOTIFY_END)]
    assert order == sorted(order)


def test_a_run_that_never_had_a_plan_is_not_reduced_and_no_fault_of_the_watch() -> None:
    nothing = {state: raises(Failed(NO_SUCCESS_YET[0]), FAULT) for state in ("ReadPlan", "ReadUsualDuration")}
    walked = watched(ended_execution(), **nothing)
    message = walked.called(Watch.NOTIFY_END)[0].arguments["Message"]
    assert walked.called("SummarizeRun") == []
    assert "\nIt had no plan yet, so no region was begun.\n" in message
    assert "\nDuration: 2 min 5 s\n" in message
    assert "To start it again" in message
    assert walked.failed is None


def test_where_the_summary_cannot_be_made_the_message_says_so() -> None:
    (call,) = watched(ended_execution(), SummarizeRun=FAULTS).called(Watch.NOTIFY_END)
    assert "\n2 regions were planned. How many are done is not known" in call.arguments["Message"]
    assert '"run_id":"by-hand"' in call.arguments["Message"]


@pytest.mark.parametrize(
    "state",
    [
        Watch.LOAD_SETTINGS,
        "ReadPlan",
        "SummarizeRun",
        "ReadUsualDuration",
        Watch.PUBLISH_END,
        Watch.NOTIFY_END,
        "FindWorkers",
    ],
)
def test_a_fault_keeps_nothing_else_from_being_done_and_fails_the_watch(state: str) -> None:
    answers = with_workers(worker("1")) | {state: FAULTS}
    walked = watched(ended_execution(), **answers)
    assert walked.called(Watch.NOTIFY_END)
    assert stopped_workers(walked) == ([] if state == "FindWorkers" else ["1"])
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


def test_an_execution_that_cannot_be_described_fails_the_watch_after_its_sweep() -> None:
    walked = watched(ended_execution(), **with_workers(worker("1")), **{Watch.DESCRIBE_EXECUTION: FAULTS})
    assert stopped_workers(walked) == ["1"]
    assert walked.failed is not None


# The sweep


@pytest.mark.parametrize("given", [SWEEP_INPUT, ended_execution()])
@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        ([], []),
        ([worker("1")], ["1"]),
        ([worker("1"), worker("2")], ["1", "2"]),
        # It was started by hand, or by a revision that did not tell yet.
        ([worker("1", None)], []),
        ([worker("1", None), worker("2")], ["2"]),
        ([{"TaskArn": "1"}], []),
    ],
)
def test_workers_whose_execution_is_over_are_stopped(
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
    gone = raises(Failed(failures.EXECUTION_GONE[0]), Failed(failures.EXECUTION_GONE[0]))
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
    assert metrics_of(walked, Watch.PUBLISH_HOURS)["WatchAlive"] == 1
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


def test_where_one_page_fails_another_does_not_hide_it() -> None:
    pages = iter([{"TaskArns": ["1"], "NextToken": "2"}, {"TaskArns": ["2"]}])
    stops = raises(*[FAULT] * 2, then={})
    answers = with_workers(worker("1"), FindWorkers=lambda _: next(pages), StopWorker=stops)
    walked = watched(SWEEP_INPUT, **answers)
    assert len(walked.called("FindWorkers")) == 2
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


# The metrics


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
        Watch.READ_SCHEDULE: {"State": state, "LastModificationDate": now(hours=changed_hours)},
        Watch.READ_LAST_SUCCESS: raises(Failed(NO_SUCCESS_YET[0]), FAULT)
        if success_hours is None
        else {"Body": json.dumps({"run": "2026-W48", "at": now(hours=success_hours)})},
    }
    walked = watched(SWEEP_INPUT, **answers)
    metrics = metrics_of(walked, Watch.PUBLISH_HOURS)
    assert metrics["HoursSinceLastSuccess"] == pytest.approx(expected, abs=0.02)
    assert metrics["WatchAlive"] == 1
    assert walked.failed is None


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (Watch.READ_SCHEDULE, FAULTS),
        (Watch.READ_LAST_SUCCESS, FAULTS),
        (Watch.READ_LAST_SUCCESS, {"Body": "{"}),
        (Watch.PUBLISH_HOURS, FAULTS),
    ],
)
def test_hours_that_cannot_be_told_fail_the_watch(state: str, answer: Any) -> None:
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
        # A year that no clock of a test reaches, and the same at each collection.
        json.dumps({"run": "2927-W48", "at": "2927-11-29T00:00:00Z"}),
    ],
)
def test_a_last_success_that_cannot_be_or_is_in_the_future_is_named_and_not_believed(body: str) -> None:
    answers = {
        Watch.READ_SCHEDULE: {"State": "ENABLED", "LastModificationDate": now(hours=9)},
        Watch.READ_LAST_SUCCESS: {"Body": body},
    }
    walked = watched(SWEEP_INPUT, **answers)
    assert metrics_of(walked, Watch.PUBLISH_HOURS)["HoursSinceLastSuccess"] == pytest.approx(9, abs=0.1)
    assert walked.failed is not None
    assert walked.failed.error == "Ccapi.StateUnreadable"
    assert "aws s3 rm s3://ccapi-cache-dev-111111111111/state/last-success.json" in walked.failed.cause


@pytest.mark.parametrize(
    ("late_hours", "told"), [(-0.1, False), (0.1, True), (3.9, True), (4.1, False), (400, False)]
)
def test_a_week_without_a_run_is_told_once_in_words(late_hours: float, told: bool) -> None:
    walked = watched(SWEEP_INPUT, **since(now(hours=MISSED_AFTER_HOURS + late_hours)))
    calls = walked.called(Watch.NOTIFY_MISSED)
    assert len(calls) == told
    for call in calls:
        assert (
            call.arguments["Subject"]
            == f"ccapi dev: no run has succeeded for {MISSED_AFTER_HOURS + int(late_hours)} hours"
        )
        assert "The last good run: 2026-W46\n" in call.arguments["Message"]
        assert call.arguments["Message"].endswith(
            f"start-execution --region us-east-1 --state-machine-arn {NAMES.machine_arn}"
        )


def test_what_is_paused_is_not_missed() -> None:
    moment = now(hours=MISSED_AFTER_HOURS + 1)
    assert not watched(SWEEP_INPUT, **since(moment, "DISABLED")).called(Watch.NOTIFY_MISSED)


def test_before_the_first_success_there_is_no_last_good_run() -> None:
    answers = since(now(hours=MISSED_AFTER_HOURS + 1))
    answers[Watch.READ_LAST_SUCCESS] = raises(Failed(NO_SUCCESS_YET[0]))
    (call,) = watched(SWEEP_INPUT, **answers).called(Watch.NOTIFY_MISSED)
    assert "The last good run: none yet\n" in call.arguments["Message"]


def test_a_miss_that_cannot_be_told_fails_the_watch() -> None:
    answers = since(now(hours=MISSED_AFTER_HOURS + 1)) | {Watch.NOTIFY_MISSED: FAULTS}
    assert watched(SWEEP_INPUT, **answers).failed is not None


def test_only_the_schedule_has_the_hours_published() -> None:
    assert not watched(ended_execution()).called(Watch.PUBLISH_HOURS)


# Addresses that get no mail


CONFIRMED = "arn:aws:sns:us-east-1:111111111111:topic:id"
PENDING, DELETED = "PendingConfirmation", "Deleted"


@pytest.mark.parametrize(
    ("failure", "success", "missing"),
    [
        ([CONFIRMED, CONFIRMED], [CONFIRMED, CONFIRMED], 0),
        ([CONFIRMED, PENDING], [CONFIRMED, CONFIRMED], 1),
        ([PENDING, PENDING], [PENDING, PENDING], 4),
        # Never confirmed, and gone after 48 hours.
        ([], [CONFIRMED, CONFIRMED], 2),
        ([CONFIRMED, DELETED], [DELETED], 3),
        # An address subscribed by hand to one topic does not count for the other topic.
        ([CONFIRMED, CONFIRMED, CONFIRMED], [PENDING], 2),
    ],
)
def test_addresses_without_a_confirmed_subscription_are_counted(
    failure: list[str], success: list[str], missing: int
) -> None:
    settings = settings_of(
        "dev",
        notifications={
            "failureEmails": ["a@example.com"],
            "alarmEmails": ["b@example.com"],
            "successEmails": ["c@example.com", "d@example.com"],
        },
    )
    answers = {
        "ListFailureSubscriptions": subscribed(*failure),
        "ListSuccessSubscriptions": subscribed(*success),
    }
    walked = watched_with(settings, SWEEP_INPUT, answers)

    assert metrics_of(walked, "PublishSubscriptions") == {"SubscriptionsMissing": missing}
    assert walked.failed is None


def test_a_topic_without_any_subscription_has_none_that_is_confirmed() -> None:
    walked = watched(SWEEP_INPUT, ListFailureSubscriptions={"Subscriptions": []})

    assert metrics_of(walked, "PublishSubscriptions")["SubscriptionsMissing"] == 1


@pytest.mark.parametrize(
    "state", ["ListFailureSubscriptions", "ListSuccessSubscriptions", "PublishSubscriptions"]
)
def test_where_subscriptions_cannot_be_counted_the_watch_does_the_rest_and_fails(state: str) -> None:
    walked = watched(SWEEP_INPUT, **{state: FAULTS})

    assert walked.called(Watch.PUBLISH_HOURS)
    assert walked.failed == Failed(FAULT.error, FAULT.cause)


def test_no_address_is_in_the_definition() -> None:
    assert "@example.com" not in json.dumps(definition(settings_of("dev"), NAMES))


# Anything else


@pytest.mark.parametrize(
    "given", [{}, [], "text", 1, {"sweep": False}, {"sweep": "true"}, {"detail-type": "Other"}]
)
def test_what_is_not_understood_is_refused(given: Any) -> None:
    walked = watched(given)
    assert walked.calls == []
    assert walked.failed is not None
    assert walked.failed.error == "Ccapi.InputNotUnderstood"


# The machine


def test_every_way_together_evaluates_every_expression() -> None:
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
    assert analysis.worst_case_seconds <= WATCH_TIMEOUT_SECONDS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_role_may_do_what_the_states_call_and_nothing_else(environment: str) -> None:
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
    """Tell whether a pattern of values and prefixes matches an event."""
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
        # Not even its own: it would start itself again and again.
        ("FAILED", {"stateMachineArn": NAMES.watch_arn}, False),
    ],
)
def test_a_bad_end_of_a_run_starts_the_watch_and_no_other_end(
    status: str, change: Json, starts: bool
) -> None:
    event = ended_execution(status, **change)
    found = [what for what, pattern in patterns(NAMES).items() if matches(pattern, event)]
    assert found == (["execution-ended"] if starts else [])


def test_the_log_stream_is_named_as_the_task_definition_has_it() -> None:
    assert (LOG_STREAM_PREFIX, CONTAINER) == ("worker", "monitor")
