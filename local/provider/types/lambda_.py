"""Lambda: functions, the permissions to invoke them, and the configuration of their asynchronous invocations."""

import json

from local.provider.archives import zipped
from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, Made, ResourceType, Tagging
from local.provider.values import Properties

_ZIP = Made(("code",), lambda p: zipped(p["code"]) if "code" in p else None)

_CONFIGURATION = (
    "deadLetterConfig", "description", "environment", "ephemeralStorage", "handler", "kmsKeyArn", "layers",
    "loggingConfig", "memorySize", "name", "role", "runtime", "timeout", "tracingConfig", "vpcConfig",
)  # fmt: skip


# The released provider's value for no reservation.
_UNRESERVED = -1


def _reserve(aws: Aws, properties: Properties) -> None:
    client, name = aws.client("lambda"), properties["name"]
    reserved = properties.get("reservedConcurrentExecutions", _UNRESERVED)
    if reserved != _UNRESERVED:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    else:
        client.delete_function_concurrency(FunctionName=name)


_FUNCTION = ResourceType(
    "aws:lambda/function:Function",
    "lambda",
    id="$name",
    names={"FunctionName": "name", "FunctionArn": "arn", "CodeSize": "sourceCodeSize"},
    autoname=64,
    replace_on=("packageType",),
    defaults={"memorySize": 128, "timeout": 3},
    cleared={
        "deadLetterConfig": {"targetArn": ""},
        "description": "",
        "environment": {"variables": {}},
        "kmsKeyArn": "",
        "layers": [],
    },
    own=("sourceCodeHash",),
    computed={
        "invokeArn": "arn:$partition:apigateway:$region:lambda:path/2015-03-31/functions/$arn/invocations",
        "qualifiedArn": "$arn:$version",
    },
    create=Call(
        "create_function",
        properties=("architectures", "packageType", "tags", *_CONFIGURATION),
        arguments={"Code": Made(("code",), lambda p: {"ZipFile": zipped(p["code"])})},
    ),
    read=(
        Call(
            "get_function",
            select="merge(Configuration, {Tags: Tags, "
            "ReservedConcurrentExecutions: Concurrency.ReservedConcurrentExecutions})",
        ),
    ),
    update=(
        Call("update_function_configuration", properties=_CONFIGURATION),
        Call("update_function_code", properties=("architectures", "name"), arguments={"ZipFile": _ZIP}),
        Action(_reserve, ("reservedConcurrentExecutions",)),
    ),
    delete=(Call("delete_function", properties=("name",)),),
    tagging=Tagging(read=None),
)


def _read_permission(aws: Aws, properties: Properties) -> Properties | None:
    """Return the statement in the function's policy, which is a JSON text."""
    policy = aws.client("lambda").get_policy(FunctionName=properties["function"])["Policy"]
    statements = {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}
    statement = statements.get(properties["statementId"])
    if statement is None:
        return None
    principal, condition = statement["Principal"], statement.get("Condition", {})
    source = condition.get("ArnLike", {}).get("AWS:SourceArn")
    account = condition.get("StringEquals", {}).get("AWS:SourceAccount")
    return {
        "action": statement["Action"],
        "principal": principal if isinstance(principal, str) else next(iter(principal.values())),
        **({"sourceArn": source} if source else {}),
        **({"sourceAccount": account} if account else {}),
    }


_PERMISSION = ResourceType(
    "aws:lambda/permission:Permission",
    "lambda",
    id="$statementId",
    context=("function",),
    names={"FunctionName": "function"},
    autoname=100,
    name_property="statementId",
    create=Call(
        "add_permission",
        select="`{}`",
        properties=("action", "function", "principal", "sourceAccount", "sourceArn", "statementId"),
    ),
    read=(Action(_read_permission),),
    delete=(Call("remove_permission", properties=("function", "statementId")),),
)

_EVENT_INVOKE_CONFIG = ResourceType(
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "lambda",
    id="$functionName",
    replace_on=("qualifier",),
    create=Call("put_function_event_invoke_config"),
    read=(Call("get_function_event_invoke_config"),),
    update=(Call("put_function_event_invoke_config"),),
    delete=(Call("delete_function_event_invoke_config"),),
)

TYPES = (_FUNCTION, _PERMISSION, _EVENT_INVOKE_CONFIG)
