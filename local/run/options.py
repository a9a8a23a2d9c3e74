"""The options of `make run`, checked before anything is started."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.settings.regions import region_names
from components.settings.worker import MAX_SHARDS
from local.run.errors import RunError
from local.workspace import StackFileError, read_stack_file

STACK = "local"


@dataclass(frozen=True)
class Options:
    """The options of one run; None leaves a value to the stack file."""

    catalog: str | None
    regions: int | None
    shards: int | None
    fail_regions: tuple[str, ...]
    program: Path | None
    keep: bool
    released_provider: bool
    slack: bool
    verbose: bool
    ignore_roles: bool = False
    project: Path | None = None
    """The folder of another Pulumi project to run."""


def parse(arguments: Sequence[str]) -> Options:
    """Return the options.

    Raises:
        RunError: with every mistake in them.
    """
    parser = argparse.ArgumentParser(
        prog="make run",
        description="Runs the whole pipeline once on this machine.",
        epilog="Exit code 0: every region succeeded; 3: some did; 130: Ctrl-C; 1: otherwise. "
        "make itself exits with 2 whenever that is not 0.",
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("--catalog", metavar="NAME", help="monitor the regions of regions/NAME.json")
    parser.add_argument("--regions", metavar="N", help="monitor the first N regions in priority order")
    parser.add_argument("--shards", metavar="N", help="spread them over N workers")
    parser.add_argument(
        "--fail-region", metavar="NAME", action="append", default=[], help="let this region have no imagery"
    )
    parser.add_argument(
        "--program", metavar="FOLDER", help="run the program in this folder, by ccapi:command, not the sample"
    )
    parser.add_argument(
        "--project", metavar="FOLDER", help="deploy and run the Pulumi project in this folder, not this one"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the local AWS running; `make stop` ends it"
    )
    parser.add_argument(
        "--ignore-roles",
        action="store_true",
        help="allow every request of workers, functions and executions, whatever the policies of their roles are",
    )
    parser.add_argument(
        "--released-provider",
        action="store_true",
        help="use the released AWS provider, where it is installed",
    )
    parser.add_argument(
        "--slack", action="store_true", help="write the Slack messages as a page, build/slack.html"
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="print every region, message, metric, amount and stack output too; build/last-run.json always has them",
    )
    try:
        found, unknown = parser.parse_known_args(list(arguments))
    except argparse.ArgumentError as error:
        raise RunError(f"{error}; `make run ARGS=--help` lists what can be written") from None
    mistakes = [
        f"{argument} is not an option; `make run ARGS=--help` lists what can be written"
        for argument in unknown
    ]
    shards = _whole_number("--shards", found.shards, MAX_SHARDS, mistakes)
    regions = None
    if known := _known_regions(found.catalog, mistakes):
        regions = _whole_number("--regions", found.regions, len(known), mistakes)
        monitored = known[: regions or len(known)]
        if shards is not None and shards > len(monitored):
            mistakes.append(
                f"--shards {shards} is more than the {len(monitored)} regions; write {len(monitored)} or less"
            )
        mistakes += [
            f"--fail-region {name} is not among the {len(monitored)} regions of this run; "
            f"write one of {', '.join(monitored)}"
            for name in found.fail_region
            if name not in monitored
        ]
    program = Path(found.program).expanduser().resolve() if found.program is not None else None
    if program is not None and not program.is_dir():
        mistakes.append(
            f"--program {found.program} is no folder; write the one that the program is started in"
        )
    if program is not None and found.fail_region:
        mistakes.append(
            "--fail-region is for the sample and cannot be had with --program; leave one of them out"
        )
    project = Path(found.project).expanduser().resolve() if found.project is not None else None
    if project is not None:
        mistakes += _mistakes_with_project(project, found)
    if mistakes:
        raise RunError("\n".join(mistakes))
    return Options(
        found.catalog,
        regions,
        shards,
        tuple(found.fail_region),
        program,
        keep=found.keep,
        released_provider=found.released_provider,
        slack=found.slack,
        verbose=found.verbose,
        ignore_roles=found.ignore_roles,
        project=project,
    )


def _mistakes_with_project(project: Path, found: argparse.Namespace) -> list[str]:
    mistakes = [
        f"--{name} is for this project and cannot be used with --project; leave one of them out"
        for name in ("catalog", "regions", "shards", "fail_region", "program")
        if getattr(found, name)
    ]
    if not (project / "Pulumi.yaml").is_file():
        mistakes.append(
            f"--project {found.project} holds no Pulumi.yaml; name the folder of a Pulumi project"
        )
    return [mistake.replace("fail_region", "fail-region") for mistake in mistakes]


def _known_regions(catalog: str | None, mistakes: list[str]) -> tuple[str, ...]:
    """Return the regions of a catalog, or else of the one in the stack file; none if that catalog cannot be used.

    A mistake in the stack file is left to the check of the stack file.
    """
    if catalog is not None:
        try:
            return region_names(catalog)
        except ValueError as error:
            mistakes.append(f"--catalog {catalog} {error}")
            return ()
    try:
        return region_names(monitored_catalog(read_stack_file(STACK)))
    except (StackFileError, ValueError):
        return ()


def monitored_catalog(config: Mapping[str, Any]) -> str:
    """Return the name of the catalog in the configuration of a stack file; empty if there is none."""
    monitoring = config.get("ccapi:monitoring")
    return str(monitoring.get("catalog", "")) if isinstance(monitoring, Mapping) else ""


def _whole_number(option: str, text: str | None, highest: int, mistakes: list[str]) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
        mistakes.append(f"{option} {text} is not a whole number from 1 to {highest}; write one")
        return None
    return int(text)
