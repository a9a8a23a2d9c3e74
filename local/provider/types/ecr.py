"""Elastic Container Registry: repositories and their lifecycle policies."""

from local.provider.resource_type import Call, ResourceType, Tagging

_REPOSITORY = ResourceType(
    "aws:ecr/repository:Repository",
    "ecr",
    id="$name",
    names={
        "repositoryName": "name",
        "repositoryArn": "arn",
        "repositoryUri": "repositoryUrl",
        "encryptionConfiguration": "encryptionConfigurations",
        "force": "forceDelete",
    },
    autoname=256,
    replace_on=("encryptionConfigurations",),
    defaults={"imageTagMutability": "MUTABLE"},
    cleared={"imageScanningConfiguration": {"scanOnPush": False}},
    own=("forceDelete",),
    create=Call("create_repository", select="repository"),
    read=(
        Call(
            "describe_repositories",
            select="repositories[0]",
            properties=(),
            arguments={"repositoryNames": ["$name"]},
        ),
    ),
    update=(Call("put_image_tag_mutability"), Call("put_image_scanning_configuration")),
    delete=(Call("delete_repository", properties=("name", "forceDelete")),),
    tagging=Tagging(),
)

_PUT_LIFECYCLE_POLICY = Call("put_lifecycle_policy")

_LIFECYCLE_POLICY = ResourceType(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "ecr",
    id="$repository",
    names={"repositoryName": "repository", "lifecyclePolicyText": "policy"},
    create=_PUT_LIFECYCLE_POLICY,
    read=(Call("get_lifecycle_policy"),),
    update=(_PUT_LIFECYCLE_POLICY,),
    delete=(Call("delete_lifecycle_policy"),),
)

TYPES = (_LIFECYCLE_POLICY, _REPOSITORY)
