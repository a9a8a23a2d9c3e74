"""The rule that a dead-letter queue takes what its senders cannot deliver, and keeps it long enough to be read.

Sources: Amazon EventBridge user guide, "Using dead-letter queues to process undelivered events"; EventBridge Scheduler
user guide, "Configuring a dead-letter queue"; AWS Lambda developer guide, "Retaining records of asynchronous
invocations"; Amazon SQS developer guide, "Using dead-letter queues" (the type of the source queue).
"""

from collections.abc import Iterator

from guardrails.aws import types
from guardrails.aws.deliveries import redrives_to
from guardrails.aws.references import resources_named_by
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_number, read_partly
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_STANDARD_ONLY = (
    (types.SCHEDULE, "target.deadLetterConfig.arn"),
    (types.EVENT_TARGET, "deadLetterConfig.arn"),
    (types.FUNCTION, "deadLetterConfig.targetArn"),
    (types.FUNCTION_EVENT_CONFIG, "destinationConfig.onFailure.destination"),
)
"""The senders that accept only a standard queue: their type, and the property that names the queue."""
_DEFAULT_RETENTION_SECONDS = 345_600
"""Source: Amazon SQS API reference, CreateQueue, `MessageRetentionPeriod`."""


def _unusable(subject: Subject) -> Iterator[str]:
    queue, plan = subject.resource, subject.plan
    of_standard = [
        sender
        for type_, path in _STANDARD_ONLY
        for sender in plan.of_type(type_)
        if _is_queue_of(plan, sender, path, queue)
    ]
    of_subscriptions = [each for each in plan.of_type(types.TOPIC_SUBSCRIPTION) if redrives_to(each, queue)]
    of_queues = [each for each in plan.of_type(types.QUEUE) if each != queue and redrives_to(each, queue)]
    if not (of_standard or of_subscriptions or of_queues):
        raise NotApplicableError("no resource of the plan uses it as a dead-letter queue")
    is_fifo = _is_fifo(queue)
    if is_fifo and of_standard:
        yield (
            f"it is a FIFO queue, and {of_standard[0].name} needs a standard queue as its dead-letter queue; remove "
            "fifoQueue."
        )
    for source in of_queues:
        if None not in (is_fifo, _is_fifo(source)) and is_fifo != _is_fifo(source):
            kinds = ("FIFO", "standard") if is_fifo else ("standard", "FIFO")
            yield (
                f"it is a {kinds[0]} queue, and {source.name}, whose dead-letter queue it is, is a {kinds[1]} queue; "
                "write the same fifoQueue for both."
            )
    kept = read_number(queue, "messageRetentionSeconds") or _DEFAULT_RETENTION_SECONDS
    least = subject.limits["minRetentionSeconds"]
    if kept < least:
        yield (
            f"it deletes what it keeps after {kept:,.0f} s, fewer than {least:,} s, so that it is gone before it is "
            "read; raise messageRetentionSeconds, or lower minRetentionSeconds."
        )


def _is_queue_of(plan: Plan, sender: Resource, path: str, queue: Resource) -> bool:
    """Return True if a property certainly names a queue.

    A value that is not known yet and comes from several queues may be any of them, as the queue of a target's events.
    """
    named = resources_named_by(plan, sender, path, types.QUEUE)
    return queue in named and (len(named) == 1 or read_partly(sender, path) is not UNKNOWN)


def _is_fifo(queue: Resource) -> bool | None:
    """Return True if a queue is a FIFO queue, or None if that is not known yet."""
    written = read_partly(queue, "fifoQueue")
    return None if written is UNKNOWN else written is True


RULES = (
    Rule(
        name="dead-letter-queue-usable",
        requirement="A dead-letter queue has the type that its senders need, and keeps messages for a day or more.",
        rationale=(
            "EventBridge and Lambda accept only a standard queue, and SQS one of the same type: with another, the "
            "deployment fails, or what is lost is lost a second time. A queue that keeps a message for a minute is "
            "empty before the operator reads it."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Use a standard queue with messageRetentionSeconds of some days.",
        url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
        scope=Scope.STACK,
        resource_types=frozenset({types.QUEUE}),
        evaluate=_unusable,
        limits=(
            Limit(
                key="minRetentionSeconds",
                description="The shortest time for which a dead-letter queue keeps a message.",
                default=86_400,
                schema={"type": "integer", "minimum": 60, "maximum": 1_209_600},
            ),
        ),
    ),
)
