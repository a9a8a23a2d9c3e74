"""The whole configuration of functions; moto drops some fields, and ignores others at an update.

AWS: GetFunction returns the dead-letter queue and the logging configuration, UpdateFunctionConfiguration changes every
field that it takes, each change has a new RevisionId, and a reserved concurrency of 0 is reported. There is one
configuration for asynchronous invocations, and the last one that was put holds.
Source: AWS Lambda API Reference, "FunctionConfiguration", "UpdateFunctionConfiguration", "GetFunctionConcurrency" and
"PutFunctionEventInvokeConfig".
"""

import uuid
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from local.emulator.patch import replace

_ATTRIBUTE_BY_FIELD = {
    "DeadLetterConfig": "dead_letter_config",
    "KMSKeyArn": "kms_key_arn",
    "TracingConfig": "tracing_config",
}


def apply() -> None:
    """Store every field of a function's configuration."""
    replace(LambdaFunction, "__init__", _init)
    replace(LambdaFunction, "get_configuration", _get_configuration)
    replace(LambdaFunction, "get_code", _get_code)
    replace(LambdaFunction, "update_configuration", _update_configuration)
    replace(LambdaFunction, "update_function_code", _update_function_code)
    replace(LambdaBackend, "put_function_event_invoke_config", _put_event_invoke_config)


def _init(
    original: Callable[..., Any], self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any
) -> None:
    original(self, account_id, spec, *args, **kwargs)
    self.dead_letter_config = spec.get("DeadLetterConfig")
    self.logging_config = _logging_config(self, spec.get("LoggingConfig"))
    self.revision_id = str(uuid.uuid4())


def _logging_config(function: Any, given: dict[str, Any] | None) -> dict[str, Any]:
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}", **(given or {})}
    return {**levels, **logging} if logging["LogFormat"] == "JSON" else logging


def _get_configuration(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    configuration: dict[str, Any] = original(self, *args, **kwargs)
    configuration |= {"LoggingConfig": self.logging_config, "RevisionId": self.revision_id}
    if (self.dead_letter_config or {}).get("TargetArn"):
        configuration["DeadLetterConfig"] = self.dead_letter_config
    return configuration


def _get_code(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    answer: dict[str, Any] = original(self)
    if self.reserved_concurrency is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": int(self.reserved_concurrency)}
    return answer


def _update_configuration(original: Callable[..., Any], self: Any, updates: dict[str, Any]) -> Any:
    for field, attribute in _ATTRIBUTE_BY_FIELD.items():
        if field in updates:
            setattr(self, attribute, updates[field])
    if "EphemeralStorage" in updates:
        self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
    if "LoggingConfig" in updates:
        self.logging_config = _logging_config(self, updates["LoggingConfig"])
    if "Environment" in updates:
        self.environment_vars = updates["Environment"].get("Variables", {})
        updates = {field: value for field, value in updates.items() if field != "Environment"}
    self.revision_id = str(uuid.uuid4())
    return original(self, updates)


def _update_function_code(original: Callable[..., Any], self: Any, spec: dict[str, Any]) -> Any:
    if "Architectures" in spec:
        self.architectures = spec["Architectures"]
    self.revision_id = str(uuid.uuid4())
    return original(self, spec)


def _put_event_invoke_config(
    original: Callable[..., Any], self: Any, function_name: str, config: dict[str, Any]
) -> Any:
    function = self.get_function(function_name)
    earlier = function.event_invoke_config
    answer = original(self, function_name, config)
    del earlier[:-1]
    return answer
