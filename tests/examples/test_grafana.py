"""The Grafana dashboard of the example, from the documented outputs of dev and prod."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.outputs_page import schema
from tests.components.published_metrics import unpublished
from tests.examples.grafana import faults, metrics_of, overlaps, panels_of
from tests.stacks import ROOT
from worker.logs import JsonLines

EXAMPLE = ROOT / "examples" / "grafana"
PROD = {name: described["examples"][0] for name, described in schema()["properties"].items()}
DEV: dict[str, Any] = json.loads(json.dumps(PROD).replace("prod", "dev"))
ACCOUNT = "222222222222"


def program(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLE / "dashboard.py"), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def built(folder: Path, *outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the dashboard of stacks with these outputs."""
    files = [folder / f"{number}.json" for number in range(len(outputs))]
    for file, content in zip(files, outputs, strict=True):
        file.write_text(json.dumps(content), encoding="utf-8")
    done = program(*map(str, files))
    assert done.returncode == 0, done.stderr
    dashboard: dict[str, Any] = json.loads(done.stdout)
    return dashboard


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return built(tmp_path_factory.mktemp("grafana"), DEV, PROD)


def test_grafana_knows_every_field_and_its_type(dashboard: dict[str, Any]) -> None:
    assert faults(dashboard) == []
    target = dashboard["panels"][1]["targets"][0]
    wrong = json.loads(json.dumps(dashboard))
    wrong["panels"][1]["targets"][0] = {**target, "matchExactly": True, "period": 300}
    assert faults(wrong) == [
        "dashboard.panels[1].targets[0].matchExactly: True is None to Grafana",
        "dashboard.panels[1].targets[0].period: Input should be a valid string",
    ]


def test_each_stack_has_a_row_with_the_same_panels(dashboard: dict[str, Any]) -> None:
    rows = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]
    assert rows == ["CloudClearingAPI dev", "CloudClearingAPI prod"]
    assert [[panel["title"] for panel in panels_of(dashboard, row)] for row in rows] == [
        [
            "Outcomes of runs",
            "Hours since the last success",
            "Regions",
            "Duration of runs",
            "Estimated cost of runs",
            "Messages in dead-letter queues",
            "Conditions of alarms, by day",
            "Warnings and errors of workers, last 7 days",
        ]
    ] * 2
    assert [link["url"] for link in dashboard["links"]] == [DEV["dashboard_url"], PROD["dashboard_url"]]


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_metric_is_one_that_is_published(environment: str, dashboard: dict[str, Any]) -> None:
    shown = list(metrics_of(panels_of(dashboard, f"CloudClearingAPI {environment}")))
    assert len(shown) > 15
    assert list(unpublished(environment, shown)) == []


def test_the_panels_do_not_overlap(dashboard: dict[str, Any]) -> None:
    assert overlaps(dashboard) == []
    heights = [panel["gridPos"]["h"] for panel in dashboard["panels"] if panel["type"] != "row"]
    assert set(heights) == {8}
    first, second = dashboard["panels"][1:3]
    second["gridPos"], kept = first["gridPos"], second["gridPos"]
    assert overlaps(dashboard) == [second["title"]]
    second["gridPos"] = kept


def test_every_query_uses_the_variable_and_computes_with_queries_of_its_panel(
    dashboard: dict[str, Any],
) -> None:
    (variable,) = dashboard["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == (
        "datasource",
        "datasource",
        "cloudwatch",
    )
    source = {"type": "cloudwatch", "uid": "${datasource}"}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            continue
        targets = panel["targets"]
        ids = [target["id"] for target in targets]
        assert len(set(ids)) == len(ids), panel["title"]
        assert panel["datasource"] == source
        for target in targets:
            assert target["datasource"] == source
            assert target["refId"] == target["id"]
            # CloudWatch: the id of a query begins with a lower-case letter.
            assert re.fullmatch(r"[a-z]\w*", target["id"])
            if target["queryMode"] == "Metrics" and "expression" in target:
                assert set(re.findall(r"[a-z]\w*", target["expression"])) <= set(ids), target["expression"]
            elif target["queryMode"] == "Metrics":
                assert target["statistic"] in {"Maximum", "SampleCount", "Sum"}
        assert [target for target in targets if not target.get("hide")], panel["title"]


def test_the_bounds_are_those_of_the_stack(dashboard: dict[str, Any]) -> None:
    bounds = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"]
        for panel in panels_of(dashboard, "CloudClearingAPI prod")
        if "thresholds" in panel["fieldConfig"]["defaults"]
    }
    assert bounds == {
        "Hours since the last success": PROD["success_overdue_hours"],
        "Duration of runs": PROD["run_timeout_seconds"],
    }


def test_the_log_query_reads_fields_that_the_worker_writes(dashboard: dict[str, Any]) -> None:
    *_, logs = panels_of(dashboard, "CloudClearingAPI prod")
    (query,) = logs["targets"]
    assert query["logGroups"] == [
        {
            "arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/ecs/ccapi-prod:*",
            "name": "/aws/ecs/ccapi-prod",
        }
    ]
    record = logging.LogRecord("worker", logging.ERROR, "", 0, "lost", (), None)
    line = json.loads(JsonLines({}).format(record))
    fields = query["expression"].partition("|")[0].removeprefix("fields @timestamp, ").strip().split(", ")
    assert fields == ["level", "message"]
    assert [line[name] for name in fields] == ["ERROR", "lost"]


def test_queries_name_the_account_only_if_there_are_several(
    dashboard: dict[str, Any], tmp_path: Path
) -> None:
    assert "accountId" not in json.dumps(dashboard)
    elsewhere = json.loads(json.dumps(DEV).replace(ACCOUNT, "111111111111"))
    accounts = {
        row: {
            target["accountId"]
            for panel in panels_of(both, f"CloudClearingAPI {row}")
            for target in panel["targets"]
            if target["queryMode"] == "Metrics"
        }
        for both in [built(tmp_path, elsewhere, PROD)]
        for row in ("dev", "prod")
    }
    assert accounts == {"dev": {"111111111111"}, "prod": {ACCOUNT}}


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (json.dumps({"aws_region": "us-east-1"}), "have version 0.0, and this program reads version 1"),
        (
            json.dumps({**PROD, "outputs_version": "2.1"}),
            "have version 2.1, and this program reads version 1",
        ),
        (
            json.dumps({name: value for name, value in PROD.items() if name != "metric_namespace"}),
            "the output 'metric_namespace' is missing",
        ),
        ("null", "- has no outputs; write them with `pulumi stack output --json`"),
        ("", "- has no outputs (Expecting value: line 1 column 1 (char 0)); write them with"),
    ],
)
def test_outputs_that_it_cannot_read_are_a_sentence(stdin: str, said: str) -> None:
    done = program(stdin=stdin)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_later_minor_version_is_read() -> None:
    assert program(stdin=json.dumps({**PROD, "outputs_version": "1.9", "new": []})).returncode == 0


def provisioned() -> dict[str, dict[str, Any]]:
    """Return the one entry of each provisioning file, by the folder in which Grafana looks for such files."""
    files = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (EXAMPLE / "provisioning").glob("*/*.yaml")
    }
    (provider,), (source,) = files["dashboards"]["providers"], files["datasources"]["datasources"]
    return {"dashboards": provider, "datasources": source}


def test_the_container_mounts_the_provisioning_and_the_folder_that_it_names() -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    mounts = {inside: outside for outside, inside in re.findall(r'--volume "\$PWD/(\S+?):(\S+?):ro"', readme)}
    provider = provisioned()["dashboards"]
    # The default folder of Grafana's image: https://grafana.com/docs/grafana/latest/administration/provisioning/.
    provisioning = mounts.pop("/etc/grafana/provisioning")
    assert ROOT / provisioning == EXAMPLE / "provisioning"
    ((inside, outside),) = mounts.items()
    assert (provider["type"], inside) == ("file", provider["options"]["path"])
    assert f"mkdir -p {outside}\n" in readme
    assert readme.count(f"> {outside}/ccapi.json\n") == 2
    assert f"reads the file again {provider['updateIntervalSeconds']} seconds after it changed" in readme


def test_the_provisioned_data_source_is_of_the_type_that_the_dashboard_selects(
    dashboard: dict[str, Any],
) -> None:
    source = provisioned()["datasources"]
    (variable,) = dashboard["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", source["type"])
    used = [panel["datasource"] for panel in dashboard["panels"] if panel["type"] != "row"]
    assert used
    assert all(reference == {"type": source["type"], "uid": f"${{{variable['name']}}}"} for reference in used)
    # The variables of --env-file; every query names its region.
    assert source["jsonData"]["authType"] == "default"
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert {target["region"] for target in targets} == {DEV["aws_region"]}
