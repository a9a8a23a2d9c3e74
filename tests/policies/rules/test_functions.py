import json
from datetime import date
from functools import partial
from typing import Any

import pytest

from guardrails.aws.types import (
    BUCKET_NOTIFICATION,
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_EVENT_CONFIG,
    FUNCTION_PERMISSION,
    FUNCTION_URL,
    LOG_GROUP,
    METRIC_ALARM,
    POLICY,
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    SCHEDULE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from guardrails.rules.functions import runtime_supported
from tests.policies.plans import passes, resource, rule, said, violations

TIMEOUT = rule("function-timeout-within-limit")
MEMORY = rule("function-memory-within-limit")
RUNS = rule("function-can-run")
RUNTIME = rule("function-runtime-supported")
SCOPED = rule("function-role-scoped")
KEEPS = rule("function-keeps-failed-events")
MAY_INVOKE = rule("subscription-may-invoke-function")
URL = rule("function-url-authenticated")
LOGGED = rule("function-log-group-defined")

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:reporter"
TOPIC_ARN = "arn:aws:sns:eu-west-1:111122223333:events"
ROLE_ARN = "arn:aws:iam::111122223333:role/reporter-role"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:111122223333:reporter"


def function(name: str = "reporter", /, **properties: Any) -> Resource:
    return resource(FUNCTION, name, **{"name": name, "runtime": "python3.13", "role": ROLE_ARN, **properties})


def why_not(asked: Any, about: Resource, *others: Resource) -> str:
    answer = said(asked, about, *others)
    assert answer.outcome is Outcome.NOT_APPLICABLE
    return answer.reason


@pytest.mark.parametrize("seconds", [None, 3, 120])
def test_a_timeout_up_to_the_limit_passes(seconds: Any) -> None:
    assert passes(TIMEOUT, function(timeout=seconds))


def test_a_longer_timeout_is_refused_with_its_value_the_bound_and_the_remedy() -> None:
    assert violations(TIMEOUT, function(timeout=300)) == (
        "reporter: an invocation may run for 300 s, more than 120 s; lower timeout, or raise "
        "maxFunctionTimeoutSeconds.",
    )
    assert passes(TIMEOUT, function(timeout=300), maxFunctionTimeoutSeconds=300)


@pytest.mark.parametrize("size", [None, 128, 512])
def test_memory_up_to_the_limit_passes(size: Any) -> None:
    assert passes(MEMORY, function(memorySize=size))


def test_more_memory_is_refused() -> None:
    assert violations(MEMORY, function(memorySize=1024)) == (
        "reporter: it has 1,024 MiB of memory, more than 512 MiB; lower memorySize, or raise maxFunctionMemoryMib.",
    )
    assert passes(MEMORY, function(memorySize=1024), maxFunctionMemoryMib=1024)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (TIMEOUT, "timeout"),
        (MEMORY, "memorySize"),
        (RUNS, "reservedConcurrentExecutions"),
        (RUNTIME, "runtime"),
    ],
)
@pytest.mark.parametrize("value", [UNKNOWN, "NaN", [1]])
def test_a_value_that_is_not_known_or_no_number_never_passes(asked: Any, path: str, value: Any) -> None:
    if asked is RUNS and value == "NaN":
        value = "much"
    assert violations(asked, function(**{path: value}))


@pytest.mark.parametrize("reserved", [None, -1, 1, 5])
def test_a_function_that_may_run_passes(reserved: Any) -> None:
    assert passes(RUNS, function(reservedConcurrentExecutions=reserved))


@pytest.mark.parametrize("reserved", [0, "0"])
def test_a_function_without_concurrency_is_refused(reserved: Any) -> None:
    (violation,) = violations(RUNS, function(reservedConcurrentExecutions=reserved))
    assert violation.startswith("reporter: it has 0 reserved concurrent executions")


def test_a_runtime_is_refused_from_the_day_of_its_deprecation() -> None:
    before, on_the_day = (runtime_supported(partial(date, 2026, 4, day)) for day in (29, 30))
    old = function(runtime="nodejs20.x")
    assert passes(before, old)
    (violation,) = violations(on_the_day, old)
    assert "its runtime nodejs20.x has been deprecated since 2026-04-30" in violation
    assert passes(on_the_day, old, acceptedRuntimes=["nodejs20.x"])


def test_the_runtime_of_the_reporter_is_supported() -> None:
    assert passes(RUNTIME, function())
    assert violations(RUNTIME, function(runtime="python3.7"))


def test_a_runtime_that_the_pack_does_not_know_is_refused() -> None:
    (violation,) = violations(RUNTIME, function(runtime="cobol85"))
    assert "its runtime cobol85 is not one of the" in violation
    assert "acceptedRuntimes" in violation
    (violation,) = violations(RUNTIME, function(runtime=None))
    assert "runtime is not set" in violation


def test_the_runtime_of_an_image_is_not_known_from_the_plan() -> None:
    assert why_not(RUNTIME, function(packageType="Image", runtime=None)) == "its runtime is in its image"


def role(*actions: str, **statement: Any) -> tuple[Resource, Resource]:
    names = {} if "NotAction" in statement else {"Action": list(actions)}
    written = {"Effect": "Allow", **names, "Resource": "*", **statement}
    policy = resource(
        ROLE_POLICY, "policy", role="reporter-role", policy=json.dumps({"Statement": [written]})
    )
    return resource(ROLE, "role", name="reporter-role"), policy


def test_a_role_of_its_own_with_full_names_of_actions_passes() -> None:
    assert passes(SCOPED, function(), *role("sns:Publish", "sqs:SendMessage"))
    unknown = function(role=UNKNOWN, sources={"role": role()[:1]})
    assert passes(SCOPED, unknown, *role("sns:Publish"))


@pytest.mark.parametrize("action", ["*", "sns:*", "sns:Pub*", "sns:Publis?"])
def test_a_pattern_of_actions_is_refused(action: str) -> None:
    (violation,) = violations(SCOPED, function(), *role("sqs:SendMessage", action))
    assert f"allows 1 pattern of actions ({action})" in violation
    assert passes(SCOPED, function(), *role(action), acceptedActions=[action])


def test_a_denied_pattern_passes_and_everything_but_some_actions_does_not() -> None:
    assert passes(SCOPED, function(), *role("*", Effect="Deny"))
    (violation,) = violations(SCOPED, function(), *role(NotAction=["iam:*"]))
    assert "allows everything except 1 action;" in violation


@pytest.mark.parametrize(
    "other",
    [
        function("resize"),
        resource("aws:sfn/stateMachine:StateMachine", "resize", roleArn=ROLE_ARN),
        resource(SCHEDULE, "resize", target={"roleArn": ROLE_ARN}),
        resource("aws:ecs/taskDefinition:TaskDefinition", "resize", taskRoleArn=ROLE_ARN),
    ],
    ids=lambda one: one.type,
)
def test_a_role_that_another_resource_uses_is_refused(other: Resource) -> None:
    (violation,) = violations(SCOPED, function(), other, *role("sns:Publish"))
    assert "its role role is also used by 1 other resource (resize)" in violation


def test_a_managed_policy_is_read_accepted_or_refused() -> None:
    def attached(arn: str) -> Resource:
        return resource(ROLE_POLICY_ATTACHMENT, "attached", role="reporter-role", policyArn=arn)

    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert passes(SCOPED, function(), *role("sns:Publish"), attached(basic))
    (violation,) = violations(
        SCOPED, function(), *role(), attached("arn:aws:iam::aws:policy/AdministratorAccess")
    )
    assert "the policy AdministratorAccess of the role role is not in the plan" in violation
    wide = resource(
        POLICY,
        "wide",
        arn="arn:aws:iam::1:policy/wide",
        policy=json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}),
    )
    (violation,) = violations(SCOPED, function(), *role(), attached("arn:aws:iam::1:policy/wide"), wide)
    assert "s3:*" in violation


def test_a_role_outside_of_the_plan_cannot_be_read_and_none_is_refused() -> None:
    assert why_not(SCOPED, function()) == "its role is not in the plan, so that its policies cannot be read"
    assert violations(SCOPED, function(role=None), *role())
    hidden = resource(ROLE_POLICY, "policy", role="reporter-role", policy=UNKNOWN)
    assert violations(SCOPED, function(), role()[0], hidden)


def subscription(**properties: Any) -> Resource:
    return resource(
        TOPIC_SUBSCRIPTION,
        "news",
        **{"topic": TOPIC_ARN, "protocol": "lambda", "endpoint": ARN, **properties},
    )


CALLERS = {
    "SNS": subscription(),
    "SNS, not known yet": subscription(endpoint=UNKNOWN, sources={"endpoint": (function(),)}),
    "Scheduler": resource(SCHEDULE, "news", target={"arn": ARN}),
    "EventBridge": resource(EVENT_TARGET, "news", arn=f"{ARN}:live"),
    "S3": resource(BUCKET_NOTIFICATION, "news", lambdaFunctions=[{"lambdaFunctionArn": ARN}]),
    "an alarm": resource(METRIC_ALARM, "news", alarmActions=[TOPIC_ARN, ARN]),
}


@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_a_function_that_drops_failed_events_is_refused(caller: Resource) -> None:
    (violation,) = violations(KEEPS, function(), caller)
    assert violation.startswith(
        "reporter: 1 resource (news) may invoke it asynchronously, and no destination keeps"
    )
    assert "deadLetterConfig.targetArn" in violation


@pytest.mark.parametrize("queue", [QUEUE_ARN, UNKNOWN])
def test_a_dead_letter_queue_or_a_destination_keeps_them(queue: Any) -> None:
    assert passes(KEEPS, function(deadLetterConfig={"targetArn": queue}), subscription())
    config = resource(
        FUNCTION_EVENT_CONFIG,
        functionName="reporter",
        destinationConfig={"onFailure": {"destination": queue}},
    )
    assert passes(KEEPS, function(), subscription(), config)


def test_an_event_config_without_a_destination_keeps_nothing() -> None:
    config = resource(FUNCTION_EVENT_CONFIG, functionName="reporter", maximumRetryAttempts=0)
    assert violations(KEEPS, function(), subscription(), config)
    assert violations(KEEPS, function(deadLetterConfig={}), subscription())


@pytest.mark.parametrize(
    "other",
    [
        subscription(endpoint=ARN.replace("reporter", "resize")),
        # Named as the function is, and something else.
        subscription(protocol="sqs", endpoint=QUEUE_ARN),
        resource(SCHEDULE, target={"arn": "arn:aws:states:eu-west-1:111122223333:stateMachine:reporter"}),
        resource(EVENT_TARGET, arn="reporter"),
    ],
)
def test_a_function_that_nothing_invokes_asynchronously_has_no_such_events(other: Resource) -> None:
    assert why_not(KEEPS, function(), other) == "no resource of the plan invokes it asynchronously"


def permission(**properties: Any) -> Resource:
    return resource(
        FUNCTION_PERMISSION,
        "permission",
        **{
            "function": "reporter",
            "action": "lambda:InvokeFunction",
            "principal": "sns.amazonaws.com",
            "sourceArn": TOPIC_ARN,
            **properties,
        },
    )


EVENTS = resource(TOPIC, "events", name="events")


@pytest.mark.parametrize("topics", [[EVENTS], []], ids=["in the plan", "elsewhere"])
def test_a_subscription_with_a_permission_passes(topics: list[Resource]) -> None:
    assert passes(MAY_INVOKE, subscription(), function(), permission(), *topics)
    assert passes(MAY_INVOKE, subscription(), function(), permission(function=ARN), *topics)


def test_unknown_values_are_compared_by_their_source_resources() -> None:
    reporter = function()
    about = subscription(
        topic=UNKNOWN, endpoint=UNKNOWN, sources={"topic": (EVENTS,), "endpoint": (reporter,)}
    )
    allowed = permission(
        function=UNKNOWN, sourceArn=UNKNOWN, sources={"function": (reporter,), "sourceArn": (EVENTS,)}
    )
    assert passes(MAY_INVOKE, about, reporter, allowed, EVENTS)
    other = resource(TOPIC, "other", name="other")
    of_other = permission(sourceArn=UNKNOWN, sources={"sourceArn": (other,)})
    assert violations(MAY_INVOKE, about, reporter, of_other, EVENTS, other)


@pytest.mark.parametrize(
    "changes",
    [
        {"function": "resize"},
        {"principal": "events.amazonaws.com"},
        {"principal": UNKNOWN},
        {"action": "lambda:GetFunction"},
        {"sourceArn": TOPIC_ARN + "-of-others"},
        {"sourceArn": UNKNOWN},
    ],
)
def test_a_permission_for_something_else_is_none(changes: dict[str, Any]) -> None:
    (violation,) = violations(MAY_INVOKE, subscription(), function(), permission(**changes), EVENTS)
    assert f"none of the {0 if 'function' in changes else 1} permissions of reporter allows" in violation
    assert "every delivery is denied" in violation


def test_a_permission_for_every_topic_is_refused() -> None:
    (violation,) = violations(MAY_INVOKE, subscription(), function(), permission(sourceArn=None), EVENTS)
    assert (
        "the permission permission allows the topics of every account to invoke reporter; set sourceArn"
        in violation
    )


def test_only_subscriptions_of_functions_of_the_plan_need_a_permission() -> None:
    assert why_not(MAY_INVOKE, subscription(protocol="email")) == "its protocol is email, not lambda"
    assert "its function is not in the plan" in why_not(MAY_INVOKE, subscription())
    assert violations(MAY_INVOKE, subscription(protocol=UNKNOWN), function())
    assert violations(MAY_INVOKE, subscription(endpoint=UNKNOWN), function())


def test_a_url_that_requires_credentials_passes() -> None:
    assert passes(URL, resource(FUNCTION_URL, authorizationType="AWS_IAM"))


@pytest.mark.parametrize("authorization", ["NONE", None, UNKNOWN])
def test_a_public_url_is_refused(authorization: Any) -> None:
    assert violations(URL, resource(FUNCTION_URL, authorizationType=authorization))


@pytest.mark.parametrize(
    ("about", "group"),
    [
        (function(), resource(LOG_GROUP, name="/aws/lambda/reporter")),
        (function(), resource(LOG_GROUP, name=UNKNOWN, sources={"name": (function(),)})),
        (function(loggingConfig={"logGroup": "/own"}), resource(LOG_GROUP, name="/own")),
        (
            function(
                loggingConfig={"logGroup": UNKNOWN},
                sources={"loggingConfig": (resource(LOG_GROUP, name="/own"),)},
            ),
            resource(LOG_GROUP, name="/own"),
        ),
    ],
)
def test_a_log_group_in_the_plan_passes(about: Resource, group: Resource) -> None:
    assert passes(LOGGED, about, group)


@pytest.mark.parametrize("config", [{}, {"logGroup": "/elsewhere"}, {"logGroup": UNKNOWN}])
def test_a_log_group_that_aws_makes_is_refused(config: dict[str, Any]) -> None:
    others = [resource(LOG_GROUP, "other", name="/aws/lambda/resize"), resource(LOG_GROUP, name=UNKNOWN)]
    (violation,) = violations(LOGGED, function(loggingConfig=config), *others)
    assert "its log group is not in the plan" in violation


def test_a_function_whose_name_is_not_known_never_passes() -> None:
    assert violations(LOGGED, function(name=UNKNOWN), resource(LOG_GROUP, name="/aws/lambda/reporter"))
