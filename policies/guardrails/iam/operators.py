"""The condition operators of policies, each a comparison of one value of the request with one of the policy.

Source: "IAM JSON policy elements: Condition operators"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Any

from guardrails.aws.patterns import matches
from guardrails.iam.match import Match
from guardrails.iam.patterns import resource_matches

Comparison = Callable[[str, str], bool]
"""Compares a value of the policy with a value of the request."""


@dataclass(frozen=True)
class Operator:
    """A condition operator."""

    compare: Comparison
    is_negated: bool = False
    """True if the condition holds when no value of the policy matches, also for an absent key."""
    has_patterns: bool = True
    """False if a wildcard in a value of the policy is plain text."""


def _ignoring_case(wanted: str, given: str) -> bool:
    return wanted.casefold() == given.casefold()


def _arn(wanted: str, given: str) -> bool:
    return resource_matches(wanted, given) is Match.YES


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ip_address(given) in ip_network(wanted, strict=False)
    except ValueError:
        return False


def _number(text: str) -> Decimal:
    return Decimal(text)


def _moment(text: str) -> datetime:
    if text.lstrip("-").isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _compared(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Comparison:
    """Return a comparison of the request's value with the policy's; a value that cannot be read does not match."""

    def comparison(wanted: str, given: str) -> bool:
        try:
            return compare(read(given), read(wanted))
        except (ValueError, InvalidOperation, OverflowError, OSError):
            return False

    return comparison


def _ordered(kind: str, read: Callable[[str], Any]) -> dict[str, Operator]:
    return {
        f"{kind}Equals": Operator(_compared(read, eq)),
        f"{kind}NotEquals": Operator(_compared(read, eq), is_negated=True),
        f"{kind}LessThan": Operator(_compared(read, lt)),
        f"{kind}LessThanEquals": Operator(_compared(read, le)),
        f"{kind}GreaterThan": Operator(_compared(read, gt)),
        f"{kind}GreaterThanEquals": Operator(_compared(read, ge)),
    }


_OPERATORS = {
    "StringEquals": Operator(eq, has_patterns=False),
    "StringNotEquals": Operator(eq, is_negated=True, has_patterns=False),
    "StringEqualsIgnoreCase": Operator(_ignoring_case, has_patterns=False),
    "StringNotEqualsIgnoreCase": Operator(_ignoring_case, is_negated=True, has_patterns=False),
    "StringLike": Operator(matches),
    "StringNotLike": Operator(matches, is_negated=True),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
    "Bool": Operator(_ignoring_case),
    "BinaryEquals": Operator(eq),
    "IpAddress": Operator(_in_network),
    "NotIpAddress": Operator(_in_network, is_negated=True),
    # "The ArnEquals and ArnLike condition operators behave identically."
    "ArnEquals": Operator(_arn),
    "ArnLike": Operator(_arn),
    "ArnNotEquals": Operator(_arn, is_negated=True),
    "ArnNotLike": Operator(_arn, is_negated=True),
}

OPERATORS: Mapping[str, Operator] = {name.lower(): operator for name, operator in _OPERATORS.items()}
"""The operators by their name in lower case, without `IfExists` and without a set operator."""

NULL = "null"
"""The operator that tests whether a key is absent."""
