"""The decision on a request of a role or a service, by the policies that the local AWS stores."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Event

from guardrails.iam.document import PolicyError
from guardrails.iam.evaluation import Decision, Outcome, Policies, evaluate
from guardrails.iam.request import Principal, PrincipalKind, Request, service
from local.emulator.authorization.documents import (
    aliases_of,
    key_of,
    resource_policies,
    role_policies,
    trust_policy,
)
from local.emulator.authorization.identity import Identity, assumed
from local.emulator.authorization.needs import Context, Need
from local.emulator.authorization.record import RECORD
from local.emulator.errors import AwsError

CODE = "AccessDeniedException"
"""The error of most services for a request that no policy allows."""

# Requests come over HTTP on loopback here; on AWS every client uses TLS.
_TRANSPORT: Context = {"aws:securetransport": ("true",)}
# The actions of KMS that a service calls for its caller, by the caller's action. Sources: "Protecting data using
# server-side encryption with AWS KMS" (S3), "Key management" (SNS, SQS), "Secret encryption and decryption".
_DECRYPT, _ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey"
_KEY_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": (_DECRYPT,),
    "s3:PutObject": (_ENCRYPT,),
    "sns:Publish": (_ENCRYPT, _DECRYPT),
    "sqs:SendMessage": (_ENCRYPT, _DECRYPT),
    "sqs:ReceiveMessage": (_DECRYPT,),
    "secretsmanager:GetSecretValue": (_DECRYPT,),
}
# A key's policy cannot name the rule of an event: "Using dead-letter queues to process undelivered events".
_WITHOUT_SOURCE_AT_KEYS = frozenset({"events.amazonaws.com"})
_ABSENT: Context = {"aws:sourcearn": (), "aws:sourceaccount": ()}


_SEPARATORS = re.compile("[:/]")

_roles_are_enforced = Event()


def enforce_roles() -> None:
    """Enforce the policies of roles from now on, and not only those of resources."""
    _roles_are_enforced.set()


def are_roles_enforced() -> bool:
    """Return True if the policies of roles are enforced."""
    return _roles_are_enforced.is_set()


@dataclass(frozen=True)
class Refusal:
    """A refused request: the permission that is missing, and the sentence that AWS answers."""

    need: Need
    message: str


def refusal_of(identity: Identity, needs: tuple[Need, ...]) -> Refusal | None:
    """Return the reason for which a role may not make a request, or None if it may."""
    arn = identity.principal.name
    trusted = _trusts(identity)
    if trusted.is_refused:
        reason = f"because {identity.service} cannot assume the role {arn}: {trusted.reason}"
        return Refusal(needs[0], _sentence(identity.principal, needs[0], reason))
    return _first_refusal(identity.principal, needs, _ABSENT, lambda: role_policies(arn))


def require(service_name: str, action: str, resource: str, source_arn: str) -> None:
    """Raise an error unless the policies of a resource let a service in, in its own name.

    Raises:
        AwsError: `AccessDeniedException`.
    """
    source: Context = {"aws:sourcearn": (source_arn,), "aws:sourceaccount": (source_arn.split(":")[4],)}
    refusal = _first_refusal(service(service_name), (Need(action, resource),), source, Policies)
    if refusal:
        raise AwsError(CODE, refusal.message)


def require_role(
    role_arn: str | None, service_name: str, action: str, resource: str, source_arn: str
) -> None:
    """Raise an error unless a service can assume a role that allows an action; roles may not be enforced.

    Raises:
        AwsError: `AccessDeniedException`.
    """
    if not are_roles_enforced():
        return
    identity = assumed(role_arn, service_name, source_arn, _SEPARATORS.split(source_arn)[-1])
    if identity is None:
        raise AwsError(CODE, f"{service_name} has no role for {action} on {resource}.")
    refusal = refusal_of(identity, (Need(action, resource),))
    if refusal:
        raise AwsError(CODE, refusal.message)


def _first_refusal(
    principal: Principal, needs: tuple[Need, ...], source: Context, own_policies: Callable[[], Policies]
) -> Refusal | None:
    for need in (each for first in needs for each in (first, *_of_keys(first))):
        is_key = need.action.startswith("kms:")
        known = _ABSENT if is_key and principal.name in _WITHOUT_SOURCE_AT_KEYS else source
        decision = _decision(principal, need, known, own_policies)
        if decision.is_refused:
            return Refusal(need, _sentence(principal, need, f"because {decision.reason}"))
    return None


def _decision(
    principal: Principal, need: Need, source: Context, own_policies: Callable[[], Policies]
) -> Decision:
    account = need.resource.split(":")[4] if need.resource and need.resource.count(":") > 4 else ""
    request = Request(
        principal=principal,
        action=need.action,
        resource=need.resource,
        # Buckets have no account in their ARN; the stack's are its own.
        account=account or principal.account,
        context={**source, **_TRANSPORT, **need.context},
    )
    try:
        policies = replace(
            own_policies(),
            resource=resource_policies(need.resource),
            needs_resource_policy=need.action.startswith("kms:"),
        )
        decision = evaluate(request, policies)
    except PolicyError as error:
        policies, decision = Policies(), Decision(Outcome.UNKNOWN, str(error))
    # A permission that only chooses between two errors is none that a request lacks.
    if not (need.chooses_answer and decision.is_refused):
        RECORD.add(request, policies, decision)
    return decision


def _of_keys(need: Need) -> Iterator[Need]:
    """Yield the needs of KMS behind a need of an encrypted resource."""
    actions = _KEY_ACTIONS.get(need.action, ())
    key = key_of(need.resource) if actions and need.resource else None
    if key is not None:
        region, account = key.split(":")[3:5]
        via = f"{need.action.partition(':')[0]}.{region}.amazonaws.com"
        context: Context = {
            "kms:viaservice": (via,),
            "kms:calleraccount": (account,),
            "kms:resourcealiases": aliases_of(key),
        }
        for action in actions:
            yield Need(action, key, context)


def _trusts(identity: Identity) -> Decision:
    arn = identity.principal.name
    account = identity.principal.account
    trust = trust_policy(arn)
    if trust is None:
        return Decision(Outcome.NOT_ALLOWED, "there is no such role")
    request = Request(
        principal=service(identity.service),
        action="sts:AssumeRole",
        resource=arn,
        account=account,
        context={"aws:sourcearn": (identity.source_arn,), "aws:sourceaccount": (account,)},
    )
    return evaluate(request, Policies(resource=(trust,), needs_resource_policy=True))


def _sentence(principal: Principal, need: Need, reason: str) -> str:
    """Return AWS's sentence. Source: "Troubleshoot access denied error messages" in the IAM User Guide."""
    is_identity = principal.kind is PrincipalKind.IDENTITY
    who = f"User: {principal.session or principal.name}" if is_identity else principal.name
    on = f" on resource: {need.resource}" if need.resource and need.resource != "*" else ""
    return f"{who} is not authorized to perform: {need.action}{on} {reason}"
