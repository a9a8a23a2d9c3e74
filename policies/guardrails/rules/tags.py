"""The rule on the tags of billed resources."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from guardrails.aws import data
from guardrails.plan import UNKNOWN, Resource
from guardrails.properties import UnknownPropertyError, read_json, read_partly
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

BILLED_FOR: Mapping[str, str] = data.read("billed")["billed_for"]
"""The subject of the bill, by each billed type that supports tags."""


def _missing(subject: Subject) -> Iterator[str]:
    resource = subject.resource
    if not subject.limits["requiredTags"]:
        raise NotApplicableError("the limits require no tags")
    carried = _own(resource) | _of_provider(resource)
    for tag in subject.limits["requiredTags"]:
        if tag not in carried:
            yield (
                f"the tag {tag} is missing, so that its cost ({BILLED_FOR[resource.type]}) cannot be attributed; add "
                "it to tags, or to defaultTags of the provider."
            )


def _own(resource: Resource) -> set[str]:
    """Return the resource's own tags, including those whose value is not known yet."""
    tags = read_partly(resource, "tags")
    if tags is UNKNOWN:
        raise UnknownPropertyError("tags")
    return _with_values(tags)


def _of_provider(resource: Resource) -> set[str]:
    """Return the default tags of the resource's provider, which arrive as JSON."""
    default_tags = read_json(replace(resource, properties=resource.provider), "defaultTags")
    return _with_values(default_tags.get("tags") if isinstance(default_tags, Mapping) else None)


def _with_values(tags: object) -> set[str]:
    """Return the names of the tags that have a value."""
    return {str(name) for name, value in tags.items() if value} if isinstance(tags, Mapping) else set()


RULES = (
    Rule(
        name="tags-required",
        requirement="Billed resources that support tags carry the tags that the limits require.",
        rationale=(
            "Costs are allocated by tags; a resource without tags is overlooked, and paid for long after its "
            "use."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write the tags once, as the provider's defaultTags.",
        url="https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset(BILLED_FOR),
        evaluate=_missing,
        limits=(
            Limit(
                key="requiredTags",
                description="The required tags; by default none.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
