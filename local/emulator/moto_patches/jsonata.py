"""The evaluation of JSONata expressions, for which moto has no evaluator.

AWS: an expression can use `$states` and the variables in scope; one that fails or returns undefined
raises `States.QueryEvaluationError`, which names the state, the expression and the field: "An error occurred while
executing the state 'Send' (entered at the event id #2). The JSONata expression '$states.input.missing' specified for
the field 'Arguments/MessageBody' returned nothing (undefined)."
Source: AWS Step Functions Developer Guide, "Transforming data with JSONata in Step Functions" and
"Passing data between states with variables"; the words as quoted from executions on AWS in public issues.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_template_binding import (
    AssignTemplateBinding,
)
from moto.stepfunctions.parser.asl.component.common.assign.assign_template_value_array import (
    AssignTemplateValueArray,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.jsonata.jsonata_template_binding import (
    JSONataTemplateBinding,
)
from moto.stepfunctions.parser.asl.component.common.jsonata.jsonata_template_value_array import (
    JSONataTemplateValueArray,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from local.emulator.failure import state_failed
from local.emulator.jsonata import QueryError, UndefinedQueryError, evaluate
from local.emulator.patch import replace

_ERROR = "States.QueryEvaluationError"

# Prefixes of moto's classes for a field of a state; the rest of the name is the kind of its value.
_FIELD = re.compile(
    r"(Arguments|Cause|Condition|Error|HeartbeatSeconds|ItemSelector|Items|MaxConcurrency|Output|Seconds|TimeoutSeconds"
    r"|Timestamp|ToleratedFailureCount|ToleratedFailurePercentage)(?:JSONata|String|Array|$)|(Assign)Decl$"
)
_field: ContextVar[str] = ContextVar("field", default="")
"""The path of the field that is being evaluated, in AWS's form: `Arguments/Items[0]/Name`."""


def apply() -> None:
    """Evaluate JSONata, with the same variables defined as on AWS."""
    replace(StringJSONata, "_eval_body", _eval_expression)
    replace(StringVariableSample, "_eval_body", _eval_expression)
    replace(ConditionStringJSONata, "_eval_body", _eval_condition)
    replace(EvalComponent, "eval", _eval)
    replace(JSONataTemplateValueArray, "_eval_body", _eval_array)
    replace(AssignTemplateValueArray, "_eval_body", _eval_array)
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


def _eval(original: Callable[..., Any], self: Any, env: Any) -> None:
    if isinstance(self, JSONataTemplateBinding | AssignTemplateBinding):
        with _inside(f"/{self.identifier}"):
            original(self, env)
    elif field := _FIELD.match(type(self).__name__):
        with _inside(field[1] or field[2]):
            original(self, env)
    else:
        original(self, env)


def _eval_array(_original: Callable[..., Any], self: Any, env: Any) -> None:
    values = []
    for index, value in enumerate(self.values):
        with _inside(f"[{index}]"):
            value.eval(env)
        values.append(env.stack.pop())
    env.stack.append(values)


@contextmanager
def _inside(part: str) -> Iterator[None]:
    token = _field.set(_field.get() + part)
    try:
        yield
    finally:
        _field.reset(token)


def _failure(env: Any, expression: str, what: str) -> FailureEventException:
    cause = f"The JSONata expression '{expression}' specified for the field '{_field.get()}' {what}"
    return FailureEventException(state_failed(env, _ERROR, cause, HistoryEventType.EvaluationFailed))


def _eval_pass(original: Callable[..., Any], self: Any, env: Any) -> None:
    if self._is_language_query_jsonpath():
        original(self, env)
        return
    # moto defines `$states.result` in a Pass, as its input; on AWS a Pass has no result.
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    self.result_path.eval(env)


def _reset(original: Callable[..., Any], self: Any, input_value: Any) -> None:
    original(self, input_value)
    # moto sets both to null; on AWS they are defined only after a result and in a Catch.
    del self._states_data["result"]
    del self._states_data["errorOutput"]


def _get_assigned_variables(_original: Callable[..., Any], self: Any) -> dict[str, str]:
    # moto quotes a string without escaping the quotes in it.
    return {name: json.dumps(self.get(name)) for name in self._declaration_tracing}
