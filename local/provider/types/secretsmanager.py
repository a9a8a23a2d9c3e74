"""Secrets Manager: secrets and their versions."""

from typing import Any

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType, Tagging
from local.provider.values import Properties


def _window(properties: Properties) -> dict[str, Any]:
    days = properties.get("recoveryWindowInDays", 30)
    return {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}


def _delete_secret(aws: Aws, properties: Properties) -> None:
    aws.client("secretsmanager").delete_secret(SecretId=properties["arn"], **_window(properties))


_SECRET = ResourceType(
    "aws:secretsmanager/secret:Secret",
    "secretsmanager",
    id="$arn",
    names={"SecretId": "arn", "ResourcePolicy": "policy"},
    autoname=512,
    cleared={"description": ""},
    own=("recoveryWindowInDays",),
    create=Call("create_secret", properties=("description", "kmsKeyId", "name", "tags")),
    read=(
        Call("describe_secret", select="[@][?!DeletedDate] | [0]"),
        Call("get_resource_policy", select="{ResourcePolicy: ResourcePolicy}"),
    ),
    update=(Call("update_secret"), Call("put_resource_policy")),
    delete=(Action(_delete_secret),),
    tagging=Tagging(read=None),
)


def _retire_version(aws: Aws, properties: Properties) -> None:
    """Remove the labels of a version: AWS deletes versions without labels, and the current one with its secret."""
    for stage in properties.get("versionStages", []):
        if stage != "AWSCURRENT":
            aws.client("secretsmanager").update_secret_version_stage(
                SecretId=properties["secretId"],
                VersionStage=stage,
                RemoveFromVersionId=properties["versionId"],
            )


_SECRET_VERSION = ResourceType(
    "aws:secretsmanager/secretVersion:SecretVersion",
    "secretsmanager",
    id="$secretId|$versionId",
    create=Call("put_secret_value", properties=("secretId", "secretString", "versionStages")),
    read=(Call("get_secret_value", properties=("secretId", "versionId")),),
    delete=(Action(_retire_version),),
)

TYPES = (_SECRET, _SECRET_VERSION)
