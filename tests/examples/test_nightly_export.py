"""The example of an unrelated pipeline: short, passed by the guardrails, run from end to end, and on dashboards."""

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from pulumi import automation

from bench.checkout import copy
from local.run.package import build_package
from local.toolchain import Toolchain
from local.workspace import NOWHERE, loopback, write_project, write_yaml
from tests.components.published_metrics import unpublished
from tests.examples.stored_outputs import STACK_TYPE, store_outputs
from tests.local.emulator.local_aws import running_aws
from tests.local.run.conftest import Checkout
from tests.previews.stored_state import read_state
from tests.stacks import ROOT, names_of

EXAMPLE = ROOT / "examples" / "nightly-export"
SHOPS = json.loads((EXAMPLE / "shops.json").read_text(encoding="utf-8"))


def test_it_exports_40_shops_in_under_40_lines() -> None:
    programs = [path.read_text(encoding="utf-8").splitlines() for path in EXAMPLE.glob("*.py")]
    assert len(SHOPS) == 40
    assert sum(map(len, programs)) < 40


def test_its_requirements_are_installed_from_this_repository() -> None:
    # PyPI has another project's package with the name of this one.
    lines = (EXAMPLE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (required,) = [line for line in lines if not line.startswith("#")]
    assert (EXAMPLE / required).resolve() == ROOT


def test_the_guardrails_pass_it(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {
        **toolchain.environment(stand_in_provider=True),
        **build_package(),
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write_project(tmp_path, EXAMPLE)
    config = yaml.safe_load((EXAMPLE / "Pulumi.live.yaml").read_text(encoding="utf-8"))["config"]
    write_yaml(tmp_path / "Pulumi.live.yaml", {"config": {**loopback(NOWHERE), **config}})
    automation.create_stack("live", work_dir=str(tmp_path))
    command = [str(toolchain.python), "-m", "guardrails", "preview", str(tmp_path), "--stack", "live"]
    done = subprocess.run(
        [*command, "--policy-pack", str(ROOT / "policies"), "--format", "json"],
        cwd=ROOT / "policies",
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Other programs need a secret and permissions; the example does not.
IMPORTS, TOKEN = "from pathlib import Path", "the token of the shops"
WITH_TOKEN = f"""{IMPORTS}

import pulumi_aws as aws
from ccapi.scheduled_job import ProgramPermission

token = aws.ssm.Parameter("token", name="/shops/token", type="SecureString", value="{TOKEN}")"""
PROGRAM = 'program=["python", "export.py", "{region}"],'
WITH_ACCESS = f"""{PROGRAM}
        secrets={{"SHOPS_TOKEN": token.arn}},
        permissions=[ProgramPermission(actions=["ssm:GetParameter"], resources=[token.arn])],"""
USE = f"""
import boto3

assert os.environ["SHOPS_TOKEN"] == "{TOKEN}"
read = boto3.client("ssm").get_parameter
assert read(Name="/shops/token", WithDecryption=True)["Parameter"]["Value"] == "{TOKEN}"
try:
    read(Name="/ccapi/other")
except Exception as error:
    assert "AccessDenied" in str(error), error
else:
    sys.exit("it may read any parameter")
"""


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def exported(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Run the example, with a secret and a permission besides, which its program checks."""
    checkout = Checkout(copy(tmp_path_factory.mktemp("export")), toolchain)
    example = checkout.path / "examples" / "nightly-export"
    changed(example / "__main__.py", IMPORTS, WITH_TOKEN)
    changed(example / "__main__.py", PROGRAM, WITH_ACCESS)
    with (example / "export.py").open("a", encoding="utf-8") as program:
        program.write(USE)
    finished = checkout.run("--project", "examples/nightly-export")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return checkout


def test_a_run_exports_every_shop(exported: Checkout) -> None:
    regions = exported.last_run["regions"]
    assert sorted(region["name"] for region in regions) == sorted(SHOPS)
    assert {region["status"] for region in regions} == {"succeeded"}
    folder = exported.path / "build" / "reports" / exported.last_run["run_id"]
    for shop in SHOPS:
        with (folder / shop / "sales.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == ["shop", "hour", "cents"]
        assert [row[:2] for row in rows] == [[shop, str(hour)] for hour in range(24)]


def test_its_night_names_the_run_and_its_page_is_about_shops(exported: Checkout) -> None:
    run = exported.last_run["run_id"]
    page = (exported.path / "build" / "reports" / run / "index.html").read_text(encoding="utf-8")
    assert run.startswith("2")
    assert "nightly-export" in page
    assert '<a href="berlin-mitte/sales.csv">CSV</a>' in page
    assert "learing" not in page.partition("<body>")[2]


def test_its_metrics_and_messages_are_its_own(exported: Checkout) -> None:
    metrics = {metric["name"]: metric["value"] for metric in exported.last_run["metrics"]}
    assert metrics["WeeklyMonitoringSuccess"] == 1
    assert exported.last_run["outputs"]["dashboard_name"] == "nightly-export-local"


def test_its_outputs_are_those_of_the_contract(exported: Checkout) -> None:
    schema = json.loads((ROOT / "schemas" / "outputs.json").read_text(encoding="utf-8"))
    Draft7Validator(schema).validate(exported.last_run["outputs"])


DASHBOARD = ROOT / "examples" / "dashboard"
HERE, ELSEWHERE = "123456789012", "210987654321"


def in_prod(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs as a stack `prod` in another account has them."""
    text = json.dumps(outputs).replace("local", "prod").replace(HERE, ELSEWHERE)
    changed: dict[str, Any] = json.loads(text)
    return changed


def test_the_dashboard_example_is_short() -> None:
    assert len((DASHBOARD / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 65


def test_one_dashboard_shows_two_stacks_and_refuses_outputs_of_another_version(
    exported: Checkout, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in toolchain.environment(stand_in_provider=True).items():
        monkeypatch.setenv(name, value)
    # The state that the run left, with the stack local.
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{exported.path}/.local/state")
    store_outputs(tmp_path / "prod", "nightly-export", "prod", in_prod(exported.last_run["outputs"]))
    resources = (read_state("prod").deployment or {})["resources"]
    (before,) = (each["outputs"] for each in resources if each["type"] == STACK_TYPE)
    store_outputs(tmp_path / "before", "ccapi", "prod", before)
    folder = tmp_path / "dashboard"
    folder.mkdir()
    write_project(folder, DASHBOARD)

    with running_aws() as aws:

        def configure(*stacks: str) -> None:
            config = yaml.safe_load((DASHBOARD / "Pulumi.live.yaml").read_text(encoding="utf-8"))["config"]
            ours = {"aws:allowedAccountIds": [HERE], "ccapi-dashboard:stacks": list(stacks)}
            write_yaml(folder / "Pulumi.live.yaml", {"config": {**config, **loopback(aws.aws), **ours}})

        configure("organization/nightly-export/local", "organization/nightly-export/prod")
        stack = automation.create_stack("live", work_dir=str(folder))
        stack.up(suppress_outputs=True)
        answer = aws.client("cloudwatch").get_dashboard(DashboardName="ccapi")
        configure("organization/nightly-export/local", "organization/ccapi/prod")
        with pytest.raises(automation.CommandError) as refused:
            stack.preview(suppress_outputs=True)

    assert (
        "error: the outputs of organization/ccapi/prod have version 0.0, and this program reads version 1;"
        in str(refused.value)
    )
    assert "Traceback" not in str(refused.value)
    widgets = json.loads(answer["DashboardBody"])["widgets"]
    columns = {x: [widget["properties"] for widget in widgets if widget["x"] == x] for x in (0, 12)}
    for properties, environment, account in zip(
        columns.values(), ("local", "prod"), (HERE, ELSEWHERE), strict=True
    ):
        assert [each["title"] for each in properties] == [
            f"{environment}: {what}"
            for what in ("alarms", "outcome", "hours since success", "seconds a run", "US dollars a run")
        ]
        alarms, *charts = properties
        assert {arn.split(":")[4] for arn in alarms["alarms"]} == {account}
        assert {arn.rpartition("-")[2] for arn in alarms["alarms"]} == {environment}
        series = [metric for chart in charts for metric in chart["metrics"]]
        assert {(namespace, options["accountId"]) for namespace, *_, options in series} == {
            ("nightly-export", account)
        }
        # The job has a namespace of its own.
        shown = [
            (names_of(environment).metric_namespace, metric, {dimension: value})
            for _, metric, dimension, value, _ in series
        ]
        assert list(unpublished(environment, shown)) == []
        bounds = [
            chart["annotations"]["horizontal"][0]["value"] for chart in charts if "annotations" in chart
        ]
        outputs = exported.last_run["outputs"]
        assert bounds == [outputs["success_overdue_hours"], outputs["run_timeout_seconds"]]
