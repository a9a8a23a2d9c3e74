"""The rule that roles allow changes, and reads of data, only on the resources that they name."""

from collections.abc import Iterator

from guardrails.aws.any_resource import is_wide_policy, wide_actions
from guardrails.aws.role_uses import users_of
from guardrails.aws.roles import permissions_of
from guardrails.aws.types import FUNCTION, ROLE, STATE_MACHINE
from guardrails.properties import UnknownPropertyError
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.words import few


def _on_everything(subject: Subject) -> Iterator[str]:
    role, limits = subject.resource, subject.limits
    users = users_of(subject.plan, role)
    if not users:
        raise NotApplicableError("no machine, schedule, rule, task or function of the plan uses it")
    try:
        permissions = permissions_of(subject.plan, role)
    except UnknownPropertyError:
        raise NotApplicableError("its policies are not known yet") from None
    # The rules `machine-role-allows-no-more` and `function-role-scoped` report every policy outside of the plan.
    is_reported = any(user.type in (STATE_MACHINE, FUNCTION) for user in users)
    for policy in () if is_reported else permissions.unread:
        if is_wide_policy(policy) and policy not in limits["acceptedPolicies"]:
            yield (
                f"the policy {policy}, which AWS manages, allows every action of at least one service on every "
                "resource; list the actions and the resources in a policy of the stack, or name it in acceptedPolicies."
            )
    for policy, statement in permissions.grants:
        wide = [action for action in wide_actions(statement) if action not in limits["acceptedActions"]]
        if "" in wide:
            yield (
                f"the policy {policy} allows everything except {few(statement.not_actions)} on every resource; write "
                "Action with what its users call, and Resource with the ARNs."
            )
        elif wide:
            yield (
                f"the policy {policy} allows {few(wide)} on every resource; name the resources in Resource, or limit "
                "the statement to some by a condition, or name the actions in acceptedActions."
            )


RULES = (
    Rule(
        name="role-names-resources",
        requirement="A role allows changes, and reads of data, only on the resources that it names.",
        rationale=(
            "An attacker who runs code in a task or a function, or changes a machine, has all permissions of its role. "
            "iam:PassRole on every role, or * on *, is the whole account."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write the ARNs of the resources, or a condition on them such as ecs:cluster, in the statement.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        scope=Scope.STACK,
        resource_types=frozenset({ROLE}),
        evaluate=_on_everything,
        limits=(
            Limit(
                key="acceptedPolicies",
                description="The policies of AWS for every action of a service that a role may have, by name.",
                default=[],
                schema=NAMES,
            ),
            Limit(
                key="acceptedActions",
                description="The actions or patterns, as written, that roles may allow on every resource.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
