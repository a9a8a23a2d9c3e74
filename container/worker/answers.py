"""The variable parts of an answer to a task token, cut so that a state of the machine can hold all answers.

A Step Functions state may have at most 256 KiB, and one state has the answers of all shards. Their failures travel as
JSON in the text of a message too, whose quotes are escaped again. The full lists are in the results of the shards.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

ERROR_CHARACTERS = 300
# With the rest of the answer these are less than 16 KB of JSON.
FAILURES_BYTES = 13_000
WARNINGS_BYTES = 2_000
REGIONS_BYTES = 32_000
_ALL_FAILURES_BYTES = 80_000
_ALL_WARNINGS_BYTES = 20_000


def reported_failures(failures: Sequence[tuple[str, str]], shards: int) -> list[dict[str, str]]:
    """Return as many failures of one of `shards` shards as fit; a last entry counts the others."""
    most_bytes = min(FAILURES_BYTES, _ALL_FAILURES_BYTES // shards)
    # The first failure always fits, whatever characters its error has.
    cut = ({"region": region, "error": _shortened(error, most_bytes // 2)} for region, error in failures)
    kept = _fitting(cut, most_bytes)
    if left := len(failures) - len(kept):
        return [*kept, {"region": f"and {left} more", "error": "see summary.json"}]
    return kept


def reported_by_reason(failures: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return as many failures, given as (region, error), as fit, with all regions of one error in one entry."""
    by_error: dict[str, list[str]] = {}
    for region, error in failures:
        by_error.setdefault(error[:ERROR_CHARACTERS], []).append(region)
    grouped = [(names, error) for error, names in by_error.items()]
    reported: list[dict[str, str]] = []
    left = 0
    budget = FAILURES_BYTES
    for names, error in grouped:
        budget -= len(json.dumps({"region": "", "error": error}))
        kept = _fitting(names, budget)
        budget -= sum(len(json.dumps(name)) for name in kept)
        left += len(names) - len(kept)
        if kept:
            reported.append({"region": ", ".join(kept), "error": error})
    return [*reported, {"region": f"and {left} more", "error": "see summary.json"}] if left else reported


def reported_warnings(warnings: Sequence[str], shards: int = 1) -> list[str]:
    """Return as many of the first warnings of one of `shards` shards as fit, each truncated."""
    most_bytes = min(WARNINGS_BYTES, _ALL_WARNINGS_BYTES // shards)
    return _fitting((_shortened(warning, most_bytes - len('""')) for warning in warnings), most_bytes)


def reported_regions(regions: Sequence[str], most_bytes: int = REGIONS_BYTES) -> list[str]:
    """Return as many of the first regions as fit; a last entry counts the others."""
    kept = _fitting(regions, most_bytes)
    left = len(regions) - len(kept)
    return [*kept, f"and {left} more"] if left else kept


def _shortened(text: str, most_bytes: int) -> str:
    """Return the beginning of a text, with at most `ERROR_CHARACTERS` and `most_bytes` of JSON, without its quotes."""
    return "".join(_fitting(text[:ERROR_CHARACTERS], most_bytes, around=len('""')))


def _fitting(items: Iterable[Item], most_bytes: int, *, around: int = 0) -> list[Item]:
    """Return the first items that fit into `most_bytes` of JSON; `around` bytes of each, its quotes, do not count."""
    kept: list[Item] = []
    for item in items:
        most_bytes -= len(json.dumps(item)) - around
        if most_bytes < 0:
            break
        kept.append(item)
    return kept
