"""ValidateStateMachineDefinition and ListStateMachineVersions, which moto lacks.

AWS: ValidateStateMachineDefinition answers `OK` or `FAIL` with a diagnostic for each error, 100 at most, and creates
nothing. ListStateMachineVersions lists the published versions, newest first; an unpublished machine has none. The
released AWS provider makes the first call while it plans, and the second when it reads a machine.
Source: AWS Step Functions API Reference, "ValidateStateMachineDefinition" and "ListStateMachineVersions".
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from local.emulator.errors import AwsError
from local.emulator.moto_patches.definition_checks import problems_of
from local.emulator.patch import add

_MAX_DIAGNOSTICS = 100
_MAX_VERSIONS = 1000


def apply() -> None:
    """Add both operations."""
    add(StepFunctionResponse, "validate_state_machine_definition", _validate_state_machine_definition)
    add(StepFunctionResponse, "list_state_machine_versions", _list_state_machine_versions)


def _validate_state_machine_definition(self: Any) -> ActionResult:
    definition = self._get_param("definition")
    if not definition:
        raise AwsError("ValidationException", "1 validation error detected: 'definition' must not be empty")
    found = problems_of(definition)
    most = self._get_param("maxResults") or _MAX_DIAGNOSTICS
    return ActionResult(
        {
            "result": "FAIL" if found else "OK",
            "diagnostics": [
                {
                    "severity": "ERROR",
                    "code": problem.code,
                    "message": problem.message,
                    **({"location": problem.location} if problem.location else {}),
                }
                for problem in found[:most]
            ],
            "truncated": len(found) > most,
        }
    )


def _list_state_machine_versions(self: Any) -> ActionResult:
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    newest_first = [machine.versions[number] for number in sorted(machine.versions, reverse=True)]
    first = _page_start(self._get_param("nextToken"))
    last = first + (self._get_param("maxResults") or _MAX_VERSIONS)
    return ActionResult(
        {
            "stateMachineVersions": [
                {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
                for version in newest_first[first:last]
            ],
            **({"nextToken": str(last)} if last < len(newest_first) else {}),
        }
    )


def _page_start(token: str | None) -> int:
    if token and not token.isdecimal():
        raise AwsError("InvalidToken", f"Invalid Token: '{token}'")
    return int(token or 0)
