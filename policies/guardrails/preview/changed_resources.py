"""The AWS resources that a change adds to a stack, and those that it removes; a rename without an alias does both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.report import ALIASES
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
        titles = {
            "Removed by the change, so that a deployment deletes": self.removed,
            "Added by the change, so that a deployment creates": self.added,
        }
        return {
            f"{title} {counted(len(urns), 'resource')}": list(_listed(urns))
            for title, urns in titles.items()
            if urns
        }


def changed_resources(before: Mapping[str, Any], now: Mapping[str, Any]) -> ChangedResources:
    """Return the resources that only one of two reports of a stack has, under its URN and its aliases.

    A resource that the engine replaces because a property has changed is in neither list.
    """
    was, is_ = ({_place(urn): urn for urn in report[ALIASES]} for report in (before, now))
    aliases = {urn: {_place(alias) for alias in of_urn} for urn, of_urn in now[ALIASES].items()}
    known = {place for of_urn in aliases.values() for place in of_urn}
    return ChangedResources(
        removed=_data_first(urn for place, urn in was.items() if place not in is_ and place not in known),
        added=_data_first(
            urn for place, urn in is_.items() if place not in was and aliases[urn].isdisjoint(was)
        ),
    )


def _place(urn: str) -> str:
    """Return a URN without stack and project: the types of its parents, its type and its name."""
    return urn.split("::", 2)[-1]


def _type(urn: str) -> str:
    return _place(urn).partition("::")[0].rpartition("$")[2]


def _data_first(urns: Iterator[str]) -> list[str]:
    return sorted(urns, key=lambda urn: (not _type(urn).startswith(_HOLD_DATA), _type(urn), urn))


def _listed(urns: Sequence[str]) -> Iterator[str]:
    for urn in urns[:_SHOWN]:
        data = ", which holds data" if _type(urn).startswith(_HOLD_DATA) else ""
        yield f"{urn.rpartition('::')[2]} ({_type(urn)}){data}"
    if len(urns) > _SHOWN:
        yield f"and {len(urns) - _SHOWN:,} more"
