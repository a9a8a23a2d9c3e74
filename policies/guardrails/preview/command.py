"""The command `python -m guardrails preview`: what may be typed, and what it exits with."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from guardrails.preview.markdown import as_markdown
from guardrails.preview.outcome import Preview, PreviewError, Verdict, as_json
from guardrails.preview.text import as_text

PASSED, REFUSED, FAILED, INTERRUPTED = 0, 1, 3, 130
PACK = Path(__file__).parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be typed behind the command."""
    parser.description = "Preview stacks of a Pulumi project with these guardrails; nothing is deployed."
    parser.epilog = (
        "Exit code 0: nothing mandatory is refused; 1: something is; 3: a stack could not be previewed, "
        "or not every rule was heard; 2: the command line is wrong."
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
        "--policy-pack",
        type=Path,
        default=PACK,
        metavar="FOLDER",
        help="a copy of this pack; default: this one",
    )


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Complete the options; what cannot be meant ends the program with a sentence and exit code 2."""
    if not any((options.project / f"Pulumi.{suffix}").is_file() for suffix in ("yaml", "yml")):
        parser.error(f"{options.project} holds no Pulumi.yaml; name the folder of a Pulumi project")
    if not (options.policy_pack / "PulumiPolicy.yaml").is_file():
        parser.error(f"{options.policy_pack} holds no PulumiPolicy.yaml; name the folder of a policy pack")
    # The engine works in the project's folder.
    options.project, options.policy_pack = options.project.resolve(), options.policy_pack.resolve()
    options.stacks = list(dict.fromkeys(options.stacks or _stacks_of(options.project)))
    if not options.stacks:
        parser.error(f"{options.project} holds no Pulumi.NAME.yaml; name its stacks, as in --stack dev")
    if options.config_file:
        if not options.config_file.is_file():
            parser.error(f"{options.config_file} is not there; name a stack's file")
        if len(options.stacks) > 1:
            parser.error("one file configures one stack; name it with --stack")
        options.config_file = options.config_file.resolve()


def _stacks_of(project: Path) -> list[str]:
    return sorted(path.name.split(".", 1)[1].rsplit(".", 1)[0] for path in project.glob("Pulumi.?*.y*ml"))


def run(options: argparse.Namespace) -> int:
    """Preview what the options name, print what came of it, and return the exit code."""
    # Here, since Pulumi's SDK takes a second to import, and the other command needs no Pulumi.
    from guardrails.preview.engine import preview_all  # noqa: PLC0415

    try:
        if sys.stderr.isatty():
            print(f"Previewing {', '.join(options.stacks)} …", file=sys.stderr)
        previews = preview_all(
            options.project, options.stacks, config_file=options.config_file, pack=options.policy_pack
        )
    except PreviewError as error:
        print(f"guardrails: {error}.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("guardrails: interrupted; nothing was changed.", file=sys.stderr)
        return INTERRUPTED
    try:
        print(FORMATS[options.format](previews), flush=True)
    except BrokenPipeError:
        # Who read has read enough: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_code(previews)


def exit_code(previews: Sequence[Preview]) -> int:
    """Return what the command exits with; that something was refused is certain whatever else failed."""
    verdicts = {preview.verdict for preview in previews}
    if Verdict.REFUSED in verdicts:
        return REFUSED
    return FAILED if Verdict.FAILED in verdicts else PASSED


def _json(previews: Sequence[Preview]) -> str:
    return json.dumps({"stacks": [as_json(preview) for preview in previews]}, indent=2, ensure_ascii=False)


FORMATS = {"text": as_text, "json": _json, "markdown": as_markdown}
