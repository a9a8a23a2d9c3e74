"""The rule that fails if any rule was not evaluated for a resource it applies to."""

from collections.abc import Iterator, Sequence

from guardrails.aws.types import STACK
from guardrails.aws.unsupported_providers import unread_machines
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject


def coverage_rule(rules: Sequence[Rule]) -> Rule:
    """Return the rule that is evaluated after the given rules, and checks that all of them were evaluated."""

    def not_evaluated(subject: Subject) -> Iterator[str]:
        results = subject.results
        for rule in rules:
            if rule.name in results.disabled:
                continue
            resources = subject.plan.of_type(*rule.resource_types)
            missing = [
                resource.name
                for resource in resources
                if (rule.name, resource.urn) not in results.evaluations
            ]
            if missing:
                yield (
                    f"{rule.name} was evaluated for {len(resources) - len(missing)} of {len(resources)} resources, not "
                    f"for {', '.join(sorted(missing)[:5])}; disable a rule only in the limits of the stack, where the "
                    "change is reviewed."
                )

        reviewed = subject.limits["lookedThrough"]
        for resource, description in unread_machines(subject.plan):
            if resource.name not in reviewed:
                yield f"{resource.name} {description}, or review it and add {resource.name} to lookedThrough."

    return Rule(
        name="rules-assessed-everything",
        requirement=(
            "Every rule was evaluated for all its resources, and no state machine is in a form that no rule "
            "reads."
        ),
        rationale=(
            "A rule that was skipped or failed looks like a rule without violations. So do all rules for a state "
            "machine of another provider, or in a CloudFormation template."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation=(
            "Disable rules only in the limits file of the stack; define state machines with Pulumi's AWS provider."
        ),
        url="https://www.pulumi.com/docs/insights/policy/policy-packs/",
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=not_evaluated,
        limits=(
            Limit(
                key="lookedThrough",
                description=(
                    "The resources, by name, that were reviewed: without a state machine, or checked "
                    "elsewhere."
                ),
                default=[],
                schema=NAMES,
            ),
        ),
    )
