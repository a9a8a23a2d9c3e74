"""The policies that apply to a request, as the local AWS stores them."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from guardrails.iam.document import Policy, PolicyError, parse
from guardrails.iam.evaluation import Policies

_PARTITION = "aws"


@lru_cache(maxsize=1_024)
def parsed(name: str, text: str) -> Policy:
    """Return the policy of a JSON text.

    Raises:
        PolicyError: if it is not a policy.
    """
    try:
        return parse(name, json.loads(text))
    except ValueError as error:
        raise error if isinstance(error, PolicyError) else PolicyError(f"{name} is not JSON") from error


def role_policies(role_arn: str) -> Policies:
    """Return the policies of a role: inline, managed, and its permissions boundary."""
    backend = iam_backends[role_arn.split(":")[4]][_PARTITION]
    role = backend.get_role(role_arn.rpartition("/")[2])
    managed = [(policy.arn, _managed(policy)) for policy in role.managed_policies.values()]
    boundary = role.permissions_boundary_arn
    known = backend.managed_policies.get(boundary) if boundary else None
    return Policies(
        identity=tuple(parsed(key, text) for key, text in (*role.policies.items(), *managed)),
        boundary=parsed(boundary, _managed(known)) if boundary and known else None,
        are_identity_complete=not boundary or known is not None,
    )


def trust_policy(role_arn: str) -> Policy | None:
    """Return the policy that says who may assume a role, or None if there is no such role."""
    backend = iam_backends[role_arn.split(":")[4]][_PARTITION]
    role = next((role for role in backend.roles.values() if role.arn == role_arn), None)
    return parsed(f"the trust policy of {role.name}", role.assume_role_policy_document) if role else None


def resource_policies(arn: str | None) -> tuple[Policy, ...]:
    """Return the policies of a resource, none for one without."""
    if arn is None or arn.count(":") < 5:
        return ()
    _, _, service, region, account, resource = arn.split(":", 5)
    text = _READERS[service](region, account, resource) if service in _READERS else None
    return (parsed(f"the policy of {resource.partition('/')[0]}", text),) if text else ()


def _managed(policy: Any) -> str:
    return next(str(version.document) for version in policy.versions if version.is_default)


def _bucket(_region: str, _account: str, resource: str) -> str | None:
    name = resource.partition("/")[0]
    bucket = find_bucket(name)
    return bucket.policy.decode() if bucket and bucket.policy else None


def find_bucket(name: str) -> Any:
    """Return a bucket of any account, or None."""
    owned = (backend[_PARTITION].buckets.get(name) for backend in s3_backends.values())
    return next(filter(None, owned), None)


def _topic(region: str, account: str, resource: str) -> str | None:
    topic = sns_backends[account][region].topics.get(f"arn:aws:sns:{region}:{account}:{resource}")
    return topic.policy if topic else None


def _queue(region: str, account: str, resource: str) -> str | None:
    queue = sqs_backends[account][region].queues.get(resource)
    policy = queue.policy if queue else None
    return json.dumps(policy) if isinstance(policy, dict) else policy or None


def _key(region: str, account: str, resource: str) -> str | None:
    key = kms_backends[account][region].keys.get(resource.removeprefix("key/"))
    return key.policy if key else None


def _secret(region: str, account: str, resource: str) -> str | None:
    return getattr(_find_secret(region, account, resource), "policy", None)


def _find_secret(region: str, account: str, resource: str) -> Any:
    arn = f"arn:aws:secretsmanager:{region}:{account}:{resource}"
    secrets = secretsmanager_backends[account][region].secrets.values()
    return next((secret for secret in secrets if secret.arn == arn), None)


def _function(region: str, account: str, resource: str) -> str | None:
    function = lambda_backends[account][region].get_function(resource.removeprefix("function:"))
    statements = function.policy.statements if function else None
    return json.dumps({"Statement": statements}) if statements else None


_READERS = {
    "s3": _bucket,
    "sns": _topic,
    "sqs": _queue,
    "kms": _key,
    "secretsmanager": _secret,
    "lambda": _function,
}


def every_policy() -> Iterator[Policy]:
    """Yield every policy of roles and resources that the local AWS stores, without AWS's managed ones."""
    for account in iam_backends.values():
        for role in account[_PARTITION].roles.values():
            yield from role_policies(role.arn).identity
    for arn in _resources_with_policies():
        yield from resource_policies(arn)


def _resources_with_policies() -> Iterator[str]:
    for stored in s3_backends.values():
        yield from (f"arn:aws:s3:::{name}" for name in stored[_PARTITION].buckets)
    for regions in (sns_backends, sqs_backends, kms_backends, secretsmanager_backends, lambda_backends):
        for backend in (backend for account in regions.values() for backend in account.values()):
            yield from _arns(backend)


def _arns(backend: Any) -> Iterator[str]:
    """Yield the ARNs of the resources with policies of a service in a region."""
    for kept in ("topics", "keys", "secrets", "queues"):
        for resource in getattr(backend, kept, {}).values():
            yield getattr(resource, "arn", None) or resource.queue_arn
    if hasattr(backend, "_lambdas"):
        # A request names the function, not its unpublished version.
        yield from (function.function_arn.removesuffix(":$LATEST") for function in backend._lambdas.all())


def key_of(arn: str) -> str | None:
    """Return the ARN of the customer's key that encrypts a resource, or None."""
    _, _, service, region, account, resource = arn.split(":", 5)
    written = _KEYS[service](region, account, resource) if service in _KEYS else None
    return _key_arn(region, account, str(written)) if written else None


def _bucket_key(_region: str, _account: str, resource: str) -> Any:
    bucket = find_bucket(resource.partition("/")[0])
    rule = (bucket.encryption or {}).get("Rule", {}) if bucket else {}
    rule = rule[0] if isinstance(rule, list) else rule
    return rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")


def _topic_key(region: str, account: str, resource: str) -> Any:
    topic = sns_backends[account][region].topics.get(f"arn:aws:sns:{region}:{account}:{resource}")
    return topic.kms_master_key_id if topic else None


def _queue_key(region: str, account: str, resource: str) -> Any:
    queue = sqs_backends[account][region].queues.get(resource)
    return getattr(queue, "kms_master_key_id", None)


def _secret_key(region: str, account: str, resource: str) -> Any:
    return getattr(_find_secret(region, account, resource), "kms_key_id", None)


_KEYS = {"s3": _bucket_key, "sns": _topic_key, "sqs": _queue_key, "secretsmanager": _secret_key}


def _key_arn(region: str, account: str, written: str) -> str | None:
    """Return a key's ARN from its ARN, id or alias; None for a key that AWS manages."""
    if written.startswith("arn:"):
        # A bucket's ARN has neither region nor account, but its key's has.
        region, account = written.split(":")[3:5]
    backend = kms_backends[account][region]
    key = backend.keys.get(backend.any_id_to_key_id(written))
    return key.arn if key else None


def aliases_of(key_arn: str) -> tuple[str, ...]:
    """Return the aliases of a key."""
    region, account, resource = key_arn.split(":", 5)[3:]
    key = kms_backends[account][region].keys[resource.removeprefix("key/")]
    return tuple(alias.alias_name for alias in key.aliases.values())
