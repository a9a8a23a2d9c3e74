"""The workflows: every command in them exists, and each has the least permissions."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import click
import pytest

from cli.app import ccapi
from cli.invocation import Invocation
from local.toolchain import ready
from tests.stacks import ROOT
from tests.workflows.documents import ACTIONS, WORKFLOWS, Step, jobs, read, steps

# Lines of shell that pass values on, and call nothing of this project.
GLUE = ("if [ -f ", "test ", "echo ", "sed -n ")
COMMAND = re.compile(r"(?:^|\$\()(make|\.venv/bin/ccapi|pulumi|python3 \.ci/\S+|\.ci/\S+)( [^)\n]*)?")


def lines() -> list[tuple[Step, str]]:
    return [(step, line) for step in steps() for line in step.lines]


def commands(program: str) -> list[list[str]]:
    """Return the arguments of each call of a program."""
    found = [COMMAND.search(line) for _, line in lines()]
    return [shlex.split(call[2] or "") for call in found if call and call[1].startswith(program)]


def test_every_step_calls_a_command_of_this_project() -> None:
    unknown = [line for _, line in lines() if not COMMAND.search(line) and not line.startswith(GLUE)]
    assert not unknown


def test_every_make_target_and_every_script_exists() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    called = {target for target, *_ in commands("make")}
    assert called <= set(targets.split())
    assert {"setup", "bench", "lock"} <= called
    scripts = {word for _, line in lines() for word in line.split() if word.startswith(".ci/")}
    assert scripts == {".ci/run", ".ci/comment.py", ".ci/issue.py", ".ci/propose"}
    for script in scripts:
        assert os.access(ROOT / script, os.R_OK if script.endswith(".py") else os.X_OK), script


def test_every_line_of_ccapi_is_understood() -> None:
    called = commands(".venv/bin/ccapi")
    assert {name for name, *_ in called} == {"image", "run", "wait"}
    with click.Context(ccapi, obj=Invocation()) as context:
        for name, *arguments in called:
            command = ccapi.get_command(context, name)
            assert command, name
            command.make_context(name, arguments, parent=context)


@cache
def _pulumi_help(*command: str) -> str:
    pulumi = ready(ROOT, progress=lambda *_: None).pulumi
    return subprocess.check_output([pulumi, *command, "--help"], text=True)


def test_every_option_of_pulumi_exists() -> None:
    called = commands("pulumi")
    assert {line[0] for line in called} == {"config", "preview", "refresh", "stack", "up"}
    for line in called:
        command = line[: 2 if line[0] in {"config", "stack"} else 1]
        shown = _pulumi_help(*command)
        unknown = [word for word in line if word.startswith("--") and f"{word} " not in shown]
        assert not unknown, line


def test_files_have_the_form_that_github_asks_for() -> None:
    for schema, files in (
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-actions", ACTIONS),
        ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"]),
    ):
        assert files
        check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
        done = subprocess.run(check, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_every_action_is_pinned_to_one_commit_with_its_version() -> None:
    pins: dict[str, set[str]] = {}
    for file in (*WORKFLOWS, *ACTIONS):
        for line in file.read_text(encoding="utf-8").splitlines():
            if not (used := re.fullmatch(r"\s*(?:- )?uses: (\S+)(.*)", line)):
                continue
            if used[1].startswith("./"):
                target = ROOT / used[1]
                assert (target if target.suffix else target / "action.yml").is_file(), line
                continue
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used[1] + used[2]), line
            name, _, commit = used[1].partition("@")
            pins.setdefault(name, set()).add(commit)
    assert not {name: found for name, found in pins.items() if len(found) > 1}


def test_no_job_has_a_permission_that_it_does_not_name() -> None:
    for file in WORKFLOWS:
        assert read(file)["permissions"] == {}, file
        for name, job in jobs(file).items():
            assert "permissions" in job, (file, name)
            assert "uses" in job or job["timeout-minutes"] <= 120, (file, name)
        triggers = read(file)["on"]
        assert "pull_request_target" not in triggers
        assert "workflow_run" not in triggers
    for step in steps():
        if step.action.startswith("actions/checkout@"):
            assert step.step["with"]["persist-credentials"] is False


def test_a_job_that_runs_code_of_a_pull_request_can_write_nothing() -> None:
    for file in (path for path in WORKFLOWS if "pull_request" in read(path)["on"]):
        for name, job in jobs(file).items():
            writes = {key for key, value in job["permissions"].items() if value == "write"}
            checkouts = [step for step in job.get("steps", ()) if "actions/checkout@" in step.get("uses", "")]
            of_base = [step for step in checkouts if step["with"].get("ref", "").endswith("base.sha }}")]
            assert writes <= {"id-token"} or checkouts == of_base, (file, name)
            if "id-token" in writes:
                assert job["environment"] == "${{ matrix.stack }}-preview"


def test_an_artifact_replaces_no_script_of_a_job_that_can_write() -> None:
    downloads = []
    for file in WORKFLOWS:
        for job in jobs(file).values():
            for step in job.get("steps", ()):
                if "actions/download-artifact@" in step.get("uses", ""):
                    assert "write" in job["permissions"].values(), file
                    downloads.append(step["with"]["path"])
    assert downloads
    assert all(path.startswith(("${{ runner.temp }}/", "build/")) for path in downloads), downloads


def test_commits_are_deployed_in_the_order_of_their_merges() -> None:
    deliver = jobs(_workflow("deliver"))
    assert deliver["test"]["concurrency"] == {"group": "deliver-test", "cancel-in-progress": False}
    assert "test" in deliver["dev"]["needs"]
    steps_ = jobs(_workflow("deploy"))["deploy"]["steps"]
    waits = next(place for place, step in enumerate(steps_) if "ccapi wait" in step.get("run", ""))
    # The wait may take as long as half of the credentials' hour.
    assert steps_[waits - 1]["uses"] == "./.github/actions/stack"


def test_alerts_of_a_pull_request_are_compared_with_those_of_main() -> None:
    of_main, of_change = (
        step["with"]["category"]
        for name in ("deliver", "pull-request")
        for job in jobs(_workflow(name)).values()
        for step in job.get("steps", ())
        if "codeql-action/upload-sarif@" in step.get("uses", "")
    )
    assert of_main == of_change


def test_the_required_job_runs_always_and_needs_all_others_but_the_report() -> None:
    found = jobs(ROOT / ".github" / "workflows" / "pull-request.yml")
    required = found["required"]
    assert set(required["needs"]) == found.keys() - {"required", "report"}
    assert (required["if"], required["name"]) == ("always()", "required")
    assert "paths" not in str(read(ROOT / ".github" / "workflows" / "pull-request.yml")["on"])
    (step,) = required["steps"]
    for event, test, policy, passes in (
        ("pull_request", "success", "success", True),
        ("pull_request", "success", "failure", False),
        ("pull_request", "success", "skipped", False),
        ("pull_request", "cancelled", "success", False),
        ("merge_group", "success", "skipped", True),
        ("merge_group", "failure", "skipped", False),
    ):
        variables = {"EVENT": event, "TEST": test, "POLICY": policy}
        done = subprocess.run(["bash", "-e", "-c", step["run"]], env=variables, check=False)
        assert (done.returncode == 0) is passes, variables


def test_the_tests_run_on_the_oldest_and_the_newest_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"python3 python(3\.\d+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert newest
    (versions,) = (job["strategy"]["matrix"]["python"] for job in jobs(_workflow("test")).values())
    assert versions == [project["requires-python"].removeprefix(">="), newest[1]]


def test_the_pulumi_cli_has_the_version_of_the_sdk() -> None:
    (line,) = (line for _, line in lines() if line.startswith("sed "))
    printed = subprocess.check_output(["sh", "-c", line.partition(" >>")[0]], cwd=ROOT, text=True)
    assert re.fullmatch(r"version=\d+\.\d+\.\d+\n", printed)


def test_updates_cover_every_action_and_go_module() -> None:
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    folders = {
        update["package-ecosystem"]: update.get("directories", [update.get("directory")])
        for update in updates
    }
    modules = {f"/{path.parent.relative_to(ROOT)}" for path in ROOT.glob("local/**/go.mod")}
    assert {str(Path(module).parent) + "/*" for module in modules} == set(folders["gomod"])
    assert folders["github-actions"] == ["/", "/.github/actions/*"]


def test_the_page_has_the_subject_of_each_environment() -> None:
    page = (ROOT / "docs" / "continuous-integration.md").read_text(encoding="utf-8")
    named = {
        str(job["environment"]) for file in WORKFLOWS for job in jobs(file).values() if "environment" in job
    }
    assert named == {"${{ inputs.stack }}", "${{ matrix.stack }}-preview"}
    for environment in ("dev", "prod", "dev-preview", "prod-preview"):
        assert f"`{environment}`" in page
    assert '"repo:OWNER/REPOSITORY:environment:prod-preview"' in page
    for file in WORKFLOWS:
        assert f"`{file.name}`" in page, file.name


def _workflow(name: str) -> Path:
    return ROOT / ".github" / "workflows" / f"{name}.yml"


@pytest.mark.parametrize("name", ["preview", "weekly", "deliver"])
def test_no_workflow_needs_an_account_before_it_is_set_up(name: str) -> None:
    with_account = [job for job in jobs(_workflow(name)).values() if "id-token" in job["permissions"]]
    assert with_account
    # An empty list is no set-up either: a matrix of nothing is an error.
    first = "fromJSON(vars.STACKS || '[]')[0]"
    for job in with_account:
        assert (first if "strategy" in job else "fromJSON(vars.STACKS || '[]')") in job["if"]
