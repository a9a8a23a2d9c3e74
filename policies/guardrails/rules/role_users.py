"""The rules that a role trusts the service that uses it, and allows what its user calls."""

from collections.abc import Iterator

from guardrails.aws.references import resources_named_by
from guardrails.aws.resource_arns import arn_of
from guardrails.aws.role_sources import source_of
from guardrails.aws.role_uses import USERS, role_uses
from guardrails.aws.roles import permissions_of, trust_of
from guardrails.aws.types import ROLE, SCHEDULE, STATE_MACHINE, TASK_DEFINITION
from guardrails.iam.evaluation import Outcome, Policies, evaluate
from guardrails.iam.request import Request, service
from guardrails.properties import UnknownPropertyError, is_set
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.rules.missing_permissions import missing_permissions

_ACTION = "sts:AssumeRole"
_SCOPED = "schedule-role-scoped"
"""The rule that reports a trust policy of a schedule's role that cannot be read."""
_SOURCES = {
    SCHEDULE: "the schedule group, which is the source that EventBridge Scheduler names,",
    TASK_DEFINITION: "the region and the account, as in arn:aws:ecs:REGION:ACCOUNT:*,",
}
"""The source that a service names, by the type of the role's user."""


def _not_allowed(subject: Subject) -> Iterator[str]:
    user, evaluated, reasons = subject.resource, 0, []
    for use in role_uses(subject.plan, user):
        if not use.calls:
            continue
        if not is_set(user, use.path):
            evaluated += 1
            purpose = ", ".join(dict.fromkeys(call.caller for call in use.calls))
            yield f"it has no {use.path}, which {purpose} needs; name a role that allows it."
            continue
        for role in resources_named_by(subject.plan, user, use.path, ROLE):
            try:
                permissions = permissions_of(subject.plan, role)
            except UnknownPropertyError:
                reasons.append(f"the policies of the role {role.name} are not known yet")
                continue
            evaluated += 1
            yield from missing_permissions(subject.plan, use.calls, permissions, "its user")
    if not evaluated:
        raise NotApplicableError(reasons[0] if reasons else "the plan shows no call by a role of the plan")


def _not_trusted(subject: Subject) -> Iterator[str]:
    user, evaluated = subject.resource, 0
    for use in role_uses(subject.plan, user):
        for role in resources_named_by(subject.plan, user, use.path, ROLE):
            with subject.reported_by(_SCOPED):
                trust = trust_of(role)
            if trust is None:
                continue
            evaluated += 1
            request = Request(
                principal=service(use.service),
                action=_ACTION,
                resource=arn_of(role),
                account="",
                context=source_of(subject.plan, user),
            )
            decision = evaluate(request, Policies(resource=(trust,), needs_resource_policy=True))
            if decision.outcome is Outcome.DENIED:
                yield (
                    f"it uses the role {role.name}, whose trust policy denies {use.service} {_ACTION}; remove the "
                    "Deny."
                )
            elif decision.is_refused:
                yield (
                    f"it uses the role {role.name}, which does not let in {use.service}; allow that service "
                    f"{_ACTION} in assumeRolePolicy, for {_SOURCES.get(user.type, 'this source')} if it names one."
                )
    if not evaluated:
        raise NotApplicableError("it uses no role whose trust policy is known")


RULES = (
    Rule(
        name="role-allows-its-user",
        requirement=(
            "The role of a schedule, of a rule's target, of a task and of a function allows the calls that its user "
            "makes."
        ),
        rationale=(
            "AWS accepts a role that may not do its work: the schedule never starts, the image is not pulled, the "
            "answer of a task is refused. It shows on the first run, or on the day when a start is lost."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Add the actions that the message names to a policy of the role.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html",
        scope=Scope.STACK,
        resource_types=USERS - {STATE_MACHINE},
        evaluate=_not_allowed,
    ),
    Rule(
        name="role-trusts-its-user",
        requirement="The trust policy of a role lets in the service that uses the role.",
        rationale=(
            "A service that may not assume its role fails on the first call, and EventBridge does so without an error "
            "that anyone sees."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Name the service as a principal of the role's assumeRolePolicy.",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
        scope=Scope.STACK,
        resource_types=USERS,
        evaluate=_not_trusted,
    ),
)
