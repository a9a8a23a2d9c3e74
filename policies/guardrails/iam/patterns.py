"""The comparison of ARNs and actions with the patterns of a policy.

Source: "IAM JSON policy elements: Resource"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html).
"""

import re
from functools import lru_cache

from guardrails.aws.patterns import matches
from guardrails.iam.match import Match, every, matched

_WILDCARD = re.compile(r"[*?]")
_PARTS = 6
"""The parts of an ARN: arn, partition, service, region, account, and the rest."""


@lru_cache(maxsize=4_096)
def action_matches(pattern: str, action: str) -> Match:
    """Return the match of an action such as `s3:GetObject` with a pattern; case is ignored."""
    return matched(matches(pattern.lower(), action.lower()))


@lru_cache(maxsize=4_096)
def resource_matches(pattern: str, resource: str | None) -> Match:
    """Return the match of a resource's ARN with a pattern; `MAYBE` where a part of the resource is not known.

    A `*` in the resource stands for a part that is not known.
    """
    if pattern == "*":
        return Match.YES
    if resource is None:
        return Match.MAYBE
    if resource == "*":
        return Match.NO
    wanted, given = pattern.split(":", _PARTS - 1), resource.split(":", _PARTS - 1)
    if len(wanted) != len(given):
        # IAM's documentation compares part by part, yet `arn:aws:s3*` is accepted, too.
        return Match.MAYBE if matches(pattern, resource) else Match.NO
    return every(map(_part_matches, wanted, given))


def _part_matches(pattern: str, part: str) -> Match:
    if matches(pattern, part):
        return Match.YES
    if not _WILDCARD.search(pattern):
        return Match.MAYBE if "*" in part and matches(part, pattern) else Match.NO
    # Up to its first wildcard each is fixed, so that a difference there excludes the match.
    fixed, known = _WILDCARD.split(pattern, maxsplit=1)[0], part.partition("*")[0]
    length = min(len(fixed), len(known))
    return Match.MAYBE if "*" in part and fixed[:length] == known[:length] else Match.NO
