"""The failed regions of a run, grouped by reason, within a bound of characters."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from reporter.log_streams import without_log_stream
from reporter.message import Group
from reporter.words import clean, count, cut

MAX_CHARACTERS = 8_000
"""The bound of all groups of a message together; what does not fit is counted."""
REASON_MAX_CHARACTERS = 500
REGIONS_A_GROUP = 50
REGION = "<region>"
"""The place of a region's own name in a reason that several regions share."""
UNNAMED = "unnamed region"
SEE_SUMMARY = "see summary.json"

# The worker counts in one entry the regions that did not fit into its answer.
_COUNTED = re.compile(r"and ([0-9]+) more")
# The machine names the worker that it lost, while its regions are not known.
_LOST_WORKER = re.compile(r"shard ([0-9]+)")
# AWS gives each request an id; reasons that differ only in that id are the same reason.
_REQUEST_ID = re.compile(r"\b((?:Extended )?Request ?ID:? ?)[\w/+=-]{4,}", re.ASCII | re.IGNORECASE)
_IN_A_NAME = re.compile(r"[\w-]")


@dataclass(frozen=True)
class Failures:
    """The failures of a run, grouped."""

    groups: tuple[Group, ...]
    """The largest group first; each has one region at least."""
    lost_workers: tuple[Group, ...]
    """The workers that were lost, by reason; the "regions" are the numbers of their shards."""
    regions: int
    """The number of failed regions, those included that the worker only counted."""
    counted: int
    """The number of regions that the worker only counted."""


def grouped(failures: Iterable[Mapping[str, Any]]) -> Failures:
    """Return failures by reason; two reasons are one if they differ in the names of their regions only."""
    regions: dict[str, list[tuple[str, str]]] = {}
    workers: dict[str, list[tuple[str, str]]] = {}
    counted = 0
    for failure in failures:
        names, error = clean(_text(failure, "region")), without_log_stream(clean(_text(failure, "error")))
        if found := _COUNTED.fullmatch(names):
            counted += int(found[1])
        elif lost := _LOST_WORKER.fullmatch(names):
            workers.setdefault(_without_request_id(error), []).append((lost[1], error))
        else:
            # The worker joins the names of regions that have the very same reason.
            for name in dict.fromkeys((names or UNNAMED).split(", ")):
                reason = _without_name(_without_request_id(error), name)
                regions.setdefault(reason, []).append((name, error))
    groups = _groups(regions)
    return Failures(
        groups=tuple(sorted(groups, key=lambda group: -len(group.regions))),
        lost_workers=_groups(workers),
        regions=counted + sum(map(len, regions.values())),
        counted=counted,
    )


def bounded(failures: Failures, most_characters: int = MAX_CHARACTERS) -> tuple[Group, ...]:
    """Return the groups that fit; the last one has no regions and says how many regions are not shown."""
    shown: list[Group] = []
    left = failures.regions
    room = most_characters
    for group in failures.groups:
        names = group.regions[:REGIONS_A_GROUP]
        size = len(group.reason) + sum(len(name) + 2 for name in names)
        if size > room:
            continue
        room -= size
        hidden = len(group.regions) - len(names)
        shown.append(Group(group.reason, (*names, f"and {hidden:,} more") if hidden else names))
        left -= len(group.regions)
    return (*shown, Group(f"and {count(left, 'more region')}: {SEE_SUMMARY}", ())) if left else tuple(shown)


def _groups(members_by_reason: Mapping[str, list[tuple[str, str]]]) -> tuple[Group, ...]:
    """Return a group for each reason that is shown; `members` are names with their reasons as they were written."""
    names: dict[str, list[str]] = {}
    for reason, members in members_by_reason.items():
        written = dict.fromkeys(error for _, error in members)
        # A reason that was written in one form only is shown in it.
        shown = next(iter(written)) if len(written) == 1 else reason
        shown = cut(shown, REASON_MAX_CHARACTERS) or "no reason was given"
        names.setdefault(shown, []).extend(name for name, _ in members)
    return tuple(Group(reason, tuple(each)) for reason, each in names.items())


def _without_request_id(error: str) -> str:
    return _REQUEST_ID.sub(r"\1…", error)


def _without_name(error: str, region: str) -> str:
    """Return a reason with `<region>` where the region's own name is, and without that name as a prefix."""
    parts = error.split(region)
    kept = parts[0]
    for before, after in pairwise(parts):
        is_whole = not _IN_A_NAME.match(before[-1:]) and not _IN_A_NAME.match(after[:1])
        kept += (REGION if is_whole else region) + after
    return kept.removeprefix(f"{REGION}: ")


def _text(failure: Mapping[str, Any], field: str) -> str:
    value = failure.get(field)
    return value if isinstance(value, str) else ""
