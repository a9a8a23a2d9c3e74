"""The parts of a rule: its facts, its limits, and a pure function that evaluates one resource."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError
from guardrails.results import Results


class Severity(StrEnum):
    """The severity of a violation, in Pulumi's terms."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Level(StrEnum):
    """The enforcement level of a rule, in Pulumi's terms."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    DISABLED = "disabled"


class Scope(StrEnum):
    """The time of evaluation: a violation of a rule on one resource stops an update before that resource is created."""

    RESOURCE = "resource"
    """For one resource, with its inputs."""
    STACK = "stack"
    """For the whole stack, after all resources were planned or created; references between them are known."""


class NotApplicableError(Exception):
    """A rule does not apply to a resource; the message gives the reason."""


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
    """The resource that a rule evaluates, with its plan and the rule's limits."""

    resource: Resource
    plan: Plan
    limits: Mapping[str, Any] = field(default_factory=dict)
    """The limits of the rule, by key."""
    results: Results = field(default_factory=Results)
    """The evaluations and limits of the rules before this one."""

    def at(self, resource: Resource) -> Self:
        """Return the subject with another resource of the plan."""
        return replace(self, resource=resource)

    def skip_if_stopped_by(self, *rules: str) -> None:
        """Skip the rule if a mandatory rule already reported a violation of the resource.

        Raises:
            NotApplicableError: if one of the rules stops the deployment.
        """
        for rule in rules:
            if self.results.is_stopped_by(rule, self.resource):
                raise NotApplicableError(f"it cannot be evaluated until {rule} passes")

    @contextmanager
    def reported_by(self, rule: str) -> Iterator[None]:
        """Suppress an unreadable-property error that another rule already reported for this resource.

        Raises:
            NotApplicableError: instead of PropertyError, if that rule stops the deployment.
        """
        try:
            yield
        except UnknownPropertyError:
            # The property is reported once, with all rules that read it.
            raise
        except PropertyError:
            if self.results.is_stopped_by(rule, self.resource):
                raise NotApplicableError(
                    f"{self.resource.name} cannot be read, which {rule} reports"
                ) from None
            raise


Evaluate = Callable[[Subject], Iterable[str]]
"""Yields a sentence for each violation: what is wrong, the value, the limit, and the setting to change. A sentence
never contains a property's value, except numbers and names.

May raise NotApplicableError, and PropertyError, which counts as a violation.
"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One guardrail."""

    name: str
    """Permanent, since limits files use it: the thing, then the constraint."""
    requirement: str
    """One sentence in the present tense."""
    rationale: str
    """The reason: what happened, or would happen, without the rule."""
    severity: Severity
    level: Level
    remediation: str
    url: str
    """The documentation of the requirement, mostly by AWS."""
    scope: Scope
    resource_types: frozenset[str]
    """The types of the resources that it evaluates."""
    evaluate: Evaluate
    limits: tuple[Limit, ...] = ()
    is_of_deployment: bool = False
    """True if a violation stops a deployment, and the command `preview` only lists it as to be done before."""

    @property
    def defaults(self) -> dict[str, Any]:
        """The default of each limit."""
        return {limit.key: limit.default for limit in self.limits}
