"""ARNs, and the shorter names that AWS accepts instead."""

import re
from functools import lru_cache

_QUALIFIER = re.compile(r":(\d+|\*)$")
"""A revision, a version, or the `:*` that stands for the streams of a log group."""


@lru_cache(maxsize=16_384)
def unqualified(identifier: str) -> str:
    """Return an ARN or a name without its revision."""
    return _QUALIFIER.sub("", identifier)


def last_part(arn: str) -> str:
    """Return the last part of an ARN, the resource's name."""
    return re.split(r"[:/]", unqualified(arn))[-1]
