"""A region that fails in any way, even by killing its worker, does not affect the other regions."""

import os
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest

from tests.container.catalogs import NAMES
from tests.container.processes import Fault
from tests.container.runs import monitored, planned
from worker import s3
from worker.aws import REFUSAL_PAUSES_SECONDS
from worker.errors import ErrorName, Interrupted, TokenDead, WorkerError
from worker.results import Findings, RegionResult, region_key, shard_key
from worker.s3 import JSON, Bucket
from worker.workloads import Comparison, Job, Outcome, Remark, RunFile, Succeeded

SHARE = NAMES[::2]
# As many as end the patience of a call.
REFUSALS = len(REFUSAL_PAUSES_SECONDS) + 1
BAD, OTHER_BAD = SHARE[1], SHARE[4]
# An error that ends the attempt, wherever it is raised.
BUSY = WorkerError(ErrorName.SERVICE_UNAVAILABLE, "S3 is busy.")


class Conduct:
    """A workload that does its regions one by one, each with the behaviour that the test gives it."""

    can_shard: ClassVar[bool] = True
    can_resume: ClassVar[bool] = True
    can_skip_scraping: ClassVar[bool] = True
    needs_internet: ClassVar[bool] = False

    def __init__(self, **bad: Callable[[], object]) -> None:
        self.bad = bad
        self.worked_on: list[str] = []

    @property
    def checked(self) -> tuple[str, ...]:
        return ()

    def problems(self) -> Iterator[WorkerError]:
        return iter(())

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        for region in job.regions:
            self.worked_on.append(region.name)
            self.bad.get(region.name, lambda: None)()
            yield Succeeded(
                region, Findings(change_count=1, area_ha=1), b"%PDF", Comparison(b"before", b"after")
            )
            progress()


class InOneGo(Conduct):
    """A workload that does all its regions in one process, which reports each region and returns results at its end."""

    def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
        job.begin(None)
        self.bad.get("", lambda: None)()
        for region in job.regions:
            job.begin(region.name)
            self.worked_on.append(region.name)
            self.bad.get(region.name, lambda: None)()
            progress()
        job.begin(None)
        for region in job.regions:
            yield Succeeded(region, Findings(change_count=1, area_ha=1), None, None)


def fails(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture(autouse=True)
def plan(cache: Bucket) -> None:
    planned(cache, shards=2)


class SpeechlessError(Exception):
    """An error whose text cannot be had."""

    def __init__(self, error: BaseException = ValueError("no text")) -> None:  # noqa: B008
        super().__init__()
        self.error = error

    def __str__(self) -> str:
        raise self.error


class PanicException(BaseException):
    """A panic in a library that is written in Rust."""


IN_PROCESS: dict[str, tuple[BaseException, str]] = {
    "raises": (ValueError("no such band"), "ValueError: no such band"),
    "exits": (SystemExit(7), "The work on the region ended the program (SystemExit: 7)."),
    "is cancelled": (KeyboardInterrupt(), "The work on the region raised KeyboardInterrupt."),
    "is closed": (GeneratorExit("closed"), "The work on the region raised GeneratorExit: closed."),
    "panics": (PanicException("index out of bounds"), "raised PanicException: index out of bounds."),
    "recurses": (RecursionError("too deep"), "RecursionError: too deep"),
    "says half of a character": (ValueError("a\ud800b"), "ValueError: a\\ud800b"),
    "cannot say": (SpeechlessError(), "SpeechlessError: (no text: ValueError)"),
    "exits when it is to say": (SpeechlessError(SystemExit()), "SpeechlessError: (no text: SystemExit)"),
    "has a program that fails": (
        WorkerError(ErrorName.PROGRAM_FAILED, "It ended with exit code 1."),
        "It ended with exit code 1.",
    ),
}


@pytest.mark.parametrize("workload", [Conduct, InOneGo])
@pytest.mark.parametrize("what", IN_PROCESS)
def test_an_exception_in_a_region_fails_only_that_region(
    reports: Bucket, cache: Bucket, workload: type[Conduct], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Parallel tests send what they have logged to each other as UTF-8, and the worker's own log escapes the rest.
    caplog.set_level("CRITICAL", logger="worker")
    error, reason = IN_PROCESS[what]
    answer = monitored(workload(**{BAD: fails(error)}), reports, cache)
    assert (answer["status"], answer["succeeded"], answer["failed"]) == ("partial", 14, 1)
    [failure] = answer["failures"]
    assert failure["region"] == BAD
    assert reason in failure["error"]


def test_a_reason_is_as_long_as_a_person_reads(reports: Bucket, cache: Bucket) -> None:
    monitored(Conduct(**{BAD: fails(ValueError("x" * 20_000_000))}), reports, cache)
    written = reports.read(shard_key("2026-W48", 0))
    assert written is not None
    assert len(written) < 100_000


def test_every_region_may_raise(reports: Bucket, cache: Bucket) -> None:
    answer = monitored(Conduct(**{name: fails(ValueError(name)) for name in SHARE}), reports, cache)
    assert (answer["status"], answer["failed"]) == ("failed", 15)
    assert {failure["error"] for failure in answer["failures"]} == {f"ValueError: {name}" for name in SHARE}


@pytest.mark.parametrize(
    "error",
    [
        BUSY,
        WorkerError(ErrorName.CREDENTIALS_INVALID, "Nobody is let in."),
        TokenDead(),
        Interrupted(),
    ],
)
def test_an_error_that_another_attempt_may_resolve_ends_the_attempt(
    reports: Bucket, cache: Bucket, error: BaseException
) -> None:
    with pytest.raises(type(error)):
        monitored(Conduct(**{BAD: fails(error)}), reports, cache)


OUT_OF_MEMORY = [MemoryError(), WorkerError(ErrorName.OUT_OF_MEMORY, "The program was killed.")]


@pytest.mark.parametrize("workload", [Conduct, InOneGo])
@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_regions_that_run_out_of_memory_are_left_to_a_larger_task_and_then_set_aside(
    reports: Bucket, cache: Bucket, workload: type[Conduct], error: BaseException
) -> None:
    bad = {BAD: fails(error), OTHER_BAD: fails(error)}
    with pytest.raises(WorkerError, match=f"Memory ran out at {BAD}, {OTHER_BAD} ") as caught:
        monitored(workload(**bad), reports, cache)
    assert caught.value.name is ErrorName.OUT_OF_MEMORY
    assert done(reports) == {*SHARE} - {BAD, OTHER_BAD}
    # The larger task is large enough for one of them.
    second = workload(**{OTHER_BAD: fails(error)})
    answer = monitored(second, reports, cache, attempt=1)
    assert second.worked_on == [BAD, OTHER_BAD]
    assert (answer["succeeded"], answer["skipped"], answer["failed"]) == (1, 13, 1)
    assert [failure["region"] for failure in answer["failures"]] == [OTHER_BAD]


def test_a_share_of_one_region_that_runs_out_of_memory_is_left_to_a_larger_task(
    reports: Bucket, cache: Bucket
) -> None:
    planned(cache, shards=29)
    for number in range(3):
        with pytest.raises(WorkerError, match=f"Memory ran out at {NAMES[0]} "):
            monitored(Conduct(**{NAMES[0]: fails(MemoryError())}), reports, cache, attempt=number)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_an_exit_while_a_result_is_written_fails_its_region(
    reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    write_if = Bucket.write_if

    def written(bucket: Bucket, key: str, *given: Any, **named: Any) -> str | None:
        if key == region_key("2026-W48", BAD):
            raise error
        return write_if(bucket, key, *given, **named)

    monkeypatch.setattr(Bucket, "write_if", written)
    answer = monitored(Conduct(), reports, cache)
    assert (answer["succeeded"], [failure["region"] for failure in answer["failures"]]) == (14, [BAD])


def test_a_program_that_fails_before_its_first_region_blames_none(reports: Bucket, cache: Bucket) -> None:
    error = WorkerError(ErrorName.PROGRAM_FAILED, "It has no configuration.")
    workload = InOneGo(**{"": fails(error)})
    with pytest.raises(WorkerError, match="It has no configuration"):
        monitored(workload, reports, cache)
    assert workload.worked_on == []


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("name", [f"{BAD}.json", f"{BAD}.pdf"])
def test_a_region_that_may_not_be_written_fails_alone(
    reports: Bucket, cache: Bucket, fault: Fault, name: str
) -> None:
    path = f"/{reports.name}/weekly/2026-W48/{name}"
    fault(operation="s3:PutObject", error="AccessDenied", status=403, times=REFUSALS, match={"path": path})
    answer = monitored(Conduct(), reports, cache)
    assert (answer["succeeded"], answer["failed"]) == (14, 1)
    [failure] = answer["failures"]
    assert failure["region"] == BAD
    assert "AccessDenied" in failure["error"]


@pytest.mark.usefixtures("no_pauses")
def test_a_bucket_that_is_closed_ends_the_attempt(reports: Bucket, cache: Bucket, fault: Fault) -> None:
    for name in (f"{BAD}.pdf", "probe"):
        path = f"/{reports.name}/weekly/2026-W48/{name}"
        fault(
            operation="s3:PutObject", error="AccessDenied", status=403, times=REFUSALS, match={"path": path}
        )
    with pytest.raises(WorkerError, match="AccessDenied"):
        monitored(Conduct(), reports, cache)


def _attempt(conduct: Conduct, reports: str, cache: str, changes: dict[str, Any]) -> None:
    client = boto3.client("s3")
    monitored(conduct, Bucket(client, reports), Bucket(client, cache), **changes)


class Killed(Conduct):
    """A workload that ends its process at some regions, at once and without a message."""

    def __init__(self, *names: str) -> None:
        super().__init__(**dict.fromkeys(names, lambda: os._exit(9)))

    def __reduce__(self) -> tuple[type["Killed"], tuple[str, ...]]:
        return Killed, tuple(self.bad)


def attempt(reports: Bucket, cache: Bucket, *bad: str, **changes: Any) -> int | None:
    """Run an attempt in a separate process, and return its exit code."""
    process = get_context("spawn").Process(
        target=_attempt, args=(Killed(*bad), reports.name, cache.name, changes)
    )
    process.start()
    process.join(60)
    return process.exitcode


def done(reports: Bucket) -> set[str]:
    return {name for name in NAMES if reports.read(region_key("2026-W48", name))}


def test_a_region_that_ends_its_process_goes_last_and_is_then_set_aside(
    reports: Bucket, cache: Bucket
) -> None:
    assert attempt(reports, cache, BAD) == 9
    assert done(reports) == {SHARE[0]}
    assert attempt(reports, cache, BAD, attempt=1) == 9
    assert done(reports) == {*SHARE} - {BAD}
    third = Conduct(**{BAD: fails(AssertionError("it is set aside"))})
    answer = monitored(third, reports, cache, attempt=2)
    assert third.worked_on == []
    assert (answer["status"], answer["skipped"], answer["failed"]) == ("partial", 14, 1)
    [failure] = answer["failures"]
    assert failure["region"] == BAD
    assert failure["error"].startswith("Set aside: 2 attempts ended while they worked on it.")


def test_two_failing_regions_do_not_stop_the_rest_of_their_shard(reports: Bucket, cache: Bucket) -> None:
    for number in range(3):
        assert attempt(reports, cache, BAD, OTHER_BAD, attempt=number) == 9
    assert done(reports) == {*SHARE} - {BAD, OTHER_BAD}
    # A redo tries each once more, and ends.
    codes = [attempt(reports, cache, BAD, OTHER_BAD, attempt=n, execution="redo") for n in range(3)]
    assert codes == [9, 9, 0]


def test_a_redo_tries_a_region_that_was_set_aside_once_more(reports: Bucket, cache: Bucket) -> None:
    for number in range(2):
        attempt(reports, cache, BAD, attempt=number)
    assert monitored(Conduct(), reports, cache, attempt=2)["failed"] == 1
    mended = Conduct()
    assert monitored(mended, reports, cache, execution="redo")["succeeded"] == 1
    assert mended.worked_on == [BAD]


def test_a_region_that_failed_by_itself_is_no_suspect_of_the_next_attempt(
    reports: Bucket, cache: Bucket
) -> None:
    monitored(Conduct(**{SHARE[-1]: fails(ValueError("no image"))}), reports, cache)
    again = Conduct(**{SHARE[-1]: fails(ValueError("no image"))})
    assert monitored(again, reports, cache, attempt=1)["failures"] == [
        {"region": SHARE[-1], "error": "ValueError: no image"}
    ]
    assert again.worked_on == [SHARE[-1]]


def test_a_worker_that_is_stopped_from_outside_blames_no_region(reports: Bucket, cache: Bucket) -> None:
    for number in range(3):
        with pytest.raises(Interrupted):
            monitored(Conduct(**{BAD: fails(Interrupted())}), reports, cache, attempt=number)
    last = Conduct()
    assert monitored(last, reports, cache, attempt=3)["failed"] == 0
    assert last.worked_on == SHARE[1:]


def test_a_worker_that_wakes_up_late_leaves_the_journal_of_the_next_attempt(
    reports: Bucket, cache: Bucket
) -> None:
    def overtaken() -> None:
        with pytest.raises(WorkerError):
            monitored(Conduct(**{OTHER_BAD: fails(BUSY)}), reports, cache, attempt=1)
        raise Interrupted

    with pytest.raises(Interrupted):
        monitored(Conduct(**{BAD: overtaken}), reports, cache)
    third = Conduct()
    monitored(third, reports, cache, attempt=2)
    assert third.worked_on[-1] == OTHER_BAD


def test_an_unreadable_journal_fails_no_region(reports: Bucket, cache: Bucket) -> None:
    cache.write("runs/2026-W48/shards/0.json", b"{", JSON)
    assert monitored(Conduct(), reports, cache)["succeeded"] == 15


@pytest.mark.parametrize("operation", ["s3:GetObject", "s3:PutObject"])
@pytest.mark.usefixtures("no_pauses")
def test_a_refused_journal_fails_no_region_and_a_refused_write_is_a_warning(
    reports: Bucket, cache: Bucket, fault: Fault, operation: str
) -> None:
    key = "runs/2026-W48/shards/0.json"
    cache.write(key, b"{}", JSON)
    match = {"path": f"/{cache.name}/{key}"}
    fault(operation=operation, error="AccessDenied", status=403, times=REFUSALS, match=match)
    answer = monitored(Conduct(), reports, cache)
    assert (answer["succeeded"], answer["failed"]) == (15, 0)
    assert [key in warning for warning in answer["warnings"]] == [True] * (operation == "s3:PutObject")


@pytest.mark.usefixtures("no_pauses")
def test_a_result_that_is_too_large_to_read_is_made_anew(
    reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitored(Conduct(), reports, cache)
    monkeypatch.setattr(s3, "MOST_BYTES_READ", 10_000)
    reports.write(region_key("2026-W48", BAD), b" " * 10_001, JSON)
    again = Conduct()
    answer = monitored(again, reports, cache, attempt=1)
    assert again.worked_on == [BAD]
    assert (answer["succeeded"], answer["skipped"]) == (1, 14)
    assert reports.read(region_key("2026-W48", BAD))


@pytest.mark.usefixtures("no_pauses")
def test_an_archived_result_is_made_anew(reports: Bucket, cache: Bucket, fault: Fault) -> None:
    monitored(Conduct(), reports, cache)
    match = {"path": f"/{reports.name}/{region_key('2026-W48', BAD)}"}
    fault(operation="s3:GetObject", error="InvalidObjectState", status=403, times=REFUSALS, match=match)
    answer = monitored(Conduct(), reports, cache, attempt=1)
    assert (answer["succeeded"], answer["skipped"]) == (1, 14)


UNREADABLE = {
    "empty": b"",
    "cut off": b'{"region": "jaka',
    "another schema": b'{"name": "brebes", "ok": true}',
    "no object": b"[]",
    "of another region": None,
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_result_that_cannot_be_read_is_made_anew(reports: Bucket, cache: Bucket, what: str) -> None:
    monitored(Conduct(), reports, cache)
    broken = UNREADABLE[what]
    if broken is None:
        broken = reports.read(region_key("2026-W48", OTHER_BAD)) or b""
    reports.write(region_key("2026-W48", BAD), broken, JSON)
    again = Conduct()
    answer = monitored(again, reports, cache, attempt=1)
    assert again.worked_on == [BAD]
    assert (answer["succeeded"], answer["skipped"]) == (1, 14)
    written = RegionResult.model_validate_json(reports.read(region_key("2026-W48", BAD)) or b"")
    assert (written.region, written.attempt) == (BAD, 1)


def test_a_result_that_another_worker_replaced_meanwhile_is_kept(reports: Bucket, cache: Bucket) -> None:
    monitored(Conduct(), reports, cache)
    mended = reports.read(region_key("2026-W48", BAD)) or b""
    reports.write(region_key("2026-W48", BAD), b"", JSON)

    def mend() -> None:
        reports.write(region_key("2026-W48", BAD), mended, JSON)

    answer = monitored(Conduct(**{BAD: mend}), reports, cache, attempt=1)
    assert (answer["succeeded"], answer["skipped"]) == (0, 15)
    assert reports.read(region_key("2026-W48", BAD)) == mended


def test_a_planned_region_that_the_image_does_not_have_fails_by_its_name(
    reports: Bucket, cache: Bucket
) -> None:
    planned(cache, shards=1, names=["atlantis", *NAMES[:3]])
    answer = monitored(Conduct(), reports, cache)
    assert (answer["succeeded"], answer["failed"]) == (3, 1)
    [failure] = answer["failures"]
    assert failure["region"] == "atlantis"
    assert "deploy an image that has it" in failure["error"]


def test_a_share_of_one_region_writes_no_journal(reports: Bucket, cache: Bucket) -> None:
    planned(cache, shards=len(NAMES))
    monitored(Conduct(), reports, cache)
    assert list(cache.keys("runs/2026-W48/shards/")) == []


def test_the_worker_process_continues_after_a_region_that_was_killed(
    start_worker: Any, cache: Bucket
) -> None:
    """The same with `python -m worker`, a real token and the sample workload."""
    planned(cache, shards=1, names=NAMES[:3])
    cache.write(
        "runs/2026-W48/shards/0.json",
        f'{{"execution": "", "attempt": 1, "region": "{NAMES[0]}", "ended": {{"{NAMES[0]}": 1}}}}'.encode(),
        JSON,
    )
    worker = start_worker("monitor", ATTEMPT="2")
    assert worker.exit_code() == 3, worker.log
    answer = worker.waiting.output
    assert (answer["succeeded"], answer["failures"][0]["region"]) == (2, NAMES[0])


@pytest.mark.parametrize("name", [f"{BAD}.json", f"{BAD}.pdf", "summary.json", "shards/0.json"])
def test_a_file_of_a_program_never_replaces_an_object_that_the_run_writes(
    reports: Bucket, cache: Bucket, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"the program's")

    class Colliding(Conduct):
        def outcomes(self, job: Job, progress: Callable[[], None]) -> Iterator[Outcome | RunFile | Remark]:
            yield from super().outcomes(job, progress)
            yield RunFile(name, path, "application/json")

    planned(cache, shards=1)
    answer = monitored(Colliding(), reports, cache)
    assert answer["warnings"] == [f"{name} is not published: the run writes an object with this name itself."]
    assert reports.read(f"weekly/2026-W48/{name}") != b"the program's"
