"""A stack of stand-ins: executions with histories, tasks and objects, for the commands on runs."""

import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from cli.app import ccapi
from cli.errors import OperatorError
from cli.invocation import Invocation
from cli.output import Output
from cli.stack import Stack
from tests.reporter.examples import SETTINGS

ACCOUNT = "111111111111"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:ccapi-weekly-monitoring-prod"
EXECUTIONS = MACHINE.replace(":stateMachine:", ":execution:")
CLUSTER = f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/ccapi-cluster-prod"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
REGIONS = ("north", "south", "west")
PRICES = {"run": 0.001, "validation": 0.00001, "first": 0.00002, "later": 0.00004}
OUTPUTS = {
    "aws_region": "us-east-1",
    "step_functions_state_machine_arn": MACHINE,
    "ecs_cluster_arn": CLUSTER,
    "ecs_task_definition_arn": "worker:7",
    "worker_log_group": "/aws/ecs/ccapi-prod",
    "s3_reports_bucket": "reports",
    "s3_cache_bucket": "cache",
    "reporter_function_name": "ccapi-reporter-prod",
    "run_settings_parameter": "/ccapi/prod/run-settings",
}


class GoneError(Exception):
    """The error of a stand-in for an execution, an object or a stream that does not exist."""


def arn_of(name: str) -> str:
    return f"{EXECUTIONS}:{name}"


@dataclass
class Story:
    """The history of an execution, written event by event."""

    start: datetime
    events: list[dict[str, Any]] = field(default_factory=list)
    clock: float = 0

    def add(self, kind: str, previous: int | None = None, **details: Any) -> int:
        """Add an event that follows another one, by default the last; return its id."""
        number = len(self.events) + 1
        moment = self.start + timedelta(seconds=self.clock)
        before = number - 1 if previous is None else previous
        event = {"id": number, "previousEventId": before, "timestamp": moment, "type": kind}
        self.events.append({**event, **details})
        return number

    def after(self, seconds: float) -> "Story":
        self.clock += seconds
        return self

    def enter(self, name: str, kind: str = "Task", previous: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", previous, stateEnteredEventDetails={"name": name})

    def leave(self, name: str, kind: str = "Task", previous: int | None = None, **assigned: Any) -> int:
        variables = {key: json.dumps(value) for key, value in assigned.items()}
        details = {"name": name, "assignedVariables": variables}
        return self.add(f"{kind}StateExited", previous, stateExitedEventDetails=details)

    def schedule(
        self,
        run: str,
        command: str,
        task: str,
        previous: int | None = None,
        *,
        shard: int | None = None,
        **more: Any,
    ) -> int:
        """Add the events of a worker's start; return the id of the last."""
        variables = {"RUN_ID": run, **({} if shard is None else {"SHARD": str(shard)})}
        parameters = {
            "CapacityProviderStrategy": [{"CapacityProvider": more.pop("capacity", "FARGATE")}],
            "Overrides": {
                "ContainerOverrides": [
                    {
                        "Command": [command],
                        "Environment": [{"Name": name, "Value": value} for name, value in variables.items()],
                    }
                ],
                **more,
            },
        }
        ecs = {"resourceType": "ecs"}
        scheduled = self.add(
            "TaskScheduled",
            previous,
            taskScheduledEventDetails={**ecs, "parameters": json.dumps(parameters)},
        )
        output = json.dumps({"Tasks": [{"TaskArn": f"arn:task/{task}"}]})
        return self.add("TaskSubmitted", scheduled, taskSubmittedEventDetails={**ecs, "output": output})

    def fail(self, error: str, cause: str = "", previous: int | None = None) -> int:
        details = {"resourceType": "ecs", "error": error, "cause": cause}
        return self.add("TaskFailed", previous, taskFailedEventDetails=details)

    def report(self, outcome: Mapping[str, Any]) -> None:
        """Add the events that pass an outcome to the reporter."""
        self.enter("ReportOutcome")
        parameters = json.dumps({"Payload": {"outcome": outcome}})
        self.add(
            "TaskScheduled", taskScheduledEventDetails={"resourceType": "lambda", "parameters": parameters}
        )
        self.add("TaskSucceeded", taskSucceededEventDetails={"resourceType": "lambda"})
        self.leave("ReportOutcome")


def outcome(run: str, status: str, succeeded: int, **more: Any) -> dict[str, Any]:
    """Return an outcome as the weekly machine passes it to the reporter."""
    missing = REGIONS[succeeded:]
    return {
        "status": status,
        "run_id": run,
        "period": "2026-W47",
        "regions": len(REGIONS),
        "succeeded": succeeded,
        "failures": [{"region": region, "error": f"no image of {region}"} for region in missing],
        "is_summarized": True,
        "usd": 0.25,
        "error": "",
        "cause": "",
        **more,
    }


@dataclass
class Pipeline:
    """The stand-ins of a stack, and the commands that are typed at it."""

    states: "StandInStates"
    ecs: "StandInEcs"
    s3: "StandInS3"
    logs: "StandInLogs"
    now: datetime = NOW
    utc_offset_minutes: int = 0

    @property
    def stack(self) -> Stack:
        stack = Stack("prod", OUTPUTS)
        settings = json.dumps({**vars(SETTINGS), "worker_sizes": list(SETTINGS.worker_sizes)})
        configuration = {"Environment": {"Variables": {"REPORTER_SETTINGS": settings}}}
        offsets = [{"since": "2026-01-01T00:00:00Z", "minutes": self.utc_offset_minutes}]
        value = json.dumps({"unitPrices": PRICES, "utcOffsets": offsets})
        stack._clients.update(
            stepfunctions=self.states,
            ecs=self.ecs,
            s3=self.s3,
            logs=self.logs,
            ssm=SimpleNamespace(
                get_parameter=lambda **_: {"Parameter": {"Value": value}},
                exceptions=SimpleNamespace(ParameterNotFound=GoneError),
            ),
            **{
                "lambda": SimpleNamespace(
                    get_function_configuration=lambda **_: configuration,
                    exceptions=SimpleNamespace(ResourceNotFoundException=GoneError),
                )
            },
        )
        return stack

    def type(self, *words: str, columns: str = "100") -> "Typed":
        """Type a command, and return what it printed."""
        with patch.dict(os.environ, {"COLUMNS": columns, "CCAPI_STACK": "prod"}):
            output = Output(as_json="--json" in words)
            invocation = Invocation(stack_name="prod", output=output, now=lambda: self.now)
            invocation.__dict__["stack"] = self.stack
            done = CliRunner().invoke(ccapi, list(words), obj=invocation, standalone_mode=False)
        error = done.exception
        if error is not None and not isinstance(error, OperatorError):
            raise error
        code = error.exit_code if isinstance(error, OperatorError) else int(done.return_value or 0)
        return Typed(code, done.stdout, str(error or "") + done.stderr)

    def plan(self, run: str, created: datetime, regions: Iterable[str] = REGIONS) -> None:
        shards = [{"shard": number, "regions": [name]} for number, name in enumerate(regions)]
        plan = {"run_id": run, "created": created.isoformat(), "shards": shards}
        self.s3.put("cache", f"runs/{run}/plan.json", json.dumps(plan), created)

    def result(self, run: str, region: str, modified: datetime) -> None:
        self.s3.put("reports", f"weekly/{run}/{region}.json", "{}", modified)


@dataclass(frozen=True)
class Typed:
    """The end of a command."""

    code: int
    out: str
    error: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def pipeline() -> Pipeline:
    ecs = StandInEcs()
    return Pipeline(StandInStates(ecs), ecs, StandInS3(), StandInLogs())


class _Pages:
    """A paginator over a function that returns pages."""

    def __init__(self, pages: Any) -> None:
        self.paginate = pages


@dataclass
class StandInStates:
    """Step Functions."""

    ecs: "StandInEcs"
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    page_size: int = 2
    described: int = 0
    children: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    """The executions whose histories were read with one call."""
    exceptions: Any = field(
        default_factory=lambda: SimpleNamespace(ExecutionDoesNotExist=GoneError, ResourceNotFound=GoneError)
    )

    def add(
        self,
        name: str,
        status: str,
        start: datetime,
        *,
        given: Any = None,
        seconds: float = 3600,
        **more: Any,
    ) -> Story:
        """Add an execution, and return its history, which has the start."""
        arn = arn_of(name)
        is_over = status != "RUNNING"
        output = more.pop("output", None)
        self.executions[arn] = {
            "executionArn": arn,
            "name": name,
            "status": status,
            "startDate": start,
            "input": json.dumps({} if given is None else given),
            **({"stopDate": start + timedelta(seconds=seconds)} if is_over else {}),
            **({"output": json.dumps(output)} if output is not None else {}),
            **more,
        }
        story = self.stories[arn] = Story(start)
        story.add("ExecutionStarted")
        return story

    def get_paginator(self, call: str) -> _Pages:
        return _Pages({"list_executions": self._list, "get_execution_history": self._history}[call])

    def _list(self, *, statusFilter: str = "", **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        chosen = [each for each in self.executions.values() if statusFilter in ("", each["status"])]
        newest = sorted(chosen, key=lambda each: each["startDate"], reverse=True)
        for start in range(0, len(newest), self.page_size):
            yield {"executions": newest[start : start + self.page_size]}

    def _history(self, *, executionArn: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        events = self.stories[executionArn].events
        for start in range(0, len(events), 7):
            yield {"events": events[start : start + 7]}

    def get_execution_history(
        self,
        *,
        executionArn: str,  # noqa: N803
        maxResults: int,  # noqa: N803
        reverseOrder: bool = False,  # noqa: N803
    ) -> dict[str, Any]:
        self.read.append(executionArn)
        events = self.stories[executionArn].events
        return {"events": events[:: -1 if reverseOrder else 1][:maxResults]}

    def add_child(self, map_run: str, number: int, start: datetime, status: str = "RUNNING") -> Story:
        """Add a child execution of a Map Run, and return its history, which has the start."""
        arn = f"{EXECUTIONS}/shards:child-{number:03}"
        item = {"executionArn": arn, "status": status, "startDate": start}
        self.children.setdefault(map_run, []).append(item)
        story = self.stories[arn] = Story(start)
        story.add("ExecutionStarted")
        return story

    def list_executions(self, *, mapRunArn: str, maxResults: int) -> dict[str, Any]:  # noqa: N803
        if mapRunArn not in self.children:
            raise GoneError
        return {"executions": [dict(item) for item in self.children[mapRunArn][::-1]][:maxResults]}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        self.described += 1
        if executionArn not in self.executions:
            raise GoneError
        return self.executions[executionArn]

    def start_execution(self, *, name: str, input: str, **_: Any) -> dict[str, Any]:  # noqa: A002
        self.add(name, "RUNNING", NOW, given=json.loads(input))
        return {"executionArn": arn_of(name)}

    def stop_execution(self, *, executionArn: str, cause: str) -> None:  # noqa: N803
        stopped = self.executions[executionArn]
        if stopped["status"] == "RUNNING":
            stopped |= {"status": "ABORTED", "stopDate": NOW, "cause": cause}


@dataclass
class StandInEcs:
    """ECS, whose tasks stop at the second look after they were asked to."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(InvalidParameterException=GoneError))
    variables: dict[str, str] = field(default_factory=dict)

    def add(self, task: str, execution: str, shard: int) -> None:
        environment = [{"name": "EXECUTION", "value": execution}, {"name": "SHARD", "value": str(shard)}]
        self.tasks[task] = {
            "taskArn": task,
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "overrides": {"containerOverrides": [{"command": ["monitor"], "environment": environment}]},
        }

    def get_paginator(self, _: str) -> _Pages:
        return _Pages(self._list)

    def _list(self, *, desiredStatus: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {
            "taskArns": [arn for arn, each in self.tasks.items() if each["desiredStatus"] == desiredStatus]
        }

    def describe_tasks(self, *, tasks: list[str], **_: Any) -> dict[str, Any]:
        found = [dict(self.tasks[task]) for task in tasks]
        for task in tasks:
            if self.tasks[task]["desiredStatus"] == "STOPPED":
                self.tasks[task]["lastStatus"] = "STOPPED"
        return {"tasks": found}

    def stop_task(self, *, task: str, reason: str, **_: Any) -> None:
        self.reasons.append(reason)
        self.tasks[task] |= {"desiredStatus": "STOPPED", "lastStatus": "DEPROVISIONING"}

    def describe_task_definition(self, **_: Any) -> dict[str, Any]:
        environment = [{"name": name, "value": value} for name, value in self.variables.items()]
        return {"taskDefinition": {"containerDefinitions": [{"environment": environment}]}}


@dataclass
class StandInS3:
    """S3."""

    objects: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(NoSuchKey=GoneError))

    def put(self, bucket: str, key: str, text: str, modified: datetime = NOW) -> None:
        self.objects[bucket, key] = text.encode(), modified

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if (Bucket, Key) not in self.objects:
            raise GoneError
        return {"Body": io.BytesIO(self.objects[Bucket, Key][0])}

    def download_file(self, bucket: str, key: str, path: str) -> None:
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(self.objects[bucket, key][0])

    def get_paginator(self, _: str) -> _Pages:
        return _Pages(self._list)

    def _list(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        for (bucket, key), (content, modified) in sorted(self.objects.items()):
            if bucket == Bucket and key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": len(content), "LastModified": modified}]}
        yield {}


@dataclass
class StandInLogs:
    """CloudWatch Logs, with two events a page."""

    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(ResourceNotFoundException=GoneError))

    def add(self, task: str, moment: datetime, message: str) -> None:
        event = {"timestamp": int(moment.timestamp() * 1000), "message": message}
        self.streams.setdefault(f"worker/monitor/{task}", []).append(event)

    def get_log_events(
        self,
        *,
        logStreamName: str,  # noqa: N803
        startFromHead: bool,  # noqa: N803
        limit: int,
        nextToken: str = "f/0",  # noqa: N803
        startTime: int = 0,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        if logStreamName not in self.streams:
            raise GoneError
        events = [each for each in self.streams[logStreamName] if each["timestamp"] >= startTime]
        if not startFromHead:
            return {"events": events[-limit:], "nextForwardToken": f"f/{len(events)}"}
        begin = int(nextToken.removeprefix("f/"))
        page = events[begin : begin + 2]
        return {"events": page, "nextForwardToken": f"f/{begin + len(page)}"}
