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
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    distributed_item_processor_worker as distributed,
)
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackPoolManager
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.emulator.child_executions import ChildExecution, counts_of, keep, parent_of
from local.emulator.failure import state_failed
from local.emulator.moto_patches.execution_end import inner_pools
from local.emulator.moto_patches.execution_logs import stream_of_child
from local.emulator.moto_patches.history_length import limit_events
from local.emulator.patch import replace
from local.emulator.times import iso_millis

_TOO_MANY_FAILED = "States.ExceedToleratedFailureThreshold"


def apply() -> None:
    """Separate child executions from their parent."""
    replace(distributed.DistributedItemProcessorWorker, "_eval_job", _eval_job)
    replace(DistributedIterationComponent, "_map_run", _map_run)


class _Child:
    """The program of one child execution, which replaces that of an item of a Map."""

    def __init__(self, program: Any, record: Any) -> None:
        self._program = program
        self._record = record

    def eval(self, env: Any) -> None:
        """Run the program in an environment that has only the child's input, which the selector has computed."""
        child = self._started(env)
        _add(
            env,
            HistoryEventType.ExecutionStarted,
            "executionStarted",
            input=child.execution_input,
            roleArn=env.states.context_object.context_object_data["Execution"]["RoleArn"],
        )
        self._program.eval(env)
        child.end()
        match child.exec_status:
            case ExecutionStatus.SUCCEEDED:
                output = to_json_str(child.output)
                _add(env, HistoryEventType.ExecutionSucceeded, "executionSucceeded", output=output)
            case ExecutionStatus.FAILED:
                _add_end(env, HistoryEventType.ExecutionFailed, "executionFailed", child)
            case ExecutionStatus.TIMED_OUT:
                _add_end(env, HistoryEventType.ExecutionTimedOut, "executionTimedOut", child)
            case _:
                _add_end(env, HistoryEventType.ExecutionAborted, "executionAborted", child)

    def _started(self, env: Any) -> ChildExecution:
        context = env.states.context_object.context_object_data
        parent, given, machine = (
            context["Execution"],
            env.states.get_input(),
            self._record.map_state_machine_arn,
        )
        name = str(uuid.uuid4())
        child = ChildExecution(
            execution_arn=f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
            name=name,
            state_machine_arn=machine,
            map_run_arn=self._record.map_run_arn,
            # A child may have a distributed Map itself.
            top=parent_of(parent["Id"]),
            input=given,
            env=env,
        )
        context["Execution"] = {
            **parent,
            "Id": child.execution_arn,
            "Name": name,
            "Input": given,
            "StartTime": iso_millis(child.start_date),
            "RedriveCount": 0,
        }
        context["StateMachine"] = {"Id": machine, "Name": machine.split(":", 6)[6]}
        del context["Map"]
        env.variable_store._outer_scope.clear()
        env.event_history_context = EventHistoryContext.of_program_start()
        env.event_manager = EventManager(
            stream_of_child(child.execution_arn, env.cloud_watch_logging_session)
        )
        limit_events(env)
        # Its own tasks only are woken when it is stopped, and with those of its parent when that ends.
        tasks = CallbackPoolManager(env.activity_store)
        inner_pools(env.callback_pool_manager).append(tasks)
        env.callback_pool_manager = tasks
        keep(child)
        return child


def _add_end(env: Any, event_type: HistoryEventType, name: str, child: ChildExecution) -> None:
    _add(env, event_type, name, **{key: text for key in ("error", "cause") if (text := getattr(child, key))})


def _add(env: Any, event_type: HistoryEventType, name: str, **details: Any) -> None:
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=event_type,
        event_details={f"{name}EventDetails": details},
    )


def _eval_job(original: Callable[..., Any], self: Any, env: Any, job: Any) -> None:
    job.job_program = _Child(job.job_program, self._map_run_record)
    original(self, env, job)


def _map_run(original: Callable[..., Any], self: Any, env: Any, eval_input: Any) -> None:
    record = eval_input.map_run_record
    record.items = len(env.stack[-1])
    original(self, env, eval_input)
    record.is_aborted = not env.is_running()
    counts = counts_of(record.map_run_arn, record.items)
    failed = sum(counts[status] for status in ("failed", "aborted", "timedOut"))
    count, percentage = record.tolerated_failure_count, record.tolerated_failure_percentage
    is_over = [
        *([failed > count] if count or not percentage else []),
        *([failed * 100 > percentage * record.items] if percentage else []),
    ]
    if any(is_over):
        cause = "The specified tolerated failure threshold was exceeded"
        raise FailureEventException(state_failed(env, _TOO_MANY_FAILED, cause))
