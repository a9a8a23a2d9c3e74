"""`python -m local policy` and the guardrails' command behind it, with the real engine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation

from guardrails.__main__ import main
from guardrails.preview.engine import preview_all
from guardrails.preview.preview_result import Verdict
from guardrails.preview.requests import Request
from local.toolchain import Toolchain
from tests.local.toolchain.projects import make_project
from tests.stacks import ENVIRONMENTS, ROOT

pytestmark = pytest.mark.usefixtures("toolchain")

Result = tuple[subprocess.CompletedProcess[str], dict[str, dict[str, Any]]]

RAISED = "Program failed with an unhandled exception:\n"
PLACE = "FOLDER/__main__.py:10"

# The test's own rules, so that the output does not depend on the pack's rules.
RULES = '''
"""Three rules: one that refuses every machine, one that advises, and the one that looks whether they have looked."""

from guardrails.rule import Level, Limit, Rule, Scope, Severity
from guardrails.rules.coverage import coverage_rule
from guardrails.aws.types import STATE_MACHINE


def _rule(name, level, judge, limits=()):
    return Rule(
        name=name, requirement="A requirement.", rationale="Because.", severity=Severity.LOW, level=level,
        remediation="Mend it.", url="https://example.com", scope=Scope.RESOURCE,
        resource_types=frozenset({STATE_MACHINE}), evaluate=judge, limits=limits,
    )


def _small(subject):
    if subject.limits["maxSize"] < 5:
        yield f"its size of 5 is over {subject.limits['maxSize']}; raise maxSize."


_SIZE = Limit(key="maxSize", description="", default=9, schema={"type": "integer"})
_EVALUATED = (
    _rule("small", Level.MANDATORY, _small, (_SIZE,)),
    _rule("named", Level.ADVISORY, lambda _: ["its name could be nicer; think of one."]),
)
RULES = (*_EVALUATED, coverage_rule(_EVALUATED))
'''


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the pack with the test's rules: dev violates a limit, and prod's limits file is invalid."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    copy = folder / "policies"
    shutil.copytree(ROOT / "policies", copy, ignore=shutil.ignore_patterns("__pycache__", "limits"))
    (copy / "guardrails" / "rules" / "__init__.py").write_text(RULES, encoding="utf-8")
    limits = copy / "limits" / "ccapi"
    limits.mkdir(parents=True)
    (limits / "dev.json").write_text('{"version": 1, "small": {"maxSize": 4}}', encoding="utf-8")
    (limits / "prod.json").write_text('{"version": 1, "smal": {}}', encoding="utf-8")
    return copy


def policy(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", "policy", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def checkout() -> dict[str, bytes]:
    """Return the files that the engine would change or add."""
    return {path.name: path.read_bytes() for path in ROOT.glob("Pulumi*")}


@pytest.fixture(scope="module")
def result(pack: Path) -> Result:
    before = checkout()
    done = policy("--policy-pack", pack, "--format", "json")
    assert checkout() == before
    return done, {stack["stack"]: stack for stack in json.loads(done.stdout)["stacks"]}


def test_each_stack_is_evaluated_with_its_limits_and_the_checkout_is_unchanged(result: Result) -> None:
    done, stacks = result
    assert {name: stack["verdict"] for name, stack in stacks.items()} == {
        "dev": "refused",
        "local": "passed",
        "prod": "failed",
    }
    assert set(stacks) == set(ENVIRONMENTS)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_violation_has_its_rule_level_resource_and_message(result: Result, pack: Path) -> None:
    (refused,) = (
        violation
        for violation in result[1]["dev"]["violations"]
        if violation["level"] == "mandatory" and violation["urn"].endswith("::ccapi-machine")
    )
    assert refused["rule"] == "small"
    limits = pack / "limits" / "ccapi" / "dev.json"
    assert refused["message"] == f"ccapi-machine: its size of 5 is over 4; raise maxSize ({limits})."


def test_rules_and_machines_are_reported_with_and_without_violations(result: Result) -> None:
    for name in ("dev", "local"):
        stack = result[1][name]
        assert stack["errors"] == []
        assert [rule["name"] for rule in stack["rules"]] == ["small", "named", "rules-assessed-everything"]
        assert all(rule["evaluated"] for rule in stack["rules"])
        (weekly,) = (machine for machine in stack["machines"] if machine["name"] == "ccapi-machine")
        assert "The slowest path:" in weekly["text"]


def test_limits_with_a_mistake_are_reported_without_a_traceback(result: Result) -> None:
    errors = "\n".join(result[1]["prod"]["errors"])
    assert "prod.json has mistakes:" in errors
    assert "smal" in errors
    assert "Traceback" not in errors


def test_a_stack_is_compared_with_a_revision() -> None:
    before = checkout()
    done = policy("--base", "HEAD", "--stack", "local", "--format", "json")
    assert checkout() == before
    assert (done.returncode, done.stderr) == (0, "")
    (stack,) = json.loads(done.stdout)["stacks"]
    assert stack["base"]["errors"] == []
    assert "total" in stack["base"]["cost"]["month"]["expected"]
    assert stack["change"].keys() == {
        "figures",
        "prices",
        "removed_resources",
        "added_resources",
        "new_violations",
        "fixed_violations",
    }


def test_ctrl_c_ends_it_with_a_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "local", "policy"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        while not list(tmp_path.glob("guardrails-*")):
            assert running.poll() is None
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGINT)
        assert running.stderr
        assert "interrupted; nothing was changed" in running.stderr.read()
    assert running.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def engine(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables = toolchain.environment(stand_in_provider=True)
    for name, value in {**variables, "PULUMI_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("program", "verdict", "errors"),
    [
        ("Thing('one', 1)", Verdict.PASSED, []),
        ("raise pulumi.RunError('7 is over 5')", Verdict.FAILED, ["7 is over 5"]),
        ("x = = 1", Verdict.FAILED, [f"{RAISED}SyntaxError: invalid syntax ({PLACE})"]),
        ("import gone", Verdict.FAILED, [f"{RAISED}ModuleNotFoundError: No module named 'gone' ({PLACE})"]),
    ],
)
def test_any_program_is_previewed_or_the_reason_is_reported(
    program: str, verdict: Verdict, errors: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "small"
    make_project(folder, program)
    (preview,) = preview_all([Request(project=folder, stack="dev")], pack=ROOT / "policies")
    assert preview.verdict == verdict
    assert [error.replace(str(folder), "FOLDER") for error in preview.errors] == errors


@pytest.mark.usefixtures("engine")
def test_an_unknown_stack_is_reported_with_the_remedy(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    make_project(folder, "")
    (preview,) = preview_all([Request(project=folder, stack="gone")], pack=ROOT / "policies")
    assert preview.errors == ["no stack named 'gone' found; name one of those that `pulumi stack ls` lists"]


@pytest.mark.usefixtures("engine")
def test_a_stack_is_previewed_with_other_settings_and_its_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, variations = tmp_path / "small", tmp_path / "what-if.yaml"
    program = "config = pulumi.Config()\nconfig.require_secret('token')\nThing(config.require('name'), 1)"
    project = make_project(folder, program)
    project.stack.set_config("name", automation.ConfigValue("one"))
    project.stack.set_config("token", automation.ConfigValue("4711", secret=True))
    variations.write_text("other: {small:name: two}\nnone: {small:name: null}", encoding="utf-8")
    assert main(["preview", str(folder), "--what-if", str(variations), "--format", "json"]) == 0
    (stack,) = json.loads(capsys.readouterr().out)["stacks"]
    as_it_is, other, none = stack["variations"]
    assert [report["verdict"] for report in (as_it_is, other)] == ["passed", "passed"]
    assert none["verdict"] == "failed"
    assert "Missing required configuration variable 'small:name'" in none["errors"][0]


@pytest.mark.usefixtures("engine")
def test_the_stack_that_is_selected_stays_selected(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    project = make_project(folder, "")
    project.stack.workspace.create_stack("other")
    preview_all([Request(project=folder, stack="dev")], pack=ROOT / "policies")
    current = project.stack.workspace.stack()
    assert current is not None
    assert current.name == "other"
