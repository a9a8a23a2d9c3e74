"""The API of child executions: they are listed by their Map Run, described and stopped; moto knows none.

AWS: ListMapRuns returns the Map Runs of an execution; ListExecutions takes the ARN of either a Map Run or a state
machine; DescribeExecution of a child has the ARN of its Map Run. A child that is stopped ends as ABORTED, and the Map
counts it as a failure. DescribeMapRun counts the children by their status; after the end of the parent it is ABORTED.
Source: AWS Step Functions API Reference, "ListMapRuns", "DescribeMapRun", "ListExecutions" and "DescribeExecution".
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.parser.api import MapRunStatus
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.child_executions import ChildExecution, child_execution, children_of, counts_of
from local.emulator.errors import AwsError
from local.emulator.patch import replace

_MOST_RESULTS = 1_000
_DEFAULT_RESULTS = 100


def apply() -> None:
    """Answer calls about child executions."""
    replace(StepFunctionBackend, "describe_execution", _find)
    replace(StepFunctionsParserBackend, "list_map_runs", _list_map_runs)
    replace(StepFunctionsParserBackend, "describe_map_run", _find_map_run)
    replace(StepFunctionResponse, "describe_execution", _describe_execution)
    replace(StepFunctionResponse, "list_executions", _list_executions)
    replace(MapRunRecord, "describe", _describe_map_run)
    replace(MapRunRecord, "set_stop", _set_stop)


def _find(original: Callable[..., Any], self: Any, execution_arn: str) -> Any:
    return child_execution(execution_arn) or original(self, execution_arn=execution_arn)


def _list_map_runs(original: Callable[..., Any], self: Any, execution_arn: str) -> dict[str, Any]:
    runs = original(self, execution_arn=execution_arn)["mapRuns"]
    # moto keeps the Map Runs of children with those of their parent.
    return {"mapRuns": [run for run in reversed(runs) if run["executionArn"] == execution_arn]}


def _find_map_run(original: Callable[..., Any], self: Any, map_run_arn: str) -> Any:
    pools = (execution.exec_worker.env.map_run_record_pool_manager for execution in self._get_executions())
    if not any(pool.get(map_run_arn) for pool in pools):
        # moto cannot raise its own error, which lacks a message.
        raise AwsError("ResourceNotFound", f"Resource not found: '{map_run_arn}'")
    return original(self, map_run_arn)


def _describe_execution(original: Callable[..., Any], self: Any) -> ActionResult:
    answer = original(self).result
    child = child_execution(self._get_param("executionArn"))
    return ActionResult({**answer, "mapRunArn": child.map_run_arn} if child else answer)


def _list_executions(original: Callable[..., Any], self: Any) -> ActionResult:
    map_run, machine = self._get_param("mapRunArn"), self._get_param("stateMachineArn")
    if bool(map_run) == bool(machine):
        raise AwsError("ValidationException", "Must specify exactly one of stateMachineArn or mapRunArn")
    if not map_run:
        return original(self)  # type: ignore[no-any-return]
    # It raises an error for a Map Run that does not exist.
    self.stepfunction_backend.describe_map_run(map_run)
    status = self._get_param("statusFilter")
    found = [child for child in children_of(map_run) if status in (None, child.status)]
    start = _start(self._get_param("nextToken"))
    end = start + (min(self._get_int_param("maxResults") or _DEFAULT_RESULTS, _MOST_RESULTS))
    answer = {"executions": [_item(child) for child in found[start:end]]}
    return ActionResult({**answer, "nextToken": str(end)} if end < len(found) else answer)


def _start(token: str | None) -> int:
    if token and not token.isdecimal():
        raise AwsError("InvalidToken", f"Invalid Token: '{token}'")
    return int(token or 0)


def _item(child: ChildExecution) -> dict[str, Any]:
    return {
        "executionArn": child.execution_arn,
        "stateMachineArn": child.state_machine_arn,
        "mapRunArn": child.map_run_arn,
        "name": child.name,
        "status": child.status,
        "startDate": child.start_date,
        "itemCount": 1,
        **({"stopDate": child.stop_date} if child.stop_date else {}),
    }


def _describe_map_run(original: Callable[..., Any], self: Any) -> Any:
    counts = counts_of(self.map_run_arn, getattr(self, "items", 0))
    return {**original(self), "itemCounts": counts, "executionCounts": counts}


def _set_stop(original: Callable[..., Any], self: Any, status: Any) -> None:
    original(self, MapRunStatus.ABORTED if getattr(self, "is_aborted", False) else status)
