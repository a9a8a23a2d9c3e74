"""The patterns of IAM policies: * and variables stand for any text, ? for one character.

Source: "IAM JSON policy elements: Resource"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
"""

import re
from functools import cache

from guardrails.aws.arns import unqualified

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def matches_action(pattern: str, action: str) -> bool:
    """Return True if a pattern matches an action, or everything that another pattern matches; case is ignored."""
    return matches(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """Return True if a pattern matches an ARN, whose parts may be *, in any revision."""
    if pattern == "*":
        return True
    wanted, given = (_VARIABLE.sub("*", text).split(":", 5) for text in (pattern, arn))
    if wanted[-1].endswith("*"):
        wanted += ["*"] * (len(given) - len(wanted))
    return len(wanted) == len(given) and all(
        part == "*" or matches(field, part) or matches(unqualified(field), unqualified(part))
        for field, part in zip(wanted, given, strict=True)
    )


def matches(pattern: str, text: str) -> bool:
    """Return True if a pattern matches the whole of a text."""
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    parts = (wildcards.get(character) or re.escape(character) for character in _VARIABLE.sub("*", pattern))
    return re.compile("".join(parts), re.DOTALL)
