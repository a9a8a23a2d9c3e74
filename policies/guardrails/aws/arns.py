"""ARNs, and the shorter names that AWS takes in their place."""

import re
from functools import lru_cache

_QUALIFIER = re.compile(r":(\d+|\*)$")
"""A revision, a version, or all that lies in a log group."""


@lru_cache(maxsize=16_384)
def unqualified(identifier: str) -> str:
    """Return an ARN or a name without the revision that it names."""
    return _QUALIFIER.sub("", identifier)


def last_part(arn: str) -> str:
    """Return the last part of an ARN, which is a name."""
    return re.split(r"[:/]", unqualified(arn))[-1]
