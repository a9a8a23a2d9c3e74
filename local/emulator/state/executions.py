"""Starts and ends of executions, which are recorded, and the end of those that a restart interrupted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.child_executions import child_execution
from local.emulator.ended_execution import EndedHistory
from local.emulator.patch import replace
from local.emulator.state.recorder import Record

RESTARTED = "LocalAws.Restarted"
"""The error of an execution that ran when the local AWS ended."""
_CAUSE = "The local AWS ended while this execution ran, and was started again with its state. A redo does the rest."

_FAILED: Any = {
    "executionFailedEventDetails": ExecutionFailedEventDetails(error=RESTARTED, cause=_CAUSE),
}


def attach(record: Record) -> None:
    """Record the start and the history of each execution, and its end before the event of the end is sent."""

    def start(original: Callable[..., Any], self: Any) -> None:
        original(self)
        record("execution", self)

    def add(original: Callable[..., Any], self: Any, **event: Any) -> None:
        original(self, **event)
        # Express executions have no history.
        if env := getattr(self, "limited", None):
            arn = env.states.context_object.context_object_data["Execution"]["Id"]
            # Child executions are not kept.
            if child_execution(arn) is None:
                record("history", arn, self._history_event_list[-1])

    def end(original: Callable[..., Any], self: Any) -> None:
        original(self)
        record("execution", self.execution)

    def stop(original: Callable[..., Any], self: Any) -> Any:
        answer = original(self)
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if isinstance(execution, Execution):
            record("execution", execution)
        return answer

    replace(Execution, "start", start)
    replace(EventManager, "_publish_history_event", add)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", end)
    replace(StepFunctionResponse, "stop_execution", stop)


def apply_execution(execution: Any) -> None:
    """Add a recorded execution to its machine, in place of an earlier record of it."""
    backend = stepfunctions_parser_backends[execution.account_id][execution.region_name]
    machines: list[Any] = backend.state_machines
    machine = next((each for each in machines if each.arn == execution.state_machine_arn), None)
    if machine is None:
        # Created after the snapshot; each execution has a copy of its machine.
        machine = execution.state_machine
        machines.append(machine)
    known = [each.exec_arn for each in machine.executions]
    if execution.exec_arn in known:
        machine.executions[known.index(execution.exec_arn)] = execution
    else:
        machine.executions.append(execution)


def apply_history(execution_arn: str, event: Any) -> None:
    """Add an event to the history of an execution, unless the history has it."""
    execution = next((each for each in _executions() if each.exec_arn == execution_arn), None)
    if execution is None:
        # The record of its start follows, and has this event.
        return
    events = execution.exec_worker.env.event_manager
    if isinstance(events, EndedHistory):
        # A thread of a task that was given up may add an event after the end.
        return
    if len(events.get_event_history()) < event["id"]:
        events._history_event_list.append(event)
        events._event_id_gen._next_id = event["id"] + 1


def fail_interrupted() -> list[Any]:
    """Fail every execution that ran when the state was saved, and return these executions."""
    interrupted = [each for each in _executions() if each.exec_status == ExecutionStatus.RUNNING]
    for execution in interrupted:
        execution.exec_status = ExecutionStatus.FAILED
        execution.error, execution.cause = RESTARTED, _CAUSE
        execution.stop_date = datetime.now(UTC)
        events = execution.exec_worker.env.event_manager
        events.add_event(
            EventHistoryContext(len(events.get_event_history())),
            HistoryEventType.ExecutionFailed,
            _FAILED,
        )
    return interrupted


def _executions() -> Iterator[Any]:
    for regions in stepfunctions_parser_backends.values():
        for backend in regions.values():
            for machine in backend.state_machines:
                yield from machine.executions
