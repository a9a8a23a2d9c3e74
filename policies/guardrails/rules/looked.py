"""Whether every rule has looked: a guardrail that was never asked is none."""

from collections.abc import Iterator, Sequence

from guardrails.aws.types import STACK
from guardrails.rule import Level, Rule, Scope, Severity, Subject


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

    return Rule(
        name="rules-assessed-everything",
        requirement="Every rule has assessed every resource of the kinds that it judges.",
        rationale="A guardrail that was passed over, or broke, looks like one that found nothing.",
        severity=Severity.CRITICAL,
        level=Level.MANDATORY,
        remediation="Switch off what must be switched off in the limits file of the stack, and nowhere else.",
        url="https://www.pulumi.com/docs/insights/policy/policy-packs/",
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=judge,
    )
