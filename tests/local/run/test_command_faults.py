"""Faults of an existing program, each tested through the whole pipeline on one stack that is kept between tests."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.emulator.local_aws import eventually
from tests.local.run.bills import Run, agree
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept, keep
from tests.local.run.test_command import PROGRAM
from tests.stacks import REGION_NAMES

SCRIPT = "run_weekly_java_monitor.py"


class Program:
    """A kept stack that runs the program, which behaves as a test says."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.told = kept, kept.outputs
        self.machine = self.told["step_functions_state_machine_arn"]
        (script,) = (kept.checkout.path / ".local" / "image").rglob(SCRIPT)
        self._conduct = script.with_name("conduct.json")
        kept.change_machine(self.machine)

    def behave(self, **conduct: Any) -> None:
        self._conduct.write_text(json.dumps(conduct), encoding="utf-8")

    def configure(self, **command: Any) -> None:
        """Run with another revision, which says something else of the program."""
        ecs, ssm = self.kept.client("ecs"), self.kept.client("ssm")
        name = self.told["run_settings_parameter"]
        pinned = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        revision = ecs.describe_task_definition(taskDefinition=pinned["taskDefinition"])["taskDefinition"]
        (container,) = revision["containerDefinitions"]
        (variable,) = (item for item in container["environment"] if item["name"] == "COMMAND")
        variable["value"] = json.dumps({**json.loads(variable["value"]), **command})
        kept = ("family", "cpu", "memory", "networkMode", "taskRoleArn", "executionRoleArn", "volumes")
        registered = ecs.register_task_definition(
            containerDefinitions=[container],
            requiresCompatibilities=["FARGATE"],
            **{key: revision[key] for key in kept},
        )
        pinned["taskDefinition"] = registered["taskDefinition"]["taskDefinitionArn"]
        ssm.put_parameter(Name=name, Value=json.dumps(pinned), Type="String", Overwrite=True)

    def start(self, name: str) -> str:
        states = self.kept.client("stepfunctions")
        return str(
            states.start_execution(stateMachineArn=self.machine, name=name, input="{}")["executionArn"]
        )

    def ran(self, name: str) -> dict[str, Any]:
        return self.kept.ended(self.start(name))

    def results(self, name: str) -> dict[str, Any]:
        """Return what lies in the reports bucket of a run: the summary, and the names beside it."""
        s3, bucket = self.kept.client("s3"), self.told["s3_reports_bucket"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"weekly/{name}/").get("Contents", [])
        keys = {item["Key"].removeprefix(f"weekly/{name}/") for item in listed}
        summary = json.load(s3.get_object(Bucket=bucket, Key=f"weekly/{name}/summary.json")["Body"])
        return {"summary": summary, "keys": keys}


@pytest.fixture(scope="module")
def program(shared_checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = Path(shutil.copytree(PROGRAM, tmp_path_factory.mktemp("program") / "monitor"))
    before = sorted(folder.rglob("*"))
    with keep(shared_checkout, "--program", str(folder)) as kept:
        assert sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts) == before
        yield Program(kept)


def cause_of(ended: dict[str, Any]) -> str:
    assert ended["status"] == "FAILED", ended
    return str(ended["cause"])


def test_a_program_runs_unchanged_and_its_report_is_that_of_every_region(program: Program) -> None:
    checkout = program.kept.checkout
    facts = checkout.last_run
    assert {(region["status"], region["attempts"]) for region in facts["regions"]} == {("succeeded", 1)}
    assert [region["name"] for region in facts["regions"]] == list(REGION_NAMES)
    assert facts["reports"] == [f"build/reports/{facts['run_id']}/executive_summary.pdf"]
    report = checkout.path / facts["reports"][0]
    assert report.read_bytes() == b"%PDF-1.4 made now"
    assert 'href="executive_summary.pdf"' in (report.parent / "index.html").read_text(encoding="utf-8")
    assert f"all {len(REGION_NAMES)} regions were monitored" in facts["notifications"][0]["body"]
    assert facts["orphan_tasks"] == 0


def test_the_metered_cost_of_a_run_of_the_program_matches_the_estimate(
    program: Program, tmp_path: Path
) -> None:
    program.behave()
    # The stack expects 200 MB of the program's log; this one writes some lines.
    agree(Run(program.kept, {}), tmp_path, program_log_bytes=200_000_000)


def test_all_regions_failing_fail_the_run_with_their_reasons(program: Program) -> None:
    program.behave(fail=list(REGION_NAMES))
    cause = cause_of(program.ran("all-failing"))
    assert cause.startswith("Ccapi.NoRegionSucceeded: ")
    assert f"🛰️ Satellite data unavailable for {REGION_NAMES[0]}" in cause


def test_no_results_file_is_no_success_though_it_exits_with_zero(program: Program) -> None:
    program.behave(no_results=True)
    execution = program.start("no-results")
    cause_of(program.kept.ended(execution))
    # Another try would end the same way, an hour later.
    (error,) = program.kept.worker_errors(execution)
    assert error["error"] == "Worker.ProgramFailed"


def test_a_report_that_is_missing_is_a_warning(program: Program) -> None:
    program.behave(no_report=True)
    ended = program.ran("no-report")
    assert ended["status"] == "SUCCEEDED"
    assert "made no report" in json.loads(ended["output"])["warnings"][0]
    found = program.results("no-report")
    assert found["summary"]["status"] == "succeeded"
    assert found["summary"]["warnings"]
    assert "executive_summary.pdf" not in found["keys"]


def test_stale_files_of_an_older_run_are_not_taken_for_those_of_this_one(program: Program) -> None:
    program.behave(old_results=True)
    execution = program.start("stale-results")
    cause_of(program.kept.ended(execution))
    (error,) = program.kept.worker_errors(execution)
    assert error["error"] == "Worker.ProgramFailed"


def test_a_program_that_was_cancelled_has_failed_though_it_exits_with_zero(program: Program) -> None:
    program.behave()
    program.configure(confirmation="no")
    try:
        execution = program.start("cancelled")
        cause_of(program.kept.ended(execution))
    finally:
        program.configure(confirmation="yes")
    (error,) = program.kept.worker_errors(execution)
    assert "Monitoring cancelled by user" in error["cause"]


def test_a_program_that_is_killed_is_tried_again(program: Program) -> None:
    program.behave(signal=9)
    execution = program.start("killed")
    (error,) = eventually(lambda: program.kept.worker_errors(execution))
    assert error["error"] == "Worker.Crashed"
    program.behave()
    assert program.kept.ended(execution)["status"] == "SUCCEEDED"
    assert program.results("killed")["summary"]["succeeded"] == len(REGION_NAMES)


def test_a_program_that_kills_its_worker_is_tried_again(program: Program) -> None:
    program.behave(kill_parent=True)
    execution = program.start("parricide")
    (error,) = eventually(lambda: program.kept.worker_errors(execution))
    assert error["error"] == "Worker.Crashed"
    assert "(exit code 137)" in error["cause"]
    program.behave()
    assert program.kept.ended(execution)["status"] == "SUCCEEDED"
    assert program.results("parricide")["summary"]["succeeded"] == len(REGION_NAMES)


def test_a_program_whose_disk_is_full_has_failed_for_that(program: Program) -> None:
    program.behave(full_disk=True)
    execution = program.start("full-disk")
    cause_of(program.kept.ended(execution))
    (error,) = program.kept.worker_errors(execution)
    assert error["error"] == "Worker.ProgramFailed"
    assert "No space left on device" in error["cause"]


def test_a_program_that_floods_its_log_and_leaves_processes_succeeds(program: Program) -> None:
    program.behave(flood_megabytes=2, children=5)
    assert program.ran("flood")["status"] == "SUCCEEDED"
    summary = program.results("flood")["summary"]
    assert (summary["succeeded"], summary["warnings"]) == (len(REGION_NAMES), [])
    eventually(lambda: not [line for line in program.kept.checkout.processes() if "left behind" in line])


def test_a_program_that_is_silent_for_too_long_is_stopped_and_tried_again(program: Program) -> None:
    # Long enough for a program to start on a busy machine.
    program.configure(stallSeconds=15)
    program.behave(silent_at=REGION_NAMES[3], silent_seconds=600)
    try:
        execution = program.start("silent")
        (error,) = eventually(lambda: program.kept.worker_errors(execution))
        program.behave()
        assert program.kept.ended(execution)["status"] == "SUCCEEDED"
    finally:
        program.configure(stallSeconds=1200)
    assert error["error"] == "Worker.ProgramStalled"
    assert REGION_NAMES[3] in error["cause"]
