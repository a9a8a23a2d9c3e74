"""Conditions in bucket policies: a statement applies only if its conditions hold; moto ignores conditions.

AWS: every condition of a statement must hold for the request. Here a request over loopback counts as one over TLS
(aws:SecureTransport), the only condition that is evaluated; statements with other conditions do not apply.
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
    """Evaluate the conditions."""
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
