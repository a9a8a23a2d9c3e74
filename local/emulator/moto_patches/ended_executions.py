"""Executions that have ended keep their history alone; moto keeps the interpreter, with the data of all states.

Those that ran out of time, synchronous ones and child executions keep theirs.

AWS: an execution that has ended has a history, and cannot be answered.
Source: AWS Step Functions API Reference, "GetExecutionHistory".
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.eval.program_state import ProgramTimedOut
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker, SyncExecutionWorker
from moto.stepfunctions.parser.utils import TMP_THREADS

from local.emulator.ended_execution import EndedHistory, ended_worker
from local.emulator.patch import replace


def apply() -> None:
    """Free an interpreter at the end of its thread."""
    replace(ExecutionWorker, "_execution_logic", _execute)


def _execute(original: Callable[..., Any], self: Any) -> None:
    original(self)
    env = self.env
    # The caller of a synchronous execution reads more of it, and one out of time has a second thread, which may write
    # the last event later.
    if isinstance(self, SyncExecutionWorker) or isinstance(env.program_state(), ProgramTimedOut):
        return
    execution = self._execution_communication.execution
    history = EndedHistory(env.event_manager.get_event_history())
    execution.exec_worker = ended_worker(history, env.map_run_record_pool_manager)
    execution._cloud_watch_logging_session, execution._activity_store = None, {}
    # The input is kept as text, too, and moto's list of threads only grows.
    execution.input_data = None
    TMP_THREADS[:] = [thread for thread in TMP_THREADS if thread.is_alive()]
