"""The source of a stack's limits: a file that belongs to its project and its name, a file that is given, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrails.checkout import path_in_checkout
from guardrails.exemptions import Exemption
from guardrails.limits import LimitsError, load, load_exemptions
from guardrails.pack_folder import pack_folder
from guardrails.rule import Rule
from guardrails.setting_names import Names
from guardrails.setting_names_file import FILE, names_of

FOLDER = pack_folder() / "limits"
LIMITS = "GUARDRAILS_LIMITS"
"""The environment variable with the path of a limits file, or of a folder of PROJECT/STACK.json."""
DEFAULTS = "defaults"
"""The name of the source of a stack without a file."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """The source of a stack's limits."""

    name: str
    """The file as people know it, or `DEFAULTS`."""
    path: Path | None = None


def source_of(project: str, stack: str, place: Path = FOLDER) -> Source:
    """Return the source of a stack's limits in a place, which is a file for every stack, or a folder.

    Raises:
        LimitsError: if the place does not exist, or the stack has a file in the form before version 1.
    """
    if place.is_file():
        return Source(name=str(place), path=place)
    if place != FOLDER and not place.is_dir():
        raise LimitsError(
            f"{place} does not exist; name a file of limits, or a folder of PROJECT/STACK.json."
        )
    name = f"{project}/{stack}.json"
    if (place / f"{stack}.json").is_file():
        where = "" if place == FOLDER else f" {place}"
        raise LimitsError(
            f"{place.name}/{stack}.json belongs to no project, as before version 1; "
            f"`python -m guardrails limits migrate --project {project}{where}` moves it to {place.name}/{name}."
        )
    path = place / name
    return Source(name=name, path=path) if path.is_file() else Source(name=DEFAULTS)


def limits_of(source: Source, rules: Sequence[Rule]) -> dict[str, dict[str, Any]]:
    """Return the limits of a stack by rule; a stack without a file has no limits of its own.

    Raises:
        LimitsError: if its file cannot be read, or has mistakes.
    """
    return load(source.path, rules) if source.path else {}


def exemptions_of(source: Source, rules: Sequence[Rule]) -> tuple[Exemption, ...]:
    """Return the exemptions of a stack; a stack without a file has none.

    Raises:
        LimitsError: if its file cannot be read, or has mistakes.
    """
    return load_exemptions(source.path, rules) if source.path else ()


def names_for(project: str, stack: str, source: Source, place: Path = FOLDER) -> Names:
    """Return the names of settings and files in the messages about a stack.

    A project lists its settings beside its limits in a place, or in the pack.

    Raises:
        LimitsError: if the list cannot be read, or has mistakes.
    """
    beside = place.parent if place.is_file() and place.parent.name == project else place / project
    return Names(
        settings=names_of(beside / FILE) or names_of(FOLDER / project / FILE),
        stack_file=f"Pulumi.{stack}.yaml",
        limits_file=path_in_checkout(source.path) if source.path else "",
    )
