"""Identity and Access Management: roles and policies."""

import json

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType, Tagging
from local.provider.values import Properties


def _empty_role(aws: Aws, properties: Properties) -> None:
    """Detach all policies if `forceDetachPolicies` is set: AWS refuses to delete a role with policies."""
    if not properties.get("forceDetachPolicies"):
        return
    iam, role = aws.client("iam"), properties["name"]
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy["PolicyArn"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def _bound(aws: Aws, properties: Properties) -> None:
    iam, role = aws.client("iam"), properties["name"]
    if boundary := properties.get("permissionsBoundary"):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    else:
        iam.delete_role_permissions_boundary(RoleName=role)


_ROLE = ResourceType(
    "aws:iam/role:Role",
    "iam",
    id="$name",
    names={
        "RoleName": "name",
        "AssumeRolePolicyDocument": "assumeRolePolicy",
        "PolicyDocument": "assumeRolePolicy",
        "RoleId": "uniqueId",
    },
    autoname=64,
    replace_on=("path",),
    defaults={"maxSessionDuration": 3600, "path": "/"},
    cleared={"description": ""},
    own=("forceDetachPolicies",),
    create=Call("create_role", select="Role"),
    read=(
        Call(
            "get_role",
            select="merge(Role, {PermissionsBoundary: Role.PermissionsBoundary.PermissionsBoundaryArn})",
        ),
    ),
    update=(
        Call("update_role"),
        Call("update_assume_role_policy"),
        Action(_bound, ("permissionsBoundary",)),
    ),
    delete=(Action(_empty_role), Call("delete_role")),
    tagging=Tagging(Call("tag_role"), Call("untag_role"), Call("list_role_tags")),
)

_ROLE_POLICY_CALL = Call("put_role_policy")

_ROLE_POLICY = ResourceType(
    "aws:iam/rolePolicy:RolePolicy",
    "iam",
    id="$role:$name",
    names={"RoleName": "role", "PolicyName": "name", "PolicyDocument": "policy"},
    autoname=128,
    create=_ROLE_POLICY_CALL,
    read=(Call("get_role_policy"),),
    update=(_ROLE_POLICY_CALL,),
    delete=(Call("delete_role_policy"),),
)

_ROLE_POLICY_ATTACHMENT = ResourceType(
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "iam",
    id="$role/$policyArn",
    names={"RoleName": "role"},
    create=Call("attach_role_policy"),
    read=(
        Call(
            "list_attached_role_policies",
            select="AttachedPolicies[?PolicyArn=='$policyArn'] | [0].{role: '$role', PolicyArn: PolicyArn}",
        ),
    ),
    delete=(Call("detach_role_policy"),),
)


def _put_policy_version(aws: Aws, properties: Properties) -> None:
    """Create a new default version, after deleting the oldest one: a policy has at most five versions."""
    iam, arn = aws.client("iam"), properties["arn"]
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    for version in sorted(versions, key=lambda v: v["CreateDate"])[:-4]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=properties["policy"], SetAsDefault=True)


def _delete_policy_versions(aws: Aws, properties: Properties) -> None:
    """Delete all versions except the default one, which is deleted with the policy."""
    iam, arn = aws.client("iam"), properties["arn"]
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


def _read_policy_document(aws: Aws, properties: Properties) -> Properties:
    iam, arn = aws.client("iam"), properties["arn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return {"policy": json.dumps(document)}


_POLICY = ResourceType(
    "aws:iam/policy:Policy",
    "iam",
    id="$arn",
    names={"PolicyName": "name", "PolicyArn": "arn", "PolicyDocument": "policy", "PolicyId": "policyId"},
    autoname=128,
    replace_on=("path", "description"),
    create=Call("create_policy", select="Policy"),
    read=(Call("get_policy", select="Policy"), Action(_read_policy_document)),
    update=(Action(_put_policy_version, ("policy",)),),
    delete=(Action(_delete_policy_versions), Call("delete_policy")),
    tagging=Tagging(Call("tag_policy"), Call("untag_policy"), Call("list_policy_tags")),
)

TYPES = (_POLICY, _ROLE, _ROLE_POLICY, _ROLE_POLICY_ATTACHMENT)
