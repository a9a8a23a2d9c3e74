import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from guardrails.cost.report import usd
from tests.policies.test_plan_file import PROVIDER, preview

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = preview()
    key = {
        "urn": "urn:pulumi:dev::p::aws:kms/key:Key::key",
        "type": "aws:kms/key:Key",
        "provider": f"{PROVIDER}::0c1d",
        "inputs": {},
    }
    database = {**key, "urn": f"{key['urn']}s", "type": "aws:redshift/cluster:Cluster"}
    written["steps"] += [{"op": "create", "newState": one} for one in (key, database)]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(written), encoding="utf-8")
    return path


def test_it_shows_totals_and_the_amounts_outside_of_them(file: Path, capsys: Capture) -> None:
    assert main(["cost", str(file)]) == 0
    told = capsys.readouterr().out
    assert "Prices of eu-west-1, the oldest as of 20" in told
    assert "a month with the free tier" in told
    assert "$1.00" in told
    assert "- how many messages go through it: queue" in told
    assert "- aws:redshift/cluster:Cluster: keys" in told


def test_in_json_every_amount_is_a_string_and_an_unknown_amount_is_null(file: Path, capsys: Capture) -> None:
    assert main(["cost", str(file), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["currency"], told["regions"]) == ("USD", ["eu-west-1"])
    assert told["month"]["expected"]["total"] == "1"
    assert {line["price"]: line["usd"] for line in told["fixed"]["lines"]} == {
        "sqs_standard_request": None,
        "kms_key_month": "1",
        "kms_request": None,
        "aws:redshift/cluster:Cluster": None,
    }
    assert told["month"]["worst"]["is_bounded"] is False
    assert told["not_priced"] == {"aws:redshift/cluster:Cluster": ["keys"]}
    assert told["depends_on"]["how many messages go through it"] == ["queue"]


def test_as_markdown_it_is_tables(file: Path, capsys: Capture) -> None:
    assert main(["cost", str(file), "--format", "markdown", "--free-tier"]) == 0
    told = capsys.readouterr().out
    assert "|  | expected | at worst |\n| --- | --: | --: |" in told
    assert "after the free tier" in told


def test_an_unknown_region_can_be_set_by_an_option(tmp_path: Path, capsys: Capture) -> None:
    written = {
        "steps": [{"newState": {"urn": "urn:pulumi:dev::p::aws:kms/key:Key::key", "type": "aws:kms/key:Key"}}]
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(written), encoding="utf-8")
    assert main(["cost", str(path)]) == 1
    assert "the region of key is not known" in capsys.readouterr().err
    assert main(["cost", str(path), "--region", "us-east-1"]) == 0


def test_a_missing_plan_file_is_refused_with_an_error_message(tmp_path: Path, capsys: Capture) -> None:
    assert main(["cost", str(tmp_path / "gone.json")]) == 1
    assert capsys.readouterr().err.endswith("name a file that holds a plan.\n")


def test_a_stack_that_costs_nothing_says_so(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"steps": [{"newState": {"urn": "urn:a::b", "type": "acme:Thing"}}]}))
    assert main(["cost", str(path)]) == 0
    assert capsys.readouterr().out == "AWS bills nothing for these resources.\n"
    assert main(["cost", str(path), "--json"]) == 0


@pytest.mark.parametrize("type_", ["aws-native:ec2:NatGateway", "aws:redshift/cluster:Cluster"])
def test_a_stack_of_unpriced_resources_is_not_reported_as_free(
    tmp_path: Path, capsys: Capture, type_: str
) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"steps": [{"newState": {"urn": "urn:a::it", "type": type_}}]}))
    assert main(["cost", str(path)]) == 0
    told = capsys.readouterr().out
    assert f"- {type_}: it" in told
    assert "Nothing" not in told


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0.00"),
        ("0.00001", "<$0.0001"),
        ("0.00123", "$0.0012"),
        ("0.005", "$0.0050"),
        ("0.01", "$0.01"),
        ("0.125", "$0.13"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_an_amount_has_two_decimals_or_four_below_a_cent(amount: str, shown: str) -> None:
    assert usd(Decimal(amount)) == shown


def test_an_amount_is_rounded_in_the_tables_and_not_in_json(
    file: Path, tmp_path: Path, capsys: Capture
) -> None:
    declared = tmp_path / "declared.json"
    declared.write_text('{"key": {"month": {"kms_request": 12345}}}', encoding="utf-8")
    asked = ["cost", str(file), "--expected", str(declared)]
    assert main([*asked, "--json"]) == 0
    month = json.loads(capsys.readouterr().out)["month"]["expected"]
    # 12,345 requests at $0.03 per 10,000, and $1 for the key.
    assert {line["price"]: line["usd"] for line in month["lines"]}["kms_request"] == "0.037035"
    assert month["total"] == "1.037035"
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert "$1.04" in told
    assert "1.037" not in told


def test_measured_usage_replaces_declared_usage(tmp_path: Path, capsys: Capture) -> None:
    plan, measured = tmp_path / "plan.json", tmp_path / "measured.json"
    machine = {
        "urn": "urn:pulumi:dev::p::aws:sfn/stateMachine:StateMachine::weekly",
        "type": "aws:sfn/stateMachine:StateMachine",
        "inputs": {"definition": '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'},
    }
    plan.write_text(json.dumps({"steps": [{"newState": machine}]}), encoding="utf-8")
    asked = ["cost", str(plan), "--region", "us-east-1", "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["month"]["expected"]["is_bounded"] is False
    measured.write_text('{"weekly": {"starts": 4, "run": {"s3_get_request": "0.5"}}}', encoding="utf-8")
    assert main([*asked, "--expected", str(measured)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["machines"][0]["runs_a_month"] == {"expected": "4", "worst": "4"}
    assert {line["price"]: line["quantity"] for line in told["machines"][0]["run"]["expected"]["lines"]} == {
        "sfn_standard_transition": "1",
        "s3_get_request": "0.5",
    }


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[", "is not JSON"),
        ("[]", "it is [], no object"),
        ('{"quee": {}}', "the nearest name is queue"),
        ('{"queue": {"start": {}}}', "queue.start is not known; the nearest name is starts"),
        ('{"queue": {"month": {"kms_request": -1}}}', "queue.month.kms_request is -1"),
    ],
)
def test_mistakes_in_a_file_of_measured_usage_are_reported(
    file: Path, tmp_path: Path, capsys: Capture, written: str, told: str
) -> None:
    measured = tmp_path / "measured.json"
    measured.write_text(written, encoding="utf-8")
    assert main(["cost", str(file), "--expected", str(measured)]) == 1
    assert told in capsys.readouterr().err
    assert main(["cost", str(file), "--expected", str(tmp_path / "gone")]) == 1
    assert "cannot be read (No such file" in capsys.readouterr().err
