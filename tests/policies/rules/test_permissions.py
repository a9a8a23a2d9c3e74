import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from guardrails.aws.types import (
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    STATE_MACHINE,
    TASK_DEFINITION,
    TOPIC,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from guardrails.rule import Rule
from tests.components.deployment import UNKNOWN as AS_UNKNOWN
from tests.components.deployment import previewed
from tests.policies.plans import machine, passes, resource, rule, said, violations

CALLS = rule("machine-role-allows-calls")
NO_MORE = rule("machine-role-allows-no-more")
BOTH = pytest.mark.parametrize("asked", [CALLS, NO_MORE])

NEWS = "arn:aws:sns:us-east-1:123456789012:news"
# No call fails without this action; without it, S3 reports a missing object as forbidden.
UNSEEN = {"s3:ListBucket"}

PASS_TO_ECS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def task(call: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Arguments": arguments}


PUBLISH = task("sns:publish", TopicArn=NEWS)


def calling(name: str = "machine", role: Any = "role", **states: Any) -> Resource:
    definition = {"StartAt": "Tell", "States": states or {"Tell": PUBLISH}}
    return machine(definition, name, roleArn=role if role is UNKNOWN else f"arn:aws:iam::1:role/{role}")


def allow(*actions: str, **fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **fields}


def role(*statements: Any, name: str = "role", **properties: Any) -> tuple[Resource, Resource]:
    policy = resource(ROLE_POLICY, f"{name}-policy", role=name, policy=json.dumps({"Statement": statements}))
    return resource(ROLE, name, name=name, **properties), policy


def publisher() -> tuple[Resource, Resource]:
    return role(allow("sns:Publish", Resource=NEWS))


@BOTH
def test_a_role_that_allows_exactly_the_calls_of_its_machine_passes(asked: Rule) -> None:
    assert passes(asked, calling(), *publisher())


@BOTH
def test_a_role_with_an_unknown_arn_is_found_by_its_source(asked: Rule) -> None:
    its, policy = publisher()
    about = resource(STATE_MACHINE, "machine", **calling(role=UNKNOWN).properties)
    linked = resource(about.type, "machine", sources={"roleArn": (its,)}, **about.properties)
    assert passes(asked, linked, its, policy)


@BOTH
def test_a_role_that_is_not_in_the_plan_is_not_evaluated(asked: Rule) -> None:
    assessment = said(asked, calling(role="adopted"), *publisher())
    assert assessment.outcome is Outcome.NOT_APPLICABLE
    assert "its role is not in the plan" in assessment.reason


@BOTH
def test_a_machine_without_a_role_is_refused(asked: Rule) -> None:
    (told,) = violations(asked, machine({"States": {}}), *publisher())
    assert "roleArn is not set" in told


@BOTH
@pytest.mark.parametrize("policy", [UNKNOWN, "no JSON", None])
def test_a_policy_that_cannot_be_read_is_refused(asked: Rule, policy: Any) -> None:
    its, _ = publisher()
    (told,) = violations(asked, calling(), its, resource(ROLE_POLICY, "policy", role="role", policy=policy))
    assert "machine: policy: policy " in told


@BOTH
def test_an_unknown_definition_is_refused(asked: Rule) -> None:
    about = resource(STATE_MACHINE, definition=UNKNOWN, roleArn="role")
    assert violations(asked, about, *publisher())[0].startswith("it: definition is not known")


def test_an_action_that_is_not_allowed_is_refused() -> None:
    (told,) = violations(CALLS, calling(), *role(allow("sns:Subscribe"), allow("sqs:*")))
    assert told == (
        "machine: Tell: needs sns:Publish on news, and none of the 2 statements of the role role allows it; add it to "
        "one of its policies."
    )


def test_states_that_need_the_same_action_are_reported_together() -> None:
    (told,) = violations(CALLS, calling(Tell=PUBLISH, Fail=PUBLISH), *role(allow("sqs:SendMessage")))
    assert told.startswith("machine: Tell, Fail: needs sns:Publish on news, and")


def test_an_action_that_is_allowed_elsewhere_is_refused() -> None:
    (told,) = violations(CALLS, calling(), *role(allow("sns:Publish", Resource=f"{NEWS}-old")))
    assert "the role role allows it only on other resources; add this one to the policy" in told


def test_an_action_that_is_denied_is_refused() -> None:
    its, policy = role(allow("*"), allow("sns:*") | {"Effect": "Deny"})
    assert (
        "the policy role-policy denies it to the role role; remove the Deny"
        in violations(CALLS, calling(), its, policy)[0]
    )


SNS, ECS = (f"arn:aws:iam::aws:policy/{name}" for name in ("AmazonSNSFullAccess", "AmazonECS_FullAccess"))


def test_unreadable_policies_are_reported_once() -> None:
    its = role(allow("sqs:*"), managedPolicyArns=[SNS, ECS])
    about = calling(Tell=PUBLISH, Fail=PUBLISH, Run=task("ecs:runTask", TaskDefinition="w"))
    (told,) = violations(CALLS, about, *its)
    assert told == (
        "machine: the role role may not allow 3 actions that the machine needs (sns:Publish on news, ecs:RunTask on w, "
        "iam:PassRole; for Tell, Fail, Run), because policies outside of the plan cannot be read (AmazonSNSFullAccess, "
        "AmazonECS_FullAccess); list the actions in a policy of the stack."
    )


def test_a_policy_that_cannot_be_read_may_allow_an_action_on_another_resource() -> None:
    its = role(allow("sns:Publish", Resource=f"{NEWS}-old"), managedPolicyArns=[SNS])
    (told,) = violations(CALLS, calling(), *its)
    assert "may not allow 1 action that the machine needs (sns:Publish on news; for Tell)" in told


def test_an_allowed_call_passes_despite_an_unreadable_policy() -> None:
    assert passes(CALLS, calling(), *role(allow("sns:*"), managedPolicyArns=[SNS]))


def test_a_denied_call_is_refused_despite_an_unreadable_policy() -> None:
    denied = allow("sns:*") | {"Effect": "Deny"}
    (told,) = violations(CALLS, calling(), *role(allow("sqs:*"), denied, managedPolicyArns=[SNS]))
    assert "the policy role-policy denies it to the role role; remove the Deny" in told


def test_a_task_s_roles_have_to_be_passed_on() -> None:
    worker = resource(TASK_DEFINITION, "worker", family="worker", taskRoleArn="arn:aws:iam::1:role/works")
    about = calling(Run=task("ecs:runTask", TaskDefinition="worker"))
    run = allow("ecs:RunTask")
    assert passes(CALLS, about, worker, *role(run, allow("iam:PassRole", Condition=PASS_TO_ECS)))
    assert passes(CALLS, about, worker, *role(run, allow("iam:PassRole", Resource="arn:aws:iam::1:role/*")))
    (told,) = violations(CALLS, about, worker, *role(run))
    assert "Run: needs iam:PassRole on works, and none" in told
    (told,) = violations(
        CALLS, about, worker, *role(run, allow("iam:PassRole", Resource="arn:aws:iam::1:role/other"))
    )
    assert "only on other resources" in told
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    (told,) = violations(CALLS, about, worker, *role(run, allow("iam:PassRole", Condition=to_lambda)))
    assert "may pass roles only to other services; add ecs-tasks to iam:PassedToService" in told


def test_a_publisher_to_an_encrypted_topic_needs_its_key() -> None:
    topic = resource(TOPIC, "news-topic", name="news", kmsMasterKeyId="alias/ours")
    (told,) = violations(CALLS, calling(), topic, *publisher())
    assert told.startswith(
        "machine: Tell with the key of news-topic: needs kms:Decrypt, kms:GenerateDataKey, and"
    )
    keyed = role(allow("sns:Publish"), allow("kms:Decrypt", "kms:GenerateDataKey*"))
    assert passes(CALLS, calling(), topic, *keyed)
    assert passes(NO_MORE, calling(), topic, *keyed)


def test_every_missing_action_is_reported() -> None:
    about = calling(Run=task("ecs:runTask.sync", PropagateTags="TASK_DEFINITION"))
    (told,) = violations(CALLS, about, *publisher())
    missing = (
        "ecs:RunTask, iam:PassRole, ecs:DescribeTasks, ecs:StopTask, events:DescribeRule, events:PutRule, "
    )
    assert f"Run: needs {missing}events:PutTargets, ecs:TagResource, and none of the 1 statements" in told


def test_a_role_that_is_never_used_for_anything_passes_nothing_on() -> None:
    (told,) = violations(NO_MORE, calling(), *role(allow("sns:Publish", "dynamodb:GetItem")))
    assert told == (
        "machine: the policy role-policy allows dynamodb:GetItem, which no state calls; remove it, or name "
        "it in acceptedActions."
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", "ecs:RunTask, iam:PassRole, sns:Publish"),
        ("sns:*", "sns:Publish"),
        ("SNS:Pub*", "sns:Publish"),
        ("ecs:Run?ask", "ecs:RunTask"),
        ("s3:*", "nothing"),
    ],
)
def test_the_violation_about_a_wildcard_lists_the_actions_that_the_states_call(
    pattern: str, expected: str
) -> None:
    about = calling(Tell=PUBLISH, Run=task("ecs:runTask"))
    its = role(
        allow("sns:Publish", "ecs:RunTask", "iam:PassRole", Condition=PASS_TO_ECS),
        allow(pattern, Condition=PASS_TO_ECS),
    )
    (told,) = violations(NO_MORE, about, *its)
    assert f"allows {pattern}, of which the states call {expected}; write only that" in told


def test_everything_but_some_is_refused() -> None:
    its = role({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"})
    (told,) = violations(NO_MORE, calling(), *its)
    assert "allows everything except 2 actions; write Action with sns:Publish" in told


def test_a_denied_action_is_not_reported_as_unused() -> None:
    assert passes(NO_MORE, calling(), *role(allow("sns:Publish"), allow("s3:*") | {"Effect": "Deny"}))


def test_machines_may_share_a_role() -> None:
    its = role(allow("sns:Publish", "sqs:SendMessage"))
    other = calling("other", Send=task("sqs:sendMessage"))
    assert passes(NO_MORE, calling(), other, *its)
    assert not passes(NO_MORE, calling(), *its)


def test_another_machine_that_cannot_be_read_is_reported_with_its_name() -> None:
    other = resource(STATE_MACHINE, "other", definition=UNKNOWN, roleArn="role")
    assert "machine: other: definition is not known" in violations(NO_MORE, calling(), other, *publisher())[0]


def test_a_policy_that_is_not_in_the_plan_is_refused_unless_it_is_accepted() -> None:
    its, policy = publisher()
    attached = resource(ROLE_POLICY_ATTACHMENT, "more", role="role", policyArn="arn:aws:iam::aws:policy/Full")
    (told,) = violations(NO_MORE, calling(), its, policy, attached)
    assert "the policy Full of the role role is outside of the plan" in told
    assert "name it in acceptedPolicies" in told
    assert passes(NO_MORE, calling(), its, policy, attached, acceptedPolicies=["Full"])
    assert not passes(NO_MORE, calling(), its, policy, attached, acceptedPolicies=["Other"])


@pytest.mark.parametrize(
    ("call", "needs", "may"),
    [
        ("aws-sdk:rdsdata:executeStatement", ["rds-data:ExecuteStatement"], "secretsmanager:GetSecretValue"),
        (
            "aws-sdk:redshiftdata:executeStatement",
            ["redshift-data:ExecuteStatement"],
            "redshift:GetClusterCredentials",
        ),
        ("aws-sdk:s3:copyObject", ["s3:GetObject", "s3:PutObject"], "s3:PutObjectTagging"),
    ],
)
def test_actions_that_a_call_uses_indirectly_may_be_allowed(call: str, needs: list[str], may: str) -> None:
    about = calling(Work=task(call))
    assert passes(NO_MORE, about, *role(allow(*needs, may)))
    assert not passes(NO_MORE, about, *role(allow(*needs, may, "dynamodb:GetItem")))


def test_an_action_may_be_accepted() -> None:
    its = role(allow("sns:Publish", "dynamodb:GetItem"))
    assert passes(NO_MORE, calling(), *its, acceptedActions=["dynamodb:GetItem"])
    assert not passes(NO_MORE, calling(), *its, acceptedActions=["dynamodb:PutItem"])


@pytest.mark.parametrize(
    ("action", "state", "passing"),
    [
        ("ecs:StopTask", task("ecs:runTask.sync"), True),
        ("ecs:StopTask", task("ecs:runTask.waitForTaskToken"), False),
        ("events:PutRule", task("ecs:runTask.sync"), True),
        ("events:PutRule", task("ecs:runTask"), False),
        ("ecs:TagResource", task("ecs:runTask"), True),
        ("kms:GenerateDataKey*", PUBLISH, True),
        ("kms:ScheduleKeyDeletion", PUBLISH, False),
        ("dynamodb:PartiQLSelect", task("aws-sdk:dynamodb:executeStatement"), True),
        ("logs:CreateLogDelivery", PUBLISH, False),
    ],
)
def test_actions_that_a_call_may_need_are_not_excess_permissions(
    action: str, state: Any, passing: bool
) -> None:
    found = violations(NO_MORE, calling(It=state), *role(allow(action)))
    assert (not found) is passing


def own_plans() -> Iterator[tuple[Resource, Resource, list[Resource]]]:
    """Yield each machine of the pipeline, its role's policy, and the other resources of the plan."""
    found = [one for one in previewed("prod").resources.values() if one.type.startswith("aws:")]
    plan = {(one.type, one.name): resource(one.type, one.name, **known(one.inputs)) for one in found}
    for type_, name in [key for key in plan if key[0] == STATE_MACHINE]:
        its = {"roleArn": (plan[ROLE, name],)}
        plan[type_, name] = resource(type_, name, sources=its, **plan[type_, name].properties)
        own = (plan[type_, name], plan[ROLE_POLICY, name])
        yield *own, [one for one in plan.values() if one not in own]


def known(value: Any) -> Any:
    """Return inputs as a rule sees them in a preview."""
    if isinstance(value, dict):
        return {key: known(inner) for key, inner in value.items()}
    return UNKNOWN if value == AS_UNKNOWN else value


def changed(policy: Resource, statements: Iterable[Any]) -> Resource:
    written = json.dumps({"Statement": list(statements)})
    return resource(policy.type, policy.name, **{**policy.properties, "policy": written})


def test_the_pipeline_s_own_roles_allow_exactly_the_calls_of_its_machines() -> None:
    for about, policy, others in own_plans():
        assert violations(CALLS, about, policy, *others) == ()
        assert violations(NO_MORE, about, policy, *others) == ()


def test_each_statement_of_the_pipeline_s_own_roles_is_needed() -> None:
    for about, policy, others in own_plans():
        statements = json.loads(policy.properties["policy"])["Statement"]
        for number, statement in enumerate(statements):
            fewer = changed(policy, statements[:number] + statements[number + 1 :])
            told = " ".join(violations(CALLS, about, fewer, *others))
            # A key that only a run knows may be one that another statement of the same action allows.
            left = {action for other in statements if other is not statement for action in other["Action"]}
            needed = [action for action in statement["Action"] if action not in UNSEEN | left]
            assert [action for action in needed if action not in told] == []


REPORTER = "arn:aws:lambda:us-east-1:123456789012:function:reporter"
INVOKE = task("lambda:invoke", FunctionName=REPORTER, Payload={"outcome": "success"})


@BOTH
def test_a_machine_that_invokes_a_function_needs_that_permission_on_that_function(asked: Rule) -> None:
    about = calling(Tell=INVOKE)
    assert passes(asked, about, *role(allow("lambda:InvokeFunction", Resource=REPORTER)))


@pytest.mark.parametrize(
    "statement",
    [
        allow("lambda:InvokeFunction", Resource=f"{REPORTER}-of-others"),
        allow("lambda:InvokeAsync", Resource=REPORTER),
    ],
)
def test_a_machine_that_may_not_invoke_its_function_is_refused(statement: dict[str, Any]) -> None:
    (told,) = violations(CALLS, calling(Tell=INVOKE), *role(statement))
    assert "needs lambda:InvokeFunction on reporter" in told
