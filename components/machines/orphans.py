"""Stops the workers that still work when nobody waits for them any more.

A task token that timed out ends its state and not its task: https://github.com/aws/containers-roadmap/issues/291
"""

from dataclasses import dataclass
from typing import Any

from components.machines import errors
from components.machines.asl import (
    ALL_ERRORS,
    Machine,
    State,
    catch,
    choice,
    expression,
    map_state,
    never,
    pass_state,
    retry,
    task,
)
from components.machines.integrations import (
    EXECUTION,
    WORKERS_A_PAGE,
    describe_execution,
    describe_workers,
    first_page_of_workers,
    list_workers,
    stop_worker,
)
from components.settings.bounds import SWEEP, SWEEP_PAGES, SWEEP_TIMEOUT_SECONDS
from components.settings.names import Names

ENTRY_STATE = "FindWorkers"

_RETRIES = [retry([ALL_ERRORS], SWEEP)]
_LEFT = catch("LeaveWorker", output={"fault": expression(errors.CAUGHT)})
_EXECUTION = f"Overrides.ContainerOverrides.Environment[Name = '{EXECUTION}'].Value"
_NEXT_PAGE = "{'NextToken': $states.result.NextToken}"
OF_ANY_EXECUTION = f"$states.result.Tasks.{{'task': TaskArn, 'execution': {_EXECUTION}}}[execution]"
"""JSONata for the tasks, among those that ECS describes, that an execution has started."""


def initial_variables(names: Names) -> dict[str, Any]:
    """Return the variables of these states before the first of them; `query` is the request for the next page."""
    return {"pages": 0, "query": first_page_of_workers(names), "is_more": False}


def of_group(group: str) -> str:
    """Return JSONata for the tasks, among those that ECS describes, of a task group, which is JSONata, too."""
    return f"$states.result.Tasks[Group = {group}].{{'task': TaskArn}}"


@dataclass(frozen=True, kw_only=True)
class OrphanSweep:
    """Which workers are stopped; whatever fails, the machine goes on."""

    filter: str
    """JSONata for the tasks that may be stopped, each with its ARN in `task`: `OF_ANY_EXECUTION` or `of_group`."""
    next_state: str
    unless_running: bool = False
    """Whether a worker is left alone as long as the execution runs that it tells of in its environment."""
    failure: str | None = None
    """The variable that keeps what failed, where somebody asks for it."""

    @property
    def keep_failure(self) -> dict[str, str]:
        """What any of the states assigns that fails as a whole."""
        return {self.failure: expression(errors.CAUGHT)} if self.failure else {}

    @property
    def kept_failure(self) -> dict[str, str] | None:
        """What the workers of a page assign, of which some may have been left."""
        if self.failure is None:
            return None
        return {self.failure: expression(f"[$states.result.fault, ${self.failure}][0]")}


def orphan_sweep_states(names: Names, sweep: OrphanSweep) -> dict[str, State]:
    """Return the states of a sweep, the first of which is `ENTRY_STATE`.

    A page that cannot be listed is asked for again, and one whose workers cannot be described or stopped is passed
    over: both count as turns.
    """
    pages = expression("$pages + 1")
    go_on = [catch("CheckMoreWorkers", assign=sweep.keep_failure or None)]
    return {
        ENTRY_STATE: task(
            list_workers(names, "$query"),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=_RETRIES,
            catches=[
                catch("CheckMoreWorkers", assign={**sweep.keep_failure, "is_more": True, "pages": pages})
            ],
            assign={
                "workers": expression("[$states.result.TaskArns]"),
                "query": expression(f"$merge([$query, {_NEXT_PAGE}])"),
                "is_more": expression("$exists($states.result.NextToken)"),
                "pages": pages,
            },
            next_state="CheckWorkers",
        ),
        "CheckWorkers": choice(
            [("$count($workers) = 0", "CheckMoreWorkers")],
            default="DescribeWorkers",
            expected="CheckMoreWorkers",
        ),
        "DescribeWorkers": task(
            describe_workers(names, "$workers"),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=_RETRIES,
            catches=go_on,
            assign={"stalled": expression(f"[{sweep.filter}]")},
            next_state="StopStalledWorkers",
        ),
        "StopStalledWorkers": map_state(
            items="$stalled",
            max_items=WORKERS_A_PAGE,
            leaves_rest=True,
            processor=Machine(
                {
                    **(_execution_is_over(names) if sweep.unless_running else {}),
                    "StopWorker": task(
                        stop_worker(
                            names,
                            "$states.input.task",
                            reason="Nobody waits for this worker any more.",
                        ),
                        timeout_seconds=SWEEP_TIMEOUT_SECONDS,
                        retries=_RETRIES,
                        catches=[_LEFT],
                        output={},
                    ),
                    "LeaveWorker": pass_state(),
                }
            ),
            max_concurrency=WORKERS_A_PAGE,
            catches=go_on,
            assign=sweep.kept_failure,
            next_state="CheckMoreWorkers",
        ),
        "CheckMoreWorkers": choice(
            [(f"$pages < {SWEEP_PAGES} and $is_more", ENTRY_STATE)],
            default=sweep.next_state,
            max_visits=SWEEP_PAGES,
        ),
    }


def _execution_is_over(names: Names) -> dict[str, State]:
    return {
        "DescribeOwner": task(
            describe_execution(names, "$states.input.execution"),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=[never(errors.EXECUTION_GONE), *_RETRIES],
            catches=[
                catch("StopWorker", errors=errors.EXECUTION_GONE, output=expression("$states.input")),
                _LEFT,
            ],
            assign={"owner_status": expression("$states.result.Status")},
            output=expression("$states.input"),
            next_state="JudgeOwner",
        ),
        "JudgeOwner": choice([(f"$owner_status {errors.IS_RUNNING}", "LeaveWorker")], default="StopWorker"),
    }
