"""The check of the key that encrypts everything of the stack, and of its policy."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from cli.doctor.check import Context, Finding, fail, ok, warn

# The services that use the key in their own name: components/resources/encryption.py.
_SERVICES = ("cloudwatch", "sns", "events", "logs")
_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


def check_key(context: Context) -> Finding:
    """Find a key that is disabled or scheduled for deletion, or a policy without a service that needs the key."""
    kms, key = context.stack.client("kms"), context.stack["kms_key_id"]
    state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        action = "cancel-key-deletion" if state == "PendingDeletion" else "enable-key"
        return fail(
            f"the key is {state}: nothing that it encrypts can be read or written",
            "Make it usable again; after the deletion all data of the stack would be lost.",
            f"aws kms {action} --key-id {key} --region {context.stack.region}",
        )
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    missing = [service for service in _SERVICES if not _allows(policy, service)]
    seen = f"the key is enabled, and its policy allows {len(_SERVICES) - len(missing)} of {len(_SERVICES)} services"
    if missing:
        return fail(
            f"{seen}; not {', '.join(missing)}, so that messages or logs of it are lost",
            "Deploy the stack again, which writes the policy.",
            context.up,
        )
    if any("Condition" in statement for statement in _statements(policy, "events")):
        return fail(
            f"{seen}; the statement for events has a condition, with which EventBridge delivers nothing",
            "Deploy the stack again, which writes the policy.",
            context.up,
        )
    if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
        return warn(f"{seen}; it is not rotated", "Deploy the stack again.", context.up)
    return ok(f"{seen}; it is rotated each year")


def _allows(policy: Mapping[str, Any], service: str) -> bool:
    allowed = [
        action for statement in _statements(policy, service) for action in _listed(statement["Action"])
    ]
    return all(any(fnmatch(needed, action) for action in allowed) for needed in _NEEDED)


def _statements(policy: Mapping[str, Any], service: str) -> Iterator[Mapping[str, Any]]:
    """Yield the statements that allow a service, in whatever region and domain."""
    for statement in policy["Statement"]:
        principal = statement.get("Principal")
        services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        if statement["Effect"] == "Allow" and any(each.split(".")[0] == service for each in services):
            yield statement


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
