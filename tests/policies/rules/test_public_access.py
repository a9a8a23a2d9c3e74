import json
from typing import Any

import pytest

from guardrails.aws.types import (
    BUCKET,
    BUCKET_ACL,
    BUCKET_POLICY,
    EVENT_PERMISSION,
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


def for_service(type_: str = QUEUE_POLICY, /, service: str = "s3.amazonaws.com", **fields: Any) -> Resource:
    return policy(type_, Principal={"Service": service}, **fields)


@pytest.mark.parametrize("service", ["s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"])
def test_a_service_without_a_source_is_refused(service: str) -> None:
    (told,) = violations(NOT_PUBLIC, for_service(service=service))
    assert told.startswith(f"it: its policy lets in {service} without a source for sqs:SendMessage")
    assert passes(NOT_PUBLIC, for_service(Condition={"StringEquals": {"aws:SourceAccount": OWN}}))
    assert passes(NOT_PUBLIC, for_service(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:::maps"}}))
    assert passes(NOT_PUBLIC, for_service(Condition={"StringEquals": {"aws:SourceOrgID": "o-1"}}))


def test_a_service_that_names_no_source_passes() -> None:
    assert passes(NOT_PUBLIC, for_service(service="delivery.logs.amazonaws.com"))
    assert passes(NOT_PUBLIC, for_service(KEY, service="events.amazonaws.com")), "a key gets no source"
    assert passes(NOT_PUBLIC, for_service(ROLE, service="events.amazonaws.com")), "roles have other rules"


def permitting(**fields: Any) -> Resource:
    return resource(
        FUNCTION_PERMISSION, action="lambda:InvokeFunction", principal="s3.amazonaws.com", **fields
    )


def test_a_permission_of_a_function_has_a_source() -> None:
    assert violations(NOT_PUBLIC, permitting())
    assert passes(NOT_PUBLIC, permitting(sourceArn="arn:aws:s3:::maps"))
    assert passes(NOT_PUBLIC, permitting(sourceAccount=OWN))
    assert passes(NOT_PUBLIC, permitting(sourceArn=UNKNOWN))
    of_topic = resource(FUNCTION_PERMISSION, action="lambda:InvokeFunction", principal="sns.amazonaws.com")
    assert passes(NOT_PUBLIC, of_topic), "subscription-may-invoke-function reports it"


GITHUB = "token.actions.githubusercontent.com"


def by_token(issuer: str, condition: Any) -> Resource:
    provider = f"arn:aws:iam::{OWN}:oidc-provider/{issuer}"
    return policy(
        ROLE,
        Principal={"Federated": provider},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition=condition,
    )


@pytest.mark.parametrize(
    ("issuer", "condition"),
    [
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "repo:acme/tiles:*"}}),
        (GITHUB, {"StringEquals": {f"{GITHUB}:repository": "acme/tiles", f"{GITHUB}:aud": "x"}}),
        (
            "oidc.eks.eu-west-1.amazonaws.com/id/A1",
            {"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/A1:sub": "x"}},
        ),
        ("login.acme.example", {"StringEquals": {"login.acme.example:aud": "tiles"}}),
    ],
)
def test_a_role_for_some_tokens_of_an_issuer_passes(issuer: str, condition: Any) -> None:
    assert passes(NOT_PUBLIC, by_token(issuer, condition))


@pytest.mark.parametrize(
    ("issuer", "condition"),
    [
        (GITHUB, {}),
        (GITHUB, {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": "*"}}),
        (GITHUB, {"StringLike": {f"{GITHUB}:sub": ["repo:acme/tiles:*", "repo:*/tiles:*"]}}),
        (GITHUB, {"StringNotEquals": {f"{GITHUB}:sub": "repo:acme/tiles:*"}}),
        ("login.acme.example", {}),
    ],
)
def test_a_role_for_every_token_of_an_issuer_is_refused(issuer: str, condition: Any) -> None:
    (told,) = violations(NOT_PUBLIC, by_token(issuer, condition))
    assert f"lets in every token of {issuer}" in told


@pytest.mark.parametrize("type_", [BUCKET, BUCKET_ACL])
def test_an_open_acl_is_refused(type_: str) -> None:
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        (told,) = violations(NOT_PUBLIC, resource(type_, acl=acl))
        assert f"its acl {acl} lets everyone" in told
        assert not passes(NOT_PUBLIC, resource(type_, acl=acl))
        accepted = said(NOT_PUBLIC, resource(type_, acl=acl), publicResources=["it"])
        assert accepted.outcome is Outcome.NOT_APPLICABLE
    assert not violations(NOT_PUBLIC, resource(type_, acl="private"))


def test_a_permission_of_an_event_bus_names_an_account_or_an_organization() -> None:
    def permission(principal: str, **fields: Any) -> Resource:
        return resource(
            EVENT_PERMISSION, provider={"allowedAccountIds": [OWN]}, principal=principal, **fields
        )

    condition = {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1"}
    assert passes(NOT_PUBLIC, permission("*", condition=condition))
    assert passes(NOT_PUBLIC, permission(OWN))
    assert "lets in everyone" in violations(NOT_PUBLIC, permission("*"))[0]
    assert f"the account {OTHER}" in violations(NOT_PUBLIC, permission(OTHER))[0]
