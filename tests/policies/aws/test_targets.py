"""The policies of the resources that roles call, evaluated with those of the roles."""

import json
from typing import Any

import pytest

from guardrails.aws.calls import Call
from guardrails.aws.roles import permissions_of
from guardrails.aws.targets import target_of
from guardrails.aws.types import (
    BUCKET,
    BUCKET_POLICY,
    ECR_REPOSITORY,
    ECR_REPOSITORY_POLICY,
    FUNCTION,
    FUNCTION_PERMISSION,
    KEY,
    KEY_ALIAS,
    KEY_GRANT,
    KEY_POLICY,
    QUEUE,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    TOPIC,
    TOPIC_POLICY,
)
from guardrails.plan import UNKNOWN, Plan, Resource
from tests.policies.plans import resource

ACCOUNT = "111122223333"
PROVIDER = {"region": "eu-west-1", "allowedAccountIds": [ACCOUNT]}
ITS = f"arn:aws:iam::{ACCOUNT}:role/its"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KEY_IN_PLAN = resource(KEY, "key", provider=PROVIDER)
OF_KEY = {"targetKeyId": (KEY_IN_PLAN,)}


def statement(principal: Any, *actions: str, effect: str = "Allow", **fields: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": {"AWS": principal},
        "Action": list(actions) or "*",
        "Resource": "*",
        **fields,
    }


def deny(principal: Any, *actions: str, **fields: Any) -> dict[str, Any]:
    return statement(principal, *actions, effect="Deny", **fields)


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def is_allowed(
    call: Call,
    *others: Resource,
    own: str = "*",
    known: bool = True,
    name: Any = "its",
    given: dict[str, Any] | None = None,
) -> bool:
    provider = PROVIDER if known else {}
    its = resource(ROLE, "its", name=name, provider=provider)
    written = document({"Effect": "Allow", "Action": own, "Resource": "*", "Condition": given or {}})
    named: dict[str, Any] = (
        {"role": "its"} if isinstance(name, str) else {"role": UNKNOWN, "sources": {"role": (its,)}}
    )
    policy = resource(ROLE_POLICY, "its-policy", policy=written, **named)
    plan = Plan.of([its, policy, *others])
    allowed = permissions_of(plan, its)
    return allowed.allow(call.action, call.resource, target=target_of(plan, call))


RESOURCES = [
    ("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:it", (TOPIC, "name"), (TOPIC_POLICY, "arn")),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:it", (QUEUE, "name"), (QUEUE_POLICY, "queueUrl")),
    ("s3:GetObject", "arn:aws:s3:::it/key", (BUCKET, "bucket"), (BUCKET_POLICY, "bucket")),
    (
        "ecr:BatchGetImage",
        f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/it",
        (ECR_REPOSITORY, "name"),
        (ECR_REPOSITORY_POLICY, "repository"),
    ),
]


@pytest.mark.parametrize(("action", "arn", "called", "policy"), RESOURCES)
def test_the_policy_of_a_resource_is_evaluated_with_those_of_the_role(
    action: str, arn: str, called: tuple[str, str], policy: tuple[str, str]
) -> None:
    def with_policy(*statements: Any, own: str = "*", **more: Any) -> bool:
        (type_, path), (policy_type, names) = called, policy
        its: dict[str, Any] = {path: "it"}
        of_policy: dict[str, Any] = {names: "it", "policy": document(*statements)}
        it = resource(type_, "it", provider=PROVIDER, **its)
        written = resource(policy_type, "it-policy", **of_policy)
        return is_allowed(Call(action, "its user", arn), it, written, own=own, **more)

    assert with_policy(statement(OTHER))
    assert with_policy(statement(ITS), own="iam:ListRoles")
    assert not with_policy(statement(OTHER), own="iam:ListRoles")
    for principal in (ITS, ROOT, ACCOUNT, "*"):
        assert not with_policy(deny(principal))
    assert with_policy(deny(OTHER))
    assert with_policy(deny(ITS, "iam:*"))
    assert not with_policy(deny("*", Condition={"ArnNotEquals": {"aws:PrincipalArn": OTHER}}))
    assert with_policy(deny("*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ITS}}))
    assert with_policy(deny("*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))
    # An unknown account or name is neither the one that is denied nor another.
    assert with_policy(deny(ITS), known=False)
    assert with_policy(deny(ROOT), known=False)
    assert with_policy(deny(ITS), name=UNKNOWN)


def test_a_policy_that_is_not_known_yet_changes_nothing() -> None:
    it = resource(TOPIC, "it", name="it")
    unknown = resource(TOPIC_POLICY, "it-policy", arn="it", policy=UNKNOWN)
    call = Call("sns:Publish", "its user", "arn:aws:sns:eu-west-1:1:it")
    assert is_allowed(call, it, unknown)
    assert not is_allowed(call, it, unknown, own="iam:ListRoles")
    # The default policy of a topic allows nothing to a role.
    assert not is_allowed(call, it, own="iam:ListRoles")


def test_a_statement_for_a_source_allows_nothing_to_a_role() -> None:
    it = resource(TOPIC, "it", name="it", provider=PROVIDER)
    for_alarms = statement("*", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:*"}})
    policy = resource(TOPIC_POLICY, "it-policy", arn="it", policy=document(for_alarms))
    call = Call("sns:Publish", "its user", f"arn:aws:sns:eu-west-1:{ACCOUNT}:it")
    assert not is_allowed(call, it, policy, own="iam:ListRoles")


def test_the_permissions_of_a_function_are_its_policy() -> None:
    it = resource(FUNCTION, "it", name="it", provider=PROVIDER)
    call = Call("lambda:InvokeFunction", "its user", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:it")

    def admitting(principal: str) -> Resource:
        return resource(
            FUNCTION_PERMISSION,
            "permission",
            function="it",
            action="lambda:InvokeFunction",
            principal=principal,
        )

    assert is_allowed(call, it, admitting(ITS), own="iam:ListRoles")
    assert not is_allowed(call, it, admitting(OTHER), own="iam:ListRoles")


def key_policy(*statements: Any) -> Resource:
    return resource(
        KEY_POLICY,
        "key-policy",
        keyId=UNKNOWN,
        sources={"keyId": (KEY_IN_PLAN,)},
        policy=document(*statements),
    )


def test_a_key_is_used_only_by_those_that_its_policy_admits() -> None:
    call = Call("kms:Decrypt", "its user", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*", target=KEY_IN_PLAN)
    assert is_allowed(call, KEY_IN_PLAN)
    assert is_allowed(call, KEY_IN_PLAN, key_policy(statement(ROOT)))
    assert is_allowed(call, KEY_IN_PLAN, key_policy(statement(ITS)), own="iam:ListRoles")
    assert is_allowed(call, KEY_IN_PLAN, key_policy(statement(ROOT)), known=False)
    assert not is_allowed(call, KEY_IN_PLAN, key_policy(statement(OTHER)))
    assert not is_allowed(call, KEY_IN_PLAN, key_policy(statement(ROOT), deny(ITS, "kms:Decrypt")))
    assert not is_allowed(call, KEY_IN_PLAN, key_policy(statement(ROOT)), own="iam:ListRoles")


@pytest.mark.parametrize(
    ("grantee", "operations", "allowed"),
    [
        (ITS, ["Decrypt"], True),
        (OTHER, ["Decrypt"], False),
        (ITS, ["Encrypt"], False),
        (UNKNOWN, ["Decrypt"], True),
    ],
)
def test_a_grant_admits_its_grantee_to_its_operations(
    grantee: Any, operations: list[str], allowed: bool
) -> None:
    its = resource(ROLE, "its", name="its", provider=PROVIDER)
    grant = resource(
        KEY_GRANT,
        "grant",
        keyId=UNKNOWN,
        granteePrincipal=grantee,
        operations=operations,
        sources={"keyId": (KEY_IN_PLAN,), "granteePrincipal": (its,)},
    )
    call = Call("kms:Decrypt", "its user", target=KEY_IN_PLAN)
    others = (KEY_IN_PLAN, grant, key_policy(statement(OTHER)))
    assert is_allowed(call, *others, own="iam:ListRoles") is allowed


QUEUE_IN_PLAN = resource(QUEUE, "it", name="it", provider=PROVIDER)
SEND = Call("sqs:SendMessage", "its user", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:it")
DECRYPT = Call(
    "kms:Decrypt",
    "its user",
    f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*",
    target=KEY_IN_PLAN,
    context=(("kms:viaservice", ("sqs.eu-west-1.amazonaws.com",)),),
)


@pytest.mark.parametrize(
    ("call", "condition", "allowed"),
    [
        (SEND, {"Bool": {"aws:SecureTransport": "true"}}, True),
        (SEND, {"Bool": {"aws:SecureTransport": "false"}}, False),
        (SEND, {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}, True),
        (SEND, {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, False),
        (Call("sqs:SendMessage", "its user"), {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        (SEND, {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, True),
        (SEND, {"StringEquals": {"aws:ResourceAccount": "444455556666"}}, False),
        (DECRYPT, {"StringLike": {"kms:ViaService": "sqs.*.amazonaws.com"}}, True),
        (DECRYPT, {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, False),
        (DECRYPT, {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/tiles"}}, True),
        (DECRYPT, {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/maps"}}, False),
        (SEND, {"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
    ],
)
def test_a_condition_is_evaluated_with_what_follows_from_the_call(
    call: Call, condition: dict[str, Any], allowed: bool
) -> None:
    alias = resource(KEY_ALIAS, "alias", name="alias/tiles", targetKeyId=UNKNOWN, sources=OF_KEY)
    assert is_allowed(call, QUEUE_IN_PLAN, KEY_IN_PLAN, alias, given=condition) is allowed


def test_an_alias_that_is_not_known_yet_may_be_any() -> None:
    alias = resource(KEY_ALIAS, "alias", name=UNKNOWN, targetKeyId=UNKNOWN, sources=OF_KEY)
    condition = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/maps"}}
    assert is_allowed(DECRYPT, KEY_IN_PLAN, alias, given=condition)
