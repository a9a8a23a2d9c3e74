"""What a rule is: facts about it, the limits that can be set, and a pure function that judges one resource."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from guardrails.ledger import Ledger
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError


class Severity(StrEnum):
    """How much harm a breach does, in Pulumi's words."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """What a breach does to a deployment, in Pulumi's words."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    DISABLED = "disabled"


class Scope(StrEnum):
    """When a rule is asked: a breach of a resource's rule stops an update before that resource is created."""

    RESOURCE = "resource"
    """With one resource, by its inputs."""
    STACK = "stack"
    """With all of them, after they were planned or created; how they hang together is known."""


class NotApplicableError(Exception):
    """A rule has nothing to say about a resource; the message says why."""


NAMES: Mapping[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True}
"""The schema of a limit that lists names, each once."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A bound of a rule that each stack may set for itself."""

    key: str
    """In camelCase, with its unit."""
    description: str
    default: Any
    schema: Mapping[str, Any]
    """The JSON schema of its values, without description and default."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a rule is asked about."""

    resource: Resource
    plan: Plan
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Every limit of the rule, by its key."""
    ledger: Ledger = field(default_factory=Ledger)
    """What the rules before this one said, and the limits that they were given."""

    def at(self, resource: Resource) -> Self:
        """Return the same question about another resource."""
        return replace(self, resource=resource)

    @contextmanager
    def told_by(self, rule: str) -> Iterator[None]:
        """Leave what cannot be read of the resource to a rule that has refused it for that, so that it is told once.

        Raises:
            NotApplicableError: in place of PropertyError, where nothing is deployed before that rule is content.
        """
        try:
            yield
        except PropertyError:
            if self.ledger.is_stopped_by(rule, self.resource):
                raise NotApplicableError(f"{self.resource.name} cannot be read, which {rule} tells") from None
            raise


Judge = Callable[[Subject], Iterable[str]]
"""Returns a sentence for each breach: what, measured, limit, and which setting to change. Never a property's value,
but for numbers and names.

May raise NotApplicableError, and PropertyError, which is a breach.
"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One guardrail."""

    name: str
    """For good: what it is about, then the constraint."""
    requirement: str
    """In the present tense, one sentence."""
    rationale: str
    """Why: what happened, or would happen."""
    severity: Severity
    level: Level
    remediation: str
    url: str
    """Where AWS, or who else it is about, says so."""
    scope: Scope
    judges: frozenset[str]
    """The types of the resources that it is asked about."""
    judge: Judge
    limits: tuple[Limit, ...] = ()

    @property
    def defaults(self) -> dict[str, Any]:
        """Every limit as it is unless a stack sets it."""
        return {limit.key: limit.default for limit in self.limits}
