"""Descriptions of all security group rules; moto stores them for CIDR blocks only.

AWS: a rule has a description beside an IPv4 or IPv6 block, a prefix list or a referenced group, and
DescribeSecurityGroupRules returns it. Two rules that differ only in it are the same rule.
Source: Amazon EC2 API Reference, "SecurityGroupRule" and "AuthorizeSecurityGroupIngress".
"""

import copy
import inspect
from collections.abc import Callable
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from local.emulator.patch import replace

_DESCRIPTION = "Description"


def apply() -> None:
    """Read the description from any kind of rule, and ignore it in comparisons."""
    replace(SecurityGroupRule, "__init__", _init)
    replace(SecurityGroupRule, "__eq__", _equals)
    setattr(SecurityGroupRule, "description", property(_description))  # noqa: B010 - moto has one without a setter


def _init(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    # For a prefix list, moto stores the id alone.
    given = inspect.signature(original).bind(self, *args, **kwargs).arguments
    self.prefix_list_description = (given.get("prefix_list_id") or {}).get(_DESCRIPTION)


def _equals(original: Callable[..., Any], self: Any, other: Any) -> bool:
    return bool(original(_without_description(self), _without_description(other)))


def _without_description(rule: Any) -> Any:
    bare = copy.copy(rule)
    bare.source_group = {key: value for key, value in rule.source_group.items() if key != _DESCRIPTION}
    return bare


def _description(self: Any) -> Any:
    # ModifySecurityGroupRules writes it to `ip_range` for every kind of rule.
    return (
        self.ip_range.get(_DESCRIPTION) or self.source_group.get(_DESCRIPTION) or self.prefix_list_description
    )
