"""A statement of a bucket's policy counts only where its conditions hold; moto reads no conditions.

AWS: every condition of a statement must hold for the request. A request that comes over loopback counts as one over
TLS, which is the only condition that the local AWS can tell; a statement with another condition does not count.
Source: IAM User Guide, "IAM JSON policy elements: Condition", and "AWS global condition context keys",
aws:SecureTransport.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from local.emulator.patch import replace

_REQUEST = {"Bool": {"aws:SecureTransport": "true"}}


def apply() -> None:
    """Read the conditions."""
    replace(FakeBucket, "get_permission", _get_permission)


def _get_permission(_original: Callable[..., Any], self: Any, action: str, resource: str) -> Any:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    statements = [statement for statement in policy["Statement"] if _holds(statement.get("Condition", {}))]
    if not statements:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": statements})).is_action_permitted(action, resource)


def _holds(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    return all(
        str(value).lower() == _REQUEST.get(operator, {}).get(key)
        for operator, tests in condition.items()
        for key, value in tests.items()
    )
