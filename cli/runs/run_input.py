"""The input of a run that the operator starts, and the check of region names."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.stack import Stack

LABEL_MAX_CHARACTERS = 80
"""The longest `execution_name` that a worker accepts."""
_SHOWN_NAMES = 5


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of `ccapi run` that become the input of the execution."""

    regions_count: int | None = None
    regions: tuple[str, ...] = ()
    no_scraping: bool = False
    force_refresh: bool = False
    validate_only: bool = False
    label: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the input; an option that was not given is left to the settings of the stack.

        Raises:
            OperatorError: if the options do not fit together.
        """
        if self.regions and self.regions_count is not None:
            raise _wrong("--regions and --region are both given", "keep one of them")
        if twice := sorted({name for name in self.regions if self.regions.count(name) > 1}):
            raise _wrong(f"--region names {', '.join(twice)} more than once", "name each region once")
        label = self.label.strip() if self.label is not None else None
        if label is not None and not 1 <= len(label) <= LABEL_MAX_CHARACTERS:
            raise _wrong("--label is empty or too long", f"write 1 to {LABEL_MAX_CHARACTERS} characters")
        given = {
            "regions_count": self.regions_count,
            "regions": list(self.regions) or None,
            "enable_scraping": False if self.no_scraping else None,
            "force_refresh": self.force_refresh or None,
            "validate_only": self.validate_only or None,
            "execution_name": label,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Catalog:
    """The regions that a stack knows."""

    names: tuple[str, ...]
    is_certain: bool
    """False if the image of the stack may have another version of the catalog."""

    def check(self, options: RunOptions) -> list[str]:
        """Return notes on names that the pipeline may not know.

        Raises:
            OperatorError: if the pipeline is certain to refuse a name or a number.
        """
        unknown = [name for name in options.regions if name not in self.names]
        count = options.regions_count or 0
        if not self.is_certain:
            listed = [f"the region {name} is not in the catalog of this checkout" for name in unknown]
            return [f"{each}; the pipeline checks it with that of its image." for each in listed]
        if count > len(self.names):
            raise _wrong(f"--regions is {count}", f"write 1 to {len(self.names)}")
        if unknown:
            raise unknown_regions(unknown, self.names)
        return []


def unknown_regions(unknown: Sequence[str], known: Sequence[str]) -> OperatorError:
    """Return the error for regions that are not known, with the nearest names."""
    nearest = [close for name in unknown for close in difflib.get_close_matches(name, known, n=2, cutoff=0.5)]
    shown = list(dict.fromkeys(nearest)) or list(known[:_SHOWN_NAMES])
    what = f"there {'is no region' if len(unknown) == 1 else 'are no regions'} {', '.join(unknown)}"
    are = "the nearest are" if nearest else f"some of the {len(known)} are"
    return _wrong(what, f"{are} {', '.join(shown)}")


def read_catalog(stack: Stack) -> Catalog | None:
    """Return the catalog that the stack's task definition names, or None if this checkout does not have it."""
    described = stack.client("ecs").describe_task_definition(taskDefinition=stack["ecs_task_definition_arn"])
    container: Mapping[str, Any] = next(iter(described["taskDefinition"]["containerDefinitions"]), {})
    variables = {each["name"]: each["value"] for each in container.get("environment", ())}
    return _from_items(variables) or _from_checkout(variables, is_certain=stack.is_local)


def _from_items(variables: Mapping[str, str]) -> Catalog | None:
    """Return the catalog that is written in the task definition itself."""
    if "ITEMS" not in variables:
        return None
    try:
        return Catalog(tuple(each["name"] for each in json.loads(variables["ITEMS"])["regions"]), True)
    except (ValueError, KeyError, TypeError):
        return None


def _from_checkout(variables: Mapping[str, str], *, is_certain: bool) -> Catalog | None:
    """Return the catalog of a file in regions/; the image of the local stack is made of the same files."""
    from components.settings.regions import region_names  # noqa: PLC0415

    try:
        return Catalog(tuple(region_names(variables["CATALOG"])), is_certain)
    except (KeyError, ValueError, OSError):
        return None


def _wrong(what: str, next_step: str) -> OperatorError:
    return OperatorError(what, next_step, ExitCode.WRONG_COMMAND_LINE)
