import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.patterns import matches, matches_action, matches_arn
from guardrails.aws.roles import Permissions, permissions_of
from guardrails.aws.types import POLICY, POLICY_ATTACHMENT, ROLE, ROLE_POLICY, ROLE_POLICY_ATTACHMENT, TOPIC
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import PropertyError
from tests.policies.plans import resource

NEWS = "arn:aws:sns:us-east-1:123456789012:news"


def allow(*actions: str, **fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **fields}


def deny(*actions: str, **fields: Any) -> dict[str, Any]:
    return allow(*actions, **fields) | {"Effect": "Deny"}


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def of(*others: Resource, **properties: Any) -> Permissions:
    role = resource(ROLE, "role", name="role", **properties)
    return permissions_of(Plan.of([role, *others]), role)


def with_policy(*statements: Any) -> Permissions:
    return of(resource(ROLE_POLICY, "policy", role="role", policy=document(*statements)))


def test_a_role_without_policies_allows_nothing() -> None:
    assert not of().allow("sns:Publish")


@pytest.mark.parametrize(
    "written", [["sns:Publish"], "sns:Publish", "SNS:publish", "sns:Pub*", "sns:*", "*", "sns:Publis?"]
)
def test_an_action_is_allowed_by_a_pattern_of_it(written: Any) -> None:
    assert with_policy(allow("x:Y") | {"Action": written}).allow("sns:Publish")


@pytest.mark.parametrize("written", [[], "sns:Subscribe", "sqs:*", "sns:Publish?"])
def test_an_action_is_not_allowed_by_another_s(written: Any) -> None:
    assert not with_policy(allow("x:Y") | {"Action": written}).allow("sns:Publish")


def test_one_statement_need_not_be_a_list() -> None:
    policy = resource(
        ROLE_POLICY, "policy", role="role", policy=json.dumps({"Statement": allow("sns:Publish")})
    )
    assert of(policy).allow("sns:Publish")


def test_a_document_may_be_an_object() -> None:
    policy = resource(ROLE_POLICY, "policy", role="role", policy={"Statement": [allow("sns:Publish")]})
    assert of(policy).allow("sns:Publish")


def test_not_action_allows_all_others() -> None:
    permissions = with_policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
    assert permissions.allow("sns:Publish")
    assert not permissions.allow("iam:PassRole")


def test_a_denial_of_everything_takes_it_away() -> None:
    assert not with_policy(allow("sns:*"), deny("sns:Publish")).allow("sns:Publish")
    assert not with_policy(allow("sns:*"), {"Effect": "Deny", "NotAction": "sqs:*", "Resource": "*"}).allow(
        "sns:Publish"
    )


def test_a_denial_that_may_not_hold_takes_nothing_away() -> None:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    assert with_policy(allow("sns:*"), deny("sns:*", Condition=condition)).allow("sns:Publish", NEWS)
    assert with_policy(allow("sns:*"), deny("sns:*", Resource="arn:aws:sns:*:*:other")).allow(
        "sns:Publish", NEWS
    )
    assert with_policy(allow("sns:*"), deny("sns:*", Resource=NEWS)).allow("sns:Publish")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/worker"}},
    ],
)
def test_the_account_and_the_arn_of_a_planned_role_are_not_known(condition: Any) -> None:
    assert with_policy({**allow("sns:Publish"), "Condition": condition}).allow("sns:Publish")
    negated = {f"{operator[:-6]}NotEquals": keys for operator, keys in condition.items()}
    assert with_policy(allow("sns:*"), {**deny("*"), "Condition": negated}).allow("sns:Publish")


def test_a_denial_on_the_resource_takes_it_away() -> None:
    assert not with_policy(allow("sns:*"), deny("sns:*", Resource=NEWS)).allow("sns:Publish", NEWS)


@pytest.mark.parametrize(
    ("resources", "allowed"),
    [
        ("*", True),
        (NEWS, True),
        ([NEWS, "arn:aws:sns:us-east-1:123456789012:other"], True),
        ("arn:aws:sns:*:123456789012:*", True),
        ("arn:aws:sns:${aws:region}:123456789012:news", True),
        ("arn:aws:sns:us-east-1:123456789012:other", False),
        ([], False),
    ],
)
def test_a_resource_is_allowed_by_a_pattern_of_it(resources: Any, allowed: bool) -> None:
    assert with_policy(allow("sns:Publish", Resource=resources)).allow("sns:Publish", NEWS) is allowed


def test_not_resource_allows_all_others() -> None:
    permissions = with_policy({"Effect": "Allow", "Action": "sns:*", "NotResource": NEWS})
    assert not permissions.allow("sns:Publish", NEWS)
    assert permissions.allow("sns:Publish", f"{NEWS}-too")


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        (None, True),
        ({"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, True),
        ({"StringLike": {"iam:PassedToService": ["lambda.amazonaws.com", "ecs-*"]}}, True),
        ({"StringEqualsIfExists": {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
    ],
)
def test_a_role_is_passed_to_the_service_of_the_condition(condition: Any, allowed: bool) -> None:
    statement = allow("iam:PassRole", **({"Condition": condition} if condition else {}))
    assert with_policy(statement).allow("iam:PassRole", None, "ecs-tasks.amazonaws.com") is allowed


def test_policies_come_from_all_around_a_role() -> None:
    def policy(name: str, action: str) -> Resource:
        return resource(POLICY, name, name=name, policy=document(allow(action)))

    attached, listed, shared = policy("attached", "a:A"), policy("listed", "b:B"), policy("shared", "c:C")
    permissions = of(
        attached,
        listed,
        shared,
        resource(POLICY, "another", name="another", policy=document(allow("z:Z"))),
        resource(
            ROLE_POLICY_ATTACHMENT, "one", role="role", policyArn=UNKNOWN, sources={"policyArn": (attached,)}
        ),
        resource(POLICY_ATTACHMENT, "many", roles=["x", "role"], policyArn="arn:aws:iam::1:policy/shared"),
        resource(ROLE_POLICY, "other", role="other", policy=document(allow("z:Z"))),
        managedPolicyArns=["arn:aws:iam::1:policy/team/listed"],
        inlinePolicies=[{"name": "inline", "policy": document(allow("d:D"))}],
    )
    assert all(permissions.allow(action) for action in ("a:A", "b:B", "c:C", "d:D"))
    assert not permissions.allow("z:Z")
    assert permissions.unread == ()


def test_a_policy_that_aws_lists_twice_is_read_once() -> None:
    now = resource(ROLE_POLICY, "policy", role="role", name="it", policy=document(allow("a:A")))
    permissions = of(now, inlinePolicies=[{"name": "it", "policy": document(allow("b:B"))}, 5])
    assert permissions.allow("a:A")
    assert not permissions.allow("b:B")


@pytest.mark.parametrize("path", ["inlinePolicies", "managedPolicyArns"])
def test_unknown_policies_of_a_role_from_other_resources_are_not_ignored(path: str) -> None:
    topic = resource(TOPIC)
    properties: dict[str, Any] = {"name": "role", path: UNKNOWN}
    role = resource(ROLE, "role", sources={path: (topic,)}, **properties)
    plan = Plan.of([role, topic])
    if path == "inlinePolicies":
        with pytest.raises(PropertyError, match="inlinePolicies is not known"):
            permissions_of(plan, role)
    else:
        assert permissions_of(plan, role).unread == ("role",)


def test_the_same_role_of_the_same_plan_is_read_once() -> None:
    role = resource(ROLE, "role", name="role")
    plan = Plan.of([role])
    assert permissions_of(plan, role) is permissions_of(plan, role)
    assert permissions_of(Plan.of([role]), role) is not permissions_of(plan, role)


def test_policies_that_are_not_in_the_plan_are_named() -> None:
    permissions = of(
        resource(
            ROLE_POLICY_ATTACHMENT, "one", role="role", policyArn="arn:aws:iam::aws:policy/service-role/Full"
        ),
        resource(ROLE_POLICY_ATTACHMENT, "two", role="role", policyArn=UNKNOWN),
        managedPolicyArns=["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
    )
    assert permissions.unread == ("Full", "two", "AWSXRayDaemonWriteAccess")


@pytest.mark.parametrize(
    "policy",
    [
        UNKNOWN,
        "no JSON",
        "[]",
        "{}",
        "5",
        '{"Statement": 5}',
        '{"Statement": [5]}',
        {"Statement": UNKNOWN},
        document(allow("a:B", Condition="nonsense")),
        document(allow("a:B", Action=[7])),
        document(allow("a:B", Resource=None)),
    ],
)
def test_an_invalid_policy_is_reported_with_its_role(policy: Any) -> None:
    with pytest.raises(PropertyError, match=r"^policy: policy "):
        of(resource(ROLE_POLICY, "policy", role="role", policy=policy))


def test_a_policy_that_is_not_there_is_reported() -> None:
    with pytest.raises(PropertyError, match="has no Statement"):
        of(resource(ROLE_POLICY, "policy", role="role"))


@pytest.mark.parametrize(
    ("pattern", "arn", "matching"),
    [
        ("*", "anything", True),
        (NEWS, NEWS, True),
        (NEWS, "arn:*:sns:*:*:news", True),
        ("arn:aws:sns:*:*:other", "arn:*:sns:*:*:news", False),
        ("arn:aws:sqs:*:*:news", "arn:*:sns:*:*:news", False),
        ("arn:aws:sns:*", NEWS, True),
        ("arn:*", NEWS, True),
        ("arn:aws:s3:::b/*", "arn:*:s3:::b/k", True),
        ("arn:aws:s3:::b", "arn:*:s3:::b/k", False),
        ("arn:aws:ecs:*:*:task-definition/w:*", "arn:*:ecs:*:*:task-definition/w", True),
        ("arn:aws:ecs:*:*:task-definition/w:3", "arn:*:ecs:*:*:task-definition/w", True),
        ("arn:aws:ecs:*:*:task-definition/v:*", "arn:*:ecs:*:*:task-definition/w", False),
        ("nonsense", NEWS, False),
        ("", NEWS, False),
        (NEWS, "", False),
    ],
)
def test_a_pattern_matches_an_arn_part_by_part(pattern: str, arn: str, matching: bool) -> None:
    assert matches_arn(pattern, arn) is matching


@given(st.text(max_size=20))
def test_a_text_without_wildcards_matches_itself_alone(text: str) -> None:
    plain = text.replace("*", "").replace("?", "").replace("${", "")
    assert matches(plain, plain)
    assert not matches(plain, f"{plain}x")
    assert matches(f"{plain}*", f"{plain}x")
    assert matches(f"{plain}?", f"{plain}x")
    assert not matches(f"{plain}?", plain)


def test_the_case_of_an_action_does_not_matter() -> None:
    assert matches_action("SNS:publish", "sns:Publish")
