"""The policies of the resources that roles call, which AWS evaluates together with the policies of the role.

Sources: "Policy evaluation logic" and, for keys, "Default key policy"
(https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html) and "Grants in AWS KMS"
(https://docs.aws.amazon.com/kms/latest/developerguide/grants.html), and "AWS global condition context keys"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from guardrails.aws import types
from guardrails.aws.calls import Call
from guardrails.aws.deliveries import key_policies_of, policies_of
from guardrails.aws.provider import account_of
from guardrails.aws.references import resources_identified_by, resources_named_by, resources_naming, texts_of
from guardrails.aws.resource_arns import arn_of
from guardrails.aws.roles import NO_TARGET, Target, policy_of
from guardrails.iam.document import Policy, parse
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, is_set, read, read_partly

_TYPES = {
    "ecr": types.ECR_REPOSITORY,
    "lambda": types.FUNCTION,
    "s3": types.BUCKET,
    "sns": types.TOPIC,
    "sqs": types.QUEUE,
}
"""The type of the resource in an ARN, by service."""

_POLICIES = {
    types.BUCKET: (types.BUCKET_POLICY, "bucket"),
    types.ECR_REPOSITORY: (types.ECR_REPOSITORY_POLICY, "repository"),
}
"""The type of the policy of a resource, and the property that names the resource."""


def target_of(plan: Plan, call: Call) -> Target:
    """Return the resource that a call is for; without policies if it, or a policy of it, is not known yet."""
    resource = call.target or _resource(plan, call.resource)
    found = _target(plan, resource) if resource else NO_TARGET
    return replace(found, context=dict(_context(plan, call)))


def _context(plan: Plan, call: Call) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the context keys of a call, as far as they are known."""
    # AWS services and the SDKs of AWS use TLS.
    yield "aws:securetransport", ("true",)
    # A regional service is called in the region of the resource.
    region, account, *_ = (*(call.resource or "").split(":", 5)[3:5], "", "")
    if region not in ("", "*"):
        yield "aws:requestedregion", (region,)
    if account not in ("", "*"):
        yield "aws:resourceaccount", (account,)
    if call.target and (aliases := _aliases(plan, call.target)) is not None:
        yield "kms:resourcealiases", aliases
    yield from call.context


def _aliases(plan: Plan, key: Resource) -> tuple[str, ...] | None:
    """Return the aliases of a key, or None if one is not known yet."""
    aliases = resources_naming(plan, key, "targetKeyId", types.KEY_ALIAS)
    names = tuple(name for alias in aliases if isinstance(name := read_partly(alias, "name"), str))
    return names if len(names) == len(aliases) else None


def _resource(plan: Plan, arn: str | None) -> Resource | None:
    """Return the resource of the plan that an ARN names."""
    service, _, rest = (arn or "").removeprefix("arn:").partition(":")[2].partition(":")
    if arn is None or service not in _TYPES:
        return None
    # The ARN of an object begins with the one of its bucket.
    named = f"arn:*:s3:::{rest.rpartition(':')[2].partition('/')[0]}" if service == "s3" else arn
    found = resources_identified_by(plan, [named], _TYPES[service])
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=1_024)
def _target(plan: Plan, resource: Resource) -> Target:
    try:
        policies = tuple(_policies(plan, resource))
        # The default policy of a key leaves the decision to the policies of its account.
        needs_its_policy = resource.type == types.KEY and bool(key_policies_of(plan, resource))
    except PropertyError:
        return NO_TARGET
    return Target(policies, needs_its_policy, account_of(resource))


def _policies(plan: Plan, resource: Resource) -> Iterator[Policy]:
    """Yield the policies of a resource.

    Raises:
        PropertyError: if one of them is not known yet, or is not valid.
    """
    if resource.type == types.KEY:
        yield from key_policies_of(plan, resource)
        for grant in resources_naming(plan, resource, "keyId", types.KEY_GRANT):
            yield _grant(plan, grant)
    elif resource.type in _POLICIES:
        type_, path = _POLICIES[resource.type]
        for policy in resources_naming(plan, resource, path, type_):
            yield policy_of(policy, "policy")
    elif resource.type != types.TOPIC or _has_policy(plan, resource):
        # Without a policy, a topic lets in only its own account, whose policies decide then.
        yield from policies_of(plan, resource)


def _has_policy(plan: Plan, topic: Resource) -> bool:
    return is_set(topic, "policy") or bool(resources_naming(plan, topic, "arn", types.TOPIC_POLICY))


def _grant(plan: Plan, grant: Resource) -> Policy:
    """Return the statement that a grant adds to the policy of its key."""
    path = "granteePrincipal"
    named = read_partly(grant, path)
    roles = [] if isinstance(named, str) else resources_named_by(plan, grant, path, types.ROLE)
    principals = [named] if isinstance(named, str) else [arn for role in roles if (arn := arn_of(role))]
    actions = [f"kms:{operation}" for operation in texts_of(read(grant, "operations"))]
    allows = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions, "Resource": "*"}
    return parse(grant.name, {"Statement": allows})
