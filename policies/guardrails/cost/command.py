"""The command `cost`: what the stack in a file costs, for any Pulumi program."""

import argparse
import json
import sys
from pathlib import Path

from guardrails.cost.as_json import as_json
from guardrails.cost.declared import declaring
from guardrails.cost.estimate import EstimateError, estimate
from guardrails.cost.expected_file import ExpectedFileError, read_expected
from guardrails.cost.plan_file import PlanFileError, read_plan
from guardrails.cost.report import as_markdown, as_text


def add_arguments(cost: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    cost.description = "Tell what a stack costs in a month and a run, expected and at worst."
    cost.epilog = "Exit code 0: estimated; 1: a file cannot be read, or the region has no prices."
    cost.add_argument(
        "file",
        type=Path,
        metavar="PLAN_OR_STATE.json",
        help="what `pulumi preview --json --show-sames` or `pulumi stack export` wrote",
    )
    cost.add_argument("--region", metavar="REGION", help="where neither a resource nor its provider says one")
    cost.add_argument(
        "--expected",
        type=Path,
        metavar="FILE.json",
        help="what is expected, or was measured, by the name of a resource, in place of what its components "
        'declare: {"machine": {"seconds": {"RunShard": 3600}, "starts": 9}}',
    )
    cost.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="default: text")
    cost.add_argument("--free-tier", action="store_true", help="take the free tier from the table of a month")
    cost.add_argument("--json", dest="format", action="store_const", const="json", help="--format json")


def run(options: argparse.Namespace) -> int:
    """Print the estimate of the plan that the options name, and return the exit code."""
    try:
        plan = read_plan(options.file)
        if options.expected:
            plan = declaring(plan, read_expected(options.expected, plan))
        found = estimate(plan, region=options.region)
    except (PlanFileError, ExpectedFileError, EstimateError) as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    match options.format:
        case "json":
            print(json.dumps(as_json(found), indent=2, ensure_ascii=False))
        case "markdown":
            print(as_markdown(found, free_tier=options.free_tier))
        case _:
            print(as_text(found, free_tier=options.free_tier))
    return 0
