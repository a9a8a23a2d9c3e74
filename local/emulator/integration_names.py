"""The translation between the names of Step Functions integrations and those of botocore's service models.

An integration's fields are the API's in PascalCase (`Cluster`, `ContainerOverrides`). Abbreviations may also be written
as in the AWS SDK for Java (`EnableEcsManagedTags`); results are always written so.
Source: AWS Step Functions Developer Guide, "Learning to use AWS service SDK integrations".
"""

import json
from datetime import datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)

from local.emulator.times import iso_millis

# String fields that also take an object; Step Functions writes it as JSON.
_JSON_FIELDS = {"Body", "Detail", "Input", "Message", "MessageBody", "Output", "Payload"}

_loader = Loader()


class UnsupportedFieldError(ValueError):
    """An integration has a field that its API does not have."""


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


def operation_name(service: str, method: str) -> str:
    """Return the operation's name for a method: `RunTask` for `run_task`."""
    wanted = method.replace("_", "").lower()
    return next(name for name in service_model(service).operation_names if name.lower() == wanted)


def sdk_name(name: str) -> str:
    """Return a name as the AWS SDK for Java and Step Functions write it: `Ssm` for `SSM`."""
    return StateTaskService._to_sfn_cased(name)


def to_request(value: Any, shape: Shape | None, field: str = "") -> Any:
    """Return an integration's arguments with botocore's names."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = _members_by_field(shape)
        request = {}
        for key, item in value.items():
            if key not in members:
                known = ", ".join(sorted(_capitalised(name) for name in shape.members))
                raise UnsupportedFieldError(f"The field '{key}' is not supported here; it takes {known}.")
            member = members[key]
            request[member] = to_request(item, shape.members[member], key)
        return request
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_request(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: to_request(item, shape.value) for key, item in value.items()}
    if field in _JSON_FIELDS and not isinstance(value, str):
        value = json.dumps(value, separators=(",", ":"))
    if shape and shape.type_name == "blob" and isinstance(value, str):
        return value.encode()
    return value


def to_result(value: Any, shape: Shape | None) -> Any:
    """Return botocore's response as the JSON of an integration's result."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            sdk_name(member): to_result(item, shape.members[member])
            for member, item in value.items()
            if member in shape.members
        }
    if isinstance(shape, ListShape):
        return [to_result(item, shape.member) for item in value]
    if isinstance(shape, MapShape):
        return {key: to_result(item, shape.value) for key, item in value.items()}
    if isinstance(value, datetime):
        return iso_millis(value)
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value


def _members_by_field(shape: StructureShape) -> dict[str, str]:
    fields = {sdk_name(member): member for member in shape.members}
    return fields | {_capitalised(member): member for member in shape.members}


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]
