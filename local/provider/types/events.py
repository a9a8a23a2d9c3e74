"""EventBridge: rules on the event bus and their targets (pulumi-aws has them under cloudwatch)."""

from local.provider.resource_type import Call, ResourceType, Tagging

_PUT_RULE = Call("put_rule")

_EVENT_RULE = ResourceType(
    "aws:cloudwatch/eventRule:EventRule",
    "events",
    id="$name",
    context=("eventBusName",),
    names={"Force": "forceDestroy", "RuleArn": "arn"},
    autoname=64,
    defaults={"eventBusName": "default", "state": "ENABLED"},
    own=("forceDestroy",),
    create=_PUT_RULE,
    read=(Call("describe_rule"),),
    update=(_PUT_RULE,),
    delete=(Call("delete_rule"),),
    tagging=Tagging(),
)

_PUT_TARGET = Call("put_targets", inside=("Targets",))

_EVENT_TARGET = ResourceType(
    "aws:cloudwatch/eventTarget:EventTarget",
    "events",
    id="$rule-$targetId",
    context=("eventBusName", "rule", "targetId"),
    names={
        "Id": "targetId",
        "EcsParameters": "ecsTarget",
        "Force": "forceDestroy",
        "InputPathsMap": "inputPaths",
        "SqsParameters": "sqsTarget",
    },
    autoname=64,
    name_property="targetId",
    defaults={"eventBusName": "default"},
    own=("forceDestroy",),
    create=_PUT_TARGET,
    read=(Call("list_targets_by_rule", select="Targets[?Id=='$targetId'] | [0]"),),
    update=(_PUT_TARGET,),
    delete=(Call("remove_targets", arguments={"Ids": ["$targetId"]}),),
)

TYPES = (_EVENT_RULE, _EVENT_TARGET)
