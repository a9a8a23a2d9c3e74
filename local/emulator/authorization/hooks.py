"""The hooks through which every request to moto is authorized."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import BaseResponse
from moto.s3.responses import S3Response
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)

from local.emulator.authorization.enforcement import CODE, Refusal, enforce_roles, refusal_of
from local.emulator.authorization.identities import execution_role_of, identity_of, keep_function
from local.emulator.authorization.identity import Identity
from local.emulator.authorization.moto_call import MotoCall
from local.emulator.authorization.needs import Need, needs_of
from local.emulator.callers import Caller, Kind, current, writer_of
from local.emulator.child_executions import parent_of
from local.emulator.errors import AwsError, answer_of
from local.emulator.failure import state_failed
from local.emulator.functions.admin import on_take
from local.emulator.patch import replace

_LOG_WRITES = frozenset({"logs:CreateLogStream", "logs:PutLogEvents"})
# Source: the errors of each service's API reference.
_CODES = {"s3": "AccessDenied", "sns": "AuthorizationError"}
_FORBIDDEN, _BAD_REQUEST = 403, 400


def enforce() -> None:
    """Refuse every request that the policies of its caller's role do not allow."""
    enforce_roles()
    replace(BaseResponse, "call_action", _guarded)
    # S3 does not use call_action.
    replace(S3Response, "_bucket_response", _guarded)
    replace(S3Response, "_key_response", _guarded)
    replace(DistributedIterationComponent, "_eval_body", _start_children)
    on_take(lambda invocation, environment: keep_function(environment, invocation.function_arn))


def _guarded(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
    call = MotoCall(self, arguments)
    try:
        identity = _identity(call)
        refusal = refusal_of(identity, needs_of(call)) if identity else None
    except LookupError as error:
        # To moto's caller a LookupError is an operation that it does not have.
        raise RuntimeError(f"{call.name} could not be authorized: {error!r}") from error
    return original(self, *arguments) if refusal is None else _answer(self, refusal)


def _start_children(original: Callable[..., Any], self: Any, env: Any) -> None:
    """Start the child executions of a distributed Map, if the machine's role may start executions of the machine."""
    context = env.states.context_object.context_object_data
    caller = Caller(Kind.EXECUTION, parent_of(context["Execution"]["Id"]))
    identity = identity_of(caller)
    need = Need("states:StartExecution", context["StateMachine"]["Id"])
    if identity and (refusal := refusal_of(identity, (need,))):
        raise FailureEventException(state_failed(env, "States.Permissions", refusal.message))
    original(self, env)


def _identity(call: MotoCall) -> Identity | None:
    caller = current()
    if caller.kind is not Kind.AGENT or call.name not in _LOG_WRITES:
        return identity_of(caller)
    # The agent writes logs for a task, with the role that starts it, or for a function, with its own.
    writer = writer_of(str(call.get("logStreamName")))
    return execution_role_of(writer.id) if writer.kind is Kind.TASK else identity_of(writer)


def _answer(response: Any, refusal: Refusal) -> Any:
    service = response.boto3_service_name
    code = _CODES.get(service, CODE)
    return answer_of(
        AwsError(code, refusal.message), response, _FORBIDDEN if service in _CODES else _BAD_REQUEST
    )
