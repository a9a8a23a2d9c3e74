"""The options of `make policy`, checked before anything is started."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.command_line import Parser
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
    outputs: Sequence[Path]
    verbose: bool
    limits: Path | None
    policy_pack: Path


def parse(arguments: Sequence[str]) -> Options:
    """Return the options; print a sentence and exit with code 2 if they are invalid."""
    parser = Parser(
        prog="make policy",
        help_command="make policy ARGS=--help",
        description="Preview the stacks of this checkout with its policy pack, offline; the checkout is not changed.",
        epilog="Exit code 0: no mandatory violation; 1: a mandatory violation; 2: the command line is wrong, or there "
        "is no such --base; 3: a preview failed or some rules did not run; 4: no mandatory violation, but some rules "
        "are evaluated only at the update; 74: a file cannot be written; 130: Ctrl-C. "
        "Violations of --base and --what-if do not affect it. "
        "make itself exits with 2 if the exit code is not 0.",
    )
    known = stack_names()
    one_of_known = visible(f"one of {', '.join(known)}")
    parser.add_argument(
        "--stack",
        dest="stacks",
        action="append",
        default=[],
        metavar="NAME",
        help=f"{one_of_known}; may be given several times; default: all",
    )
    compared = parser.add_mutually_exclusive_group()
    compared.add_argument(
        "--base",
        metavar="REV",
        help="a revision of git, such as main: show the changes since then in cost, time and violations",
    )
    compared.add_argument(
        "--what-if",
        type=Path,
        nargs="?",
        const=PACK / "what-if.yaml",
        metavar="FILE.yaml",
        help="show the cost and the longest run time of the stacks with other settings; "
        "default: policies/what-if.yaml, which shows the format",
    )
    parser.add_argument(
        "--format",
        choices=["text", "json", "markdown", "sarif"],
        default="text",
        help="default: text; markdown is for a comment on a pull request, sarif for code scanning",
    )
    parser.add_argument(
        "--output",
        dest="outputs",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="also write a file, in the format of its suffix (.txt, .json, .md, .sarif); may be given several times",
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="add each rule, the slowest paths and the costs to the text",
    )
    parser.add_argument(
        "--limits",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="the limits of all these stacks, or a folder of PROJECT/STACK.json; default: policies/limits",
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
        if stack not in known:
            parser.error(f"--stack {visible(stack)} is not a stack of this checkout; write {one_of_known}")
    return Options(**vars(options))
