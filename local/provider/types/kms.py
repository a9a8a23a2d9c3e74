"""Key Management Service: keys and their aliases."""

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType, Tagging
from local.provider.values import Properties


def _rotate(aws: Aws, properties: Properties) -> None:
    kms, key = aws.client("kms"), properties["keyId"]
    if properties.get("enableKeyRotation"):
        period = (
            {"RotationPeriodInDays": properties["rotationPeriodInDays"]}
            if "rotationPeriodInDays" in properties
            else {}
        )
        kms.enable_key_rotation(KeyId=key, **period)
    else:
        kms.disable_key_rotation(KeyId=key)


def _enable(aws: Aws, properties: Properties) -> None:
    kms, key = aws.client("kms"), properties["keyId"]
    (kms.enable_key if properties.get("isEnabled", True) else kms.disable_key)(KeyId=key)


_KEY = ResourceType(
    "aws:kms/key:Key",
    "kms",
    id="$keyId",
    names={
        "CustomerMasterKeySpec": "customerMasterKeySpec",
        "Enabled": "isEnabled",
        "KeyRotationEnabled": "enableKeyRotation",
        "PendingWindowInDays": "deletionWindowInDays",
    },
    replace_on=("customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"),
    own=("bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"),
    create=Call("create_key", select="KeyMetadata.{KeyId: KeyId, Arn: Arn}"),
    read=(
        Call("describe_key", select="[KeyMetadata][?KeyState!='PendingDeletion'] | [0]"),
        Call("get_key_policy", arguments={"PolicyName": "default"}),
        Call("get_key_rotation_status", select="{KeyRotationEnabled: KeyRotationEnabled}"),
    ),
    update=(
        Call("update_key_description"),
        Call("put_key_policy", arguments={"PolicyName": "default"}),
        Action(_rotate, ("enableKeyRotation", "rotationPeriodInDays")),
        Action(_enable, ("isEnabled",)),
    ),
    delete=(Call("schedule_key_deletion"),),
    tagging=Tagging(Call("tag_resource"), Call("untag_resource"), Call("list_resource_tags")),
)

_ALIAS = ResourceType(
    "aws:kms/alias:Alias",
    "kms",
    id="$name",
    names={"AliasName": "name", "AliasArn": "arn"},
    computed={"targetKeyArn": "arn:$partition:kms:$region:$account:key/$targetKeyId"},
    create=Call("create_alias"),
    read=(Call("list_aliases", select="Aliases[?AliasName=='$name'] | [0]", properties=()),),
    update=(Call("update_alias"),),
    delete=(Call("delete_alias"),),
)

TYPES = (_ALIAS, _KEY)
