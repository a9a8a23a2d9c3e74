"""The states that stop orphans: workers that still run although their state or execution has ended.

A task token timeout ends the state, but not its ECS task:
https://github.com/aws/containers-roadmap/issues/291
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
    describe_execution,
    describe_workers,
    first_page_of_workers,
    list_workers,
    stop_worker,
)
from components.settings.bounds import SWEEP, SWEEP_TIMEOUT_SECONDS, WORKERS_A_PAGE
from components.settings.names import Names

ENTRY_STATE = "FindWorkers"

STOP_REASON = "No execution waits for this worker."
_RETRIES = [retry([ALL_ERRORS], SWEEP)]
_LEFT = catch("LeaveWorker", output={"fault": expression(errors.CAUGHT)})
_EXECUTION = f"Overrides.ContainerOverrides.Environment[Name = '{EXECUTION}'].Value"
_NEXT_PAGE = "$states.result.$merge([$query, {'NextToken': NextToken}])"
OF_ANY_EXECUTION = f"$states.result.Tasks.{{'task': TaskArn, 'execution': {_EXECUTION}}}[execution]"
"""JSONata for the described tasks that an execution has started."""


def initial_variables(names: Names) -> dict[str, Any]:
    """Return the initial variables of these states; `query` is the request for the next page."""
    return {"pages": 0, "query": first_page_of_workers(names), "is_more": False}


def of_group(group: str) -> str:
    """Return JSONata for the described tasks of a task group; `group` is a JSONata expression."""
    return f"$states.result.Tasks[Group = {group}].{{'task': TaskArn}}"


@dataclass(frozen=True, kw_only=True)
class OrphanSweep:
    """The workers that a sweep stops; the machine continues whatever fails."""

    filter: str
    """JSONata for the tasks that may be stopped, each with its ARN in `task`: `OF_ANY_EXECUTION` or `of_group`."""
    next_state: str
    pages: int
    """The most pages of running workers that the sweep reads."""
    unless_running: bool = False
    """If true, skip workers whose `EXECUTION` variable names an execution that is still running."""
    failure: str | None = None
    """The name of the variable that stores a failure, or None to ignore failures."""

    @property
    def keep_failure(self) -> dict[str, str]:
        """The assignments of a state that fails as a whole."""
        return {self.failure: expression(errors.CAUGHT)} if self.failure else {}

    @property
    def kept_failure(self) -> dict[str, str] | None:
        """The assignments after a page of workers, some of which may not have been stopped."""
        if self.failure is None:
            return None
        return {self.failure: expression(f"[$states.result.fault, ${self.failure}][0]")}


def orphan_sweep_states(names: Names, sweep: OrphanSweep) -> dict[str, State]:
    """Return the states of a sweep; the first is `ENTRY_STATE`.

    If a page cannot be listed, the next iteration requests it again. If the workers of a page cannot be described
    or stopped, the sweep skips that page. Both count as iterations.
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
                "query": expression(_NEXT_PAGE),
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
                            reason=STOP_REASON,
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
            [(f"$pages < {sweep.pages} and $is_more", ENTRY_STATE)],
            default=sweep.next_state,
            max_visits=sweep.pages,
        ),
    }


def _execution_is_over(names: Names) -> dict[str, State]:
    return {
        "DescribeOwner": task(
            describe_execution(names, "$states.input.execution", names.machine, names.watch),
            timeout_seconds=SWEEP_TIMEOUT_SECONDS,
            retries=[never(errors.EXECUTION_GONE), *_RETRIES],
            catches=[
                catch("StopWorker", errors=errors.EXECUTION_GONE, output=expression("$states.input")),
                _LEFT,
            ],
            assign={"owner_status": expression("$states.result.Status")},
            output=expression("$states.input"),
            next_state="CheckOwner",
        ),
        "CheckOwner": choice([(f"$owner_status {errors.IS_RUNNING}", "LeaveWorker")], default="StopWorker"),
    }
