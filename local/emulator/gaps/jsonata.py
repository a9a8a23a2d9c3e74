"""Expressions are evaluated; moto leaves the evaluator out.

AWS: an expression sees `$states` and the variables in scope; one that fails, or that yields nothing,
ends in `States.QueryEvaluationError`, which names the expression and the field.
Source: AWS Step Functions Developer Guide, "Transforming data with JSONata in Step Functions" and
"Passing data between states with variables".
"""

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.jsonata.jsonata_template_value import JSONataTemplateValue
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from local.emulator.failure import state_failed
from local.emulator.patch import replace
from local.emulator.query import QueryError, UndefinedQueryError, evaluate

_ERROR = "States.QueryEvaluationError"


def fill() -> None:
    """Evaluate JSONata, and leave undefined what AWS leaves undefined."""
    replace(StringJSONata, "_eval_body", _eval_expression)
    replace(StringVariableSample, "_eval_body", _eval_expression)
    replace(ConditionStringJSONata, "_eval_body", _eval_condition)
    replace(JSONataTemplateValue, "_field_name", _no_field_name)
    replace(ConditionStringJSONata, "_field_name", _condition_field_name)
    replace(StatePass, "_eval_state", _eval_pass)
    replace(States, "reset", _reset)
    replace(VariableStore, "get_assigned_variables", _get_assigned_variables)


def _eval_expression(_original: Callable[..., Any], self: Any, env: Any) -> None:
    store = env.variable_store
    bindings = {"states": env.states._states_data, **store._outer_scope, **store._inner_scope}
    try:
        env.stack.append(evaluate(self.expression, bindings))
    except UndefinedQueryError as error:
        raise _failure(env, self.expression, f"{error}.") from error
    except QueryError as error:
        raise _failure(env, self.expression, f"threw an error during evaluation. {error}") from error


def _eval_condition(_original: Callable[..., Any], self: Any, env: Any) -> None:
    self.string_jsonata.eval(env=env)
    if not isinstance(env.stack[-1], bool):
        expression = self.string_jsonata.expression
        raise _failure(env, expression, f"returned {env.stack[-1]!r}, which is not a boolean.")


def _no_field_name(_original: Callable[..., Any], _self: Any) -> None:
    """Keep the name of the field that a value stands in; moto takes the names of its own classes."""


def _condition_field_name(_original: Callable[..., Any], _self: Any) -> str:
    return "Condition"


def _failure(env: Any, expression: str, what: str) -> FailureEventException:
    cause = f"The JSONata expression '{expression}' specified for the field '{env.next_field_name}' {what}"
    return FailureEventException(state_failed(env, _ERROR, cause, HistoryEventType.EvaluationFailed))


def _eval_pass(original: Callable[..., Any], self: Any, env: Any) -> None:
    if self._is_language_query_jsonpath():
        original(self, env)
        return
    # moto offers the input of a Pass as `$states.result`, which a Pass has not.
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    self.result_path.eval(env)


def _reset(original: Callable[..., Any], self: Any, input_value: Any) -> None:
    original(self, input_value)
    # moto keeps both as null; on AWS they exist only after a result, and in a Catch.
    del self._states_data["result"]
    del self._states_data["errorOutput"]


def _get_assigned_variables(_original: Callable[..., Any], self: Any) -> dict[str, str]:
    # moto puts quotes around a string without escaping those inside.
    return {name: json.dumps(self.get(name)) for name in self._declaration_tracing}
