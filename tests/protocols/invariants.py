"""The promises of the protocols, each as a function that raises an error for a world that breaks it."""

import json

from tests.protocols.world import Execution, World

MOST_REQUESTS = 400
"""More requests than any process makes that ends; a process above it repeats itself."""


def nothing_is_published_twice(world: World) -> None:
    """Check that no result and no report of a region was written over."""
    assert not world.store.published_twice, f"published twice: {world.store.published_twice}"


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
    run_id = outcome["run_id"]
    planned, published = world.planned(run_id), world.published(run_id)
    lost = set(planned) - published
    assert outcome["regions"] == len(planned)
    assert len(lost) <= outcome["regions"] - outcome["succeeded"], f"lost and not counted: {lost}"
    if outcome["is_summarized"]:
        named = json.dumps(outcome["failures"])
        assert all(region in named for region in lost), f"lost and not named: {lost}"
    assert execution.arn in world.reported


def nobody_waits_for_ever(world: World) -> None:
    """Check that no process goes around in circles."""
    for process in world.processes:
        assert process.requests < MOST_REQUESTS, f"{process.name} does not end: {process.request}"


def the_summary_is_of_the_last_results(world: World, run_id: str) -> None:
    """Check, when nothing works any more, that the summary of a succeeded run says so."""
    succeeded = [
        execution
        for execution in world.weekly
        if (execution.output or {}).get("status") == "succeeded" and execution.output["run_id"] == run_id
    ]
    summary = world.summary(run_id)
    if succeeded and summary and succeeded[-1].output["is_summarized"]:
        assert summary.status == "succeeded", f"the summary of {run_id} is older than its last result"


def a_dead_owner_is_succeeded(execution: Execution) -> None:
    """Check an execution that started after all others had ended: it took over their claims and did all regions."""
    status = (execution.output or {}).get("status")
    assert status == "succeeded", (
        f"{execution.arn} ended as {execution.status} {execution.error}: {execution.output}"
    )
