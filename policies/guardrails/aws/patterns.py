"""The patterns of IAM policies: * and variables stand for any text, ? for one character.

Source: "IAM JSON policy elements: Resource"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
"""

import re
from functools import lru_cache

from guardrails.aws.arns import unqualified

_VARIABLE = re.compile(r"\$\{[^}]*\}")


@lru_cache(maxsize=16_384)
def matches_action(pattern: str, action: str) -> bool:
    """Return True if a pattern matches an action, or everything that another pattern matches; case is ignored."""
    return matches(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """Return True if a pattern matches an ARN, whose parts may be *, in any revision."""
    if pattern == "*":
        return True
    wanted, given = _fields(pattern), _fields(arn)
    if wanted[-1].endswith("*"):
        wanted += ("*",) * (len(given) - len(wanted))
    return len(wanted) == len(given) and all(
        part == "*" or matches(field, part) or matches(unqualified(field), unqualified(part))
        for field, part in zip(wanted, given, strict=True)
    )


@lru_cache(maxsize=16_384)
def matches(pattern: str, text: str) -> bool:
    """Return True if a pattern matches the whole of a text.

    The part before each * is searched from left to right and never again, so that the time does not explode.
    """
    *parts, (last, length) = _parts(pattern)
    if not parts:
        return last.fullmatch(text) is not None
    (first, _), *others = parts
    found = first.match(text)
    for part, _ in others:
        if found is None:
            return False
        found = part.search(text, found.end())
    start = len(text) - length
    return found is not None and start >= found.end() and last.fullmatch(text, start) is not None


@lru_cache(maxsize=16_384)
def _fields(arn: str) -> tuple[str, ...]:
    return tuple(_VARIABLE.sub("*", arn).split(":", 5))


@lru_cache(maxsize=16_384)
def _parts(pattern: str) -> tuple[tuple[re.Pattern[str], int], ...]:
    """Return the parts of a pattern between its *, each of which matches texts of one length."""
    parts = _VARIABLE.sub("*", pattern).split("*")
    return tuple(
        (re.compile("".join("." if char == "?" else re.escape(char) for char in part), re.DOTALL), len(part))
        for part in parts
    )
