"""The results of the rules, recorded so that a rule that was never evaluated cannot pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.exemptions import Exemption
from guardrails.plan import Resource
from guardrails.setting_names import Names


class Outcome(StrEnum):
    """The outcome of a rule for a resource."""

    PASSED = "passed"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not applicable"
    DEFERRED = "deferred"
    """A property is not known yet; the rule is evaluated at the update, when it is."""
    EXEMPTED = "exempted"
    """The stack's limits exempt the resource from every violation."""


@dataclass(frozen=True)
class UnknownProperty:
    """A property that is not known until another resource is created."""

    urn: str
    """The URN of the resource that has the property."""
    path: str

    @property
    def resource(self) -> str:
        """The name of the resource that has the property."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of one rule for one resource."""

    rule: str
    urn: str
    outcome: Outcome
    violations: tuple[str, ...] = ()
    reason: str = ""
    """The reason why the rule is not applicable."""
    unknown: UnknownProperty | None = None
    """The property that stopped the evaluation, because it is not known yet."""
    exempted: tuple[tuple[Exemption, str], ...] = ()
    """The violations that the stack's limits exempt, each with its exemption."""


@dataclass
class Results:
    """All evaluations of a plan, and the limits of the rules."""

    evaluations: dict[tuple[str, str], Evaluation] = field(default_factory=dict)
    """By rule and URN, in the order of evaluation."""
    of_resource: dict[str, dict[str, Evaluation]] = field(default_factory=dict)
    """The same evaluations by URN, and then by rule."""
    limits: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By rule, for each rule that was evaluated."""
    components: dict[str, Resource] = field(default_factory=dict)
    """By URN, with their inputs; the SDK passes rules on a whole stack only the outputs of components."""
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    """The names of the properties that the program sets, by URN; AWS sets the others."""
    disabled: frozenset[str] = frozenset()
    """The rules that the stack's limits disable."""
    advisory: frozenset[str] = frozenset()
    """The rules whose violations do not stop a deployment, as far as is known."""
    before_deployment: frozenset[str] = frozenset()
    """The rules whose violations stop a deployment, and not this preview."""
    exemptions: tuple[Exemption, ...] = ()
    """The exemptions in the stack's limits."""
    names: Names = field(default_factory=Names)
    """The settings and files that messages name."""

    def record(self, evaluation: Evaluation) -> None:
        """Record an evaluation."""
        self.evaluations[evaluation.rule, evaluation.urn] = evaluation
        self.of_resource.setdefault(evaluation.urn, {})[evaluation.rule] = evaluation

    def forget(self, rule: str, urn: str) -> None:
        """Remove the evaluation of an earlier state of a resource."""
        self.evaluations.pop((rule, urn), None)
        self.of_resource.get(urn, {}).pop(rule, None)

    def is_stopped_by(self, rule: str, resource: Resource) -> bool:
        """Return True if a mandatory rule is violated by a resource, which then is not deployed."""
        found = self.evaluations.get((rule, resource.urn))
        return found is not None and found.outcome is Outcome.VIOLATED and rule not in self.advisory

    def of_rule(self, name: str) -> list[Evaluation]:
        """Return the evaluations of one rule, in order."""
        return [found for (rule, _), found in self.evaluations.items() if rule == name]

    def deferred(self) -> dict[UnknownProperty, list[str]]:
        """Return the properties that are not known yet, each with the rules that are evaluated once it is."""
        found: dict[UnknownProperty, list[str]] = {}
        for evaluation in self.evaluations.values():
            if evaluation.unknown:
                rules = found.setdefault(evaluation.unknown, [])
                if evaluation.rule not in rules:
                    rules.append(evaluation.rule)
        return found
