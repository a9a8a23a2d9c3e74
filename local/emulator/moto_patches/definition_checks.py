"""Definitions are checked when they are given; moto lets them fail when they run, and ignores a second one.

AWS: CreateStateMachine and UpdateStateMachine refuse with `InvalidDefinition` what is not the States Language, lacks
a target or holds an expression that cannot be read. The same name again is the same machine only with the same
definition and role, else `StateMachineAlreadyExists`.
Source: AWS Step Functions API Reference, "CreateStateMachine" and "UpdateStateMachine".
"""

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.emulator.definition import Problem, problems
from local.emulator.errors import AwsError
from local.emulator.patch import replace

_MAX_DEFINITION_BYTES = 1_048_576


def apply() -> None:
    """Check definitions."""
    replace(StepFunctionsParserBackend, "_validate_definition", _validate_definition)
    replace(StepFunctionsParserBackend, "create_state_machine", _create_state_machine)


def problems_of(definition: str) -> list[Problem]:
    """Return why CreateStateMachine would refuse a definition; nothing for one that it takes."""
    if len(definition.encode()) > _MAX_DEFINITION_BYTES:
        return [
            Problem(
                "SCHEMA_VALIDATION_FAILED", f"the definition is larger than {_MAX_DEFINITION_BYTES} bytes"
            )
        ]
    try:
        document = json.loads(definition)
    except ValueError as error:
        return [Problem("INVALID_JSON_DESCRIPTION", str(error))]
    try:
        AmazonStateLanguageParser.parse(definition)
    except Exception as error:  # noqa: BLE001 - moto's reader raises whatever it stumbles over
        return [Problem("SCHEMA_VALIDATION_FAILED", str(error))]
    return list(problems(document))


def _validate_definition(_original: Callable[..., Any], definition: str) -> None:
    found = problems_of(definition)
    if found:
        what = "; ".join(map(str, found))
        raise AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{what}'")


def _create_state_machine(original: Callable[..., Any], self: Any, **kwargs: Any) -> Any:
    machine = original(self, **kwargs)
    if (machine.definition, machine.roleArn) != (kwargs["definition"], kwargs["roleArn"]):
        raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")
    return machine
