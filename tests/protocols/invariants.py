"""The promises of the protocols, each as a function that raises an error for a world that breaks it."""

from tests.faults import invariants as promises
from tests.faults.invariants import Kind
from tests.protocols.world import WEEKS, Execution, World

MOST_REQUESTS = 400
"""More requests than any process makes that ends; a process above it repeats itself."""


def nothing_is_published_twice(world: World) -> None:
    """Check that no result and no report of a region was written over."""
    for run_id in WEEKS:
        assert not [*promises.doubled(world.read(run_id))]


def one_execution_works_at_a_time(world: World) -> None:
    """Check that one execution at most is at work, and that it owns the pipeline and its run."""
    working = [execution for execution in world.weekly if execution.is_running and execution.works_on]
    assert len(working) <= 1, f"at work at the same time: {[execution.arn for execution in working]}"
    for execution in working:
        for key in ("claims/active", f"claims/runs/{execution.works_on}"):
            assert world.owner(key) == execution.arn, f"{execution.arn} works, and {key} is not its"


def every_region_is_accounted_for(world: World, execution: Execution) -> None:
    """Check an execution that ended by itself: each region of its run is published, or its loss is reported."""
    outcome = execution.output or {}
    if outcome.get("status") not in {"succeeded", "partial"}:
        return
    run = world.read(outcome["run_id"])
    assert outcome["regions"] == len(run.plan)
    assert not [*promises.unaccounted(run, execution.reading)]
    assert execution.arn in world.reported


def nobody_waits_for_ever(world: World) -> None:
    """Check that no process goes around in circles."""
    for process in world.processes:
        assert process.requests < MOST_REQUESTS, f"{process.name} does not end: {process.request}"


def what_remains_is_true(world: World, run_id: str) -> None:
    """Check, when nothing works any more, that every result, message and page of a run agrees with the others."""
    # The watch may not have seen every end yet, so that some are not reported.
    broken = [each for each in promises.violations(world.read(run_id)) if each.kind is not Kind.SILENT]
    assert not broken, broken


def a_dead_owner_is_succeeded(execution: Execution) -> None:
    """Check an execution that started after all others had ended: it took over their claims and did all regions."""
    status = (execution.output or {}).get("status")
    assert status == "succeeded", (
        f"{execution.arn} ended as {execution.status} {execution.error}: {execution.output}"
    )
