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

from local.emulator.definition import problems
from local.emulator.errors import AwsError
from local.emulator.patch import replace

_MAX_DEFINITION_BYTES = 1_048_576


def fill() -> None:
    """Check definitions."""
    replace(StepFunctionsParserBackend, "_validate_definition", _validate_definition)
    replace(StepFunctionsParserBackend, "create_state_machine", _create_state_machine)


def _validate_definition(_original: Callable[..., Any], definition: str) -> None:
    if len(definition.encode()) > _MAX_DEFINITION_BYTES:
        raise _invalid(f"the definition is larger than {_MAX_DEFINITION_BYTES} bytes")
    try:
        document = json.loads(definition)
    except ValueError as error:
        raise _invalid(f"INVALID_JSON_DESCRIPTION: {error}") from error
    try:
        AmazonStateLanguageParser.parse(definition)
    except Exception as error:  # moto's reader raises whatever it stumbles over
        raise _invalid(f"SCHEMA_VALIDATION_FAILED: {error}") from error
    found = list(problems(document))
    if found:
        raise _invalid("; ".join(found))


def _create_state_machine(original: Callable[..., Any], self: Any, **kwargs: Any) -> Any:
    machine = original(self, **kwargs)
    if (machine.definition, machine.roleArn) != (kwargs["definition"], kwargs["roleArn"]):
        raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")
    return machine


def _invalid(what: str) -> AwsError:
    return AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{what}'")
