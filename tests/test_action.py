"""The action and the hook for other repositories: their steps run here, with the variables that GitHub sets."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardrails.preview.comment import MARKER
from local.toolchain import Toolchain
from tests.local.toolchain.projects import PROGRAM
from tests.policies.installed import install_guardrails
from tests.stacks import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "run" in step}

# Answers for `gh api`: the list of comments is a file, and each change is recorded.
GH = """#!/usr/bin/env bash
echo "$@" >> "$CALLS"
case "$*" in *--paginate*) cat "$COMMENTS" ;; esac
"""


@pytest.fixture(scope="module")
def runner(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a runner, on which the guardrails are installed as a package."""
    folder = tmp_path_factory.mktemp("runner")
    variables = {
        **os.environ,
        **toolchain.environment(stand_in_provider=True),
        "RUNNER_TEMP": str(folder),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_REPOSITORY": "example/project",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "CALLS": str(folder / "calls"),
        "COMMENTS": str(folder / "comments"),
    }
    # In place of the step "Install the guardrails", which needs a package registry.
    install_guardrails(folder)
    return variables


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose stack has an encrypted setting, and a limit of its own."""
    folder = tmp_path / "repository" / "infra"
    (folder / "limits" / "small").mkdir(parents=True)
    runtime = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    (folder / "Pulumi.yaml").write_text(
        yaml.safe_dump({"name": "small", "runtime": runtime}), encoding="utf-8"
    )
    (folder / "Pulumi.dev.yaml").write_text(
        "encryptionsalt: v1:other\nconfig:\n  small:size: 1\n  small:token: {secure: unknown}\n",
        encoding="utf-8",
    )
    (folder / "limits" / "small" / "dev.json").write_text('{"version": 1}', encoding="utf-8")
    (folder / "__main__.py").write_text(
        f"{PROGRAM}config = pulumi.Config()\nassert config.require('token') == 'stand-in'\n"
        "Thing('one', config.require_int('size'))\n",
        encoding="utf-8",
    )
    git(folder.parent, "init", "--initial-branch", "main")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "--message", "Before")
    return folder


def git(folder: Path, *arguments: str) -> None:
    named = ["-c", "user.name=Developer", "-c", "user.email=developer@example.com"]
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def step(
    name: str, runner: dict[str, str], folder: Path, **variables: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run a step as GitHub does, and return its outputs too."""
    output = Path(runner["GITHUB_OUTPUT"])
    output.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],
        cwd=folder,
        env={**runner, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = output.read_text(encoding="utf-8").splitlines()
    return done, dict(line.split("=", 1) for line in lines)


def preview(runner: dict[str, str], project: Path, **inputs: str) -> tuple[str, dict[str, str]]:
    """Run the step "Preview the stacks", and return its output and outputs."""
    given = {"STACKS": "", "FOLDER": "infra", "LIMITS": "limits", "BASE": "main", **inputs}
    done, outputs = step("preview", runner, project.parent, **given)
    assert done.returncode == 0
    return done.stdout + done.stderr, outputs


def test_the_action_previews_offline_and_writes_the_summary_the_comment_and_the_alerts(
    runner: dict[str, str], project: Path
) -> None:
    Path(runner["GITHUB_STEP_SUMMARY"]).unlink(missing_ok=True)
    files = {path: path.read_bytes() for path in project.rglob("*.*") if path.is_file()}
    said, outputs = preview(runner, project, STACKS="dev")
    assert outputs["exit-code"] == "0", said
    comment = Path(outputs["comment"]).read_text(encoding="utf-8")
    assert comment.startswith(f"{MARKER}\n\n## ✅ Passed: dev\n")
    assert "limits: small/dev.json" in comment
    assert "the change since main (" in comment
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8") == comment
    assert json.loads(Path(outputs["sarif"]).read_text(encoding="utf-8"))["version"] == "2.1.0"
    now = {path: path.read_bytes() for path in project.rglob("*.*") if path.is_file()}
    # Python's compiled files are not the engine's.
    assert files == {path: content for path, content in now.items() if path.suffix != ".pyc"}
    assert step("verdict", runner, project, CODE=outputs["exit-code"])[0].returncode == 0


def test_the_action_fails_with_a_report_and_runs_nothing_that_an_input_contains(
    runner: dict[str, str], project: Path
) -> None:
    (project / "__main__.py").write_text("raise RuntimeError('broken')", encoding="utf-8")
    said, outputs = preview(runner, project, STACKS="dev", BASE="$(touch gone)")
    assert outputs["exit-code"] == "3"
    comment = Path(outputs["comment"]).read_text(encoding="utf-8")
    assert "## ⚠️ Failed: dev" in comment
    assert "RuntimeError: broken" in comment
    assert "**The base could not be previewed**" in comment
    assert step("verdict", runner, project, CODE=outputs["exit-code"])[0].returncode == 3
    # A wrong command line leaves no report of an earlier run.
    said, outputs = preview(runner, project, LIMITS="`touch gone`")
    assert "does not exist; name a file of limits" in said
    assert outputs == {"exit-code": "2"}
    assert not [*project.parent.rglob("gone")]


def test_one_comment_is_written_and_updated_later(runner: dict[str, str], tmp_path: Path) -> None:
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)
    path = f"{gh.parent}{os.pathsep}{runner['PATH']}"
    calls, comments = Path(runner["CALLS"]), Path(runner["COMMENTS"])
    for known, expected in (
        ("", "--method POST repos/example/project/issues/7/comments"),
        ("41\n42\n", "--method PATCH repos/example/project/issues/comments/41"),
    ):
        calls.unlink(missing_ok=True)
        comments.write_text(known, encoding="utf-8")
        done, _ = step("comment", runner, tmp_path, PATH=path, NUMBER="7", COMMENT="c.md", GH_TOKEN="")
        assert done.returncode == 0, done.stderr
        asked, changed = calls.read_text(encoding="utf-8").splitlines()
        assert MARKER in asked
        assert changed == f"api --silent {expected} --field body=@c.md"


def test_the_action_is_valid_and_no_expression_reaches_a_script() -> None:
    bin_ = Path(sys.executable).parent
    for command in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"],
        ["zizmor", "--offline", "--no-progress", "--persona", "pedantic", "action.yml"],
    ):
        done = subprocess.run(
            [str(bin_ / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    # Only environment variables reach a script.
    assert not [name for name, run in STEPS.items() if "${{" in run["run"]]


def test_the_action_pins_other_actions_by_commit_and_its_packages_by_hash() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert len(used) == sum("uses" in step for step in ACTION["runs"]["steps"])
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)

    scripts = [run["run"].replace("\\\n", " ") for run in STEPS.values()]
    installed = [arguments for script in scripts for arguments in re.findall(r'"\$pip" install (.+)', script)]
    assert len(installed) == sum(script.count(" install ") for script in scripts)
    locked, own = (
        [word for word in shlex.split(arguments) if word not in {"--quiet", "--disable-pip-version-check"}]
        for arguments in installed
    )
    assert locked == ["--require-hashes", "--requirement", "$GITHUB_ACTION_PATH/policies/requirements.txt"]
    assert own == ["--no-deps", "$GITHUB_ACTION_PATH/policies"]


def test_the_hook_installs_only_the_revision_that_a_repository_names() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    # pre-commit prints the output of a hook that passed, which lists deferred rules, only if it is verbose.
    assert (hook["language"], hook["pass_filenames"], hook["verbose"]) == ("python", False, True)
    # A folder of the repository is of the revision that `rev` names; a package of a registry could be any version.
    (dependency,) = hook["additional_dependencies"]
    folder = (ROOT / dependency).resolve()
    assert dependency.startswith("./")
    assert folder.is_relative_to(ROOT.resolve())
    package = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert hook["entry"].split()[0] in package["scripts"]


def test_the_hook_runs_from_the_installed_package(runner: dict[str, str], project: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    path = f"{runner['RUNNER_TEMP']}/guardrails/bin{os.pathsep}{runner['PATH']}"
    command = [*hook["entry"].split(), "--limits", "limits"]
    environment: dict[str, Any] = {**runner, "PATH": path}
    done = subprocess.run(
        ["/usr/bin/env", *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✓ dev: passed, 2 resources, ")
    assert "limits: small/dev.json" in done.stdout
