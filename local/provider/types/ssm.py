"""Systems Manager: parameters."""

from local.provider.resource_type import Call, Made, ResourceType, Tagging

_VALUE = Made(("value", "insecureValue"), lambda p: p.get("value", p.get("insecureValue")))
_RESOURCE = {"ResourceType": "Parameter", "ResourceId": "$name"}

_PARAMETER = ResourceType(
    "aws:ssm/parameter:Parameter",
    "ssm",
    id="$name",
    autoname=1011,
    replace_on=("dataType",),
    cleared={"description": ""},
    own=("overwrite",),
    create=Call("put_parameter", select="`{}`", arguments={"Value": _VALUE}),
    read=(
        Call("get_parameter", select="Parameter", arguments={"WithDecryption": True}),
        Call(
            "describe_parameters",
            select="Parameters[0].{Description: Description, Tier: Tier, AllowedPattern: AllowedPattern, KeyId: KeyId}",
            arguments={"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": ["$name"]}]},
        ),
    ),
    update=(
        Call(
            "put_parameter",
            select="`{}`",
            properties=("allowedPattern", "description", "keyId", "name", "tier", "type"),
            arguments={"Value": _VALUE, "Overwrite": True},
        ),
    ),
    delete=(Call("delete_parameter"),),
    tagging=Tagging(
        Call("add_tags_to_resource", arguments=_RESOURCE),
        Call("remove_tags_from_resource", arguments=_RESOURCE),
        Call("list_tags_for_resource", select="{tags: TagList}", arguments=_RESOURCE),
    ),
)

TYPES = (_PARAMETER,)
