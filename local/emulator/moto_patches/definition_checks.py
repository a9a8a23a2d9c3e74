"""Checks of definitions at creation and update; in moto they fail at run time, and a second creation is ignored.

AWS: CreateStateMachine and UpdateStateMachine refuse with `InvalidDefinition` a definition that is not valid Amazon
States Language, lacks a target or holds an invalid expression. CreateStateMachine is idempotent for the same name,
definition and role; otherwise it raises `StateMachineAlreadyExists`.
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
    """Return the errors for which CreateStateMachine would refuse a definition."""
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
