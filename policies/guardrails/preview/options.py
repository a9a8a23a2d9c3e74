"""The arguments of `python -m guardrails preview`, checked before anything is previewed."""

import argparse
from pathlib import Path

from guardrails.pack_folder import pack_folder
from guardrails.preview.formats import FORMATS, SUFFIXES, WHAT_IF_FORMATS
from guardrails.preview.project_files import is_project, stacks_of

PACK = pack_folder()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Preview stacks of a Pulumi project with these guardrails; nothing is deployed."
    parser.epilog = (
        "Exit code 0: no mandatory violation; 1: a mandatory violation; 2: the command line is wrong, or there is no "
        "such --base; 3: a preview failed or some rules did not run; 4: no mandatory violation, but some rules are "
        "evaluated only at the update; 74: a file cannot be written; 130: Ctrl-C. Only the stacks as they are now "
        "count, not --base and not the variations of --what-if."
    )
    _add_stacks(parser)
    _add_reports(parser)
    _add_comparisons(parser)
    _add_offline(parser)


def check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Check and complete the options; exit with code 2 and a message if they are wrong."""
    if not is_project(options.project):
        parser.error(f"{options.project} holds no Pulumi.yaml; name the folder of a Pulumi project")
    if not (options.policy_pack / "PulumiPolicy.yaml").is_file():
        parser.error(f"{options.policy_pack} holds no PulumiPolicy.yaml; name the folder of a policy pack")
    if options.limits and not options.limits.exists():
        parser.error(
            f"{options.limits} does not exist; name a file of limits, or a folder of PROJECT/STACK.json"
        )
    # The engine runs in the project's folder.
    for name in ("project", "policy_pack", "limits", "config_file"):
        if path := getattr(options, name):
            setattr(options, name, path.resolve())
    options.named_stacks = options.stacks
    options.stacks = list(dict.fromkeys(options.stacks or stacks_of(options.project)))
    options.secrets = dict(options.secrets)
    if not options.stacks:
        parser.error(f"{options.project} holds no Pulumi.NAME.yaml; name its stacks, as in --stack dev")
    _check_config_file(options, parser)
    _check_outputs(options, parser)


def _not_empty(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; name a folder, or a revision of git such as main")
    return text


def _check_config_file(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if not options.config_file:
        return
    if not options.config_file.is_file():
        parser.error(f"{options.config_file} does not exist; name a stack's file")
    if len(options.stacks) > 1:
        parser.error("--config-file configures one stack; name it with --stack")
    if options.offline:
        parser.error("--config-file cannot be combined with --offline, which copies Pulumi.NAME.yaml")


def _check_outputs(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    for path in options.outputs:
        if path.suffix not in SUFFIXES:
            parser.error(f"--output {path} has no known format; end its name in {', '.join(SUFFIXES)}")
    formats = [options.format, *(SUFFIXES[path.suffix] for path in options.outputs)]
    if options.what_if and (unknown := [name for name in formats if name not in WHAT_IF_FORMATS]):
        parser.error(f"the format {unknown[0]} shows no variations; leave --what-if out")


def _add_stacks(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--policy-pack",
        type=Path,
        default=PACK,
        metavar="FOLDER",
        help="a copy of this pack; default: this one",
    )
    parser.add_argument(
        "--limits",
        type=Path,
        metavar="FILE_OR_FOLDER",
        help="the limits of all these stacks, or a folder of PROJECT/STACK.json; default: the pack's folder `limits`",
    )


def _add_reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=list(FORMATS), default="text", help="default: text")
    parser.add_argument(
        "--output",
        dest="outputs",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"also write a file, in the format of its suffix ({', '.join(SUFFIXES)}); may be repeated",
    )
    parser.add_argument(
        "--deferred-passes",
        action="store_true",
        help="exit with 0 instead of 4 if some rules are evaluated only at the update; the report lists them",
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="add each rule, the slowest paths and the costs to the text",
    )


def _add_comparisons(parser: argparse.ArgumentParser) -> None:
    compared = parser.add_mutually_exclusive_group()
    compared.add_argument(
        "--base",
        type=_not_empty,
        metavar="FOLDER_OR_REV",
        help="the project before a change, in a folder or at a revision of git; show what the change does to costs, "
        "times and violations",
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


def _add_offline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--offline",
        action="store_true",
        help="preview copies of the stacks, without their backend, their secrets and an AWS account",
    )
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE.yaml",
        help="with --offline: settings for every stack, as in `aws:region: us-east-1`",
    )
    parser.add_argument(
        "--secret",
        dest="secrets",
        type=_secret,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="with --offline: a stand-in for an encrypted setting that the program validates; may be repeated",
    )


def _secret(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not (key and separator):
        raise argparse.ArgumentTypeError(f"{text!r} has no value; write KEY=VALUE")
    return key, value
