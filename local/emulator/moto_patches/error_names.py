"""Error names in Retry, Catch and Choice: matched as on AWS; moto matches too much, and loses some names.

AWS: `States.ALL` matches every error but `States.DataLimitExceeded` and `States.Runtime`, `States.TaskFailed` every
error but `States.Timeout` too. A Choice without match and Default ends in `States.NoChoiceMatched`. An error
named `States.…` inside a Map keeps its name outside.
Source: AWS Step Functions Developer Guide, "Handling errors in Step Functions workflows"; Amazon States Language,
"Errors" (https://states-language.net/spec.html).
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice

from local.emulator.failure import state_failed
from local.emulator.patch import replace

_UNCATCHABLE = {"States.DataLimitExceeded", "States.Runtime"}
_WILDCARD_EXCEPTIONS = {"States.ALL": _UNCATCHABLE, "States.TaskFailed": _UNCATCHABLE | {"States.Timeout"}}
_NO_CHOICE_MATCHED = "States.NoChoiceMatched"


def apply() -> None:
    """Match error names as AWS does."""
    replace(ErrorEqualsDecl, "_eval_body", _eval_error_equals)
    replace(CustomErrorName, "__init__", _init_error_name)
    replace(StateChoice, "_eval_state", _eval_choice)


def _eval_error_equals(_original: Callable[..., Any], self: Any, env: Any) -> None:
    raised = env.stack.pop()
    error = raised.error_name if raised else None
    env.stack.append(any(_matches(name.error_name, error) for name in self.error_names))


def _matches(name: str, error: str | None) -> bool:
    return name == error or (name in _WILDCARD_EXCEPTIONS and error not in _WILDCARD_EXCEPTIONS[name])


def _init_error_name(_original: Callable[..., Any], self: Any, error_name: str | None) -> None:
    # moto refuses names that begin with `States.` here, but Map and SendTaskFailure pass such names on.
    ErrorName.__init__(self, error_name=error_name)


def _eval_choice(original: Callable[..., Any], self: Any, env: Any) -> None:
    try:
        original(self, env)
    except RuntimeError as error:
        cause = f"Failed to find a choice that matches, and '{self.name}' has no Default."
        raise FailureEventException(state_failed(env, _NO_CHOICE_MATCHED, cause)) from error
