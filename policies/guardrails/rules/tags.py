"""Whether what is billed says whose it is."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from guardrails.aws import data
from guardrails.plan import UNKNOWN, Resource
from guardrails.properties import UnknownPropertyError, read_json, read_partly
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject

BILLED_FOR: Mapping[str, str] = data.read("billed")["billed_for"]
"""What AWS bills for each type of resource that takes tags."""


def _missing(subject: Subject) -> Iterator[str]:
    resource = subject.resource
    carried = _own(resource) | _of_provider(resource)
    for tag in subject.limits["requiredTags"]:
        if tag not in carried:
            yield (
                f"the tag {tag} is missing, so that nobody can tell whose cost it is "
                f"({BILLED_FOR[resource.type]}); add it to tags, or to defaultTags of the provider."
            )


def _own(resource: Resource) -> set[str]:
    """Return the tags that a resource is given; one whose value is not known yet is given too."""
    tags = read_partly(resource, "tags")
    if tags is UNKNOWN:
        raise UnknownPropertyError("tags")
    return _with_values(tags)


def _of_provider(resource: Resource) -> set[str]:
    """Return the tags that its provider gives to all; they arrive as JSON."""
    default_tags = read_json(replace(resource, properties=resource.provider), "defaultTags")
    return _with_values(default_tags.get("tags") if isinstance(default_tags, Mapping) else None)


def _with_values(tags: object) -> set[str]:
    """Return the names of tags; one with an empty value says nothing."""
    return {str(name) for name, value in tags.items() if value} if isinstance(tags, Mapping) else set()


RULES = (
    Rule(
        name="tags-required",
        requirement="What is billed and can carry tags says which project and environment it belongs to.",
        rationale="A bill is split by tags; what carries none is found by nobody, and is paid for long after its use.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write the tags once, as the provider's defaultTags.",
        url="https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
        scope=Scope.RESOURCE,
        judges=frozenset(BILLED_FOR),
        judge=_missing,
        limits=(
            Limit(
                key="requiredTags",
                description="The tags that each of them carries.",
                default=["Project", "Environment"],
                schema=NAMES,
            ),
        ),
    ),
)
