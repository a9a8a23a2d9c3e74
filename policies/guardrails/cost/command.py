"""The command `python -m guardrails cost`, which estimates the plan or the stack in a file."""

import argparse
import json
import sys
from pathlib import Path

from guardrails.cost.estimate import EstimateError, estimate
from guardrails.cost.estimate_json import as_json
from guardrails.cost.prices.age import old_prices_sentence
from guardrails.cost.report import as_markdown, as_text
from guardrails.cost.usage_declarations import UsageFileError, read_usage_file, with_declarations
from guardrails.plan_file import PlanFileError, read_plan
from guardrails.today import today


def add_arguments(cost: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    cost.description = "Estimate what a stack costs in a month and in a run, expected and in the worst case."
    cost.epilog = (
        "Exit code 0: estimated; 1: a file cannot be read, a preview failed, a region is not known, or a declared "
        "usage is not billed."
    )
    cost.add_argument(
        "file",
        type=Path,
        metavar="PLAN_OR_STATE.json",
        help="the output of `pulumi preview --json --show-sames` or of `pulumi stack export`",
    )
    cost.add_argument(
        "--region",
        metavar="REGION",
        help="the region of resources that have none, neither their own nor their provider's",
    )
    cost.add_argument(
        "--expected",
        type=Path,
        metavar="FILE.json",
        help="expected or measured usage by the name of a resource, which overrides what components declare: "
        '{"machine": {"seconds": {"RunShard": 3600}, "starts": 9}}',
    )
    cost.add_argument("--format", choices=["text", "markdown", "json"], default="text", help="default: text")
    cost.add_argument("--free-tier", action="store_true", help="take the free tier off the table of a month")
    cost.add_argument(
        "--json", dest="format", action="store_const", const="json", help="short for --format json"
    )


def run(options: argparse.Namespace) -> int:
    """Print the estimate of the plan in a file, and return the exit code."""
    try:
        plan = read_plan(options.file)
        if options.expected:
            plan = with_declarations(plan, read_usage_file(options.expected, plan))
        found = estimate(plan, region=options.region)
    except (PlanFileError, UsageFileError, EstimateError) as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    match options.format:
        case "json":
            print(json.dumps(as_json(found), indent=2, ensure_ascii=False))
        case "markdown":
            print(as_markdown(found, free_tier=options.free_tier))
        case _:
            print(as_text(found, free_tier=options.free_tier))
    if old := old_prices_sentence(found.prices_used, found.regions, today()):
        print(f"Warning: {old}.", file=sys.stderr)
    return 0
