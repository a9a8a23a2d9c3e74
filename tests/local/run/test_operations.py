"""The command lines of docs/operations.md, each typed in its order against a kept stack.

`pulumi preview` and `pulumi up` are run by tests/previews and by every `make run`, and `pulumi destroy` by
tests/previews/test_destruction.py.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.settings import STAND_INS
from docs.operations_page import NONE, sections
from local.run.service_account import _OPENS_NOTHING as ACCOUNT
from tests.aws_cli import install
from tests.local.run.conftest import Checkout
from tests.stacks import REGION_NAMES, ROOT

FAILING = REGION_NAMES[0]
ELSEWHERE = ("pulumi preview ", "pulumi up ", "pulumi destroy")
STANDARD_INPUTS = {
    "ccapi secret set slack": STAND_INS["slackWebhookUrl"],
    "ccapi secret set pagerduty": STAND_INS["pagerDutyRoutingKey"],
}
EXIT_CODES = {"ccapi follow RUN": 3}
"""The exit codes that are not 0: RUN is partial."""
# In the words of the page's chapter on the variables.
EXECUTION = (
    "aws stepfunctions list-executions --region $aws_region --state-machine-arn $step_functions_state_machine_arn "
    "--query 'executions[-1].executionArn' --output text"
)
ROLE = (
    "aws scheduler get-schedule --region $aws_region --name $eventbridge_schedule_name "
    "--group-name $eventbridge_schedule_group --query Target.RoleArn --output text"
)


@dataclass(frozen=True)
class Shell:
    """A shell with the variables of the page."""

    environment: dict[str, str]
    folder: Path
    workspace: Path
    """A copy of the stack's workspace, in which settings are changed."""
    run: str

    def type(self, line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.workspace if line.startswith("pulumi ") else self.folder,
            env=self.environment,
            input=STANDARD_INPUTS.get(line, ""),
            capture_output=True,
            text=True,
            check=False,
        )

    def filled(self, line: str) -> str:
        """Return a line with a run and a region in place of RUN and REGION."""
        return re.sub(r"\bREGION\b", FAILING, re.sub(r"\bRUN\b", self.run, line))

    def variable(self, line: str) -> str:
        typed = self.type(line)
        assert typed.returncode == 0, typed.stderr
        return typed.stdout.strip()


def prepared(lines: list[str], folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return the environment of a shell in which lines were typed."""
    typed = subprocess.run(
        ["bash", "-c", "\n".join(["set -e", *lines, "env -0"])],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert typed.returncode == 0, typed.stderr
    return dict(pair.split("=", 1) for pair in typed.stdout.split("\0") if pair)


@pytest.fixture(scope="module")
def shell(shared_checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    finished = shared_checkout.run("--regions", "3", "--fail-region", FAILING, "--keep")
    try:
        assert finished.returncode == 3, finished.stdout + finished.stderr
        path, folder = shared_checkout.path, tmp_path_factory.mktemp("operator")
        (folder / "service-account.json").write_text(json.dumps(ACCOUNT), encoding="utf-8")
        commands = install(folder / "bin")
        python = shlex.quote(str(shared_checkout.toolchain.python))
        ccapi = commands / "ccapi"
        ccapi.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(path))} exec {python} -m cli "$@"\n')
        ccapi.chmod(0o700)
        workspace = Path(shutil.copytree(path / ".local" / "workspace", folder / "workspace"))
        # The command of the copied checkout comes before the one that `ccapi local env` has on PATH.
        first = f"export PATH={shlex.quote(str(commands))}:$PATH"
        page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        (env,) = re.findall(r'`(eval "\$\(ccapi local env\)")`', page)
        (variables,) = re.findall(r'^    (eval "\$\(pulumi .+)$', page, re.MULTILINE)
        environment = prepared(
            [first, env, "set -a", first, variables], workspace, {**os.environ, "COLUMNS": "80"}
        )
        made = Shell(environment, folder, workspace, shared_checkout.last_run["run_id"])
        named = {
            "execution_arn": made.variable(EXECUTION),
            "scheduler_role": made.variable(ROLE).rpartition("/")[2],
        }
        yield replace(made, environment={**environment, **named})
    finally:
        subprocess.run(shared_checkout.command("stop"), cwd=shared_checkout.path, check=True)


def new_lines() -> Iterator[tuple[str, list[list[str]]]]:
    """Yield each section's title and the lines of its rows, without those that an earlier row has too."""
    seen: set[str] = set()
    for section in sections():
        rows = []
        for row in section.row:
            every = [row.ccapi, *(line for line in row.aws if not line.startswith(NONE))]
            rows.append([line for line in every if line not in seen and not line.startswith(ELSEWHERE)])
            seen.update(every)
        yield section.title, rows


SECTIONS = dict(new_lines())


@pytest.mark.parametrize("title", SECTIONS)
def test_every_command_line_of_a_section_ends_with_its_expected_exit_code(shell: Shell, title: str) -> None:
    for row in SECTIONS[title]:
        # The AWS CLI lines repeat the start of the `ccapi` line, which therefore comes first.
        ours, others = [
            [line for line in row if line.startswith("aws ") is is_aws] for is_aws in (False, True)
        ]
        for line in ours:
            type_line(shell, line)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda line: type_line(shell, line), others))


def type_line(shell: Shell, line: str) -> None:
    typed = shell.type(line) if line in STANDARD_INPUTS else shell.type(shell.filled(line))
    said = f"{line}\n{typed.stdout}\n{typed.stderr}"
    assert "Traceback" not in said, said
    assert typed.returncode == EXIT_CODES.get(line, 0), said
