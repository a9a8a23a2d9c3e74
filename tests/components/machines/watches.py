"""Executions of the watch machine, with answers of services that a test chooses."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from components.machines import errors
from components.machines.integrations import CONTAINER, PLAN_BYTES_READ
from components.machines.watch.machine import SWEEP_INPUT, WatchState, definition
from components.settings import Settings
from components.settings.names import Names
from tests.components.machines.runs import LAST_SUCCESS, fails, raises, run_settings, summary
from tests.components.machines.walk import Call, Failed, Walk, walk
from tests.stacks import names_of, settings_of

Json = dict[str, Any]

NAMES = names_of("dev")
MISSED_AFTER_HOURS = settings_of("dev").schedule.missed_after_hours
TASK = "arn:aws:ecs:us-east-1:111111111111:task/ccapi-cluster-dev/0123456789abcdef"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:ccapi-weekly-monitoring-dev:by-hand"
LOG_STREAM = "worker/monitor/0123456789abcdef"
FAULT = Failed("Some.ServerException", "try again")
NO_TEXT = Failed("S3.SdkClientException", "Cannot encode string.")
FAULTS = fails(FAULT)
REPORTED: Json = {"Payload": {"delivered": ["email"], "undelivered": [], "repeated": False}}
UNREPORTED: Json = {
    "Payload": {
        "unreported": [
            {
                "outcome": {
                    "status": "timed_out",
                    "name": "by-hand",
                    "execution": EXECUTION,
                    "start_time": "2026-11-23T06:00:00Z",
                    "duration_seconds": 10_800,
                    "redrive_count": 0,
                    "unreported": [{"execution": f"{EXECUTION}-2", "status": "failed"}],
                    "error": "",
                    "cause": "",
                },
                "input": {"regions_count": 2},
            }
        ]
    }
}
"""The answer of the reporter about an execution that was not reported."""
MONITOR = {
    "name": CONTAINER,
    "environment": [{"name": "RUN_ID", "value": "2026-W48"}, {"name": "TASK_TOKEN", "value": "a-token"}],
}


def stopped_task(**changes: Any) -> Json:
    """Return the event of a worker whose program ended with an error; a field that is None is missing."""
    detail = {
        "taskArn": TASK,
        "clusterArn": NAMES.cluster_arn,
        "group": f"{NAMES.task_group}/2026-W48",
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "startedAt": "2026-11-23T06:00:00Z",
        "containers": [{"name": CONTAINER, "exitCode": 1}],
        "overrides": {"containerOverrides": [MONITOR]},
        **changes,
    }
    return {
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "detail": {key: value for key, value in detail.items() if value is not None},
    }


def ended_execution(status: str = "TIMED_OUT", **changes: Any) -> Json:
    """Return the event of an ended execution."""
    return {
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "detail": {
            "executionArn": EXECUTION,
            "name": "by-hand",
            "stateMachineArn": NAMES.machine_arn,
            "status": status,
            "startDate": 1_795_413_600_000,
            "stopDate": 1_795_413_725_400,
            "error": None,
            "cause": None,
            **changes,
        },
    }


def worker(task: str, execution: str | None = EXECUTION) -> Json:
    """Return a running worker as ECS describes it."""
    variables = [{"Name": "RUN_ID", "Value": "2026-W48"}]
    if execution is not None:
        variables.append({"Name": "EXECUTION", "Value": execution})
    override = {"Name": CONTAINER, "Environment": variables}
    return {"TaskArn": task, "Overrides": {"ContainerOverrides": [{"Name": "other"}, override]}}


def now(**ago: float) -> str:
    """Return the current time, or an earlier one, as AWS writes it."""
    return (datetime.now(UTC) - timedelta(**ago)).isoformat().replace("+00:00", "Z")


def planned(*regions: str, has_count: bool = True, most_bytes: int = PLAN_BYTES_READ) -> Json:
    """Return the beginning of the plan of a run with one shard per region; one of an earlier version has no count."""
    shards = [{"shard": number, "regions": [region]} for number, region in enumerate(regions)]
    count = {"region_count": len(regions)} if has_count else {}
    return {"Body": json.dumps({**count, "run_id": "2026-W48", "shards": shards}, indent=2)[:most_bytes]}


def subscribed(*arns: str) -> Json:
    """Return the subscriptions of a topic: an e-mail subscription per ARN, and one of another protocol."""
    queue = {"SubscriptionArn": "arn:aws:sns:us-east-1:111111111111:topic:q", "Protocol": "sqs"}
    return {"Subscriptions": [queue, *({"SubscriptionArn": arn, "Protocol": "email"} for arn in arns)]}


WITH_EACH_LIST = settings_of(
    "dev",
    notifications={
        "failureEmails": ["a@example.com"],
        "alarmEmails": ["b@example.com"],
        "successEmails": ["c@example.com", "d@example.com"],
    },
)


def watched(given: Any, **answers: Any) -> Walk:
    """Return a walk of dev's watch machine with an input, and with services' answers if needed."""
    return watched_with(settings_of("dev"), given, answers)


def watched_with(settings: Settings, given: Any, answers: Json) -> Walk:
    """Return a walk of a stack's watch machine with an input."""
    pinned = run_settings(settings)
    usual = {
        WatchState.FAIL_WORKER: {},
        WatchState.DESCRIBE_EXECUTION: {"Name": "by-hand", "Status": "TIMED_OUT", "Input": "{}"},
        WatchState.LOAD_SETTINGS: {"Parameter": {"Value": json.dumps(pinned)}},
        "ReadPlan": planned("brebes", "tegal"),
        "SummarizeRun": summary(2, 1, failures=[{"region": "tegal", "error": "It was stopped."}]),
        "ReadUsualDuration": {"Body": json.dumps(LAST_SUCCESS)},
        WatchState.PUBLISH_END: {},
        WatchState.REPORT_END: REPORTED,
        WatchState.PUBLISH_OUTCOME: {"MessageId": "1"},
        "FindWorkers": {"TaskArns": []},
        "StopWorker": {},
        "ListFailureSubscriptions": subscribed("arn:aws:sns:us-east-1:111111111111:topic:id"),
        "ListSuccessSubscriptions": subscribed(),
        "ListAlarmsSubscriptions": subscribed(),
        "PublishSubscriptions": {},
        WatchState.READ_SCHEDULE: {"State": "ENABLED", "LastModificationDate": now(hours=30)},
        WatchState.READ_LAST_SUCCESS: {"Body": json.dumps({"run": "2026-W48", "at": now(hours=5)})},
        WatchState.PUBLISH_HOURS: {},
        WatchState.REPORT_MISSED: REPORTED,
        WatchState.FIND_UNREPORTED: {"Payload": {"unreported": []}},
    }

    def answer(call: Call) -> Any:
        found = {**usual, **answers}[call.state]
        return found(call) if callable(found) else found

    return walk(definition(settings, Names.of(settings)), answer, execution_input=given)


def since(moment: str, state: str = "ENABLED") -> Json:
    """Return the answers about a schedule and a last success that are both current."""
    return {
        WatchState.READ_SCHEDULE: {"State": state, "LastModificationDate": moment},
        WatchState.READ_LAST_SUCCESS: {"Body": json.dumps({"run": "2026-W46", "at": moment})},
    }


def with_workers(*workers: Json, **others: Any) -> Json:
    """Return the answers about these workers, whose execution has ended."""
    return {
        "FindWorkers": {"TaskArns": [one["TaskArn"] for one in workers]},
        "DescribeWorkers": {"Tasks": list(workers)},
        "DescribeOwner": {"Status": "SUCCEEDED"},
        **others,
    }


def every_way() -> Iterator[Walk]:
    """Yield walks that together take every path through the machine."""
    two = with_workers(worker("1"), worker("2"))
    yield watched(stopped_task())
    yield watched(stopped_task(), **{WatchState.FAIL_WORKER: FAULTS})
    yield watched(ended_execution(), **two)
    yield watched(ended_execution(), **{WatchState.DESCRIBE_EXECUTION: FAULTS, **two})
    for status in "TIMED_OUT", "ABORTED", "FAILED":
        yield watched(ended_execution(status))
    yield watched(ended_execution(), SummarizeRun=summary(2, 2))
    yield watched(ended_execution(), ReadPlan=raises(Failed(errors.NOT_PLANNED[0])))
    for state in "ReadPlan", "SummarizeRun", "ReadUsualDuration":
        yield watched(ended_execution(), **{state: FAULTS})
    yield watched(SWEEP_INPUT, **two, **{WatchState.READ_SCHEDULE: FAULTS})
    yield watched(
        SWEEP_INPUT,
        **two | {"DescribeOwner": raises(Failed(errors.EXECUTION_GONE[0])), "StopWorker": FAULTS},
    )
    yield watched(SWEEP_INPUT, ListFailureSubscriptions=FAULTS)
    yield watched(SWEEP_INPUT, ListFailureSubscriptions=subscribed(), PublishSubscriptions=FAULTS)
    missed = now(hours=MISSED_AFTER_HOURS + 1)
    yield watched(
        SWEEP_INPUT, **{WatchState.READ_SCHEDULE: {"State": "ENABLED", "LastModificationDate": missed}}
    )
    yield watched(SWEEP_INPUT, **since(missed))
    yield watched(SWEEP_INPUT, **{WatchState.READ_LAST_SUCCESS: {"Body": "{"}})
    yield watched(SWEEP_INPUT, **{WatchState.READ_LAST_SUCCESS: fails(NO_TEXT)})
    yield watched(SWEEP_INPUT, **since(missed), **{WatchState.REPORT_MISSED: FAULTS})
    yield watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: UNREPORTED})
    yield watched(SWEEP_INPUT, **{WatchState.FIND_UNREPORTED: FAULTS})
    yield watched(ended_execution(), **{WatchState.REPORT_END: FAULTS})
    yield watched(ended_execution(), **{WatchState.REPORT_END: FAULTS, WatchState.PUBLISH_OUTCOME: FAULTS})
    yield watched({})
