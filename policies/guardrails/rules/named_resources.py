"""The rule that the resources that others name by text exist, and are of the right type."""

from collections.abc import Iterator
from difflib import get_close_matches

from guardrails.aws import types
from guardrails.aws.arns import unqualified
from guardrails.aws.named_references import KINDS, NAMING, Expected, Reference, references_of
from guardrails.aws.references import is_identified_by
from guardrails.plan import UNKNOWN, Resource
from guardrails.properties import read_partly
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_NEARLY_EQUAL = 0.8
"""The similarity, from 0 to 1, of a name to one of the plan that is a typing error."""

_OTHERS_OF_A_DELIVERY = frozenset({types.TOPIC, types.STATE_MACHINE, types.ROLE, types.EVENT_RULE})
"""The types that a schedule, a rule's target or a subscription also takes values from, and that are no queue."""


def _nonexistent(subject: Subject) -> Iterator[str]:
    if not (named := references_of(subject)):
        raise NotApplicableError("it names no other resource that this rule compares")
    for reference in named:
        if reference.value is UNKNOWN:
            yield from _of_another_type(subject, reference)
        elif isinstance(reference.value, str) and reference.value not in subject.limits["existElsewhere"]:
            yield from _missing(subject, reference, reference.value)


def _of_another_type(subject: Subject, reference: Reference) -> Iterator[str]:
    """Yield a sentence if a queue that is not known yet comes from a topic: no other value can be the queue."""
    urns = subject.resource.sources.get(reference.path.partition(".")[0], ())
    sources = [subject.plan.resources.get(urn) for urn in urns]
    topics = [source.name for source in sources if source and source.type == types.TOPIC]
    if (
        reference.type == types.QUEUE
        and topics
        and all(source and source.type in _OTHERS_OF_A_DELIVERY for source in sources)
    ):
        yield f"{reference.path} names the topic {topics[0]}, and must be a queue; write the ARN of a queue."


def _missing(subject: Subject, reference: Reference, identifier: str) -> Iterator[str]:
    path, kind = reference.path, KINDS[reference.type]
    candidates = subject.plan.of_type(reference.type)
    bare = _name_in(identifier)
    if reference.type == types.QUEUE and identifier.startswith("arn:") and ":sqs:" not in identifier:
        yield f"{path} names {bare}, which is no queue; write the ARN of a queue."
        return
    if reference.is_arn is not None and reference.is_arn != identifier.startswith("arn:"):
        wanted = "an ARN" if reference.is_arn else "a name"
        yield (
            f"{path} is {'a name' if reference.is_arn else 'an ARN'}, {bare}, and must be {wanted}, so that it names "
            f"no {kind}; write {wanted}."
        )
        return
    if any(is_identified_by(candidate, identifier) for candidate in candidates):
        return
    if named := [candidate for candidate in candidates if _name_of(candidate) == bare]:
        # A shared topic may have the same name in another region or account.
        if reference.expected is Expected.UNLESS_NEAR:
            return
        yield (
            f"{path} names the {kind} {bare} in another region or account than that of {named[0].name}; write the ARN "
            f"of {named[0].name}, or name it in existElsewhere."
        )
        return
    known = [text for one in candidates if (text := _name_of(one))]
    # A resource whose name is not known yet may be the one that is meant.
    if len(known) < len(candidates) or (not known and reference.expected is not Expected.IN_PLAN):
        return
    cutoff = _NEARLY_EQUAL if reference.expected is Expected.UNLESS_NEAR else 0.6
    nearest = get_close_matches(bare, known, n=1, cutoff=cutoff)
    if nearest or reference.expected is not Expected.UNLESS_NEAR:
        yield (
            f"{path} names the {kind} {bare}, which is not in the plan; "
            f"{f'write {nearest[0]}' if nearest else f'create the {kind}'}, or name it in existElsewhere."
        )


def _name_of(resource: Resource) -> str:
    name = read_partly(resource, "name")
    return name if isinstance(name, str) else ""


def _name_in(identifier: str) -> str:
    """Return the name of a resource in its ARN or its URL."""
    bare = unqualified(identifier)
    if ":log-group:" in bare:
        return bare.split(":", 6)[-1]
    if "://" in bare or ":cluster/" in bare:
        return bare.rpartition("/")[2]
    return bare.rpartition(":")[2]


RULES = (
    Rule(
        name="named-resource-exists",
        requirement=(
            "The log groups, queues, topics and machines that tasks, schedules, alarms and rules name are in the plan."
        ),
        rationale=(
            "ECS does not start a task whose log group does not exist, a start that is sent to a queue that does not "
            "exist is lost a second time, and an alarm on a machine of another name never fires. A topic, and the log "
            "group of a metric filter, may be of another stack unless its name is nearly one of the plan."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write the name of a resource of the plan, or name one of another stack in the limits.",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
        scope=Scope.STACK,
        resource_types=NAMING,
        evaluate=_nonexistent,
        limits=(
            Limit(
                key="existElsewhere",
                description="The resources outside of the plan that others name, by name or by ARN as written.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
)
