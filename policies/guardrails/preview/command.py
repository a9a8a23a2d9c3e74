"""The command `python -m guardrails preview`: what may be typed, and what it exits with."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from guardrails.preview.asked import Ask, with_base, with_variations
from guardrails.preview.beside import Base
from guardrails.preview.formats import FORMATS, WHAT_IF_FORMATS
from guardrails.preview.outcome import Preview, PreviewError, Verdict
from guardrails.preview.projects import Request, is_project, stacks_of
from guardrails.preview.text import as_text
from guardrails.preview.variations import AS_IT_IS, VariationsError, read_variations

PASSED, REFUSED, WRONG, FAILED = 0, 1, 2, 3
PACK = Path(__file__).parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed behind the command."""
    parser.description = "Preview stacks of a Pulumi project with these guardrails; nothing is deployed."
    parser.epilog = (
        "Exit code 0: nothing mandatory is refused; 1: something is; 3: a stack could not be previewed, "
        "or not every rule was heard; 2: the command line is wrong. What the stacks were, or would be, counts "
        "for nothing in it. 130: Ctrl-C."
    )
    parser.add_argument(
        "project", type=Path, nargs="?", default=Path(), metavar="PROJECT_FOLDER", help="default: this folder"
    )
    parser.add_argument(
        "--stack",
        dest="stacks",
        action="append",
        metavar="NAME",
        help="may be given several times; default: every stack that has a Pulumi.NAME.yaml",
    )
    parser.add_argument("--config-file", type=Path, metavar="FILE", help="in place of Pulumi.NAME.yaml")
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="default: text")
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="print the rules, the times and the costs of each stack as text too",
    )
    parser.add_argument(
        "--policy-pack",
        type=Path,
        default=PACK,
        metavar="FOLDER",
        help="a copy of this pack; default: this one",
    )
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument(
        "--base",
        type=Path,
        metavar="FOLDER",
        help="the project as it was before a change: tell what the change does to cost, time and refusals",
    )
    beside.add_argument(
        "--what-if",
        type=Path,
        nargs="?",
        const=PACK / "what-if.yaml",
        metavar="FILE.yaml",
        help="tell what the stacks would cost with other settings, and how long they could run: "
        "`large: {app:worker: {size: large}}` is one line of the file; default: what-if.yaml beside the guardrails",
    )


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Complete the options; what cannot be meant ends the program with a sentence and exit code 2."""
    for folder in filter(None, (options.project, options.base)):
        if not is_project(folder):
            parser.error(f"{folder} holds no Pulumi.yaml; name the folder of a Pulumi project")
    if not (options.policy_pack / "PulumiPolicy.yaml").is_file():
        parser.error(f"{options.policy_pack} holds no PulumiPolicy.yaml; name the folder of a policy pack")
    # The engine works in the project's folder.
    options.project, options.policy_pack = options.project.resolve(), options.policy_pack.resolve()
    there = stacks_of(options.project)
    options.gone = []
    if options.base:
        options.base = options.base.resolve()
        options.gone = [] if options.stacks else sorted({*stacks_of(options.base)} - {*there})
    options.stacks = list(dict.fromkeys(options.stacks or there))
    if not options.stacks:
        parser.error(f"{options.project} holds no Pulumi.NAME.yaml; name its stacks, as in --stack dev")
    if options.config_file:
        if not options.config_file.is_file():
            parser.error(f"{options.config_file} is not there; name a stack's file")
        if len(options.stacks) > 1:
            parser.error("one file configures one stack; name it with --stack")
        options.config_file = options.config_file.resolve()


def run(options: argparse.Namespace) -> int:
    """Preview what the options name, print what came of it, and return the exit code."""
    # Here, since Pulumi's SDK takes a second to import, and the other commands need no Pulumi.
    from guardrails.preview.engine import preview_all  # noqa: PLC0415

    def ask(requests: Sequence[Request]) -> Sequence[Preview]:
        if sys.stderr.isatty():
            more = f" {len(requests)} times" if len(requests) > len(options.stacks) else ""
            print(f"Previewing {', '.join(options.stacks)}{more} …", file=sys.stderr)
        return preview_all(requests, pack=options.policy_pack)

    try:
        previews, told = _told(options, ask)
    except VariationsError as error:
        print(f"guardrails: {error}", file=sys.stderr)
        return WRONG
    except PreviewError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    print(told)
    return exit_code(previews)


def exit_code(previews: Sequence[Preview]) -> int:
    """Return what the command exits with; that something was refused is certain whatever else failed."""
    verdicts = {preview.verdict for preview in previews}
    if Verdict.REFUSED in verdicts:
        return REFUSED
    return FAILED if Verdict.FAILED in verdicts else PASSED


def _told(options: argparse.Namespace, ask: Ask) -> tuple[Sequence[Preview], str]:
    """Return the previews of the stacks as they are, and what is told."""
    requests = [
        Request(project=options.project, stack=stack, config_file=options.config_file)
        for stack in options.stacks
    ]
    if options.what_if:
        varied = with_variations(ask, requests, read_variations(options.what_if))
        return [one[AS_IT_IS] for one in varied], WHAT_IF_FORMATS[options.format](varied)
    if options.base:
        previews, base = with_base(ask, requests, options.base, options.gone)
        return previews, _rendered(options, previews, base)
    previews = ask(requests)
    return previews, _rendered(options, previews, None)


def _rendered(options: argparse.Namespace, previews: Sequence[Preview], base: Base | None) -> str:
    """Return previews in the format that was asked for; the other formats than text always have everything."""
    if options.format == "text" and options.verbose:
        return as_text(previews, base, verbose=True)
    return FORMATS[options.format](previews, base)
