"""The world of the protocols: executions of both machines, their workers, and the buckets."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from components.machines.watch.machine import SWEEP_INPUT, WatchState
from components.machines.watch.machine import definition as watch_definition
from components.machines.weekly.machine import definition as weekly_definition
from components.machines.weekly.state_names import WeeklyState
from components.settings.names import Names
from local.emulator.jsonata import evaluate
from tests.components.machines.runs import environment_of, run_settings, s3
from tests.components.machines.walk import Call, Failed, Position, arn_of, walk
from tests.components.machines.watches import REPORTED, ended_execution, stopped_task, subscribed
from tests.faults.reading import Execution as Ended
from tests.faults.reading import Message, Run
from tests.protocols.bucket import START, Store
from tests.protocols.process import LostError, Process, this_process
from tests.protocols.worker import CACHE, REPORTS, Token, WithoutNew, WithoutSummary, Worker
from tests.stacks import settings_of
from worker.results import Summary
from worker.s3 import Bucket

Json = dict[str, Any]

SETTINGS = settings_of(
    "dev",
    worker={"shards": 2},
    monitoring={"regionsCount": 3},
    run={"workerRetries": 1, "startRetries": 1},
    schedule={"preset": "weekly"},
)
NAMES = Names.of(SETTINGS)
WEEKS = {"2026-W48": "2026-11-23T06:00:00Z", "2026-W49": "2026-11-30T06:00:00Z"}
"""The planned times of two weeks' runs, by their names in the schedule's zone."""
INVISIBLE_REQUESTS = 2
"""The number of requests about a new execution that Step Functions may answer as if there were none."""


class Without(Enum):
    """A part of the protocols that a test leaves out, to see the model find what goes wrong."""

    NOTHING = "nothing"
    CLAIM = "the claims"
    CONDITION_OF_CLAIM = "the condition under which a claim is written"
    CONDITION_OF_TAKE_OVER = "the condition under which a claim is taken over"
    TAKE_OVER = "the take-over"
    CONDITION_OF_RESULT = "the condition under which a result is written"
    CONDITION_OF_SUMMARY = "the condition under which a summary is written"


@dataclass(eq=False)
class Execution:
    """An execution of one of the machines."""

    arn: str
    is_weekly: bool
    given: Json
    """Its input."""
    status: str = "RUNNING"
    works_on: str = ""
    """The run for which it has both claims."""
    read_at: datetime | None = None
    """The time at which the reduce step of its run was started."""
    ended_at: datetime | None = None
    output: Any = None
    reported: Json = field(default_factory=dict)
    """The outcome that it asked the reporter to report."""
    error: str = ""
    invisible: int = INVISIBLE_REQUESTS
    tokens: list[Token] = field(default_factory=list)
    position: Position | None = None
    """The state at which it is."""
    process: Process = field(init=False)

    @property
    def is_running(self) -> bool:
        """True until its end."""
        return self.status == "RUNNING"

    @property
    def reading(self) -> Ended:
        """The facts from which the promises of its run are checked, when it has ended."""
        assert self.ended_at
        return Ended(
            arn=self.arn,
            status=self.status,
            ended_at=self.ended_at,
            outcome=self.output or self.reported,
            read_at=self.read_at,
            redrives=self.position.redrives if self.position else 0,
        )

    @property
    def is_waiting(self) -> bool:
        """True while it waits for the answer of a worker."""
        return self.is_running and bool(self.tokens) and not self.tokens[-1].is_settled


class World:
    """Everything that the protocols connect; each method is one event in it."""

    workers_beat = False

    def __init__(self, without: Without = Without.NOTHING) -> None:
        self.store = Store()
        self.executions: list[Execution] = []
        self.workers: list[Worker] = []
        self.messages: list[Message] = []
        self.weekly_machine, self.watch_machine = weekly_without(without), watch()
        self.bucket_type = {
            Without.CONDITION_OF_RESULT: WithoutNew,
            Without.CONDITION_OF_SUMMARY: WithoutSummary,
        }.get(without, Bucket)

    def start(self, week: str) -> Execution:
        """Start the scheduled execution of a week, or deliver its start once more."""
        return self.execute(self.weekly_machine, {"scheduled_time": WEEKS[week]}, is_weekly=True)

    def redo(self, run_id: str) -> Execution:
        """Start an execution that names its run."""
        return self.execute(self.weekly_machine, {"run_id": run_id}, is_weekly=True)

    def sweep(self) -> Execution:
        """Start the watch machine by its schedule."""
        return self.execute(self.watch_machine, SWEEP_INPUT)

    def watch_end(self, execution: Execution) -> Execution:
        """Start the watch machine by the end of an execution."""
        event = ended_execution(
            execution.status,
            executionArn=execution.arn,
            error=execution.error or None,
            name=execution.arn.rpartition(":")[2],
            input=json.dumps(execution.given),
            redriveCount=execution.position.redrives if execution.position else 0,
        )
        return self.execute(self.watch_machine, event)

    def watch_task(self, worker: Worker, **event: Any) -> Execution:
        """Start the watch machine by the end of a task; `event` has fields of it that differ from a crash."""
        environment = [
            {"name": name, "value": value}
            for name, value in {**worker.environment, "TASK_TOKEN": worker.arn}.items()
        ]
        override = {"name": "monitor", "environment": environment}
        stopped = stopped_task(taskArn=worker.arn, overrides={"containerOverrides": [override]}, **event)
        return self.execute(self.watch_machine, stopped)

    def end(self, execution: Execution, status: str) -> None:
        """End an execution from outside; its task tokens are dead, and its workers do not know."""
        execution.process.kill()
        self._end(execution, status)

    def lose_heartbeat(self, execution: Execution) -> None:
        """Let the state that waits for a worker time out, whether the worker still works or not."""
        execution.tokens[-1].settle(Failed("States.HeartbeatTimeout", "no heartbeat"))

    @property
    def processes(self) -> list[Process]:
        """Every process that has not ended, the oldest first."""
        all_of_them = [execution.process for execution in self.executions]
        all_of_them += [worker.process for worker in self.workers]
        return [process for process in all_of_them if not process.is_over]

    @property
    def weekly(self) -> list[Execution]:
        """The executions of the weekly machine."""
        return [execution for execution in self.executions if execution.is_weekly]

    @property
    def waiting(self) -> list[Execution]:
        """The executions that wait for the answer of a worker."""
        return [execution for execution in self.executions if execution.is_waiting]

    @property
    def tasks(self) -> list[Worker]:
        """The workers that run."""
        return [worker for worker in self.workers if not worker.process.is_over]

    def owner(self, key: str) -> str:
        """Return the execution that a claim names, or an empty text."""
        written = self.store.body(CACHE, key)
        return str(json.loads(written)["execution"]) if written else ""

    def summary(self, run_id: str) -> Summary | None:
        """Return the summary of a run."""
        written = self.store.body(REPORTS, f"weekly/{run_id}/summary.json")
        return Summary.model_validate_json(written) if written else None

    def planned(self, run_id: str) -> list[str]:
        """Return the regions in the plan of a run."""
        written = self.store.body(CACHE, f"runs/{run_id}/plan.json")
        return (
            [name for shard in json.loads(written)["shards"] for name in shard["regions"]] if written else []
        )

    def published(self, run_id: str) -> set[str]:
        """Return the regions of a run that have a result."""
        return {
            name for name in self.planned(run_id) if self.store.body(REPORTS, f"weekly/{run_id}/{name}.json")
        }

    @property
    def reported(self) -> list[str]:
        """The executions whose outcome was reported."""
        return [message.outcome.get("execution", "") for message in self.messages]

    def read(self, run_id: str) -> Run:
        """Return what the promises of a run are checked from."""
        prefix = f"weekly/{run_id}/"
        return Run(
            run_id=run_id,
            asked=frozenset(self.planned(run_id)),
            plan=tuple(self.planned(run_id)),
            puts={
                key.removeprefix(prefix): tuple(puts)
                for (bucket, key), puts in self.store.versions.items()
                if bucket == REPORTS and key.startswith(prefix)
            },
            executions=tuple(
                execution.reading
                for execution in self.weekly
                if not execution.is_running
                and run_id in {execution.works_on, (execution.output or {}).get("run_id")}
            ),
            messages=tuple(self.messages),
        )

    def close(self) -> None:
        """End every process."""
        for process in self.processes:
            process.kill()

    def now(self) -> datetime:
        """Return the time of the machines' expressions and of the workers."""
        return START

    def pause(self, seconds: float) -> None:
        """Let an execution wait."""

    def execute(self, definition: Json, given: Json, *, is_weekly: bool = False) -> Execution:
        """Start an execution of a machine."""
        name = f"{'weekly' if is_weekly else 'watch'}-{len(self.executions)}"
        execution = Execution(arn_of(name), is_weekly, given)
        self.executions.append(execution)
        self._begin(execution, definition)
        return execution

    def redrive(self, execution: Execution) -> None:
        """Continue an execution that was ended from outside, at the state at which it was."""
        position = execution.position
        assert position is not None
        assert not execution.is_running
        execution.status, execution.ended_at = "RUNNING", None
        redriven = replace(position, redrives=position.redrives + 1)
        self._begin(execution, self.weekly_machine, redriven)

    def _begin(self, execution: Execution, definition: Json, redriven: Position | None = None) -> None:
        name = execution.arn.rpartition(":")[2]

        def reach(position: Position) -> None:
            execution.position = position

        def work() -> None:
            walked = walk(
                definition,
                lambda call: self._answer_or_timeout(execution, call),
                execution_input=execution.given,
                name=name,
                evaluated_by=self._evaluated,
                clock=self.now,
                pause=self.pause,
                at=reach,
                redriven=redriven,
            )
            execution.output = walked.output
            execution.error = walked.failed.error if walked.failed else ""
            self._end(execution, "FAILED" if walked.failed else "SUCCEEDED")

        execution.process = Process(name, work)

    def _evaluated(self, expression: str, variables: Mapping[str, Any]) -> Any:
        milliseconds = str(int(self.now().timestamp()) * 1000)
        return _evaluated(expression.replace("$millis()", milliseconds), variables)

    def _end(self, execution: Execution, status: str) -> None:
        execution.status, execution.ended_at = status, self.store.now
        for token in execution.tokens:
            token.settle(Failed("Ended"))

    def _answer_or_timeout(self, execution: Execution, call: Call) -> Any:
        try:
            return self.answer(execution, call)
        except LostError as error:
            raise Failed("States.Timeout", str(error)) from None

    def answer(self, execution: Execution, call: Call) -> Any:
        """Return the answer of a service to a call of a machine."""
        arguments = call.arguments
        works = (WeeklyState.VALIDATE_INPUTS, WeeklyState.RUN_SHARD, WeeklyState.SUMMARIZE_RUN)
        reports = (WatchState.REPORT_END, WatchState.REPORT_MISSED, WatchState.FIND_UNREPORTED)
        services: dict[str, Callable[[], Any]] = {
            WeeklyState.LOAD_SETTINGS: lambda: {"Parameter": {"Value": _run_settings()}},
            **dict.fromkeys(works, lambda: self._work(execution, call)),
            **dict.fromkeys(reports, lambda: self.report(arguments["Payload"])),
            WeeklyState.REPORT_OUTCOME: lambda: self._report_own(execution, arguments["Payload"]),
            "FindWorkers": lambda: _asked("list tasks", self._tasks),
            "DescribeWorkers": lambda: self._described(arguments["Tasks"]),
            "StopWorker": lambda: _asked("stop task", lambda: self.stop(arguments["Task"])),
            WatchState.FAIL_WORKER: lambda: self.fail(arguments),
            WatchState.READ_SCHEDULE: lambda: {"State": "ENABLED", "LastModificationDate": START.isoformat()},
        }
        if call.state in services:
            return services[call.state]()
        if "ExecutionArn" in arguments:
            return self._describe(arguments["ExecutionArn"])
        if "Key" in arguments:
            return self._object(arguments)
        return subscribed("arn:aws:sns:us-east-1:111111111111:topic:id") if "List" in call.state else {}

    def _report_own(self, execution: Execution, payload: Json) -> Json:
        # Before the reporter's answer: the execution may be stopped while it waits for it.
        execution.reported = payload["outcome"]
        return self.report(payload)

    def report(self, payload: Json) -> Json:
        """Return the reporter's answer to an outcome, or to a sweep."""
        if "outcome" not in payload:
            return {"Payload": {"unreported": []}}
        outcome = {**payload["outcome"], **{name: payload[name] for name in payload if name != "outcome"}}
        self.messages.append(Message(text="", sent_at=self.store.now, outcome=outcome))
        return REPORTED

    def _tasks(self) -> Json:
        return {"TaskArns": [worker.arn for worker in self.tasks]}

    def _described(self, arns: Sequence[str]) -> Json:
        return {"Tasks": [_described(worker) for worker in self.tasks if worker.arn in arns]}

    def _object(self, asked: Mapping[str, str]) -> Json:
        bucket, key = asked["Bucket"], asked["Key"]
        try:
            if "Body" in asked:
                conditions = {"if_none_match": asked.get("IfNoneMatch"), "if_match": asked.get("IfMatch")}
                body = asked["Body"].encode()
                etag = _asked(f"put {key}", lambda: self.store.put(bucket, key, body, **conditions))
                return {"ETag": etag}
            found = _asked(f"get {key}", lambda: self.store.get(bucket, key))
            if "Range" in asked and not found.body:
                raise s3(416)
            most_bytes = int(asked["Range"].rpartition("-")[2]) + 1 if "Range" in asked else None
            return {"Body": found.body[:most_bytes].decode(), "ETag": found.etag}
        except LostError:
            raise s3(503) from None
        except UnicodeDecodeError:
            raise Failed("S3.SdkClientException", "Cannot encode string.") from None
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            raise (
                Failed("S3.NoSuchKeyException", "Status Code: 404") if status == 404 else s3(status)
            ) from None

    def _describe(self, arn: str) -> Json:
        found = [one for one in self.executions if one.arn == arn]
        if not found:
            raise Failed("Sfn.ExecutionDoesNotExistException")
        (execution,) = found
        try:
            status = _asked(f"describe {arn}", lambda: execution.status)
        except LostError:
            if execution.invisible == 0 or not execution.is_running:
                raise Failed("Sfn.ThrottlingException") from None
            execution.invisible -= 1
            raise Failed("Sfn.ExecutionDoesNotExistException") from None
        return {"Status": status, "Input": json.dumps(execution.given)}

    def _work(self, execution: Execution, call: Call) -> Any:
        """Start a worker, and wait for the answer to its task token."""
        environment = environment_of(call)
        if call.state == WeeklyState.VALIDATE_INPUTS:
            execution.works_on = environment["RUN_ID"]
        token = Token(call.timeout_seconds, call.heartbeat_seconds)

        def run_task() -> None:
            overrides = call.arguments["Overrides"]["ContainerOverrides"]
            worker = Worker(
                f"task-{len(self.workers)}",
                call.arguments["Group"],
                overrides[0]["Command"][0],
                environment,
                self.store,
                self.bucket_type,
                token,
                beats=self.workers_beat,
                clock=self.now,
            )
            self.workers.append(worker)
            self.began(worker, call)
            if worker.command == "summarize":
                self._ending(worker).read_at = self.store.now

        try:
            _asked("run task", run_task)
        except LostError:
            # A worker that was started all the same has a task token that is dead.
            token.settle(Failed("AmazonECS.Unknown"))
            raise Failed("AmazonECS.Unknown", "no answer") from None
        execution.tokens.append(token)
        _asked("answer of the worker", lambda: None, token)
        if isinstance(token.answer, Failed):
            raise Failed(token.answer.error, token.answer.cause)
        return token.answer

    def began(self, worker: Worker, call: Call) -> None:
        """Note that a call of a machine has started a worker."""

    def _ending(self, worker: Worker) -> Execution:
        """Return the execution whose run a reduce step sums up; the watch machine starts it for another one."""
        (execution,) = [each for each in self.executions if each.arn == worker.execution]
        return execution

    def stop(self, arn: str) -> Json:
        """Stop a task."""
        for worker in self.tasks:
            if worker.arn == arn:
                worker.process.kill()
        return {}

    def fail(self, answer: Mapping[str, str]) -> Json:
        """Fail a task token on behalf of its worker."""
        (worker,) = [one for one in self.workers if one.arn == answer["TaskToken"]]
        if worker.token.is_settled:
            raise Failed("Sfn.TaskTimedOutException")
        worker.token.settle(Failed(answer["Error"], answer["Cause"]))
        return {}


def _asked(request: str, perform: Any, token: Token | None = None) -> Any:
    process = this_process()
    assert process is not None
    return process.ask(request, perform, (lambda: token.is_settled) if token else lambda: True)


def _described(worker: Worker) -> Json:
    environment = [{"Name": name, "Value": value} for name, value in worker.environment.items()]
    override = {"Name": "monitor", "Environment": environment}
    return {
        "TaskArn": worker.arn,
        "Group": worker.group,
        "Overrides": {"ContainerOverrides": [override]},
    }


def weekly_without(without: Without) -> Json:
    """Return the definition of the weekly machine, without a part of its protocol."""
    definition = deepcopy(_weekly())
    states = definition["States"]
    for what in ("Pipeline", "Run"):
        claim, judge, take_over = (
            states[f"Claim{what}"],
            states[f"Check{what}Owner"],
            states[f"TakeOver{what}"],
        )
        match without:
            case Without.CLAIM:
                states[f"Claim{what}"] = {"Type": "Pass", "Next": claim["Next"]}
            case Without.CONDITION_OF_CLAIM:
                del claim["Arguments"]["IfNoneMatch"]
            case Without.CONDITION_OF_TAKE_OVER:
                del take_over["Arguments"]["IfMatch"]
            case Without.TAKE_OVER:
                judge["Default"] = WeeklyState.ALREADY_RUN
    return definition


@cache
def _weekly() -> Json:
    return weekly_definition(SETTINGS, NAMES)


@cache
def watch() -> Json:
    """Return the definition of the watch machine."""
    return watch_definition(SETTINGS, NAMES)


@cache
def _run_settings() -> str:
    return json.dumps(run_settings(SETTINGS))


_values: dict[str, Any] = {}


def _evaluated(expression: str, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression without a clock; evaluate it once for the same values of its variables."""
    used = {name: variables[name] for name in _variables_in(expression) if name in variables}
    key = expression + json.dumps(used)
    if key not in _values:
        _values[key] = _value(expression, used)
    found = _values[key]
    if isinstance(found, ValueError):
        raise found
    return deepcopy(found)


@cache
def _variables_in(expression: str) -> list[str]:
    return sorted(set(re.findall(r"\$(\w+)", expression)))


def _value(expression: str, variables: Mapping[str, Any]) -> Any:
    try:
        return evaluate(expression, variables)
    except ValueError as error:
        return error
