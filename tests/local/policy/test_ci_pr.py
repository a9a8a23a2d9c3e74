"""`make ci-pr` in a copy of this checkout, with the real engine: a change that doubles the retries is refused."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from guardrails.preview.comment import MARKER
from tests.stacks import ROOT

pytestmark = pytest.mark.usefixtures("toolchain")

RETRIES = "  ccapi:run:\n    workerRetries: 4\n    timeoutSeconds: 72000\n"


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=Developer", "-c", "user.email=developer@example.com"]
    command = ["git", *named, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this checkout's files as `main`, and more retries of prod's workers in its working tree."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    # An environment of its own, since `make setup` writes the command `ccapi` into it.
    (folder / ".venv" / "bin").mkdir(parents=True)
    for path in (*ROOT.glob(".venv/*"), *ROOT.glob(".venv/bin/*")):
        if path.name not in {"bin", "ccapi"}:
            (folder / path.relative_to(ROOT)).symlink_to(path)
    git(folder, "init", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "Before the change")
    stack = folder / "Pulumi.prod.yaml"
    with stack.open("a", encoding="utf-8") as file:
        file.write(RETRIES)
    limits = folder / "policies" / "limits" / "ccapi" / "prod.json"
    written = limits.read_text(encoding="utf-8")
    assert '"1.50"' in written
    limits.write_text(written.replace('"1.50"', '"1.60"'), encoding="utf-8")
    return folder


def ci_pr(
    checkout: Path, base: str, stack: str = "prod"
) -> tuple[subprocess.CompletedProcess[str], str, dict[str, object]]:
    """Run the command for a stack, and return the comment and the run in SARIF too."""
    shutil.rmtree(checkout / "build", ignore_errors=True)
    command = ["make", "--no-print-directory", "ci-pr", f"BASE={base}", f"ARGS=--stack {stack}"]
    # The environment of an outer `make` would reach this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    reports = checkout / "build" / "ci-pr"
    comment = (reports / "comment.md").read_text(encoding="utf-8")
    (run,) = json.loads((reports / "guardrails.sarif").read_text(encoding="utf-8"))["runs"]
    return done, comment, run


def test_a_change_that_doubles_the_retries_is_refused_with_its_cost(checkout: Path) -> None:
    before = git(checkout, "status", "--short")
    done, comment, run = ci_pr(checkout, "main")
    assert done.returncode == 2, done.stderr
    assert "Error 1" in done.stderr
    assert comment.startswith(f"{MARKER}\n\n## ❌ Refused: prod\n")
    for row in (
        "| a month, at worst | $21.32 | $25.14 | +$3.82 |",
        "| longest run | 11 h 14 min | 15 h 23 min |",
    ):
        assert row in comment
    assert "**run-cost-worst-within-limit** (new): ccapi-machine: a run costs up to $2.51" in comment
    assert "limits: ccapi/prod.json" in comment
    results = run["results"]
    assert isinstance(results, list)
    refused = {result["ruleId"]: result for result in results}
    (location,) = refused["run-cost-worst-within-limit"]["locations"]
    place = location["physicalLocation"]
    # The setting of the change that the message names, where GitHub shows the alert.
    stack = (checkout / "Pulumi.prod.yaml").read_text(encoding="utf-8").splitlines()
    assert place["artifactLocation"]["uri"] == "Pulumi.prod.yaml"
    assert "workerRetries: 4" in stack[place["region"]["startLine"] - 1]
    assert (
        "**Set by the change: 1 limit**\n\n- watching-within-free-tier: maxBeyondUsd, 1.50 → 1.60\n"
        in comment
    )
    # Neither a worktree nor another file is left.
    assert git(checkout, "status", "--short") == before
    assert len(git(checkout, "worktree", "list").splitlines()) == 1


def test_a_base_that_does_not_exist_is_reported_and_its_name_runs_nothing(checkout: Path) -> None:
    done, comment, _ = ci_pr(checkout, "`touch gone`;touch$IFS.gone")
    assert done.returncode == 2
    assert "guardrails: git knows no revision `touch gone`;touch" in done.stderr
    assert "**The base could not be previewed**, so that no change is known: git knows no revision" in comment
    assert "Refused: prod" in comment
    assert not [*checkout.glob("*gone")]


def test_a_stack_file_that_is_not_yaml_is_in_the_comment(checkout: Path) -> None:
    stack = checkout / "Pulumi.dev.yaml"
    written = stack.read_text(encoding="utf-8")
    try:
        stack.write_text(f"{written}  ccapi:[x: {{\n", encoding="utf-8")
        done, comment, run = ci_pr(checkout, "main", "dev")
    finally:
        stack.write_text(written, encoding="utf-8")
    assert "Error 3" in done.stderr
    assert "make policy: Pulumi.dev.yaml is not YAML (" in done.stderr
    assert comment.startswith(f"{MARKER}\n\n## ⚠️ Failed: dev\n")
    assert "Pulumi.dev.yaml is not valid YAML (" in comment
    assert "is new" not in comment
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]  # type: ignore[index]
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.dev.yaml"
