"""A worker of the model: the worker's own commands, between the first heartbeat and the answer to its task token."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.components.machines.walk import Failed as StateFailed
from tests.protocols.bucket import START, Client, Store, etag_of, fault
from tests.protocols.process import LostError, Process, ask, nothing
from tests.stacks import names_of
from worker.callback import TaskToken
from worker.errors import ErrorName, Interrupted, TokenDead, WorkerError
from worker.monitor import monitor
from worker.results import Findings
from worker.s3 import Bucket
from worker.settings import Settings
from worker.summarize import summarize
from worker.validate import validate
from worker.workloads import Failed, Job, Outcome, Succeeded

REPORTS, CACHE = names_of("dev").bucket("reports"), names_of("dev").bucket("cache")
REGIONS = ("brebes", "tegal", "subang")
_TASK_DEFINITION = {
    "S3_REPORTS_BUCKET": REPORTS,
    "S3_CACHE_BUCKET": CACHE,
    "ITEMS": json.dumps({"title": "Java", "regions": [{"name": name} for name in REGIONS]}),
    "SHARDS": "2",
}


class WithoutNew(Bucket):
    """A bucket in which a new object is written without a condition."""

    def write_if(self, key: str, body: bytes, content_type: str, *, etag: str | None) -> str | None:
        """Write an object, whether there is one or not; one that replaces another keeps its condition."""
        if etag is not None:
            return super().write_if(key, body, content_type, etag=etag)
        self.write(key, body, content_type)
        return etag_of(body)


class WithoutSummary(Bucket):
    """A bucket in which a summary, and the pages and clearings before it, are written without a condition."""

    def write_if(self, key: str, body: bytes, content_type: str, *, etag: str | None) -> str | None:
        """Write an object, without its condition if it is one of them."""
        if not key.endswith(("/summary.json", ".html", ".geojson", ".csv")):
            return super().write_if(key, body, content_type, etag=etag)
        self.write(key, body, content_type)
        return etag_of(body)


@dataclass
class Token:
    """A task token, which is answered at most once."""

    timeout_seconds: float | None = None
    heartbeat_seconds: float | None = None
    answer: Any = None
    is_settled: bool = False

    def settle(self, answer: Any) -> None:
        """Answer the token, unless it has been answered."""
        if not self.is_settled:
            self.answer, self.is_settled = answer, True


class StepFunctions:
    """The operations of a botocore client of Step Functions on one task token."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def send_task_heartbeat(self, **_: str) -> None:
        """Refuse a heartbeat of a token that is no longer valid."""
        self._asked("heartbeat", nothing)

    def send_task_success(self, *, output: str, **_: str) -> None:
        """Answer the token with a result."""
        self._asked("success", lambda: self._token.settle(json.loads(output)))

    def send_task_failure(self, *, error: str, cause: str, **_: str) -> None:
        """Answer the token with an error."""
        self._asked("failure", lambda: self._token.settle(StateFailed(error, cause)))

    def _asked(self, request: str, answer: Callable[[], None]) -> None:
        def perform() -> None:
            if self._token.is_settled:
                raise fault(400, "TaskTimedOut")
            answer()

        try:
            ask(request, perform)
        except LostError as error:
            raise fault(503, "ServiceUnavailable") from error


class Analysis:
    """A workload that finds a hectare in each region; if its request for imagery gets no answer, the region fails."""

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False
    checked = ()

    def problems(self) -> Iterator[WorkerError]:
        """Yield nothing, since this workload needs nothing."""
        return iter(())

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome]:
        """Yield the outcome of each region."""
        for region in job.regions:
            try:
                ask(f"imagery of {region.name}", nothing)
            except LostError as error:
                yield Failed(region, f"no imagery: {error}")
            else:
                yield Succeeded(region, Findings(change_count=1, area_ha=1), b"%PDF", None)
            progress()


@dataclass(eq=False)
class Worker:
    """An ECS task with its process."""

    arn: str
    group: str
    command: str
    environment: Mapping[str, str]
    store: Store
    bucket: type[Bucket] = Bucket
    token: Token = field(default_factory=Token)
    beats: bool = False
    """If true, each step of the work sends a heartbeat; otherwise heartbeats are as rare as possible."""
    clock: Callable[[], datetime] = lambda: START
    process: Process = field(init=False)
    _is_interrupted: bool = False

    def __post_init__(self) -> None:
        self.process = Process(self.arn, self._work)

    @property
    def execution(self) -> str:
        """The ARN of the execution that started the worker."""
        return self.environment["EXECUTION"]

    def interrupt(self) -> None:
        """Send SIGTERM; like the worker's handler, ignore all but the first."""
        if not self._is_interrupted:
            self._is_interrupted = True
            self.process.stop(Interrupted())

    def _work(self) -> None:
        """Do what the worker's main function does, without its environment and its deadline."""
        token = TaskToken(self.arn, StepFunctions(self.token))  # type: ignore[arg-type]
        with suppress(TokenDead):
            try:
                self._answered(token)
            except Interrupted:
                _fail(token, ErrorName.INTERRUPTED, "The task was stopped.")

    def _answered(self, token: TaskToken) -> None:
        try:
            token.beat()
            token.succeed(self._answer(token))
        except WorkerError as error:
            _fail(token, error.name, error.cause)
        except ClientError as error:
            _fail(token, ErrorName.CRASHED, str(error))

    def _answer(self, token: TaskToken) -> dict[str, Any]:
        settings = Settings.from_environment({**_TASK_DEFINITION, **self.environment})
        client: Any = Client(self.store)
        reports, cache = self.bucket(client, REPORTS), self.bucket(client, CACHE)
        progress = token.beat if self.beats else nothing
        if self.command == "validate":
            return validate(
                settings, Analysis(), reports=reports, cache=cache, progress=progress, now=self.clock()
            )
        if self.command == "summarize":
            return summarize(settings, reports=reports, cache=cache, progress=progress, beat=token.beat)
        return monitor(
            settings,
            Analysis(),
            reports=reports,
            cache=cache,
            progress=progress,
            beat=token.beat,
            log_stream=None,
            clock=lambda: 0.0,
        )


def _fail(token: TaskToken, name: ErrorName, cause: str) -> None:
    # Without an answer, the machine waits for the heartbeat.
    with suppress(ClientError):
        token.fail(name, cause)
