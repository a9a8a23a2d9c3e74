"""Step Functions Execution Status Change events on the default bus; moto sends none.

AWS: `Step Functions Execution Status Change` with RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; dates in
milliseconds, input and output as strings, left out when together they exceed 248 KiB.
Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution

from local.emulator.event_bus import put_event
from local.emulator.patch import replace

_MAX_INCLUDED_BYTES = 248 * 1024


def apply() -> None:
    """Publish the starts and ends of executions."""
    replace(Execution, "start", _start)
    replace(BaseExecutionWorkerCommunication, "terminated", _terminated)


def _start(original: Callable[..., Any], self: Any) -> None:
    _publish(self, "RUNNING")
    original(self)


def _terminated(original: Callable[..., Any], self: Any) -> None:
    original(self)
    _publish(self.execution, self.execution.status)


def publish_end(execution: Any) -> None:
    """Publish the end of an execution that no interpreter ran to its end."""
    _publish(execution, execution.status)


def _publish(execution: Any, status: str) -> None:
    output = json.dumps(execution.output) if status == "SUCCEEDED" else None
    included = len((execution.execution_input + (output or "")).encode()) <= _MAX_INCLUDED_BYTES
    put_event(
        account=execution.account_id,
        region=execution.region_name,
        source="aws.states",
        detail_type="Step Functions Execution Status Change",
        resources=[execution.exec_arn],
        detail={
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": status,
            "startDate": _millis(execution.start_date),
            "stopDate": _millis(execution.stop_date),
            "input": execution.execution_input if included else None,
            "output": output if included else None,
            "inputDetails": {"included": included},
            "outputDetails": {"included": included} if output else None,
            "error": execution.error,
            "cause": execution.cause,
            "stateMachineVersionArn": None,
            "stateMachineAliasArn": None,
            "redriveCount": 0,
            "redriveDate": None,
        },
    )


def _millis(moment: datetime | None) -> int | None:
    return int(moment.timestamp() * 1000) if moment else None
