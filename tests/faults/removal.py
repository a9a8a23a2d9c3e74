"""The proof that each mechanism is needed: without it, some rows of the fault matrix fail."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from components.machines.orphans import ENTRY_STATE
from components.machines.watch.machine import WatchState
from components.machines.weekly.state_names import WeeklyState
from reporter.handled import Claim
from tests.faults import matrix
from tests.faults.row import Result, play
from tests.faults.timeline import Stack
from tests.protocols.worker import WithoutNew, WithoutSummary
from tests.protocols.world import Without, weekly_without
from tests.stacks import ROOT
from worker.journal import NoJournal
from worker.results import Findings, RegionResult

RESULTS = ROOT / "docs" / "faults" / "removal.json"
Json = dict[str, Any]
Prepare = Callable[[Stack], None]


@dataclass(frozen=True)
class Mechanism:
    """A part of the product that can be taken out."""

    name: str
    where: str
    """The place in the code, as a path and a name."""
    remove: Prepare = lambda _: None
    """Take it out of a stack before anything starts."""
    ignores: str = "\n"
    """A part of the violations that do no harm by themselves."""
    patched: Mapping[str, Any] = field(default_factory=dict)
    """The names in the code that are replaced, if it is not in a machine."""


def _protocol(without: Without) -> Prepare:
    def remove(stack: Stack) -> None:
        stack.weekly_machine = weekly_without(without)

    return remove


def _weekly(change: Callable[[Json], None]) -> Prepare:
    """Return a removal that changes the states of the weekly machine."""

    def remove(stack: Stack) -> None:
        stack.weekly_machine = deepcopy(stack.weekly_machine)
        change(stack.weekly_machine["States"])

    return remove


def _watch(change: Callable[[Json], None]) -> Prepare:
    """Return a removal that changes the states of the watch machine."""

    def remove(stack: Stack) -> None:
        stack.watch_machine = deepcopy(stack.watch_machine)
        change(stack.watch_machine["States"])

    return remove


def _attribute(name: str, value: Any) -> Prepare:
    return lambda stack: setattr(stack, name, value)


def _shard(states: Json) -> Json:
    shard: Json = states[WeeklyState.RUN_WEEKLY_MONITORING]["ItemProcessor"]["States"][WeeklyState.RUN_SHARD]
    return shard


def _without_retry(number: int) -> Callable[[Json], None]:
    """Return a change that takes out a retry of a shard's worker: 0 for starts, 1 for work."""

    def change(states: Json) -> None:
        del _shard(states)["Retry"][number]

    return change


def _without_retries_of(state: str) -> Callable[[Json], None]:
    def change(states: Json) -> None:
        states[state]["Retry"] = []

    return change


def _without_on_demand(states: Json) -> None:
    arguments = _shard(states)["Arguments"]
    arguments["CapacityProviderStrategy"] = _at_first(arguments["CapacityProviderStrategy"])


def _without_next_size(states: Json) -> None:
    overrides = _shard(states)["Arguments"]["Overrides"]
    overrides.update({name: _at_first(overrides[name]) for name in ("Cpu", "Memory")})


def _at_first(template: Any) -> Any:
    """Return a template whose expressions have the value of the first attempt."""
    return json.loads(json.dumps(template).replace("$states.context.State.RetryCount", "0"))


def _without_own_claim(states: Json) -> None:
    for what in ("Pipeline", "Run"):
        del states[f"Check{what}Owner"]["Choices"][0]


def _without_pauses_of_claims(states: Json) -> None:
    for what in ("Pipeline", "Run"):
        choices = states[f"Check{what}Claim"]["Choices"]
        states[f"Check{what}Claim"]["Choices"] = [each for each in choices if "Await" not in each["Next"]]


def _without_done_runs(states: Json) -> None:
    choices = states["CheckRunOwner"]["Choices"]
    states["CheckRunOwner"]["Choices"] = [each for each in choices if "'SUCCEEDED'" not in each["Condition"]]


def _without_stops(states: Json) -> None:
    states[WeeklyState.CHECK_RETRIES]["Choices"] = []


def _without_lost_shards(states: Json) -> None:
    del _shard(states)["Catch"]


def _without_fallback(states: Json) -> None:
    states["PublishOutcome"] = {"Type": "Pass", "Next": states["PublishOutcome"]["Next"]}


def _without_count(states: Json) -> None:
    count = WeeklyState.COUNT_UNREPORTED
    states[count] = {"Type": "Pass", "Next": states[count]["Next"]}


def _without_sweep_of_orphans(states: Json) -> None:
    states[ENTRY_STATE] = {"Type": "Pass", "Next": WatchState.CHECK_DUE}


def _without_unreported(states: Json) -> None:
    states[WatchState.FIND_UNREPORTED] = {"Type": "Pass", "Next": WatchState.CHECK_FAILURE}


def _without_missed(states: Json) -> None:
    states[WatchState.CHECK_MISSED]["Choices"] = []


def _without_check_of_reports(states: Json) -> None:
    states[WatchState.CHECK_REPORTED]["Choices"] = []


def _without_summary_of_ended(states: Json) -> None:
    states[WeeklyState.SUMMARIZE_RUN] = {"Type": "Pass", "Next": "ReadUsualDuration"}


def _unchecked(_: bytes, *, run_id: str, region: str) -> RegionResult:
    """Return a result for whatever was written."""
    found = Findings(change_count=1, area_ha=1).model_dump()
    return RegionResult(**found, region=region, run_id=run_id, shard=0, attempt=0, seconds=1, report=None)


MECHANISMS = (
    Mechanism(
        "the claims", "claims.py: claim_states", _protocol(Without.CLAIM), ignores="works, and claims/"
    ),
    Mechanism(
        "the condition of a claim's write", "claims.py: IfNoneMatch", _protocol(Without.CONDITION_OF_CLAIM)
    ),
    Mechanism("the take-over of a claim", "claims.py: take_over", _protocol(Without.TAKE_OVER)),
    Mechanism(
        "the condition of a take-over", "claims.py: IfMatch", _protocol(Without.CONDITION_OF_TAKE_OVER)
    ),
    Mechanism("the recognition of its own claim", "claims.py: claim_states", _weekly(_without_own_claim)),
    Mechanism("the pauses of a claim", "claims.py: pause", _weekly(_without_pauses_of_claims)),
    Mechanism("a run is done once", "machine.py: kept of the run's claim", _weekly(_without_done_runs)),
    Mechanism("the retry of work", "machine.py: worker_backoff", _weekly(_without_retry(1))),
    Mechanism("the retry of a start", "machine.py: start_backoff", _weekly(_without_retry(0))),
    Mechanism(
        "retries on demand",
        "machine.py: capacity_provider",
        _weekly(_without_on_demand),
    ),
    Mechanism("retries one size up", "machine.py: size", _weekly(_without_next_size)),
    Mechanism(
        "the retry of validation", "machine.py: VALIDATION", _weekly(_without_retries_of("ValidateInputs"))
    ),
    Mechanism(
        "the retry of the reduce step", "machine.py: SUMMARY", _weekly(_without_retries_of("SummarizeRun"))
    ),
    Mechanism("the retry of a call", "machine.py: CALL", _weekly(_without_retries_of("LoadSettings"))),
    Mechanism("the loss of one shard", "machine.py: LoseShard", _weekly(_without_lost_shards)),
    Mechanism("the heartbeat", "machine.py: heartbeat_seconds", _attribute("heartbeats_count", False)),
    Mechanism("the stop of orphans by the run", "orphans.py: of_group", _weekly(_without_stops)),
    Mechanism(
        "the report without a reporter", "outcome_states.py: PublishOutcome", _weekly(_without_fallback)
    ),
    Mechanism("the metric of unsent messages", "outcome_states.py: CountUnreported", _weekly(_without_count)),
    Mechanism("events of tasks", "watch_triggers.py", _attribute("has_task_events", False)),
    Mechanism("events of executions", "watch_triggers.py", _attribute("has_end_events", False)),
    Mechanism("the sweeps", "watch_triggers.py", _attribute("has_sweeps", False)),
    Mechanism(
        "the stop of orphans by the watch machine",
        "orphans.py: unless_running",
        _watch(_without_sweep_of_orphans),
    ),
    Mechanism("the search for unreported ends", "sweep.py", _watch(_without_unreported)),
    Mechanism(
        "the summary of a run that ended without one", "progress.py", _watch(_without_summary_of_ended)
    ),
    Mechanism(
        "the check whether an end was reported",
        "watch/machine.py: CheckReported",
        _watch(_without_check_of_reports),
    ),
    Mechanism("the report of a missed week", "watch/machine.py: CheckMissed", _watch(_without_missed)),
    Mechanism(
        "the condition of a result's write", "s3.py: IfNoneMatch", _attribute("bucket_type", WithoutNew)
    ),
    Mechanism(
        "the condition of a summary's write", "s3.py: IfMatch", _attribute("bucket_type", WithoutSummary)
    ),
    Mechanism(
        "the stop at a dead token",
        "callback.py: TokenDead",
        patched={"worker.callback.TaskToken._raise_if_dead": lambda _error: None},
    ),
    Mechanism(
        "the check of results that are found",
        "results.py: read_region_result",
        patched={"worker.monitor.read_region_result": _unchecked},
    ),
    Mechanism("the journal", "journal.py", patched={"worker.monitor._journal": lambda *_, **__: NoJournal()}),
    Mechanism(
        "the isolation of a region",
        "isolation.py: is_of_one_region",
        patched={"worker.isolation.Blame.is_of_one_region": lambda *_: False},
    ),
    Mechanism(
        "the records of messages",
        "reporter/handled.py",
        patched={"reporter.handled.Record._earlier_claim": lambda *_: Claim.TAKEN},
    ),
)


def failing(mechanism: Mechanism, known: Mapping[str, Result]) -> Iterator[str]:
    """Yield the names of the rows that fail, or end otherwise, without a mechanism."""
    with contextlib.ExitStack() as patches:
        for name, value in mechanism.patched.items():
            patches.enter_context(mock.patch(name, value))
        for row in matrix.ROWS:
            try:
                result = play(row, mechanism.remove)
            except (Exception, SystemExit):  # noqa: BLE001 - a stack without the mechanism may break anywhere
                yield row.name
            else:
                harm = [each for each in result.violations if mechanism.ignores not in each]
                if harm or result != known[row.name]:
                    yield row.name


def main(names: Sequence[str] = ()) -> int:
    """Print the rows that fail without each mechanism, write them, and return 1 if a mechanism is not needed.

    With names, only these mechanisms are taken out, and the others keep what the file says of them.
    """
    known = {row.name: play(row) for row in matrix.ROWS}
    found: dict[str, Json] = {each["name"]: each for each in json.loads(RESULTS.read_text(encoding="utf-8"))}
    for mechanism in MECHANISMS:
        if not names or mechanism.name in names:
            rows = list(failing(mechanism, known))
            print(f"{mechanism.name}: {len(rows)} rows fail without it", *rows, sep="\n    ", flush=True)
            found[mechanism.name] = {"name": mechanism.name, "where": mechanism.where, "rows": rows}
            listed = [found[each.name] for each in MECHANISMS if each.name in found]
            RESULTS.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
    unneeded = [each.name for each in MECHANISMS if not found[each.name]["rows"]]
    if unneeded:
        print("No row fails without", ", ".join(unneeded))
    return int(bool(unneeded))
