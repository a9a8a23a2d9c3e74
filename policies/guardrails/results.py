"""The results of the rules, recorded so that a rule that was never evaluated cannot pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.plan import Resource


class Outcome(StrEnum):
    """The outcome of a rule for a resource."""

    PASSED = "passed"
    VIOLATED = "violated"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of one rule for one resource."""

    rule: str
    urn: str
    outcome: Outcome
    violations: tuple[str, ...] = ()
    reason: str = ""
    """The reason why the rule is not applicable."""


@dataclass
class Results:
    """All evaluations of a plan, and the limits of the rules."""

    evaluations: dict[tuple[str, str], Evaluation] = field(default_factory=dict)
    """By rule and URN, in the order of evaluation."""
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

    def is_stopped_by(self, rule: str, resource: Resource) -> bool:
        """Return True if a mandatory rule is violated by a resource, which then is not deployed."""
        found = self.evaluations.get((rule, resource.urn))
        return found is not None and found.outcome is Outcome.VIOLATED and rule not in self.advisory

    def of_rule(self, name: str) -> list[Evaluation]:
        """Return the evaluations of one rule, in order."""
        return [found for (rule, _), found in self.evaluations.items() if rule == name]
