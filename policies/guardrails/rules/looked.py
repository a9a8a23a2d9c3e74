"""Whether every rule has looked, and at everything: a guardrail that was never asked is none."""

from collections.abc import Iterator, Sequence

from guardrails.aws.foreign import unread_machines
from guardrails.aws.types import STACK
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject


def everything_was_assessed(rules: Sequence[Rule]) -> Rule:
    """Return the rule that is asked after these, whether they were asked about everything that they judge."""

    def judge(subject: Subject) -> Iterator[str]:
        ledger = subject.ledger
        for rule in rules:
            if rule.name in ledger.disabled:
                continue
            there = subject.plan.of_type(*rule.judges)
            missing = [one for one in there if (rule.name, one.urn) not in ledger.assessments]
            if missing:
                yield (
                    f"{rule.name} was asked about {len(there) - len(missing)} of the {len(there)} resources that it "
                    f"judges, not about {', '.join(sorted(one.name for one in missing)[:5])}; switch a rule off in the "
                    "limits of the stack, where everybody sees it, and nowhere else."
                )

        looked_through = subject.limits["lookedThrough"]
        for one, what in unread_machines(subject.plan):
            if one.name not in looked_through:
                yield f"{one.name} {what}, or look through it and add {one.name} to lookedThrough."

    return Rule(
        name="rules-assessed-everything",
        requirement="Every rule has assessed all that it judges, and no state machine is written where none reads it.",
        rationale=(
            "A guardrail that was passed over, or broke, looks like one that found nothing. So does one over a machine "
            "of another provider, or in a template of CloudFormation."
        ),
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation=(
            "Switch off what must be switched off in the limits file of the stack, and nowhere else; write machines "
            "with Pulumi's AWS provider."
        ),
        url="https://www.pulumi.com/docs/insights/policy/policy-packs/",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=judge,
        limits=(
            Limit(
                key="lookedThrough",
                description="The resources by name that hold no state machine, or one that is judged elsewhere.",
                default=[],
                schema=NAMES,
            ),
        ),
    )
