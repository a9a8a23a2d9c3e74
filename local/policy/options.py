"""The options of `make policy`, checked before anything is started."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.paths import ROOT
from local.terminal import visible
from local.workspace import stack_names

PACK = ROOT / "policies"


@dataclass(frozen=True, kw_only=True)
class Options:
    """The stacks to preview, the revision and variations to compare with, and the output format."""

    stacks: Sequence[str]
    """The named stacks; empty means all."""
    base: str | None
    what_if: Path | None
    format: str
    policy_pack: Path


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; print a sentence and exit with code 2 if they are invalid."""
    parser = argparse.ArgumentParser(
        prog="make policy",
        description="Preview the stacks of this checkout with its guardrails, offline; the checkout stays as it is.",
        epilog="Exit code 0: nothing mandatory is refused; 1: something is; 2: the command line is wrong; 3: a stack "
        "could not be previewed, or not every rule was heard; 130: Ctrl-C. What the stacks were, or would be, "
        "counts for nothing in it. make itself exits with 2 whenever that is not 0.",
        allow_abbrev=False,
    )
    there = stack_names()
    one_of_them = visible(f"one of {', '.join(there)}")
    parser.add_argument(
        "--stack",
        dest="stacks",
        action="append",
        default=[],
        metavar="NAME",
        help=f"{one_of_them}; may be given several times; default: all",
    )
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument(
        "--base",
        metavar="REV",
        help="a revision of git, as main: tell what has changed since then in cost, time and refusals",
    )
    beside.add_argument(
        "--what-if",
        type=Path,
        nargs="?",
        const=PACK / "what-if.yaml",
        metavar="FILE.yaml",
        help="tell what the stacks would cost with other settings, and how long they could run; "
        "default: policies/what-if.yaml, which shows how they are written",
    )
    parser.add_argument(
        "--format",
        choices=["text", "json", "markdown"],
        default="text",
        help="default: text; markdown is for a comment on a pull request",
    )
    parser.add_argument(
        "--policy-pack",
        type=Path,
        default=PACK,
        metavar="FOLDER",
        help="a copy of the guardrails; default: policies",
    )
    options = parser.parse_args(arguments)
    for stack in options.stacks:
        if stack not in there:
            parser.error(f"{stack} is no stack of the checkout; name {one_of_them}")
    return Options(**vars(options))
