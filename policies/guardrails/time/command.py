"""The command `python -m guardrails time`: its arguments, and its exit codes."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardrails.aws.machines import states_of
from guardrails.time.analysis import Analysis, analyse
from guardrails.time.bounds import Bounds
from guardrails.time.fields import MAX_ITEMS
from guardrails.time.files.declared import read_bounds
from guardrails.time.files.machine import FoundMachine, MachineFileError
from guardrails.time.files.read import machines_in
from guardrails.time.report import as_json, as_text
from guardrails.visible import one_line

_SHOWN_PLACEHOLDERS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.description = "Show the longest time that the states of a machine can take, and the slowest path."
    parser.epilog = (
        "Exit code 0: the states of every machine are bounded and within its own timeout; 1: they are not, or the file "
        "cannot be read."
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a definition in JSON or YAML, the output of `aws stepfunctions describe-state-machine`, a template of "
        "CloudFormation or SAM, or the output of `terraform show -json PLAN` or `pulumi preview --json --show-sames`",
    )
    parser.add_argument(
        "--items",
        type=_count,
        metavar="N",
        help="the most items of a Map whose items are computed at run time",
    )
    parser.add_argument(
        "--bounds",
        type=Path,
        metavar="FILE.json",
        help='the most items, seconds and visits by state, as in {"seconds": {"WaitForCallback": 3600}}',
    )
    parser.add_argument(
        "--express", action="store_true", help="the machine is of the type EXPRESS, which ends after 300 s"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")


def run(options: argparse.Namespace) -> int:
    """Print the analysis of each machine in the file, and return the exit code."""
    try:
        machines = machines_in(options.file)
        bounds = Bounds(items=options.items)
        if options.bounds:
            states = {state.name for machine in machines for state in states_of(machine.definition)}
            bounds = read_bounds(options.bounds, states, options.items)
    except MachineFileError as error:
        print(f"{str(error).rstrip('.')}.", file=sys.stderr)
        return 1
    machines = [replace(machine, is_express=machine.is_express or options.express) for machine in machines]
    found = [
        (
            machine,
            None if machine.fault else analyse(machine.definition, bounds, is_express=machine.is_express),
        )
        for machine in machines
    ]
    print(json.dumps(_json(found), indent=2) if options.json else "\n\n".join(_text(*each) for each in found))
    return (
        0
        if all(analysis and analysis.is_bounded and analysis.is_within_timeout for _, analysis in found)
        else 1
    )


def _json(found: Sequence[tuple[FoundMachine, Analysis | None]]) -> dict[str, Any]:
    return {
        "machines": [
            {
                "name": machine.name,
                "type": "EXPRESS" if machine.is_express else "STANDARD",
                "placeholders": machine.placeholders,
                **(as_json(analysis) if analysis else {"unknown": machine.fault}),
            }
            for machine, analysis in found
        ]
    }


def _text(machine: FoundMachine, analysis: Analysis | None) -> str:
    type_ = " (Express)" if machine.is_express else ""
    heading = [f"{one_line(machine.name)}{type_}", ""] if machine.name else []
    text = as_text(analysis) if analysis else f"Not analysed: {one_line(machine.fault)}."
    return "\n".join([*heading, text, *_placeholders(machine)])


def _placeholders(machine: FoundMachine) -> list[str]:
    # The region and the account are in ARNs alone.
    names = [name for name in machine.placeholders if not name.startswith("${AWS::")]
    if not names:
        return []
    more = f" and {len(names) - _SHOWN_PLACEHOLDERS} more" if len(names) > _SHOWN_PLACEHOLDERS else ""
    listed = one_line(", ".join(names[:_SHOWN_PLACEHOLDERS]))
    return [f"Not known before the deployment: {listed}{more}; a number among them has no bound."]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > MAX_ITEMS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of items; write 0 to {MAX_ITEMS}")
    return int(text)
