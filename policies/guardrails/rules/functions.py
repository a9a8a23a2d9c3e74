"""The rules on the invocation, the runtime, the role and the failed events of a Lambda function."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from guardrails.aws import data
from guardrails.aws.functions import asynchronous_callers, event_configs, functions_subscribed
from guardrails.aws.references import resources_named_by, resources_naming
from guardrails.aws.role_uses import users_of
from guardrails.aws.roles import permissions_of
from guardrails.aws.types import (
    FUNCTION,
    FUNCTION_PERMISSION,
    FUNCTION_URL,
    ROLE,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set, read, read_number, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.messages import NOT_CHAT_WEBHOOK
from guardrails.today import today
from guardrails.words import counted

_RUNTIMES: Mapping[str, Any] = data.read("runtimes")
_DEPRECATED_ON = {runtime: date.fromisoformat(day) for runtime, day in _RUNTIMES["deprecated_on"].items()}

_SNS = "sns.amazonaws.com"
_INVOKE = ("lambda:InvokeFunction", "lambda:*")


def _never_runs(subject: Subject) -> Iterator[str]:
    if read_number(subject.resource, "reservedConcurrentExecutions") == 0:
        yield (
            "it has 0 reserved concurrent executions, so that AWS throttles every invocation; set "
            "reservedConcurrentExecutions to 1 or more, or remove it."
        )


def runtime_supported(today: Callable[[], date] = today) -> Rule:
    """Return the rule on deprecated runtimes, which compares their deprecation dates with a day."""

    def _is_deprecated(subject: Subject) -> Iterator[str]:
        if read_text(subject.resource, "packageType") == "Image":
            raise NotApplicableError("its runtime is in its image")
        runtime = read_text(subject.resource, "runtime")
        if not runtime:
            raise PropertyError("runtime is not set; write one")
        if runtime in subject.limits["acceptedRuntimes"]:
            return
        deprecated_on = _DEPRECATED_ON.get(runtime)
        if deprecated_on is None:
            yield (
                f"its runtime {runtime} is not one of the {len(_DEPRECATED_ON)} that AWS listed on "
                f"{_RUNTIMES['read_on']}; use one of these, or name it in acceptedRuntimes."
            )
        elif deprecated_on <= today():
            yield (
                f"its runtime {runtime} has been deprecated since {deprecated_on}, so that AWS no longer patches it; "
                "use a newer one, or name it in acceptedRuntimes."
            )

    return Rule(
        name="function-runtime-supported",
        requirement="A Lambda function runs on a runtime that AWS still patches.",
        rationale=(
            "A deprecated runtime gets no security patches, and some weeks later AWS refuses to create and then to "
            "update functions that use it."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Set runtime of the function to a supported one.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({FUNCTION}),
        evaluate=_is_deprecated,
        limits=(
            Limit(
                key="acceptedRuntimes",
                description="Deprecated or unlisted runtimes that a function may use.",
                default=[],
                schema=NAMES,
            ),
        ),
    )


def _role_is_scoped(subject: Subject) -> Iterator[str]:
    function, plan = subject.resource, subject.plan
    if not is_set(function, "role"):
        raise PropertyError("role is not set; name the function's role")
    roles = resources_named_by(plan, function, "role", ROLE)
    if not roles:
        raise NotApplicableError("its role is not in the plan, so that its policies cannot be read")
    for role in roles:
        others = [user.name for user in users_of(subject.plan, role) if user.urn != function.urn]
        if others:
            yield (
                f"its role {role.name} is also used by {counted(len(others), 'other resource')} "
                f"({', '.join(others)}); give the function its own role."
            )
        yield from _wide_policies(subject, role)


def _wide_policies(subject: Subject, role: Resource) -> Iterator[str]:
    """Yield a sentence for each policy of a role that allows an action by a pattern, or that cannot be read."""
    permissions = permissions_of(subject.plan, role)
    for policy in permissions.unread:
        if policy not in subject.limits["acceptedPolicies"]:
            yield (
                f"the policy {policy} of the role {role.name} is not in the plan, so that its actions are not known; "
                "list the actions in a policy of the stack, or name it in acceptedPolicies."
            )
    for policy, statement in permissions.grants:
        if statement.not_actions:
            yield (
                f"the policy {policy} of the role {role.name} allows everything except "
                f"{counted(len(statement.not_actions), 'action')}; write Action with the actions that the function "
                "needs."
            )
        patterns = [action for action in statement.actions if "*" in action or "?" in action]
        wide = [pattern for pattern in patterns if pattern not in subject.limits["acceptedActions"]]
        if wide:
            yield (
                f"the policy {policy} of the role {role.name} allows {counted(len(wide), 'pattern')} of "
                f"actions ({', '.join(wide)}); list the actions by name, or name the patterns in acceptedActions."
            )


def _loses_events(subject: Subject) -> Iterator[str]:
    function, plan = subject.resource, subject.plan
    callers = asynchronous_callers(plan, function)
    if not callers:
        raise NotApplicableError("no resource of the plan invokes it asynchronously")
    if is_set(function, "deadLetterConfig.targetArn"):
        return
    configs = event_configs(plan, function)
    if not any(is_set(config, "destinationConfig.onFailure.destination") for config in configs):
        yield (
            f"{counted(len(callers), 'resource')} ({', '.join(caller.name for caller in callers)}) may invoke it "
            "asynchronously, and no destination keeps failed events; set deadLetterConfig.targetArn to a queue or a "
            "topic, or destinationConfig.onFailure of an event invoke config."
        )


def _is_denied(subject: Subject) -> Iterator[str]:
    subscription, plan = subject.resource, subject.plan
    with subject.reported_by(NOT_CHAT_WEBHOOK):
        protocol = read_text(subscription, "protocol")
    if protocol != "lambda":
        raise NotApplicableError(f"its protocol is {protocol}, not lambda")
    functions = functions_subscribed(plan, subscription)
    if not functions:
        read(subscription, "endpoint")  # raises an error if it is not known yet, and may be any function
        raise NotApplicableError("its function is not in the plan, so that its permissions are not known")
    for function in functions:
        permissions = resources_naming(plan, function, "function", FUNCTION_PERMISSION)
        of_sns = [permission for permission in permissions if _allows_sns(permission)]
        open_to_all = [permission for permission in of_sns if not is_set(permission, "sourceArn")]
        for permission in open_to_all:
            yield (
                f"the permission {permission.name} allows the topics of every account to invoke {function.name}; set "
                "sourceArn to the ARN of the topic."
            )
        if not open_to_all and not any(_is_for_topic(subject, permission) for permission in of_sns):
            yield (
                f"none of the {len(permissions)} permissions of {function.name} allows {_SNS} to invoke it for this "
                "topic, so that every delivery is denied; add an aws:lambda/permission with that principal and with "
                "the ARN of the topic as sourceArn."
            )


def _allows_sns(permission: Resource) -> bool:
    return read_partly(permission, "principal") == _SNS and read_partly(permission, "action") in _INVOKE


def _is_for_topic(subject: Subject, permission: Resource) -> bool:
    """Return True if a permission names the topic of the subscription that a rule evaluates."""
    topics = resources_named_by(subject.plan, subject.resource, "topic", TOPIC)
    if topics:
        sources = resources_named_by(subject.plan, permission, "sourceArn", TOPIC)
        return any(source in topics for source in sources)
    # The topic is not in the plan, so that only its ARN can be compared.
    return read_text(permission, "sourceArn") == read_text(subject.resource, "topic")


def _is_public(subject: Subject) -> Iterator[str]:
    authorization = read_text(subject.resource, "authorizationType")
    if authorization != "AWS_IAM":
        yield (
            f"its authorizationType is {authorization or 'not set'}, so that any caller on the internet can invoke the "
            "function at the account's cost; set it to AWS_IAM."
        )


RULES = (
    Rule(
        name="function-can-run",
        requirement="A Lambda function may have at least one concurrent execution.",
        rationale="With 0 reserved concurrent executions AWS throttles every invocation, and the function never runs.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Reserve 1 concurrent execution or more, or none at all.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({FUNCTION}),
        evaluate=_never_runs,
    ),
    runtime_supported(),
    Rule(
        name="function-role-scoped",
        requirement="A Lambda function has its own role, which allows actions by their full names.",
        rationale=(
            "A shared role allows each resource the actions that only one of them needs, and a pattern of actions "
            "grows with every action that AWS adds."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Give the function its own role, and list the actions that it needs by name.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        scope=Scope.STACK,
        resource_types=frozenset({FUNCTION}),
        evaluate=_role_is_scoped,
        limits=(
            Limit(
                key="acceptedPolicies",
                description="The managed policies outside of the plan that a role may have, by name.",
                # This policy allows only three actions on logs.
                default=["AWSLambdaBasicExecutionRole"],
                schema=NAMES,
            ),
            Limit(
                key="acceptedActions",
                description="The patterns of actions that the role's policies may contain.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    Rule(
        name="function-keeps-failed-events",
        requirement="Failed events of a Lambda function that is invoked asynchronously are kept.",
        rationale=(
            "AWS tries such an event three times and then drops it. The caller has seen a success, and the function's "
            "work, such as a notification, is silently lost."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set deadLetterConfig of the function, or an on-failure destination.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        scope=Scope.STACK,
        resource_types=frozenset({FUNCTION}),
        evaluate=_loses_events,
    ),
    Rule(
        name="subscription-may-invoke-function",
        requirement="Each Lambda function that subscribes to a topic has a permission for that topic.",
        rationale=(
            "Without the permission SNS accepts the message, cannot invoke the function, and drops the message. A "
            "permission without a source allows the topics of other accounts to invoke the function."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add an aws:lambda/permission with the principal sns.amazonaws.com and the topic as sourceArn.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html",
        scope=Scope.STACK,
        resource_types=frozenset({TOPIC_SUBSCRIPTION}),
        evaluate=_is_denied,
    ),
    Rule(
        name="function-url-authenticated",
        requirement="The URL of a Lambda function requires IAM authentication.",
        rationale="A URL without authentication is public: any caller can invoke the function, and the account pays.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set authorizationType of the URL to AWS_IAM.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset({FUNCTION_URL}),
        evaluate=_is_public,
    ),
)
