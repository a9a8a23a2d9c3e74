"""The cost of one run: as metered by the local AWS, and as estimated by the guardrails for its stack."""

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from statistics import fmean
from typing import Any

from guardrails.cost.prices.table import table
from local.run.metered import read_meter
from tests.local.run.kept import Kept

POLICIES = Path(__file__).parents[3] / "policies"

# The counters of the meter, and the key of the price of each.
PRICE_OF_LINE = {
    "state_transitions": "sfn_standard_transition",
    "s3_put_requests": "s3_put_request",
    "s3_get_requests": "s3_get_request",
    "sns_publishes": "sns_publish",
    "sns_email_deliveries": "sns_email_delivery",
    "sns_http_deliveries": "sns_https_delivery",
    "sqs_requests": "sqs_standard_request",
    "custom_events": "events_custom_event",
    "metrics_api_requests": "metrics_api_request",
    "xray_traces": "xray_trace",
    "lambda_requests": "lambda_request",
    "lambda_x86_64_gb_seconds": "lambda_x86_gb_second",
    "lambda_arm64_gb_seconds": "lambda_arm_gb_second",
    "secret_requests": "secret_request",
    "kms_requests": "kms_request",
}
# Prices by time, for which an estimate uses declared durations.
BY_TIME = frozenset({"lambda_x86_gb_second", "lambda_arm_gb_second"})
MINIMUM_SECONDS = 60
FREE_STORAGE_GIB = 20
BYTES_A_GB = 1024**3
DAYS_A_MONTH = Decimal("30.4375")


@dataclass(frozen=True)
class Bill:
    """The bill of one run."""

    counts: Mapping[str, Decimal]
    """The billed quantities by the key of their price."""
    dollars: Decimal


class Run:
    """A finished run of a kept stack, with its metered usage."""

    def __init__(self, kept: Kept, given: Mapping[str, Any]) -> None:
        states, machine = kept.client("stepfunctions"), kept.outputs["step_functions_state_machine_arn"]
        execution = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        ended = kept.ended(execution)
        assert ended["status"] == "SUCCEEDED", ended
        self.metered = read_meter(kept.aws, execution)
        self.stack = json.loads(kept.pulumi("stack", "export").stdout)
        self._resources = self.stack["deployment"]["resources"]
        self.region = machine.split(":")[3]

    @property
    def machine(self) -> str:
        """Return the name of the machine's Pulumi resource."""
        arn = self.metered["state_machine"]
        (urn,) = (
            resource["urn"]
            for resource in self._resources
            if resource["type"] == "aws:sfn/stateMachine:StateMachine" and resource["outputs"]["arn"] == arn
        )
        return str(urn.rpartition("::")[2])

    def months_kept(self, group: str) -> Decimal:
        """Return the retention of a log group in months."""
        (days,) = (
            resource["outputs"]["retentionInDays"]
            for resource in self._resources
            if resource["type"] == "aws:cloudwatch/logGroup:LogGroup" and resource["outputs"]["name"] == group
        )
        return Decimal(days) / DAYS_A_MONTH

    def log_dollars(self, size_bytes: int) -> Decimal:
        """Return what AWS bills for bytes in the log group of the workers."""
        prices = {key: price.usd for key, price in table(self.region).prices.items()}
        months = self.months_kept("/aws/ecs/ccapi-local")
        each = prices["logs_ingested_gb"] + months * prices["logs_stored_gb_month"]
        return Decimal(size_bytes) / BYTES_A_GB * each

    def measured(self) -> dict[str, Any]:
        """Return the mean duration of the tasks of each state, in the format of `--expected`."""
        seconds: dict[str, list[float]] = {}
        for task in self.metered["tasks"]:
            seconds.setdefault(task["state"], []).append(task["seconds"])
        return {self.machine: {"seconds": {state: fmean(each) for state, each in seconds.items()}}}


def metered(run: Run) -> Bill:
    """Return the bill of a run from its metered usage."""
    prices = {key: price.usd for key, price in table(run.region).prices.items()}
    usage = run.metered["usage"]
    counts = {PRICE_OF_LINE[line]: Decimal(count) for line, count in usage.items() if line != "log_bytes"}
    dollars = sum((count * prices[key] for key, count in counts.items()), Decimal(0))
    for group, size_bytes in run.metered["log_bytes"].items():
        each = prices["logs_ingested_gb"] + run.months_kept(group) * prices["logs_stored_gb_month"]
        dollars += Decimal(size_bytes) / BYTES_A_GB * each
    return Bill(counts, dollars + sum(_task_dollars(task, prices) for task in run.metered["tasks"]))


def _task_dollars(task: Mapping[str, Any], prices: Mapping[str, Decimal]) -> Decimal:
    kind = f"fargate_{'spot_' if task['capacity_provider'] == 'FARGATE_SPOT' else ''}"
    kind += "arm" if task["architecture"] == "ARM64" else "x86"
    an_hour: Decimal = (
        Decimal(task["cpu_units"]) / 1024 * prices[f"{kind}_vcpu_hour"]
        + Decimal(task["memory_mib"]) / 1024 * prices[f"{kind}_gb_hour"]
        + max(0, task["storage_gib"] - FREE_STORAGE_GIB) * prices["fargate_ephemeral_gb_hour"]
        + task["public_ip"] * prices["public_ipv4_hour"]
    )
    seconds = max(Decimal(MINIMUM_SECONDS), Decimal(str(task["seconds"])))
    return an_hour * seconds / 3600


def estimated(run: Run, folder: Path) -> Bill:
    """Return the estimated bill of a run, with the measured durations of its tasks."""
    stack, expected = folder / "stack.json", folder / "measured.json"
    stack.write_text(json.dumps(run.stack), encoding="utf-8")
    expected.write_text(json.dumps(run.measured()), encoding="utf-8")
    command = [sys.executable, "-m", "guardrails", "cost", str(stack), "--expected", str(expected), "--json"]
    done = subprocess.run(command, cwd=POLICIES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (machine,) = (
        machine for machine in json.loads(done.stdout)["machines"] if machine["name"] == run.machine
    )
    bill = machine["run"]["expected"]
    counts: dict[str, Decimal] = {}
    for line in bill["lines"]:
        if line["price"] in PRICE_OF_LINE.values():
            counts[line["price"]] = counts.get(line["price"], Decimal(0)) + Decimal(line["quantity"])
    return Bill(counts, Decimal(bill["total"]))


def agree(run: Run, folder: Path, *, besides: Collection[str] = (), program_log_bytes: int = 0) -> None:
    """Assert that estimate and meter agree: counts exactly, except `besides` and those by time; dollars within 2 %.

    `program_log_bytes` are those that the stack expects of its program, and that the test's program does not write.
    """
    expected, found = estimated(run, folder), metered(run)
    # The function is warm and has cached the channels' credentials in the previous run; a weekly run would read them.
    assert expected.counts["secret_request"] >= 1
    expected = replace(
        expected, counts={**expected.counts, "secret_request": expected.counts["secret_request"] - 1}
    )
    keys = (expected.counts.keys() | found.counts.keys()) - {*besides, *BY_TIME}
    differing = {key: (expected.counts.get(key, 0), found.counts.get(key, 0)) for key in keys}
    differing = {key: counts for key, counts in differing.items() if counts[0] != counts[1]}
    assert not differing, f"estimated and metered: {differing}"
    expected_dollars = expected.dollars - run.log_dollars(program_log_bytes)
    assert abs(expected_dollars - found.dollars) <= found.dollars * Decimal("0.02")
