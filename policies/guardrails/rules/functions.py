"""The rules on how a Lambda function is invoked, what its role allows, and where its failed events go."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from guardrails.aws import data
from guardrails.aws.functions import asynchronous_callers, event_configs, functions_subscribed
from guardrails.aws.links import named_by, naming
from guardrails.aws.roles import permissions_of
from guardrails.aws.types import (
    EVENT_TARGET,
    FUNCTION,
    FUNCTION_PERMISSION,
    FUNCTION_URL,
    ROLE,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
    TOPIC,
    TOPIC_SUBSCRIPTION,
)
from guardrails.plan import Resource
from guardrails.properties import PropertyError, is_set, read, read_number, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.messages import NOT_CHAT_WEBHOOK
from guardrails.rules.prices import today
from guardrails.words import counted

_RUNTIMES: Mapping[str, Any] = data.read("runtimes")
_DEPRECATED_ON = {runtime: date.fromisoformat(day) for runtime, day in _RUNTIMES["deprecated_on"].items()}

_USES_OF_ROLES = (
    (FUNCTION, "role"),
    (STATE_MACHINE, "roleArn"),
    (SCHEDULE, "target.roleArn"),
    (EVENT_TARGET, "roleArn"),
    (TASK_DEFINITION, "taskRoleArn"),
    (TASK_DEFINITION, "executionRoleArn"),
)
"""The resources that take a role, each with the property that names it."""

_SNS = "sns.amazonaws.com"
_INVOKE = ("lambda:InvokeFunction", "lambda:*")


def _never_runs(subject: Subject) -> Iterator[str]:
    if read_number(subject.resource, "reservedConcurrentExecutions") == 0:
        yield (
            "it has 0 reserved concurrent executions, so that AWS refuses every invocation; set "
            "reservedConcurrentExecutions to 1 or more, or take it out."
        )


def runtime_supported(today: Callable[[], date] = today) -> Rule:
    """Return the rule on deprecated runtimes, which compares their dates with a day."""

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
                f"its runtime {runtime} is none of the {len(_DEPRECATED_ON)} that the pack knew on "
                f"{_RUNTIMES['read_on']}; use one of these, or name it in acceptedRuntimes."
            )
        elif deprecated_on <= today():
            yield (
                f"its runtime {runtime} is deprecated since {deprecated_on}, so that AWS no longer patches it; use a "
                "newer one, or name it in acceptedRuntimes."
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
        judges=frozenset({FUNCTION}),
        judge=_is_deprecated,
        limits=(
            Limit(
                key="acceptedRuntimes",
                description="The runtimes that a function may use although they are deprecated, or not known here.",
                default=[],
                schema=NAMES,
            ),
        ),
    )


def _role_is_scoped(subject: Subject) -> Iterator[str]:
    function, plan = subject.resource, subject.plan
    if not is_set(function, "role"):
        raise PropertyError("role is not set; name the role that the function takes")
    roles = named_by(plan, function, "role", ROLE)
    if not roles:
        raise NotApplicableError("its role is not in the plan, so that its policies cannot be read")
    for role in roles:
        others = [one.name for one in _users_of(subject, role) if one.urn != function.urn]
        if others:
            yield (
                f"its role {role.name} is also that of {counted(len(others), 'other resource')} "
                f"({', '.join(others)}); give the function a role of its own."
            )
        yield from _wide_policies(subject, role)


def _users_of(subject: Subject, role: Resource) -> list[Resource]:
    """Return the resources of the plan that take a role."""
    found = (one for type_, path in _USES_OF_ROLES for one in naming(subject.plan, role, path, type_))
    return list(dict.fromkeys(found))


def _wide_policies(subject: Subject, role: Resource) -> Iterator[str]:
    """Yield a sentence for each policy of a role that allows an action by a pattern, or that cannot be read."""
    permissions = permissions_of(subject.plan, role)
    for policy in permissions.unread:
        if policy not in subject.limits["acceptedPolicies"]:
            yield (
                f"the policy {policy} of the role {role.name} is not in the plan, so that its actions are not known; "
                "write the actions into a policy of the stack, or name it in acceptedPolicies."
            )
    for statement in permissions.statements:
        if not statement.allows:
            continue
        if statement.not_actions:
            yield (
                f"the policy {statement.policy} of the role {role.name} allows everything but "
                f"{counted(len(statement.not_actions), 'action')}; write Action with those that the function needs."
            )
        patterns = [action for action in statement.actions if "*" in action or "?" in action]
        wide = [pattern for pattern in patterns if pattern not in subject.limits["acceptedActions"]]
        if wide:
            yield (
                f"the policy {statement.policy} of the role {role.name} allows {counted(len(wide), 'pattern')} of "
                f"actions ({', '.join(wide)}), more than 0; write the actions one by one, or name the patterns in "
                "acceptedActions."
            )


def _loses_events(subject: Subject) -> Iterator[str]:
    function, plan = subject.resource, subject.plan
    callers = asynchronous_callers(plan, function)
    if not callers:
        raise NotApplicableError("no resource of the plan invokes it asynchronously")
    if is_set(function, "deadLetterConfig.targetArn"):
        return
    configs = event_configs(plan, function)
    if not any(is_set(one, "destinationConfig.onFailure.destination") for one in configs):
        yield (
            f"{counted(len(callers), 'resource')} ({', '.join(one.name for one in callers)}) may invoke it "
            "asynchronously, and 0 destinations keep an event that it fails; set deadLetterConfig.targetArn to a queue "
            "or a topic, or destinationConfig.onFailure of an event invoke config."
        )


def _is_denied(subject: Subject) -> Iterator[str]:
    subscription, plan = subject.resource, subject.plan
    with subject.told_by(NOT_CHAT_WEBHOOK):
        protocol = read_text(subscription, "protocol")
    if protocol != "lambda":
        raise NotApplicableError(f"its protocol is {protocol}, not lambda")
    functions = functions_subscribed(plan, subscription)
    if not functions:
        read(subscription, "endpoint")  # one that is not known may be any function
        raise NotApplicableError("its function is not in the plan, so that its permissions are not known")
    for function in functions:
        permissions = naming(plan, function, "function", FUNCTION_PERMISSION)
        of_sns = [one for one in permissions if _lets_in_sns(one)]
        open_to_all = [one for one in of_sns if not is_set(one, "sourceArn")]
        for one in open_to_all:
            yield (
                f"the permission {one.name} lets the topics of every account invoke {function.name}; set sourceArn to "
                "the ARN of the topic."
            )
        if not open_to_all and not any(_is_for_topic(subject, one) for one in of_sns):
            yield (
                f"0 of the {len(permissions)} permissions of {function.name} let {_SNS} invoke it for this topic, so "
                "that every delivery is denied; add an aws:lambda/permission with that principal and with the ARN of "
                "the topic as sourceArn."
            )


def _lets_in_sns(permission: Resource) -> bool:
    return read_partly(permission, "principal") == _SNS and read_partly(permission, "action") in _INVOKE


def _is_for_topic(subject: Subject, permission: Resource) -> bool:
    """Return True if a permission names the topic of the subscription that a rule evaluates."""
    topics = named_by(subject.plan, subject.resource, "topic", TOPIC)
    if topics:
        return any(one in topics for one in named_by(subject.plan, permission, "sourceArn", TOPIC))
    # The topic is not in the plan: its ARN is all that can be compared.
    return read_text(permission, "sourceArn") == read_text(subject.resource, "topic")


def _is_public(subject: Subject) -> Iterator[str]:
    authorization = read_text(subject.resource, "authorizationType")
    if authorization != "AWS_IAM":
        yield (
            f"its authorizationType is {authorization or 'not set'}, so that any caller on the Internet may invoke the "
            "function at the stack's cost; set it to AWS_IAM."
        )


RULES = (
    Rule(
        name="function-can-run",
        requirement="A Lambda function is allowed to run.",
        rationale="With 0 reserved concurrent executions AWS throttles every invocation, and the function never runs.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Reserve 1 concurrent execution or more, or none at all.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        scope=Scope.RESOURCE,
        judges=frozenset({FUNCTION}),
        judge=_never_runs,
    ),
    runtime_supported(),
    Rule(
        name="function-role-scoped",
        requirement="The role of a Lambda function is used by it alone, and allows actions by their full names.",
        rationale=(
            "A role that several resources use allows each of them what only one needs, and a pattern of actions "
            "grows with every action that AWS adds."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Give the function a role of its own, and write the actions that it needs one by one.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
        scope=Scope.STACK,
        judges=frozenset({FUNCTION}),
        judge=_role_is_scoped,
        limits=(
            Limit(
                key="acceptedPolicies",
                description="The managed policies, by name, that a role may have although the plan does not show them.",
                # Allows three actions on logs and no more.
                default=["AWSLambdaBasicExecutionRole"],
                schema=NAMES,
            ),
            Limit(
                key="acceptedActions",
                description="The patterns of actions, as the role's policies write them, that it may have.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    Rule(
        name="function-keeps-failed-events",
        requirement="A Lambda function that is invoked asynchronously keeps the events that it fails.",
        rationale=(
            "AWS tries such an event three times and then drops it. The caller saw a success, and a message that the "
            "function was to send is never sent."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set deadLetterConfig of the function, or an on-failure destination.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        scope=Scope.STACK,
        judges=frozenset({FUNCTION}),
        judge=_loses_events,
    ),
    Rule(
        name="subscription-may-invoke-function",
        requirement="Each Lambda function that subscribes to a topic has a permission for that topic.",
        rationale=(
            "Without the permission SNS accepts the message, is denied at the function, and drops it. A permission "
            "without a source lets the topics of other accounts invoke the function."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add an aws:lambda/permission with the principal sns.amazonaws.com and the topic as sourceArn.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html",
        scope=Scope.STACK,
        judges=frozenset({TOPIC_SUBSCRIPTION}),
        judge=_is_denied,
    ),
    Rule(
        name="function-url-authenticated",
        requirement="The URL of a Lambda function asks for the caller's IAM credentials.",
        rationale="A URL without authentication is public: any caller may invoke the function, and the account pays.",
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Set authorizationType of the URL to AWS_IAM.",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        scope=Scope.RESOURCE,
        judges=frozenset({FUNCTION_URL}),
        judge=_is_public,
    ),
)
