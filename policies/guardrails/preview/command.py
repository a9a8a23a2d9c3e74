"""The command `python -m guardrails preview`: its arguments, and its exit codes."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from guardrails.pack_folder import pack_folder
from guardrails.preview.comparison import Base
from guardrails.preview.formats import FORMATS, WHAT_IF_FORMATS, as_text
from guardrails.preview.preview_result import Preview, PreviewError, Verdict
from guardrails.preview.requests import (
    Request,
    RunPreviews,
    is_project,
    stacks_of,
    with_base,
    with_variations,
)
from guardrails.preview.variations import AS_IT_IS, VariationsError, read_variations

PASSED, REFUSED, WRONG, FAILED = 0, 1, 2, 3
PACK = pack_folder()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Preview stacks of a Pulumi project with these guardrails; nothing is deployed."
    parser.epilog = (
        "Exit code 0: no mandatory violation; 1: a mandatory violation; 2: the command line is wrong; 3: a preview "
        "failed or some rules did not run; 130: Ctrl-C. Only the stacks as they are now count, not --base and not "
        "the variations of --what-if."
    )
    parser.add_argument(
        "project", type=Path, nargs="?", default=Path(), metavar="PROJECT_FOLDER", help="default: this folder"
    )
    parser.add_argument(
        "--stack",
        dest="stacks",
        action="append",
        metavar="NAME",
        help="a stack to preview; may be repeated; default: every stack that has a Pulumi.NAME.yaml",
    )
    parser.add_argument(
        "--config-file",
        type=Path,
        metavar="FILE",
        help="the stack's configuration, instead of Pulumi.NAME.yaml",
    )
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="default: text")
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="add each rule, the slowest paths and the costs to the text",
    )
    parser.add_argument(
        "--policy-pack",
        type=Path,
        default=PACK,
        metavar="FOLDER",
        help="a copy of this pack; default: this one",
    )
    compared = parser.add_mutually_exclusive_group()
    compared.add_argument(
        "--base",
        type=Path,
        metavar="FOLDER",
        help="the project before a change; show what the change does to costs, times and violations",
    )
    compared.add_argument(
        "--what-if",
        type=Path,
        nargs="?",
        const=PACK / "what-if.yaml",
        metavar="FILE.yaml",
        help="show the costs and times of the stacks with other settings, each a line of the file, as in "
        "`large: {app:worker: {size: large}}`; default: what-if.yaml in the guardrails' folder",
    )


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Check and complete the options; exit with code 2 and a message if they are wrong."""
    for folder in filter(None, (options.project, options.base)):
        if not is_project(folder):
            parser.error(f"{folder} holds no Pulumi.yaml; name the folder of a Pulumi project")
    if not (options.policy_pack / "PulumiPolicy.yaml").is_file():
        parser.error(f"{options.policy_pack} holds no PulumiPolicy.yaml; name the folder of a policy pack")
    # The engine runs in the project's folder.
    options.project, options.policy_pack = options.project.resolve(), options.policy_pack.resolve()
    stacks = stacks_of(options.project)
    options.removed = []
    if options.base:
        options.base = options.base.resolve()
        options.removed = [] if options.stacks else sorted({*stacks_of(options.base)} - {*stacks})
    options.stacks = list(dict.fromkeys(options.stacks or stacks))
    if not options.stacks:
        parser.error(f"{options.project} holds no Pulumi.NAME.yaml; name its stacks, as in --stack dev")
    if options.config_file:
        if not options.config_file.is_file():
            parser.error(f"{options.config_file} does not exist; name a stack's file")
        if len(options.stacks) > 1:
            parser.error("--config-file configures one stack; name it with --stack")
        options.config_file = options.config_file.resolve()


def run(options: argparse.Namespace) -> int:
    """Preview the stacks, print the report, and return the exit code."""
    # Imported late: Pulumi's SDK takes a second to import, and no other command needs it.
    from guardrails.preview.engine import preview_all  # noqa: PLC0415

    def run_previews(requests: Sequence[Request]) -> Sequence[Preview]:
        if sys.stderr.isatty():
            more = f" {len(requests)} times" if len(requests) > len(options.stacks) else ""
            print(f"Previewing {', '.join(options.stacks)}{more} …", file=sys.stderr)
        return preview_all(requests, pack=options.policy_pack)

    try:
        previews, report = _report(options, run_previews)
    except VariationsError as error:
        print(f"guardrails: {error}", file=sys.stderr)
        return WRONG
    except PreviewError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    print(report)
    return exit_code(previews)


def exit_code(previews: Sequence[Preview]) -> int:
    """Return the exit code; a mandatory violation outweighs a failed preview."""
    verdicts = {preview.verdict for preview in previews}
    if Verdict.REFUSED in verdicts:
        return REFUSED
    return FAILED if Verdict.FAILED in verdicts else PASSED


def _report(options: argparse.Namespace, run_previews: RunPreviews) -> tuple[Sequence[Preview], str]:
    """Return the previews of the stacks as they are, and the report in the requested format."""
    requests = [
        Request(project=options.project, stack=stack, config_file=options.config_file)
        for stack in options.stacks
    ]
    if options.what_if:
        stacks = with_variations(run_previews, requests, read_variations(options.what_if))
        return [varied[AS_IT_IS] for varied in stacks], WHAT_IF_FORMATS[options.format](stacks)
    base: Base | None = None
    if options.base:
        previews, base = with_base(run_previews, requests, options.base, options.removed)
    else:
        previews = run_previews(requests)
    if options.format == "text":
        return previews, as_text(previews, base, verbose=options.verbose)
    return previews, FORMATS[options.format](previews, base)
