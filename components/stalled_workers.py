"""Stops the workers of a run that still work when nobody waits for them any more.

A task token that timed out ends its state and not its task: https://github.com/aws/containers-roadmap/issues/291
"""

from components.asl import (
    ALL_ERRORS,
    Machine,
    State,
    catch,
    choice,
    expression,
    map_state,
    pass_state,
    retry,
    task,
)
from components.integrations import WORKERS_A_PAGE, describe_workers, list_workers, stop_worker
from components.names import Names
from components.settings.bounds import SWEEP, SWEEP_PAGES, SWEEP_TIMEOUT_SECONDS

FIRST = "FindWorkers"
NOT_YET = {"pages": 0, "page": ""}
"""What the variables of these states are before the first of them."""


def stop_stalled_workers(names: Names, *, group: str, next_state: str) -> dict[str, State]:
    """Return the states that stop the workers of a group, which is JSONata; a run goes on whatever fails in them."""
    retries = [retry([ALL_ERRORS], SWEEP)]
    go_on = [catch(next_state)]
    return {
        FIRST: task(
            list_workers(names, "$page"),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=retries,
            catches=go_on,
            assign={
                "workers": expression("[$states.result.TaskArns]"),
                "page": expression("$exists($states.result.NextToken) ? $states.result.NextToken : ''"),
                "pages": expression("$pages + 1"),
            },
            next_state="CheckWorkers",
        ),
        "CheckWorkers": choice([("$count($workers) = 0", "CheckMoreWorkers")], default="DescribeWorkers"),
        "DescribeWorkers": task(
            describe_workers(names, "$workers"),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=retries,
            catches=go_on,
            assign={"stalled": expression(f"[$states.result.Tasks[Group = {group}].TaskArn]")},
            next_state="StopStalledWorkers",
        ),
        "StopStalledWorkers": map_state(
            items="$stalled",
            max_items=WORKERS_A_PAGE,
            selector={"worker": expression("$states.context.Map.Item.Value")},
            processor=Machine(
                {
                    "StopWorker": task(
                        stop_worker(
                            names, "$states.input.worker", reason="Nobody waits for this worker any more."
                        ),
                        timeout_seconds=SWEEP_TIMEOUT_SECONDS,
                        retries=retries,
                        catches=[catch("LeaveWorker")],
                        output={},
                    ),
                    "LeaveWorker": pass_state(output={}),
                }
            ),
            max_concurrency=WORKERS_A_PAGE,
            catches=go_on,
            next_state="CheckMoreWorkers",
        ),
        "CheckMoreWorkers": choice([(f"$pages < {SWEEP_PAGES} and $page != ''", FIRST)], default=next_state),
    }
