"""The patterns of IAM policies: * stands for anything, ? for one character, and a variable for anything.

Source: "IAM JSON policy elements: Resource"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
"""

import re
from functools import cache

from guardrails.aws.arns import unqualified

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def matches_action(pattern: str, action: str) -> bool:
    """Tell whether a pattern matches an action, or all that another pattern stands for; case does not matter."""
    return matches(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """Tell whether a pattern matches an ARN, of which a part may be *, whatever revision either names."""
    if pattern == "*":
        return True
    wanted, given = (_VARIABLE.sub("*", one).split(":", 5) for one in (pattern, arn))
    if wanted[-1].endswith("*"):
        wanted += ["*"] * (len(given) - len(wanted))
    return len(wanted) == len(given) and all(
        part == "*" or matches(one, part) or matches(unqualified(one), unqualified(part))
        for one, part in zip(wanted, given, strict=True)
    )


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches all of a text."""
    return _expression(pattern).fullmatch(text) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    parts = (wildcards.get(one) or re.escape(one) for one in _VARIABLE.sub("*", pattern))
    return re.compile("".join(parts), re.DOTALL)
