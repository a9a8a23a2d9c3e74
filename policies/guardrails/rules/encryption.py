"""Whether what a run says, and what is logged of it, is encrypted where it lies."""

from collections.abc import Iterator

from guardrails.aws.types import FUNCTION, LOG_GROUP, QUEUE, TOPIC
from guardrails.properties import is_set, read
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_KEY = {TOPIC: "kmsMasterKeyId", QUEUE: "kmsMasterKeyId", LOG_GROUP: "kmsKeyId", FUNCTION: "kmsKeyArn"}
"""The property that names the key of KMS, by type."""


def _unencrypted(subject: Subject) -> Iterator[str]:
    resource = subject.resource
    key = _KEY[resource.type]
    if resource.type == FUNCTION and not is_set(resource, "environment.variables"):
        raise NotApplicableError("it has no environment variables to encrypt")
    if is_set(resource, key):
        return
    if resource.type != QUEUE:
        yield f"it names no key of KMS; set {key}."
        return
    managed = read(resource, "sqsManagedSseEnabled")
    if managed is False:
        yield f"it names no key of KMS, and sqsManagedSseEnabled is false; set {key}, or sqsManagedSseEnabled to true."
    elif managed is not True:
        yield (
            f"it names no key of KMS, nor SQS's own, with which AWS encrypts a queue that says nothing; set {key}, or "
            "sqsManagedSseEnabled to true, so that it is stated."
        )


RULES = (
    Rule(
        name="encrypted-at-rest",
        requirement="Topics, queues, log groups and environments of functions name the key that encrypts them.",
        rationale=(
            "Messages and logs tell what a run worked on, and where. A key of KMS has a policy of its own, its uses "
            "are recorded, and it can be taken away."
        ),
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Name a key of KMS whose policy lets in the services that publish, deliver and log.",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
        scope=Scope.RESOURCE,
        judges=frozenset(_KEY),
        judge=_unencrypted,
    ),
)
