"""The rule that fails if any rule was not evaluated for a resource it applies to, or an exemption is void."""

from collections.abc import Iterator, Sequence

from guardrails.aws.types import STACK
from guardrails.aws.unsupported_providers import unread_machines
from guardrails.results import Outcome, Results
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject
from guardrails.today import today
from guardrails.words import few

COVERAGE = "rules-assessed-everything"
UNKNOWNS = "unknowns"
DEFERRED, REFUSED = "deferred", "refused"


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

        if subject.limits[UNKNOWNS] == REFUSED:
            yield from _unknowns(results)
        yield from _void_exemptions(results)

    return Rule(
        name=COVERAGE,
        requirement=(
            "Every rule was evaluated for all its resources, no state machine is in a form that no rule reads, and "
            "every exemption is needed and valid."
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
            Limit(
                key=UNKNOWNS,
                description=(
                    "The treatment of a property that is not known until another resource is created: `deferred` lets "
                    "the preview pass and evaluates the rule at the update; `refused` makes it a violation."
                ),
                default=DEFERRED,
                schema={"enum": [DEFERRED, REFUSED]},
            ),
        ),
    )


def _unknowns(results: Results) -> Iterator[str]:
    for unknown, rules in results.deferred().items():
        if mandatory := [rule for rule in rules if rule not in results.advisory]:
            yield (
                f"{unknown.path} of {unknown.resource} is not known until another resource is created, so that "
                f"{few(mandatory)} cannot be evaluated; build it from names that are known before, or set "
                f"{UNKNOWNS} to {DEFERRED}."
            )


def _void_exemptions(results: Results) -> Iterator[str]:
    evaluations = results.evaluations.values()
    used = {exemption for evaluation in evaluations for exemption, _ in evaluation.exempted}
    deferred = {
        (evaluation.rule, evaluation.urn.rpartition("::")[2])
        for evaluation in evaluations
        if evaluation.outcome is Outcome.DEFERRED
    }
    for exemption in results.exemptions:
        if not exemption.is_valid(today()):
            yield (
                f"the exemption from {exemption} ended on {exemption.until}; mend what it exempts and remove it, or "
                "write a later until."
            )
        elif exemption not in used and (exemption.rule, exemption.resource) not in deferred:
            yield (
                f"the exemption from {exemption} matches no violation; correct the names in exemptions, or remove it."
            )
