"""Child executions of a distributed Map: separate from their parent; moto runs them as items of an inline Map.

AWS: a child sees no variable of its parent, has an ARN, an input, a name, a history and a log stream of its own, and no
`Map` in its context. If more children fail than the Map tolerates, none by default, the Map fails with
`States.ExceedToleratedFailureThreshold`.
Source: AWS Step Functions Developer Guide, "Using Map state in Distributed mode", "Setting failure thresholds for
Distributed Map states" and "Passing data between states with variables". The result of a tolerated failure is not
documented; it is null here.
"""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    distributed_item_processor_worker as distributed,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.emulator.failure import state_failed
from local.emulator.moto_patches.execution_logs import stream_of_child
from local.emulator.patch import replace
from local.emulator.times import iso_millis

_TOO_MANY_FAILED = "States.ExceedToleratedFailureThreshold"
_parents: dict[str, str] = {}
_lock = Lock()


def apply() -> None:
    """Separate child executions from their parent."""
    replace(distributed.DistributedItemProcessorWorker, "_eval_job", _eval_job)
    replace(DistributedIterationComponent, "_map_run", _map_run)


def parent_of(arn: str) -> str:
    """Return the ARN of the execution that started this child execution, or the ARN itself of any other execution."""
    with _lock:
        return _parents.get(arn, arn)


class _Child:
    """The program of one child execution, which replaces that of an item of a Map."""

    def __init__(self, program: Any, machine_arn: str) -> None:
        self._program = program
        self._machine_arn = machine_arn

    def eval(self, env: Any) -> None:
        """Run the program in an environment that has only the child's input, which the selector has computed."""
        context = env.states.context_object.context_object_data
        given = env.states.get_input()
        context["Execution"] = self._execution(context["Execution"], given)
        context["StateMachine"] = {
            "Id": self._machine_arn,
            "Name": self._machine_arn.split(":", 6)[6],
        }
        del context["Map"]
        env.variable_store._outer_scope.clear()
        arn = context["Execution"]["Id"]
        env.event_history_context = EventHistoryContext.of_program_start()
        env.event_manager = EventManager(stream_of_child(arn, env.cloud_watch_logging_session))
        started = {"input": to_json_str(given), "roleArn": context["Execution"]["RoleArn"]}
        _add(env, HistoryEventType.ExecutionStarted, {"executionStartedEventDetails": started})
        self._program.eval(env)
        if isinstance(env.program_state(), ProgramEnded):
            succeeded = {"output": to_json_str(env.states.get_input())}
            _add(env, HistoryEventType.ExecutionSucceeded, {"executionSucceededEventDetails": succeeded})

    def _execution(self, parent: Any, given: Any) -> dict[str, Any]:
        name = str(uuid.uuid4())
        arn = f"{self._machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        with _lock:
            # A child may have a distributed Map itself.
            _parents[arn] = _parents.get(parent["Id"], parent["Id"])
        return {
            **parent,
            "Id": arn,
            "Name": name,
            "Input": given,
            "StartTime": iso_millis(datetime.now(UTC)),
            "RedriveCount": 0,
        }


def _add(env: Any, event_type: HistoryEventType, details: Any) -> None:
    env.event_manager.add_event(
        context=env.event_history_context, event_type=event_type, event_details=details
    )


def _eval_job(original: Callable[..., Any], self: Any, env: Any, job: Any) -> None:
    job.job_program = _Child(job.job_program, self._map_run_record.map_state_machine_arn)
    original(self, env, job)


def _map_run(original: Callable[..., Any], self: Any, env: Any, eval_input: Any) -> None:
    original(self, env, eval_input)
    record = eval_input.map_run_record
    items = record.item_counter
    failed = sum(counter.get() for counter in (items.failed, items.aborted, items.timed_out))
    count, percentage = record.tolerated_failure_count, record.tolerated_failure_percentage
    is_over = [
        *([failed > count] if count or not percentage else []),
        *([failed * 100 > percentage * items.total.get()] if percentage else []),
    ]
    if any(is_over):
        cause = "The specified tolerated failure threshold was exceeded"
        raise FailureEventException(state_failed(env, _TOO_MANY_FAILED, cause))
