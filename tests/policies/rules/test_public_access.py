import json
from typing import Any

import pytest

from guardrails.aws.types import (
    BUCKET_POLICY,
    FUNCTION_PERMISSION,
    KEY,
    QUEUE_POLICY,
    ROLE,
    SECRET_POLICY,
    TOPIC,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import passes, resource, rule, said, violations

NOT_PUBLIC = rule("policy-not-public")

OWN, OTHER = "111122223333", "444455556666"


def policy(type_: str = QUEUE_POLICY, /, **fields: Any) -> Resource:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", **fields}
    path = "assumeRolePolicy" if type_ == ROLE else "policy"
    text = json.dumps({"Statement": [statement]})
    written: Any = {path: text}
    return resource(type_, "it", provider={"allowedAccountIds": [OWN]}, **written)


@pytest.mark.parametrize("type_", [BUCKET_POLICY, QUEUE_POLICY, SECRET_POLICY, KEY, ROLE])
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [OWN, "*"]}])
def test_a_policy_for_everyone_is_refused(type_: str, principal: Any) -> None:
    (told,) = violations(NOT_PUBLIC, policy(type_, Principal=principal))
    assert told.startswith("it: its policy lets in everyone for sqs:SendMessage, because the principal is *")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": OWN}},
        {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:*:111122223333:news"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports-*"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"sns:Endpoint": "*@example.org"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"AWS:SourceOwner": OWN}},
        {"StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": "x"}},
    ],
)
def test_a_condition_on_who_asks_limits_everyone(condition: Any) -> None:
    assert passes(NOT_PUBLIC, policy(Condition=condition))


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringNotEquals": {"aws:SourceAccount": OTHER}},
        {"StringEqualsIfExists": {"aws:SourceAccount": OWN}},
        {"ArnLike": {"aws:SourceArn": "*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/worker"}},
        {"StringLike": {"aws:SourceAccount": "1*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": "::/0"}},
    ],
)
def test_a_condition_that_every_caller_meets_does_not_restrict_access(condition: Any) -> None:
    assert violations(NOT_PUBLIC, policy(Condition=condition))


def test_a_denial_for_everyone_opens_nothing() -> None:
    assert passes(NOT_PUBLIC, policy(Effect="Deny"))


@pytest.mark.parametrize("principal", [OTHER, f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:role/x"])
def test_another_account_is_refused_unless_it_is_accepted(principal: str) -> None:
    about = policy(ROLE, Principal={"AWS": principal})
    (told,) = violations(NOT_PUBLIC, about)
    assert f"lets in the account {OTHER} for sqs:SendMessage, which is not the stack's own" in told
    assert passes(NOT_PUBLIC, about, acceptedAccounts=[OTHER])
    assert passes(NOT_PUBLIC, policy(ROLE, Principal={"AWS": principal.replace(OTHER, OWN)}))


@pytest.mark.parametrize("principal", ["*", {"Service": "s3.amazonaws.com"}])
@pytest.mark.parametrize("key", ["aws:SourceAccount", "aws:PrincipalAccount", "kms:CallerAccount"])
def test_another_account_in_a_condition_is_refused_unless_it_is_accepted(principal: Any, key: str) -> None:
    about = policy(Principal=principal, Condition={"StringEquals": {key: [OWN, OTHER]}})
    (told,) = violations(NOT_PUBLIC, about)
    assert f"lets in the account {OTHER} for sqs:SendMessage" in told
    assert passes(NOT_PUBLIC, about, acceptedAccounts=[OTHER])
    assert passes(NOT_PUBLIC, policy(Principal=principal, Condition={"StringEquals": {key: OWN}}))


def test_an_account_cannot_be_compared_if_the_program_names_none() -> None:
    written = policy(ROLE, Principal={"AWS": OTHER}).properties
    assert passes(NOT_PUBLIC, resource(ROLE, "it", **written))


def test_a_public_policy_may_be_accepted() -> None:
    assert said(NOT_PUBLIC, policy(), publicResources=["it"]).outcome is Outcome.NOT_APPLICABLE


def test_a_function_for_everyone_is_refused() -> None:
    def permission(**fields: Any) -> Resource:
        written = {"action": "lambda:InvokeFunction", "function": "f", "principal": "*", **fields}
        return resource(FUNCTION_PERMISSION, "may", **written)

    assert violations(NOT_PUBLIC, permission())
    assert passes(NOT_PUBLIC, permission(sourceAccount=OWN))
    assert passes(NOT_PUBLIC, permission(principalOrgId="o-1"))
    assert passes(NOT_PUBLIC, permission(principal="sns.amazonaws.com"))


def test_a_policy_that_is_not_known_yet_is_not_evaluated() -> None:
    for about in (resource(TOPIC, name="news"), resource(QUEUE_POLICY, policy=UNKNOWN)):
        assert said(NOT_PUBLIC, about).outcome is Outcome.NOT_APPLICABLE
