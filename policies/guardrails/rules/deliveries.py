"""The rules that the policies of topics, queues, functions and keys let in the services that use them."""

from collections.abc import Iterator

from guardrails.aws.deliveries import (
    EVENTS,
    RECEIVERS,
    deliveries_to,
    key_policies_of,
    keys_of,
    policies_of,
    services_sending_to,
)
from guardrails.aws.resource_arns import arn_of
from guardrails.aws.types import LOG_GROUP, QUEUE, TOPIC
from guardrails.iam.evaluation import Policies, evaluate
from guardrails.iam.request import Request, service
from guardrails.plan import Resource
from guardrails.properties import UnknownPropertyError, read_partly
from guardrails.rule import Level, NotApplicableError, Rule, Scope, Severity, Subject

_KEYS = {TOPIC: "kmsMasterKeyId", QUEUE: "kmsMasterKeyId", LOG_GROUP: "kmsKeyId"}
_MANAGED = "alias/aws/"
_SEND = ("kms:GenerateDataKey", "kms:Decrypt")
_LOG = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")


def _rejected(subject: Subject) -> Iterator[str]:
    receiver, plan = subject.resource, subject.plan
    deliveries = deliveries_to(plan, receiver)
    if not deliveries:
        raise NotApplicableError("no service delivers to it in its own name")
    try:
        policies = policies_of(plan, receiver)
    except UnknownPropertyError:
        raise NotApplicableError("its policy is not known yet") from None
    rejected: dict[str, list[str]] = {}
    for delivery in deliveries:
        request = Request(
            principal=service(delivery.service),
            action=delivery.action,
            resource=arn_of(receiver),
            account="",
            context=delivery.context,
        )
        if evaluate(request, Policies(resource=policies)).is_refused:
            rejected.setdefault(f"{delivery.service} {delivery.action}", []).append(delivery.sender.name)
    for what, senders in rejected.items():
        principal, action = what.split(" ")
        yield (
            f"its policy does not let {principal} in, so that what {', '.join(dict.fromkeys(senders))} sends to it is "
            f"lost; allow {principal} {action}, limited to its source."
        )


def _locked(subject: Subject) -> Iterator[str]:
    encrypted, plan = subject.resource, subject.plan
    path = _KEYS[encrypted.type]
    users = list(_key_users(subject))
    if not users:
        raise NotApplicableError("no service uses its key in its own name")
    if _MANAGED in str(read_partly(encrypted, path)):
        for principal, sender in users:
            yield (
                f"it is encrypted with the key that AWS manages, which {principal} cannot use, so that what {sender} "
                f"sends to it is lost; name a key of the stack in {path}, whose policy allows {principal}."
            )
        return
    keys = keys_of(plan, encrypted, path)
    if not keys:
        raise NotApplicableError("it has no key, or one outside of the plan")
    for key in keys:
        if read_partly(key, "isEnabled") is False:
            yield (
                f"its key {key.name} is switched off, so that what {users[0][1]} sends to it is lost; remove isEnabled "
                "of the key."
            )
            continue
        try:
            policies = Policies(resource=key_policies_of(plan, key), needs_resource_policy=True)
        except UnknownPropertyError:
            raise NotApplicableError(f"the policy of the key {key.name} is not known yet") from None
        for principal, sender in users:
            missing = [
                action for action in _actions(encrypted) if _is_refused(subject, principal, action, policies)
            ]
            if missing:
                without = ", without a condition on its source, which EventBridge does not send"
                yield (
                    f"the policy of its key {key.name} does not allow {principal} to use the key "
                    f"({', '.join(missing)}), so that what {sender} sends to it is lost; allow it in the key's "
                    f"policy{without if principal == EVENTS else ''}."
                )


def _key_users(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the services that use a resource's key in their own name, each with the sender that needs it."""
    if subject.resource.type == LOG_GROUP:
        region = _region(subject.resource)
        yield f"logs.{region}.amazonaws.com" if region else "logs.amazonaws.com", "CloudWatch Logs"
    else:
        yield from services_sending_to(subject.plan, subject.resource)


def _region(resource: Resource) -> str:
    regions = (read_partly(resource, "region"), resource.provider.get("region"))
    return next((region for region in regions if isinstance(region, str) and region), "")


def _actions(encrypted: Resource) -> tuple[str, ...]:
    return _LOG if encrypted.type == LOG_GROUP else _SEND


def _is_refused(subject: Subject, principal: str, action: str, policies: Policies) -> bool:
    context: dict[str, tuple[str, ...]] = {}
    if principal == EVENTS:
        context = {"aws:sourcearn": (), "aws:sourceaccount": ()}
    if subject.resource.type == LOG_GROUP and (arn := arn_of(subject.resource)):
        context = {"kms:encryptioncontext:aws:logs:arn": (arn,)}
    request = Request(principal=service(principal), action=action, resource=None, account="", context=context)
    return evaluate(request, policies).is_refused


RULES = (
    Rule(
        name="policy-admits-senders",
        requirement="The policy of a topic, a queue or a function lets in each service that the plan makes send to it.",
        rationale=(
            "Alarms, budgets, EventBridge, S3 and SNS deliver in their own name, without a role. What the receiver's "
            "policy does not let in is dropped: an alarm without a message, a dead-letter queue that stays empty."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Allow the service in the policy of the receiver, limited to the sender by aws:SourceArn.",
        url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html",
        scope=Scope.STACK,
        resource_types=RECEIVERS,
        evaluate=_rejected,
    ),
    Rule(
        name="key-admits-senders",
        requirement=(
            "The policy of the KMS key of a topic, a queue or a log group lets in the services that write to it."
        ),
        rationale=(
            "A service that delivers in its own name encrypts with the key in its own name. Without a statement for it "
            "the message is dropped, and CloudWatch Logs refuses to create the log group."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Allow the service kms:Decrypt and kms:GenerateDataKey* in the policy of the key.",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
        scope=Scope.STACK,
        resource_types=frozenset(_KEYS),
        evaluate=_locked,
    ),
)
