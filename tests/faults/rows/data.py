"""Objects that are damaged, deleted, or written by something else."""

import json
from collections.abc import Callable

from tests.faults.acts import KILLED, killed, spoil, spoilt
from tests.faults.mechanisms import ANSWER, CLAIM, EVENT_OF_TASK, REDUCE, REPORTER, WATCH_FAILED, WORKER
from tests.faults.row import WEEK, Row, one_week
from tests.faults.rows.workers import BEFORE_SUBANG
from tests.faults.timeline import Act, Stack
from tests.protocols.process import Process
from tests.protocols.worker import CACHE, REPORTS

PLAN = f"runs/{WEEK}/plan.json"
BREBES = f"weekly/{WEEK}/brebes.json"


def _spoilt_and_killed(key: str, body: bytes | None) -> Act:
    """Return an act that damages an object, and kills the worker, so that its successor reads it."""

    def act(stack: Stack, process: Process) -> None:
        spoil(stack, key, body)
        killed(KILLED)(stack, process)

    return act


def _of_another_region(stack: Stack, process: Process) -> None:
    written = json.loads(stack.store.get(REPORTS, BREBES).body)
    _spoilt_and_killed(BREBES, json.dumps({**written, "region": "tegal"}).encode())(stack, process)


def _redo_after(key: str) -> Callable[[Stack], None]:
    """Return a course in which an object of a complete run is damaged, and the run is done again."""

    def drive(stack: Stack) -> None:
        one_week(stack)
        stack.fault("validate", "heartbeat", spoilt(key))
        stack.redo(WEEK)
        stack.run()

    return drive


_NO_TEXT = b"\xff\xfe"


def _plan_restored(stack: Stack) -> None:
    """Delete the damaged plan, so that the next start plans the run again."""
    stack.store.objects.pop((CACHE, PLAN), None)


def _claims_deleted(stack: Stack) -> None:
    for key in ("claims/active", f"claims/runs/{WEEK}"):
        stack.store.objects.pop((CACHE, key), None)


def _damaged_claim(key: str, body: bytes = b"{") -> Callable[[Stack], None]:
    return lambda stack: spoil(stack, key, body)


ROWS = (
    Row(
        name="plan damaged in mid-run",
        fault="The plan of a run is overwritten by something that is no plan.",
        injected="plan.json is { when the first worker of a shard reads it.",
        inject=lambda stack: stack.fault("monitor", "get runs/.*/plan.json", spoilt(PLAN)),
        ends="failed",
        detected=ANSWER,
        remedy=_plan_restored,
        command=json.dumps({"scheduled_time": "2026-11-23T06:00:00Z"}),
        is_summarized=False,
    ),
    Row(
        name="plan deleted in mid-run",
        fault="The plan of a run is deleted by hand.",
        injected="plan.json is gone when the first worker of a shard reads it.",
        inject=lambda stack: stack.fault("monitor", "get runs/.*/plan.json", spoilt(PLAN, None)),
        ends="failed",
        detected=ANSWER,
        command=json.dumps({"scheduled_time": "2026-11-23T06:00:00Z"}),
        is_summarized=False,
    ),
    Row(
        name="result damaged between two attempts",
        fault="The result of a region is cut off, and its worker is killed.",
        injected="The object is { when the next attempt reads it.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, _spoilt_and_killed(BREBES, b"{")),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="result empty",
        fault="The result of a region is an empty object, and its worker is killed.",
        injected="The object has no bytes when the next attempt reads it.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, _spoilt_and_killed(BREBES, b"")),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="result of another region",
        fault="The object of a region holds the result of another one, and its worker is killed.",
        injected="The object names another region when the next attempt reads it.",
        inject=lambda stack: stack.fault("monitor", BEFORE_SUBANG, _of_another_region),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="result deleted before it is summed up",
        fault="The result of a region is deleted by hand while the run is summed up.",
        injected="The object is gone when the reduce step lists the results.",
        inject=lambda stack: stack.fault(
            "summarize", "list weekly/.*", spoilt(BREBES, None), detected=REDUCE
        ),
        ends="partial",
        detected=REDUCE,
    ),
    Row(
        name="result damaged after the run",
        fault="The result of a region is damaged when its run is complete, and an operator does the run again.",
        injected="The object is { when the redo begins.",
        inject=lambda _: None,
        drive=_redo_after(BREBES),
        ends="succeeded",
        detected=WORKER,
        within=45,
    ),
    Row(
        name="result of a shard damaged",
        fault="The record of a shard's regions is damaged.",
        injected="The object is { when the reduce step lists the results.",
        inject=lambda stack: stack.fault(
            "summarize", "list weekly/.*", spoilt(f"weekly/{WEEK}/shards/0.json")
        ),
        ends="succeeded",
        detected=WORKER,
    ),
    Row(
        name="summary damaged after the run",
        fault="The summary of a run is damaged when it is complete, and an operator does the run again.",
        injected="The object is { when the redo begins.",
        inject=lambda _: None,
        drive=_redo_after(f"weekly/{WEEK}/summary.json"),
        ends="succeeded",
        detected="",
    ),
    Row(
        name="journal damaged",
        fault="The journal of a shard is damaged, and its worker is killed.",
        injected="The object is { when the next attempt reads it.",
        inject=lambda stack: stack.fault(
            "monitor", BEFORE_SUBANG, _spoilt_and_killed(f"runs/{WEEK}/shards/0.json", b"{")
        ),
        ends="succeeded",
        detected=EVENT_OF_TASK,
        within=2,
    ),
    Row(
        name="history damaged",
        fault="The history of all runs is damaged.",
        injected="history.json is { when the reduce step writes the page of the run.",
        inject=lambda stack: stack.fault("summarize", "put .*/index.html", spoilt("history.json")),
        ends="succeeded",
        detected=REPORTER,
    ),
    Row(
        name="record of the last success damaged",
        fault="The record of the last success is damaged.",
        injected="The object is { when the next sweep reads it.",
        inject=lambda stack: stack.fault(
            "watch", "get state/last-success.json", spoilt("state/last-success.json")
        ),
        ends="succeeded",
        detected=WATCH_FAILED,
    ),
    Row(
        name="record of the last success is no text",
        fault="The record of the last success has bytes that are no text.",
        injected="state/last-success.json is the bytes FF FE when the watch machine reads it.",
        inject=lambda stack: stack.fault(
            "watch", "get state/last-success.json", spoilt("state/last-success.json", _NO_TEXT)
        ),
        ends="succeeded",
        detected=WATCH_FAILED,
        within=6,
    ),
    Row(
        name="claim of the pipeline damaged",
        fault="The claim of the pipeline names no execution.",
        injected="The object is { when a run begins.",
        inject=_damaged_claim("claims/active"),
        ends="failed",
        detected=CLAIM,
        remedy=_claims_deleted,
    ),
    Row(
        name="claim of the pipeline empty",
        fault="The claim of the pipeline has no bytes.",
        injected="The object is empty when a run begins.",
        inject=_damaged_claim("claims/active", b""),
        ends="failed",
        detected=CLAIM,
        remedy=_claims_deleted,
    ),
    Row(
        name="claim of the pipeline is no text",
        fault="The claim of the pipeline has bytes that are no text.",
        injected="The object is the bytes FF FE when a run begins.",
        inject=_damaged_claim("claims/active", _NO_TEXT),
        ends="failed",
        detected=CLAIM,
        remedy=_claims_deleted,
    ),
    Row(
        name="claim of the run damaged",
        fault="The claim of a week names no execution.",
        injected="The object is { when a run begins.",
        inject=_damaged_claim(f"claims/runs/{WEEK}"),
        ends="failed",
        detected=CLAIM,
        remedy=_claims_deleted,
    ),
)
