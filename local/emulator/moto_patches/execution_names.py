"""Name and input checks of StartExecution; moto accepts any name, and confuses executions without a name.

AWS: a name has 1 to 80 characters without spaces, brackets, wildcards and similar; AWS generates one by default;
the input is JSON of at most 262,144 bytes.
Source: AWS Step Functions API Reference, "StartExecution".
"""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.emulator.errors import AwsError
from local.emulator.limits import MAX_PAYLOAD_BYTES
from local.emulator.patch import replace

_MAX_NAME_CHARACTERS = 80
_FORBIDDEN = re.compile(r'[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]')


def apply() -> None:
    """Check an execution's name and input."""
    replace(StepFunctionsParserBackend, "start_execution", _start_execution)


def _start_execution(
    original: Callable[..., Any],
    self: Any,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
) -> Any:
    name = name or str(uuid.uuid4())
    if len(name) > _MAX_NAME_CHARACTERS or _FORBIDDEN.search(name):
        raise AwsError("InvalidName", f"Invalid Name: '{name}'")
    if len((execution_input or "").encode()) > MAX_PAYLOAD_BYTES:
        raise AwsError(
            "InvalidExecutionInput", f"Input must not be larger than {MAX_PAYLOAD_BYTES} bytes of UTF-8."
        )
    try:
        json.loads(execution_input or "{}")
    except ValueError as error:
        raise AwsError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
        ) from error
    return original(self, state_machine_arn, name, execution_input)
