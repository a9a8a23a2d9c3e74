"""The start of an execution by the operator: its name, and its input as Step Functions takes it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.stack import Stack

INPUT_MAX_CHARACTERS = 8_192
"""ECS RunTask takes overrides of 8,192 characters, so no worker receives a longer input."""


@dataclass(frozen=True)
class Started:
    """An execution that was started."""

    arn: str
    name: str
    given: Mapping[str, Any]


def start_execution(stack: Stack, given: Mapping[str, Any], *, kind: str, now: datetime) -> Started:
    """Start an execution of the weekly machine.

    Raises:
        OperatorError: if the input is too long for a worker.
    """
    text = json.dumps(given, separators=(",", ":"), ensure_ascii=False)
    if len(text) > INPUT_MAX_CHARACTERS:
        raise OperatorError(
            f"the input has {len(text):,} characters, and a worker takes {INPUT_MAX_CHARACTERS:,}",
            "name fewer regions",
            ExitCode.WRONG_COMMAND_LINE,
        )
    name = execution_name(kind, now, secrets.token_hex(2))
    answer = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack["step_functions_state_machine_arn"], name=name, input=text
    )
    return Started(answer["executionArn"], name, given)


def execution_name(kind: str, now: datetime, suffix: str) -> str:
    """Return a name such as `manual-20261123-3f9a`; a manual run is named after its execution.

    The suffix distinguishes the starts of a day. The date has no hyphens: a run whose name ends in a date such as
    `2026-11-23` covers the week before that date.
    """
    return f"{kind}-{now.astimezone(UTC):%Y%m%d}-{suffix}"
