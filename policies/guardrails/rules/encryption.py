"""The rule on the encryption of messages, logs and environment variables at rest."""

from collections.abc import Iterator

from guardrails.aws.types import FUNCTION, LOG_GROUP, QUEUE, TOPIC
from guardrails.properties import is_set, read
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_KEY = {TOPIC: "kmsMasterKeyId", QUEUE: "kmsMasterKeyId", LOG_GROUP: "kmsKeyId", FUNCTION: "kmsKeyArn"}
"""The property that names the KMS key, by type."""


def _unencrypted(subject: Subject) -> Iterator[str]:
    resource = subject.resource
    key = _KEY[resource.type]
    if resource.type == FUNCTION and not is_set(resource, "environment.variables"):
        raise NotApplicableError("it has no environment variables to encrypt")
    if is_set(resource, key):
        return
    if resource.type != QUEUE:
        yield f"it has no KMS key; set {key}."
        return
    managed = read(resource, "sqsManagedSseEnabled")
    if managed is False:
        yield f"it has no KMS key, and sqsManagedSseEnabled is false; set {key}, or sqsManagedSseEnabled to true."
    elif managed is not True:
        yield (
            f"it has no KMS key, and SQS's own encryption is only AWS's default; set {key}, or sqsManagedSseEnabled to "
            "true, to make the encryption explicit."
        )


RULES = (
    Rule(
        name="encrypted-at-rest",
        requirement="Topics, queues, log groups and environment variables of functions name their encryption key.",
        rationale=(
            "Messages and logs contain details of a run. A KMS key has its own policy, CloudTrail records its use, and "
            "it can be disabled."
        ),
        severity=Severity.MEDIUM,
        level=Level.ADVISORY,
        remediation="Name a KMS key whose policy allows the services that publish, deliver and log.",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
        scope=Scope.RESOURCE,
        resource_types=frozenset(_KEY),
        evaluate=_unencrypted,
    ),
)
