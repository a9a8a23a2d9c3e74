"""The promises of runs: a good run keeps all of them, and each kind of damage breaks its own."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.invariants import Kind, orphans, violations
from tests.faults.reading import Command, Execution, Message, Put, Run
from worker.results import RegionResult, Summary, SummaryRegion

RUN, PLAN = "2026-W50", ("merak", "jakarta", "solo")
START = datetime(2026, 12, 7, 6, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def result(region: str, *, seconds: float = 10) -> Put:
    found = RegionResult(
        change_count=0,
        area_ha=0,
        region=region,
        run_id=RUN,
        shard=0,
        attempt=0,
        seconds=1,
        report=f"weekly/{RUN}/{region}.pdf",
    )
    return Put(found.model_dump_json().encode(), at(seconds))


def sums(*done: str, seconds: float) -> dict[str, tuple[Put, ...]]:
    """Return the summary and the page that name some regions as done."""
    regions = tuple(
        SummaryRegion(region=name, shard=0, status="succeeded" if name in done else "failed") for name in PLAN
    )
    summary = Summary(
        run_id=RUN,
        workload="sample",
        periods=(),
        created=START,
        status="succeeded" if len(done) == len(PLAN) else "partial",
        succeeded=len(done),
        failed=len(PLAN) - len(done),
        change_count=0,
        area_ha=0,
        regions=regions,
    )
    page = f'<dt class="quiet">of {len(PLAN)} regions done</dt><dd>{len(done)}</dd>'
    return {
        "summary.json": (Put(summary.model_dump_json().encode(), at(seconds)),),
        "index.html": (Put(page.encode(), at(seconds - 1)),),
    }


def ended(name: str, *done: str, seconds: float, **outcome: Any) -> Execution:
    said = {
        "status": "succeeded" if len(done) == len(PLAN) else "partial",
        "regions": len(PLAN),
        "succeeded": len(done),
        "failures": [{"region": region, "error": "cloud"} for region in PLAN if region not in done],
        "is_summarized": True,
        **outcome,
    }
    arn = f"arn:aws:states:us-east-1:111111111111:execution:weekly:{name}"
    return Execution(arn=arn, status="SUCCEEDED", ended_at=at(seconds), read_at=at(seconds - 5), outcome=said)


def told(execution: Execution, text: str = "", **outcome: Any) -> Message:
    return Message(
        text=f"{text} {execution.arn}",
        sent_at=execution.ended_at - timedelta(seconds=1),
        outcome={**execution.outcome, "execution": execution.arn, **outcome},
    )


def letters(execution: Execution, **regions: str) -> Mapping[str, Any]:
    return {"execution": execution.name, "regions": {**dict.fromkeys(PLAN, "s"), **regions}}


FIRST = ended("first", "merak", "jakarta", seconds=30)
REDO = ended("redo", *PLAN, seconds=60)
PARTIAL = Run(
    run_id=RUN,
    asked=frozenset(PLAN),
    plan=PLAN,
    puts={
        "merak.json": (result("merak"),),
        "jakarta.json": (result("jakarta"),),
        **sums("merak", "jakarta", seconds=27),
    },
    executions=(FIRST,),
    messages=(told(FIRST),),
    commands=(Command("ccapi follow 2026-W50", 3, at(31)),),
    history=letters(FIRST, solo="f"),
)
COMPLETE = replace(
    PARTIAL,
    puts={**PARTIAL.puts, "solo.json": (result("solo", seconds=50),), **sums(*PLAN, seconds=57)},
    executions=(FIRST, REDO),
    messages=(*PARTIAL.messages, told(REDO, f"Run {RUN} is complete: all 3 regions were monitored.")),
    commands=(*PARTIAL.commands, Command("ccapi redo 2026-W50 --follow", 0, at(61))),
    history=letters(REDO),
)
CUT = Put(b'{"region": "me', at(20))


def with_puts(run: Run, **puts: tuple[Put, ...]) -> Run:
    named = {name.replace("_", "."): each for name, each in puts.items()}
    return replace(run, puts={**run.puts, **named})


@pytest.mark.parametrize("run", [PARTIAL, COMPLETE])
def test_a_good_run_keeps_every_promise(run: Run) -> None:
    assert violations(run) == []


def test_a_damaged_result_that_is_replaced_breaks_no_promise() -> None:
    again = with_puts(COMPLETE, solo_json=(replace(CUT, written_at=at(5)), result("solo", seconds=50)))
    assert violations(again) == []


def test_a_plan_that_no_execution_received_needs_no_summary() -> None:
    failed = replace(FIRST, status="FAILED", outcome={})
    message = told(failed, status="failed", is_summarized=True)
    unanswered = Run(
        run_id=RUN, asked=frozenset(PLAN), plan=PLAN, puts={}, executions=(failed,), messages=(message,)
    )
    assert violations(unanswered) == []
    received = replace(message, outcome={**message.outcome, "regions": len(PLAN)})
    assert [each.kind for each in violations(replace(unanswered, messages=(received,)))] == [Kind.STALE]


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_a_message_of_what_an_execution_knew_before_a_stop_is_true(status: str) -> None:
    stopped = replace(FIRST, status=status)
    assert violations(replace(PARTIAL, executions=(stopped,))) == []


def test_an_execution_that_was_stopped_while_it_reported_that_it_does_nothing_is_the_last_one() -> None:
    idle = replace(REDO, status="SUCCEEDED", outcome={"status": "skipped"})
    assert replace(PARTIAL, executions=(FIRST, idle)).last is FIRST
    stopped = replace(idle, status="TIMED_OUT")
    assert replace(PARTIAL, executions=(FIRST, stopped)).last is stopped


FAILED = replace(FIRST, status="FAILED", outcome={})
BROKEN: dict[str, tuple[Run, Kind, str]] = {
    "succeeded without a result": (
        with_puts(COMPLETE, solo_json=()),
        Kind.LOST,
        "redo succeeded without solo",
    ),
    "summary without a result": (
        with_puts(COMPLETE, solo_json=()),
        Kind.LOST,
        "the summary calls solo done, without a result",
    ),
    "result damaged before it was read": (
        with_puts(COMPLETE, merak_json=(result("merak"), CUT)),
        Kind.LOST,
        "redo succeeded without merak",
    ),
    "plan without a region": (
        replace(COMPLETE, asked=frozenset({*PLAN, "bekasi"})),
        Kind.LOST,
        "the plan lacks bekasi",
    ),
    "partial without a name": (
        replace(PARTIAL, executions=(ended("first", "merak", "jakarta", seconds=30, failures=[]),)),
        Kind.LOST,
        "first does not name solo",
    ),
    "result twice": (
        with_puts(COMPLETE, merak_json=(result("merak"), result("merak", seconds=12))),
        Kind.DOUBLED,
        "the result of merak was published twice",
    ),
    "report twice": (
        with_puts(COMPLETE, merak_pdf=(CUT, CUT)),
        Kind.DOUBLED,
        "the report of merak was published twice",
    ),
    "no message": (
        replace(PARTIAL, messages=()),
        Kind.SILENT,
        "no message says that first ended: partial",
    ),
    "no message about a failure": (
        replace(PARTIAL, executions=(FAILED,), messages=()),
        Kind.SILENT,
        "no message says that first ended: FAILED",
    ),
    "no message about missing regions": (
        replace(PARTIAL, messages=(told(FIRST, f"Run {RUN} is complete."),)),
        Kind.SILENT,
        "no message says that solo are missing",
    ),
    "message of a success": (
        replace(PARTIAL, messages=(told(FIRST, f"Run {RUN} is complete."),)),
        Kind.UNTRUE,
        "a message calls the run complete without solo",
    ),
    "message with too many regions": (
        replace(PARTIAL, messages=(told(FIRST, succeeded=3),)),
        Kind.UNTRUE,
        "a message about first says that 3 regions are done, and there are 2 results",
    ),
    "message with too few regions": (
        replace(PARTIAL, messages=(told(FIRST, succeeded=1),)),
        Kind.UNTRUE,
        "a message about first says that 1 regions are done, of 2 with a result",
    ),
    "message that names a good region": (
        replace(PARTIAL, messages=(told(FIRST, failures=[{"region": "merak", "error": "cloud"}]),)),
        Kind.UNTRUE,
        "a message about first says that merak failed, with a result",
    ),
    "message with another status": (
        replace(PARTIAL, messages=(told(FIRST, status="timed_out"),)),
        Kind.UNTRUE,
        "a message says timed_out of first, which is SUCCEEDED",
    ),
    "message with a status that a stopped execution never had": (
        replace(
            PARTIAL,
            executions=(replace(FIRST, status="ABORTED"),),
            messages=(told(FIRST, status="timed_out"),),
        ),
        Kind.UNTRUE,
        "a message says timed_out of first, which is ABORTED",
    ),
    "exit code 0": (
        replace(PARTIAL, commands=(Command("ccapi follow", 0, at(31)),)),
        Kind.UNTRUE,
        "`ccapi follow` exits with 0 without solo",
    ),
    "exit code 3": (
        replace(COMPLETE, commands=(Command("ccapi redo", 3, at(61)),)),
        Kind.UNTRUE,
        "`ccapi redo` exits with 3, and no region is missing",
    ),
    "old summary": (
        with_puts(COMPLETE, **{"summary.json": sums("merak", seconds=57)["summary.json"]}),
        Kind.STALE,
        "summary.json calls jakarta, solo failed, with a result",
    ),
    "damaged summary": (
        with_puts(COMPLETE, **{"summary.json": (CUT,)}),
        Kind.STALE,
        "summary.json is missing or unreadable",
    ),
    "old page": (
        with_puts(COMPLETE, **{"index.html": PARTIAL.puts["index.html"]}),
        Kind.STALE,
        "index.html shows 2 of 3 regions, not 3",
    ),
    "history without the redo": (
        replace(COMPLETE, history=PARTIAL.history),
        Kind.STALE,
        "the history has first as the last one, not redo",
    ),
    "history with another region": (
        replace(COMPLETE, history=letters(REDO, solo="f")),
        Kind.STALE,
        "the history differs from the summary in solo",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_damage_breaks_its_promise(name: str) -> None:
    run, kind, what = BROKEN[name]
    assert (kind, f"{RUN}: {what}") in [(each.kind, each.what) for each in violations(run)]


def test_a_run_that_could_not_be_summed_up_says_so_and_is_not_stale() -> None:
    unsummed = ended("first", "merak", "jakarta", seconds=30, is_summarized=False)
    run = replace(PARTIAL, executions=(unsummed,), messages=(told(unsummed),))
    old = with_puts(run, **{"summary.json": sums("merak", seconds=15)["summary.json"]})
    assert violations(old) == []


def test_a_second_delivery_of_a_start_needs_no_message() -> None:
    second = replace(
        FIRST, arn=f"{FIRST.arn}-2", outcome={"status": "skipped", "reason": "already run", "run_id": RUN}
    )
    assert violations(replace(PARTIAL, executions=(FIRST, second))) == []


def test_a_task_and_a_process_that_are_left_are_orphans() -> None:
    assert [str(each) for each in orphans(["task-1"], ["python -m worker"])] == [
        "orphans: the task task-1 is left",
        "orphans: the process python -m worker is left",
    ]
    assert orphans([], []) == []


def test_the_body_of_a_result_is_read_as_the_worker_reads_it() -> None:
    other = json.loads(result("merak").body or b"")
    wrong = Put(json.dumps({**other, "run_id": "2026-W49"}).encode(), at(10))
    assert not COMPLETE.is_result("merak", wrong)
    assert COMPLETE.is_result("merak", result("merak"))
