"""A stack in virtual time: executions, workers, both machines' triggers and the reporter, and faults in any request.

The states, the worker's commands and the reporter are the real ones. What takes time on AWS takes virtual seconds here,
with these assumptions: a task starts within `START_SECONDS`, a region takes `REGION_SECONDS`, an event of EventBridge
arrives within `EVENT_SECONDS`, and any other request takes no time. Retries wait as long as their policy says at most.
"""

import heapq
import io
import itertools
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from components.machines.watch.machine import WatchState
from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import WATCH_HOURS
from tests.components.machines.walk import Call, Failed
from tests.faults.mechanisms import (
    ANSWER,
    CLAIM,
    DEADLINE,
    EVENT_OF_EXECUTION,
    EVENT_OF_TASK,
    HEARTBEAT,
    REPORTER,
    SWEEP,
    TIMEOUT,
    WATCH_FAILED,
    WORKER,
)
from tests.faults.reading import Message, Put
from tests.faults.reporting import Clients, Ended, Mailbox, reporting
from tests.protocols.bucket import START, Store, fault
from tests.protocols.invariants import one_execution_works_at_a_time
from tests.protocols.process import Process, this_process
from tests.protocols.worker import REGIONS, REPORTS, Token, Worker
from tests.protocols.world import SETTINGS, Execution, Without, World
from tests.stacks import settings_of
from worker.deadline import working_seconds
from worker.logs import logger
from worker.results import UnreadableError, read_region_result

Json = dict[str, Any]
Act = Callable[["Stack", Process], None]

START_SECONDS, REGION_SECONDS, EVENT_SECONDS = 45, 60, 2
SWEEP_SECONDS = WATCH_HOURS * 3600
REPORTED_TO = settings_of("dev", notifications={"successEmails": ["people@example.com"]})
"""The settings of the reporter, which sends e-mails about successes as well."""
_ALREADY_ASKED = {
    WatchState.FIND_UNREPORTED,
    "ValidateInputs",
    "RunShard",
    "SummarizeRun",
    "FindWorkers",
    "StopWorker",
}


@dataclass
class Fault:
    """A fault of the next matching requests of some processes."""

    of: str
    """A command of the worker, or `weekly` or `watch` for an execution of that machine."""
    request: re.Pattern[str]
    act: Act
    times: int = 1
    after: int = 0
    """The number of matching requests that pass before the first fault."""
    detected: str = ""
    """The mechanism that notices the fault at once, if one does."""


@dataclass(frozen=True)
class Signal:
    """A moment at which a mechanism detected something."""

    at: float
    mechanism: str


def current() -> Process:
    """Return the process that asks for something."""
    process = this_process()
    assert process is not None
    return process


class _Warnings(logging.Handler):
    """The warnings of workers, each of which is a signal."""

    def __init__(self, stack: "Stack") -> None:
        super().__init__(logging.WARNING)
        self._stack = stack

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - the signature of a handler
        """Take a warning."""
        self._stack.signal(WORKER)


class _Output(io.StringIO):
    """The log of the reporter; each warning or error in it is a signal."""

    def __init__(self, stack: "Stack") -> None:
        super().__init__()
        self._stack = stack

    def write(self, text: str) -> int:
        """Take a line."""
        if '"level": "ERROR"' in text or '"level": "WARN"' in text:
            self._stack.signal(REPORTER)
        return len(text)


class DenyingStore(Store):
    """Objects some of whose keys are denied, to helper threads as well."""

    def __init__(self, stack: "Stack") -> None:
        super().__init__()
        self._stack = stack

    def _check(self, key: str) -> None:
        if self._stack.denied and self._stack.denied.fullmatch(key):
            self._stack.note()
            raise fault(403, "AccessDenied")

    def spoil(self, bucket: str, key: str, body: bytes | None) -> None:
        """Replace an object by another content, or delete it."""
        self.objects.pop((bucket, key), None)
        if body is None:
            self.versions[bucket, key].append(Put(None, self.now))
        else:
            super().put(bucket, key, body, if_none_match=None, if_match=None)

    def put(
        self, bucket: str, key: str, body: bytes, *, if_none_match: str | None, if_match: str | None
    ) -> str:
        """Write an object under its condition, and return its ETag."""
        self._check(key)
        return super().put(bucket, key, body, if_none_match=if_none_match, if_match=if_match)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix."""
        self._check(prefix)
        return super().keys(bucket, prefix)


def _timeout_of(worker: Worker) -> float:
    """Return the timeout of a worker's task."""
    return float(worker.environment.get("TASK_TIMEOUT_SECONDS", SETTINGS.run.task_timeout_seconds))


def _is_result(body: bytes, run_id: str, region: str) -> bool:
    try:
        read_region_result(body, run_id=run_id, region=region)
    except UnreadableError:
        return False
    return True


class Stack(World):
    """A deployed stack whose time passes only by what it does."""

    workers_beat = True

    def __init__(self, without: Without = Without.NOTHING) -> None:
        self.seconds = 0.0
        self.skew = timedelta(0)
        """The error of every clock."""
        self.signals: list[Signal] = []
        self.injected_at: float | None = None
        self.before: dict[tuple[str, str], str] = {}
        """The ETag of each result at the first fault."""
        self.worked_on: list[str] = []
        """The regions that workers began, in order."""
        self.calls: dict[Worker, Call] = {}
        self.mailbox = Mailbox()
        self.overlaps: set[str] = set()
        """The moments at which two executions worked at a time, or one without its claims."""
        self.revision = 0
        """The revision of the task definition that is deployed."""
        self.denied: re.Pattern[str] | None = None
        """The keys that S3 denies to every caller."""
        self.has_task_events = self.has_end_events = self.has_sweeps = True
        self.heartbeats_count = True
        self._faults: list[Fault] = []
        self._hung: set[Process] = set()
        self._frozen: set[Process] = set()
        self._slept: set[tuple[Process, int]] = set()
        self._moments: list[tuple[float, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._last_beat: dict[int, float] = {}
        self._token_began: dict[int, float] = {}
        self._began: dict[Execution, float] = {}
        self._stopped: dict[Execution, float] = {}
        self._gone: set[Worker] = set()
        self._began_at: dict[Worker, float] = {}
        self._last_event: dict[Worker, Json] = {}
        super().__init__(without)
        self.store: DenyingStore = DenyingStore(self)
        self.clients = Clients(self.store, self.mailbox, self._listed, self._mail)
        self._reporter = reporting(REPORTED_TO, self.clients, self.now)

    # Faults

    def fault(
        self, of: str, request: str, act: Act, *, times: int = 1, after: int = 0, detected: str = ""
    ) -> None:
        """Let the next matching requests of these processes meet a fault."""
        self._faults.append(Fault(of, re.compile(request), act, times, after, detected))

    def note(self) -> None:
        """Note the moment of the first fault, and what was published until then."""
        if self.injected_at is None:
            self.injected_at = self.seconds
            self.signals.clear()
            self.before = self.results()

    def results(self) -> dict[tuple[str, str], str]:
        """Return the ETag of each result by its run and region."""
        found: dict[tuple[str, str], str] = {}
        for bucket, key in [*self.store.objects]:
            if bucket != REPORTS or not key.startswith("weekly/"):
                continue
            _, run_id, *name = key.split("/")
            stored, region = self.store.get(REPORTS, key), name[0].removesuffix(".json")
            if region in REGIONS and name[-1].endswith(".json") and _is_result(stored.body, run_id, region):
                found[run_id, region] = stored.etag
        return found

    def signal(self, mechanism: str) -> None:
        """Note that a mechanism detected something."""
        self.signals.append(Signal(self.seconds, mechanism))

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Take warnings in the logs of the workers and of the reporter for signals during the block."""
        handler, output = _Warnings(self), _Output(self)
        logger.addHandler(handler)
        try:
            with redirect_stdout(output):
                yield
        finally:
            logger.removeHandler(handler)

    # Time

    def now(self) -> datetime:
        """Return the time of the machines, the workers and the reporter."""
        # The clock of expressions stands still, so that their values are evaluated once for all rows.
        return START + self.skew

    def later(self, seconds: float, event: Callable[[], object]) -> None:
        """Let an event happen in so many seconds."""
        heapq.heappush(self._moments, (self.seconds + seconds, next(self._order), event))

    def pause(self, seconds: float) -> None:
        """Let an execution wait."""
        process = current()
        process.ask(f"pause {seconds:g}", lambda: None)

    def run(self) -> None:
        """Let everything happen until nothing can."""
        while True:
            ready = [process for process in self.processes if process.is_ready and process not in self._hung]
            if ready:
                self._step(ready[0])
                self._notice()
            elif self._moments or self._deadlines():
                self._pass_time()
            else:
                return

    def sweep_now(self) -> None:
        """Let the time of the next sweep come, and everything happen after it."""
        self.seconds = (self.seconds // SWEEP_SECONDS + 1) * SWEEP_SECONDS
        self.skew += timedelta(seconds=SWEEP_SECONDS)
        if self.has_sweeps:
            self.sweep()
        self.run()

    def _pass_time(self) -> None:
        deadlines = self._deadlines()
        at, _, event = min([*self._moments[:1], *deadlines], key=lambda moment: moment[:2])
        if self._moments and self._moments[0][2] is event:
            heapq.heappop(self._moments)
        self.seconds = max(self.seconds, at)
        event()
        self._notice()

    def _deadlines(self) -> list[tuple[float, int, Callable[[], object]]]:
        found: list[tuple[float, int, Callable[[], object]]] = []
        for execution in self.waiting:
            token = execution.tokens[-1]
            heartbeat, timeout = token.heartbeat_seconds, token.timeout_seconds
            if heartbeat and self.heartbeats_count:
                at = self._last_beat[id(token)] + heartbeat
                found.append((at, 0, partial(self._expire, token, "States.HeartbeatTimeout")))
            if timeout:
                at = self._token_began[id(token)] + timeout
                found.append((at, 1, partial(self._expire, token, "States.Timeout")))
        for execution in self.weekly:
            if execution.is_running:
                at = self._began[execution] + SETTINGS.run.timeout_seconds
                found.append((at, 2, partial(self.end, execution, "TIMED_OUT")))
        for worker in self.tasks:
            if worker.process not in self._frozen:
                at = self._began_at[worker] + START_SECONDS + working_seconds(_timeout_of(worker))
                found.append((at, 3, partial(self._ends_itself, worker)))
        return found

    def _ends_itself(self, worker: Worker) -> None:
        """Let the deadline of a worker end it: its thread needs nothing of the rest of the process."""
        if not worker.token.is_settled:
            worker.token.settle(Failed("Worker.DeadlineExceeded", "the deadline"))
            self.signal(DEADLINE)
        self.kill(worker, containers=[{"name": "monitor", "exitCode": 124}])

    def _expire(self, token: Token, error: str) -> None:
        self.signal(HEARTBEAT if error == "States.HeartbeatTimeout" else TIMEOUT)
        token.settle(Failed(error, "no heartbeat"))

    def _step(self, process: Process) -> None:
        worker = self.worker_of(process)
        has_waited = (process, process.requests) in self._slept
        struck = None if has_waited else self._fault_of(process)
        if struck is None and not has_waited and self._takes_time(process, worker):
            return
        region = process.request.removeprefix("imagery of ")
        if region != process.request:
            self.worked_on.append(region)
        request = process.request
        if struck is None:
            process.go_on()
        else:
            self.note()
            struck.act(self, process)
            if struck.detected:
                self.signal(struck.detected)
        if worker and request == "heartbeat" and not worker.token.is_settled:
            self._last_beat[id(worker.token)] = self.seconds
        if worker and request == "failure" and isinstance(worker.token.answer, Failed):
            self.signal(ANSWER)
        if worker is None and request.startswith("get claims/"):
            self.signal(CLAIM)

    def _takes_time(self, process: Process, worker: Worker | None) -> bool:
        """Let a request that takes time wait for its end; return true if it does."""
        seconds = 0.0
        if worker and process.requests == 1:
            seconds = START_SECONDS
        elif process.request.startswith("imagery of "):
            seconds = REGION_SECONDS
        elif process.request.startswith("pause "):
            seconds = float(process.request.split()[1])
        if seconds:
            self.sleep(process, seconds)
        return bool(seconds)

    def sleep(self, process: Process, seconds: float) -> None:
        """Let the request of a process wait before it is answered."""
        self._slept.add((process, process.requests))
        self._hung.add(process)
        self.later(seconds, lambda: self._hung.discard(process))

    def hang(self, process: Process) -> None:
        """Let the main thread of a process never continue."""
        self._hung.add(process)

    def freeze(self, process: Process, seconds: float | None = None) -> None:
        """Let no thread of a process continue, not even that of its deadline, ever or for so many seconds."""
        self._frozen.add(process)
        if seconds is None:
            self._hung.add(process)
        else:
            self.sleep(process, seconds)

    def go_on(self, process: Process) -> None:
        """Let a process that hung continue."""
        self._hung.discard(process)

    def kill(self, worker: Worker, **event: Any) -> None:
        """End the process of a worker; `event` has the fields of the event of ECS about it."""
        self._last_event[worker] = event
        worker.process.kill()
        self._notice()

    def interrupts(self, worker: Worker, **event: Any) -> None:
        """Send SIGTERM to a worker; `event` has the fields of the event of ECS about its end."""
        stopped = {"stopCode": "UserInitiated", "containers": [{"name": "monitor", "exitCode": 143}]}
        self._last_event[worker] = {**stopped, **event}
        self.go_on(worker.process)
        worker.interrupt()
        self._notice()

    def mend(self) -> None:
        """Remove all faults."""
        self._faults.clear()
        self.denied = None
        self.has_task_events = self.has_end_events = self.has_sweeps = True

    def _fault_of(self, process: Process) -> Fault | None:
        worker = self.worker_of(process)
        kind = worker.command if worker else process.name.split("-")[0]
        for each in self._faults:
            if each.of == kind and each.times and each.request.fullmatch(process.request):
                if each.after:
                    each.after -= 1
                    continue
                each.times -= 1
                return each
        return None

    def worker_of(self, process: Process) -> Worker | None:
        """Return the worker of a process, or None for an execution."""
        return next((worker for worker in self.workers if worker.process is process), None)

    # Events that AWS sends by itself

    def _notice(self) -> None:
        """Let AWS send the events of what has ended, and note what has begun."""
        for execution in self.executions:
            self._began.setdefault(execution, self.seconds)
            for token in execution.tokens[-1:]:
                self._token_began.setdefault(id(token), self.seconds)
                self._last_beat.setdefault(id(token), self.seconds)
            if not execution.is_running and execution not in self._stopped:
                self._stopped[execution] = self.seconds
                if not execution.is_weekly and execution.status == "FAILED":
                    self.signal(WATCH_FAILED)
                if execution.is_weekly and execution.status != "SUCCEEDED" and self.has_end_events:
                    self.later(EVENT_SECONDS, partial(self._ended, execution))
        try:
            one_execution_works_at_a_time(self)
        except AssertionError as error:
            self.overlaps.add(str(error))
        for worker in self.workers:
            if worker.process.is_over and worker not in self._gone:
                self._gone.add(worker)
                if self.has_task_events:
                    self.later(EVENT_SECONDS, partial(self._task_ended, worker))

    def redrive(self, execution: Execution) -> None:
        """Continue an execution that was ended from outside; its timeout begins again."""
        del self._stopped[execution]
        self._began[execution] = self.seconds
        super().redrive(execution)

    def _ended(self, execution: Execution) -> None:
        self.signal(EVENT_OF_EXECUTION)
        self.watch_end(execution)

    def _task_ended(self, worker: Worker) -> None:
        self.watch_task(worker, **self._last_event.get(worker, {}))

    def _listed(self) -> list[Ended]:
        return [
            Ended(
                execution,
                START + timedelta(seconds=self._began[execution]),
                START + timedelta(seconds=self._stopped[execution]) if execution in self._stopped else None,
            )
            for execution in self.weekly
        ]

    def _mail(self, subject: str, text: str, message: Json) -> None:
        outcome = message.get("document", {}).get("outcome") or {}
        self.mailbox.subjects.append(subject)
        sent = Message(text=f"{subject}\n{text}", sent_at=self.store.now, outcome=outcome)
        self.messages.append(sent)

    # Calls of the machines

    def answer(self, execution: Execution, call: Call) -> Any:
        """Return the answer of a service, each of which is a request that can meet a fault."""
        if call.state == WeeklyState.LOAD_SETTINGS:
            pinned = json.loads(super().answer(execution, call)["Parameter"]["Value"])
            value = json.dumps({**pinned, "taskDefinition": f"{pinned['taskDefinition']}{self.revision}"})
            return current().ask(call.state, lambda: {"Parameter": {"Value": value}})
        if "MetricData" in call.arguments:
            names = [data["MetricName"] for data in call.arguments["MetricData"]]
            return current().ask(call.state, partial(self._publish_metrics, names))
        if call.state == WatchState.PUBLISH_OUTCOME:
            return current().ask(call.state, lambda: self._published(call.arguments))
        has_request = call.state in _ALREADY_ASKED or {"Key", "ExecutionArn", "Payload"} & {*call.arguments}
        if has_request:
            return super().answer(execution, call)
        return current().ask(call.state, lambda: World.answer(self, execution, call))

    def _publish_metrics(self, names: list[str]) -> Json:
        self.mailbox.metrics.extend(names)
        return {}

    def _published(self, arguments: Json) -> Json:
        outcome = json.loads(arguments["Message"])
        self._mail(arguments["Subject"], arguments["Message"], {"document": {"outcome": outcome}})
        return {"MessageId": "1"}

    def report(self, payload: Json) -> Json:
        """Return the answer of the real reporter."""
        current().ask("reporter", lambda: None)
        answer = self._reporter(payload)
        is_missed = payload.get("outcome", {}).get("status") == "missed"
        if is_missed or answer["Payload"].get("unreported"):
            self.signal(SWEEP)
        return answer

    def stop(self, arn: str) -> Json:
        """Stop a task; its process ends at once."""
        (worker,) = [each for each in self.workers if each.arn == arn]
        self._last_event[worker] = {"stopCode": "UserInitiated"}
        if current().name.startswith("watch"):
            self.signal(SWEEP)
        return super().stop(arn)

    def fail(self, answer: Any) -> Json:
        """Fail a task token on behalf of its worker."""
        done = super().fail(answer)
        self.signal(EVENT_OF_TASK)
        return done

    def began(self, worker: Worker, call: Call) -> None:
        """Note the size, the capacity and the start of a worker."""
        self.calls[worker] = call
        self._began_at[worker] = self.seconds
