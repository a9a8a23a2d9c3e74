"""A run with a failed region, started again and then redone: no region is monitored twice, and none is lost."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.aws_cli import install
from tests.local.emulator.local_aws import eventually
from tests.local.run.bills import Run, agree
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept
from tests.stacks import REGION_NAMES

FAILING = REGION_NAMES[10]


class Partial(Kept):
    """The stack that a run with a failed region left."""

    def __init__(self, checkout: Checkout, said: str) -> None:
        super().__init__(checkout)
        self.said = said
        self.facts = checkout.last_run
        self.told = self.outputs
        self.machine = self.told["step_functions_state_machine_arn"]

    def type(self, command: str) -> dict[str, Any]:
        """Type a command of a mail that starts an execution, and return the output of that."""
        exported = re.search(r"^  (set -a; .+; set \+a)$", self.said, re.MULTILINE)
        assert exported, self.said
        path = f"{install(self.checkout.path / 'bin')}:{os.environ['PATH']}"
        started = subprocess.run(
            ["sh", "-c", f"{exported[1]}; {command} --query executionArn --output text"],
            # The credentials of another account in the shell have no effect.
            env={"PATH": path, "AWS_SESSION_TOKEN": "another", "AWS_ACCESS_KEY_ID": "another"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert started.returncode == 0, started.stderr
        return self.output_of(started.stdout.strip())

    def output_of(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution, and return its output."""
        described = self.ended(execution)
        assert described["status"] == "SUCCEEDED", described
        output: dict[str, Any] = json.loads(described["output"])
        return output

    def written(self) -> dict[str, str]:
        """Return when each region's result and report was written."""
        bucket = self.told["s3_reports_bucket"]
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="weekly/")
        items = [item for page in pages for item in page["Contents"]]
        return {
            item["Key"].rpartition("/")[2]: item["LastModified"].isoformat()
            for item in items
            if item["Key"].count("/") == 2 and item["Key"].rpartition("/")[2] not in OF_THE_RUN
        }


# Objects that every reduce step overwrites.
OF_THE_RUN = {"summary.json", "index.html", "clearings.geojson", "clearings.csv"}


@pytest.fixture(scope="module")
def partial(shared_checkout: Checkout) -> Iterator[Partial]:
    finished = shared_checkout.run("--fail-region", FAILING, "--keep")
    assert finished.returncode == 3, finished.stdout + finished.stderr
    yield Partial(shared_checkout, finished.stdout)
    subprocess.run(shared_checkout.command("stop"), cwd=shared_checkout.path, check=True)


def test_a_failing_region_makes_a_partial_failure_that_every_channel_names(partial: Partial) -> None:
    facts, checkout = partial.facts, partial.checkout
    assert facts["status"] == "partial"
    assert {region["name"]: region["status"] for region in facts["regions"]} == {
        name: "failed" if name == FAILING else "succeeded" for name in REGION_NAMES
    }
    (mail,) = checkout.messages("email")
    assert mail["channel"] == "email:alerts@example.com"
    assert f"1 of {len(REGION_NAMES)} regions failed" in mail["subject"]
    assert re.search(rf"- Satellite data unavailable.*\n  {FAILING}\n", mail["body"])
    for channel in ("slack", "pagerduty"):
        # The settings accept the run, so that it also ends an overdue success.
        message, *_ = sorted(checkout.messages(channel), key=lambda sent: sent["subject"], reverse=True)
        assert f"1 of {len(REGION_NAMES)} regions failed" in message["subject"]
        assert FAILING in message["body"]
        assert "aws stepfunctions start-execution --region us-east-1" in message["body"]


def test_an_operator_sees_the_failed_region_its_log_and_its_reports(partial: Partial, tmp_path: Path) -> None:
    run_id = partial.facts["run_id"]
    (row,) = partial.ccapi("runs").stdout.splitlines()[1:]
    assert row.split()[:2] == [run_id, "partial"]
    assert f"{len(REGION_NAMES) - 1}/{len(REGION_NAMES)}" in row
    shown = partial.ccapi("show", run_id)
    (mail,) = partial.checkout.messages("email")
    assert shown.stdout.splitlines()[0] == mail["body"].splitlines()[0]
    assert f"To do what is missing: ccapi redo {run_id}\n" in shown.stdout
    (workers,) = ([each["worker"] for each in json.loads(partial.ccapi("show", "--json").stdout)["workers"]],)
    assert sorted(workers) == ["monitor", "monitor", "summarize", "validate"]

    log = partial.ccapi("logs", run_id, "--region", FAILING)
    assert f"ERROR {FAILING}: failed: Satellite data unavailable" in log.stdout
    assert len(partial.ccapi("logs", run_id).stdout.splitlines()) > len(log.stdout.splitlines())

    downloaded = partial.ccapi("reports", run_id, "--download", str(tmp_path))
    assert downloaded.returncode == 0, downloaded.stderr
    assert len(list(tmp_path.glob("*.pdf"))) == len(REGION_NAMES) - 1


def test_a_second_start_of_a_week_does_nothing_and_a_redo_does_only_the_failed_region(
    partial: Partial,
) -> None:
    (mail,) = partial.checkout.messages("email")
    (posted,) = partial.checkout.messages("webhook")
    assert posted["subject"] == mail["subject"]
    run_id = partial.facts["run_id"]
    (redo,) = re.findall(r"^aws stepfunctions start-execution .+$", mail["body"], re.MULTILINE)
    before = partial.written()
    assert len([name for name in before if name.endswith(".pdf")]) == 28

    states = partial.client("stepfunctions")
    (first,) = states.list_executions(stateMachineArn=partial.machine)["executions"]
    delivered = json.loads(states.describe_execution(executionArn=first["executionArn"])["input"])
    second = states.start_execution(stateMachineArn=partial.machine, input=json.dumps(delivered))
    assert partial.output_of(second["executionArn"])["reason"] == "already run"
    assert partial.written() == before

    redone = partial.type(redo)
    assert redone["run_id"] == run_id
    assert (redone["status"], redone["regions"], redone["succeeded"]) == (
        "succeeded",
        len(REGION_NAMES),
        len(REGION_NAMES),
    )
    after = partial.written()
    assert {name: after[name] for name in before} == before
    own = {f"{FAILING}{ending}" for ending in (".json", ".pdf", ".before.webp", ".after.webp")}
    assert after.keys() - before.keys() == own


def test_the_metered_cost_of_a_run_of_two_workers_matches_the_estimate(
    partial: Partial, tmp_path: Path
) -> None:
    # Which results a worker reads, and how often it renews the pages of the run, depends on who is ready first.
    agree(Run(partial, {}), tmp_path, besides=("s3_put_request", "s3_get_request"))


def test_an_operator_stops_a_run_from_two_shells_and_does_the_rest_of_it(partial: Partial) -> None:
    # Longer than a busy machine takes for the commands until the stop.
    with partial.slowed(partial.machine, seconds_per_region=120):
        started = json.loads(partial.ccapi("run", "--regions", "4", "--label", "by hand", "--json").stdout)
    run_id = started["run"]

    def is_working() -> bool:
        workers = json.loads(partial.ccapi("show", run_id, "--json").stdout)["workers"]
        return [each["status"] for each in workers if each["worker"] == "monitor"] == ["running"] * 2

    eventually(is_working)
    refused = partial.ccapi("redo", run_id)
    assert (refused.returncode, "is running" in refused.stderr) == (1, True)
    with ThreadPoolExecutor(2) as pool:
        stops = list(pool.map(lambda _: partial.ccapi("stop", run_id, "--json"), range(2)))
    assert [stop.returncode for stop in stops] == [0, 0], [stop.stderr for stop in stops]
    tasks = [task for stop in stops for task in json.loads(stop.stdout)["tasks"]]
    assert {task["worker"] for task in tasks} == {"shard 0", "shard 1"}
    assert all(task["stopped"] for task in tasks)
    assert partial.ccapi("show", run_id).stdout.startswith(f"Run {run_id} was stopped by an operator.")

    redone = partial.ccapi("redo", run_id, "--follow")
    assert redone.returncode == 0, redone.stdout + redone.stderr
    assert f"Run {run_id} is complete: all 4 regions were monitored" in redone.stdout
    (row,) = json.loads(partial.ccapi("runs", "--limit", "1", "--json").stdout)["runs"]
    assert (row["run"], row["status"], len(row["executions"])) == (run_id, "succeeded", 2)
    refused = partial.ccapi("redo", run_id)
    assert (refused.returncode, "is complete" in refused.stderr) == (1, True)
