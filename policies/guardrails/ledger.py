"""The ledger of what was assessed: a rule that never looked cannot pass."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.plan import Resource


class Outcome(StrEnum):
    """What a rule says about a resource."""

    PASSED = "passed"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Assessment:
    """What one rule says about one resource."""

    rule: str
    urn: str
    outcome: Outcome
    breaches: tuple[str, ...] = ()
    reason: str = ""
    """Why it is not applicable."""


@dataclass
class Ledger:
    """Every assessment of a plan, and what the rules were told to hold it against."""

    assessments: dict[tuple[str, str], Assessment] = field(default_factory=dict)
    """By rule and URN."""
    limits: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each rule that was asked, by its name."""
    components: dict[str, Resource] = field(default_factory=dict)
    """By URN, with the inputs that they were given: a rule about a whole stack would see their outputs only."""
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    """The properties that somebody wrote, by URN; the others of a resource are AWS's own."""
    disabled: frozenset[str] = frozenset()
    """The rules that the stack's limits switch off."""
    advisory: frozenset[str] = frozenset()
    """The rules of which a breach stops nothing, or nobody knows whether it does."""

    def is_stopped_by(self, rule: str, resource: Resource) -> bool:
        """Tell whether a rule has refused a resource, so that it is not deployed."""
        found = self.assessments.get((rule, resource.urn))
        return found is not None and found.outcome is Outcome.REFUSED and rule not in self.advisory

    def of_rule(self, name: str) -> list[Assessment]:
        """Return what one rule said, in the order in which it was asked."""
        return [found for (rule, _), found in self.assessments.items() if rule == name]
