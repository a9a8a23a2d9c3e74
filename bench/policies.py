"""The policy pack's time: alone, in a preview, and compared with checkov on the same resources."""

import json
import os
import re
import statistics
import subprocess
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from bench.checkout import REGION_COUNT
from bench.many import Planned, grown, planned, terraform_plan
from bench.measuring import Row, measure, median_of
from bench.pack import run_pack
from local.toolchain import Toolchain
from local.workspace import NOWHERE, loopback, read_stack_file, without_secrets, write_project, write_yaml

RESOURCES = 1000
PROJECT = "ccapi"
RUNS = 3
PREVIEWS = 5
CHECKOV = "checkov==3.2.495"
MACHINE = Path("tests") / "golden" / "weekly-machine.local.asl.json"


def policies(checkout: Path, tools: Toolchain) -> Iterator[Row]:
    """Measure, and yield each row as soon as it is known."""
    yield Row("time analysis of the weekly machine", _analysis_seconds(checkout, tools.python))
    plan = yield from _previews(checkout, tools)
    many = grown(plan, RESOURCES, PROJECT)
    runs = [run_pack(checkout / "policies", tools.python, many) for _ in range(RUNS)]
    pack_seconds = statistics.median(run.seconds for run in runs)
    evaluation_seconds = statistics.median(run.evaluation_seconds for run in runs)
    evaluations = f"{runs[0].evaluations:,} evaluations, without its start"
    yield Row(f"policy pack over {RESOURCES:,} resources", evaluation_seconds, against=evaluations)
    yield from _beside_checkov(checkout, many, pack_seconds)


def _analysis_seconds(checkout: Path, python: Path) -> float:
    setup = (
        "import json, pathlib; from guardrails.time.analysis import analyse; "
        "from guardrails.time.bounds import Bounds; "
        f"machine = json.loads(pathlib.Path({str(checkout / MACHINE)!r}).read_text())"
    )
    command = [
        str(python),
        "-m",
        "timeit",
        "-u",
        "sec",
        "-s",
        setup,
        f"analyse(machine, Bounds(items={REGION_COUNT}))",
    ]
    said = subprocess.run(command, cwd=checkout / "policies", check=True, capture_output=True, text=True)
    found = re.search(r"best of \d+: (\S+) sec per loop", said.stdout)
    assert found, said.stdout
    return float(found[1])


def _previews(checkout: Path, tools: Toolchain) -> Generator[Row, None, list[Planned]]:
    """Yield the rows of previews of prod, and return the resources in them."""
    environment = tools.environment(stand_in_provider=True)
    workspace = checkout / ".local" / "prod"
    workspace.mkdir()
    write_project(workspace)
    config = {**without_secrets(read_stack_file("prod"), "")[0], **loopback(NOWHERE)}
    write_yaml(workspace / "Pulumi.prod.yaml", {"config": config})
    initial = [str(tools.pulumi), "stack", "init", "prod", "--non-interactive"]
    subprocess.run(initial, cwd=workspace, env={**os.environ, **environment}, check=True, capture_output=True)
    preview = [str(tools.pulumi), "preview", "--non-interactive", "--stack", "prod"]
    with_pack = [*preview, "--policy-pack", str(checkout / "policies")]
    without = median_of(PREVIEWS, lambda: measure(preview, workspace, environment))
    within = median_of(PREVIEWS, lambda: measure(with_pack, workspace, environment))
    yield Row.of("preview of prod", without)
    added = within.seconds - without.seconds
    yield Row.of("preview of prod with the policy pack", within, f"{added:+.2f} s")
    said = subprocess.run(
        [*preview, "--json"],
        cwd=workspace,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return planned(said.stdout)


def _beside_checkov(checkout: Path, many: Sequence[Planned], pack_seconds: float) -> Iterator[Row]:
    run = [str(checkout / ".venv" / "bin" / "uv"), "tool", "run", "--from", CHECKOV, "checkov"]
    pack, what = "policy pack, from its start", f"{CHECKOV} over a Terraform plan of the same"
    if subprocess.run([*run, "--version"], check=False, capture_output=True).returncode != 0:
        yield Row(pack, pack_seconds)
        yield Row(what, None, against="not measured: uv cannot install it here")
        return
    plan = checkout / ".local" / "plan.json"
    plan.write_text(terraform_plan(many), encoding="utf-8")
    check = [*run, "--file", str(plan), "--framework", "terraform_plan", "--compact", "--quiet"]
    checkov = median_of(RUNS, lambda: measure([*check, "--soft-fail", "--skip-download"], checkout, {}))
    yield Row(pack, pack_seconds, against=f"{pack_seconds / checkov.seconds:.2f} × checkov")
    yield Row.of(what, checkov, f"{_checks(check, checkout):,} checks")


def _checks(check: Sequence[str], checkout: Path) -> int:
    """Return the number of checkov's checks, which is 0 if it could not read the plan."""
    said = subprocess.run(
        [*check, "--soft-fail", "--skip-download", "--output", "json"],
        cwd=checkout,
        check=True,
        capture_output=True,
        text=True,
    )
    summary = json.loads(said.stdout)["summary"]
    return int(summary["passed"] + summary["failed"])
