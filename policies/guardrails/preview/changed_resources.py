"""The AWS resources that a change adds to a stack, and those that it removes; a rename does both.

The engine keeps a renamed resource if an alias names its old URN. It does not pass aliases to a policy pack.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.report import URNS
from guardrails.words import counted

_HOLD_DATA = (
    "aws:cloudwatch/logGroup:",
    "aws:dynamodb/table:",
    "aws:ebs/volume:",
    "aws:ecr/repository:",
    "aws:efs/fileSystem:",
    "aws:kms/key:",
    "aws:rds/",
    "aws:s3/bucket:",
    "aws:secretsmanager/secret:",
    "aws:sqs/queue:",
)
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class ChangedResources:
    """The URNs of resources on one side of a change only; those that hold data first."""

    removed: Sequence[str] = ()
    added: Sequence[str] = ()

    @property
    def lists(self) -> dict[str, list[str]]:
        """The resources for people, by the title of their list."""
        lists = (
            ("Removed or renamed", self.removed, "deletes each that no alias names"),
            ("Added or renamed", self.added, "creates each that has no alias"),
        )
        return {
            f"{title}: {counted(len(urns), 'resource')}; a deployment {effect}": list(_listed(urns))
            for title, urns, effect in lists
            if urns
        }


def changed_resources(before: Mapping[str, Any], now: Mapping[str, Any]) -> ChangedResources:
    """Return the resources that only one of two reports of a stack has.

    A resource that the engine replaces because a property has changed is in neither list.
    """
    was, is_ = ({_place(urn): urn for urn in report[URNS]} for report in (before, now))
    return ChangedResources(
        removed=_data_first(urn for place, urn in was.items() if place not in is_),
        added=_data_first(urn for place, urn in is_.items() if place not in was),
    )


def _place(urn: str) -> str:
    """Return a URN without stack and project: the types of its parents, its type and its name."""
    return urn.split("::", 2)[-1]


def _type(urn: str) -> str:
    return _place(urn).partition("::")[0].rpartition("$")[2]


def _data_first(urns: Iterable[str]) -> list[str]:
    return sorted(urns, key=lambda urn: (not _type(urn).startswith(_HOLD_DATA), _type(urn), urn))


def _listed(urns: Sequence[str]) -> Iterator[str]:
    for urn in urns[:_SHOWN]:
        data = ", which holds data" if _type(urn).startswith(_HOLD_DATA) else ""
        yield f"{urn.rpartition('::')[2]} ({_type(urn)}){data}"
    if len(urns) > _SHOWN:
        yield f"and {len(urns) - _SHOWN:,} more"
