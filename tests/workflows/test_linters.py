"""The linters find planted mistakes, and `make check` says when actionlint is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.toolchain import ToolchainError
from tests.skip_or_fail import skip_or_fail
from tests.stacks import ROOT
from tests.workflows.linters import actionlint_findings, zizmor_findings


def silent(step: str, done: int = 0, total: int = 0) -> None:
    """Report no progress."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the workflows of this checkout."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    return tmp_path


def plant(checkout: Path, file: str, old: str, new: str) -> None:
    path = checkout / ".github" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_actionlint_finds_a_need_and_an_output_that_do_not_exist(checkout: Path) -> None:
    plant(checkout, "workflows/pull-request.yml", "needs: [test, policy]", "needs: [test, polcy]")
    plant(checkout, "workflows/deploy.yml", "steps.build.outputs.digest", "steps.bild.outputs.digest")
    try:
        found = actionlint_findings(checkout, progress=silent)
    except ToolchainError as error:
        skip_or_fail(str(error), unless="REQUIRE_ACTIONLINT", remedy="install Go or actionlint")
    assert 'needs job "polcy" which does not exist' in found
    assert 'property "bild" is not defined' in found


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        (
            "workflows/pull-request.yml",
            "- run: make ci-pr\n",
            "- run: make ci-pr BASE=origin/${{ github.head_ref }}\n",
            "template-injection",
        ),
        ("workflows/test.yml", "@df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3", "@v6", "unpinned-uses"),
        ("workflows/weekly.yml", "permissions: {}\n", "permissions: write-all\n", "excessive-permissions"),
        ("workflows/deploy.yml", "persist-credentials: false", "fetch-depth: 1", "artipacked"),
        ("workflows/preview.yml", "  pull_request:\n", "  pull_request_target:\n", "dangerous-triggers"),
    ],
)
def test_zizmor_finds_each_planted_security_mistake(
    checkout: Path, file: str, old: str, new: str, rule: str
) -> None:
    plant(checkout, file, old, new)
    assert f"[{rule}]" in zizmor_findings(checkout)


def test_without_go_the_check_says_that_it_linted_less_and_ci_refuses(tmp_path: Path) -> None:
    machine = {"PATH": str(tmp_path), "HOME": str(tmp_path), "CCAPI_CACHE_DIR": str(tmp_path / "cache")}
    for required, code in (({}, 0), ({"REQUIRE_ACTIONLINT": "1"}, 1)):
        done = subprocess.run(
            [sys.executable, "-m", "tests.workflows"],
            cwd=ROOT,
            env={**machine, **required, "TMPDIR": os.environ.get("TMPDIR", "/tmp")},  # noqa: S108
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (
            code,
            "actionlint did not check the workflows: no `actionlint` is on PATH, and there is no Go to build one "
            "with.\n",
        )
