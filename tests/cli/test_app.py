"""The application: shared options, help, and the exit code and the text of each kind of error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from cli import app
from cli.app import COMMANDS, run
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import OperatorCommand
from cli.output import Output
from cli.stack import Stack
from tests.stacks import ROOT

OUTPUTS = {
    "alarm_arns": ["arn:aws:cloudwatch:us-east-1:222222222222:alarm:failed", "arn:…:alarm:silent"],
    "aws_region": "us-east-1",
    "dlq_url": "https://example.com/a-very-long-queue-name" * 4,
    "run_timeout_seconds": 7200,
}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every stack have outputs, and return the names of the stacks that were read."""
    read: list[str] = []

    def stack(name: str) -> Stack:
        read.append(name)
        return Stack(name, OUTPUTS)

    monkeypatch.setattr(Stack, "read", stack)
    monkeypatch.delenv("CCAPI_STACK", raising=False)
    return read


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_text_and_the_shared_options(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "--stack NAME" in shown
    assert "--json" in shown


def test_the_help_lists_each_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == ExitCode.OK
    shown = " ".join(capsys.readouterr().out.split())
    assert not [name for name, registered in COMMANDS.items() if f"{name} {registered.summary}" not in shown]


@pytest.mark.parametrize(
    ("arguments", "stack"),
    [
        (["outputs"], "local"),
        (["outputs", "--stack", "prod"], "prod"),
        (["--stack", "prod", "outputs"], "prod"),
        (["--stack", "dev", "outputs", "--stack", "prod"], "prod"),
    ],
)
def test_the_stack_is_named_before_or_behind_the_command(
    arguments: list[str], stack: str, deployed: list[str]
) -> None:
    assert run(arguments) == ExitCode.OK
    assert deployed == [stack]


def test_a_variable_names_the_stack_of_a_shell(deployed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCAPI_STACK", "prod")
    assert run(["outputs"]) == ExitCode.OK
    assert deployed == ["prod"]


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("arguments", [["--json", "outputs"], ["outputs", "--json"]])
def test_json_is_one_document(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    run(arguments)
    assert json.loads(capsys.readouterr().out) == OUTPUTS


@pytest.mark.usefixtures("deployed")
def test_a_value_that_is_to_be_copied_is_not_folded_and_a_list_has_a_line_for_each_item(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["outputs"])
    assert capsys.readouterr().out.splitlines() == [
        "alarm_arns           arn:aws:cloudwatch:us-east-1:222222222222:alarm:failed",
        "                     arn:…:alarm:silent",
        "aws_region           us-east-1",
        f"dlq_url              {OUTPUTS['dlq_url']}",
        "run_timeout_seconds  7200",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run-all"], "No such command 'run-all'. Type `ccapi --help`."),
        (
            ["outputs", "--stak", "x"],
            "No such option '--stak'. Did you mean '--stack'. Type `ccapi outputs --help`.",
        ),
        (["outputs", "extra"], "Got unexpected extra argument (extra). Type `ccapi outputs --help`."),
        (["outputs", "--stack"], "Option '--stack' requires an argument. Type `ccapi outputs --help`."),
    ],
)
def test_a_wrong_command_line_is_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == ExitCode.WRONG_COMMAND_LINE
    assert capsys.readouterr().err == f"ccapi: {said}\n"


def test_a_defect_is_a_sentence_and_a_traceback_is_a_variable_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("cli.stack.read_outputs", fail)
    assert run(["outputs"]) == ExitCode.FAILED
    assert capsys.readouterr().err == (
        "ccapi: a defect of ccapi ended the command: ZeroDivisionError: division by zero. Type it again with "
        "CCAPI_TRACEBACK=1 before it, and report what it prints.\n"
    )
    monkeypatch.setenv("CCAPI_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run(["outputs"])


@pytest.mark.parametrize(
    ("variable", "value"), [("AWS_ENDPOINT_URL", "nonsense"), ("AWS_MAX_ATTEMPTS", "nonsense")]
)
def test_a_variable_that_aws_clients_cannot_read_is_a_sentence(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cli.stack.read_outputs", lambda _: {**OUTPUTS, "aws_region": "eu-west-1"})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv(variable, value)
    assert run(["runs", "--stack", "prod"]) == ExitCode.UNREACHABLE
    assert "the AWS settings of this shell cannot be used" in capsys.readouterr().err


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == ExitCode.WRONG_COMMAND_LINE
    assert "Usage: ccapi" in capsys.readouterr().err


def outcome_of(result: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Return the exit code of a command that returns or raises `result`."""

    def callback() -> Any:
        if isinstance(result, BaseException):
            raise result
        return result

    command = OperatorCommand("outputs", callback=callback)
    monkeypatch.setattr(app.LazyGroup, "get_command", lambda *_: command)
    return run(["outputs", *arguments])


ERROR = OperatorError(
    "the run \x1b[2J2026-W48 is not known", "type `ccapi runs`", ExitCode.WRONG_COMMAND_LINE
)


def test_an_error_is_a_sentence_and_a_next_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome_of(ERROR, monkeypatch) == ExitCode.WRONG_COMMAND_LINE
    assert capsys.readouterr().err == "ccapi: the run \\u001b[2J2026-W48 is not known. Type `ccapi runs`.\n"


def test_an_error_is_json_with_the_json_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome_of(ERROR, monkeypatch, "--json") == ExitCode.WRONG_COMMAND_LINE
    shown = capsys.readouterr()
    assert json.loads(shown.err) == {"error": ERROR.what, "next_step": ERROR.next_step}
    assert shown.out == ""


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (None, ExitCode.OK),
        (3, ExitCode.PARTIAL),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (click.Abort(), ExitCode.INTERRUPTED),
        (click.exceptions.Exit(1), ExitCode.FAILED),
    ],
)
def test_the_end_of_a_command_is_its_exit_code(
    result: Any, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome_of(result, monkeypatch) == code


def test_a_closed_pager_is_no_error() -> None:
    command = f"{sys.executable} -m cli --help | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_help_imports_neither_boto3_nor_the_local_aws() -> None:
    script = "import cli.__main__, sys; cli.__main__.main(['--help']); print('MODULES', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.rpartition("MODULES")[2].split())
    assert "click" in loaded
    assert not loaded & {"boto3", "botocore", "pulumi", "pydantic", "local", "reporter", "moto"}


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    "arguments",
    [
        ["show", ""],
        ["reports", "--download", ""],
        ["reports", "--download="],
        ["run", "--region", " "],
        ["--stack", "", "outputs"],
        [""],
    ],
)
def test_an_empty_word_of_a_script_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == ExitCode.WRONG_COMMAND_LINE
    assert capsys.readouterr().err.startswith("ccapi: A word of the command line is empty: ccapi ")
    assert list(tmp_path.iterdir()) == []


def test_the_help_that_an_error_names_is_that_of_the_command_in_a_group(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["schedule", "next", "0"]) == ExitCode.WRONG_COMMAND_LINE
    assert "Type `ccapi schedule next --help`." in capsys.readouterr().err


@pytest.mark.parametrize("columns", ["0", "1", "12"])
def test_a_table_is_readable_in_any_width(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    Output().table(("run", "status"), [("2026-W50", "succeeded")])
    assert "2026-W50  succeeded" in capsys.readouterr().out


def test_a_text_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output().line("Name: a\nRun 2026-W50 is complete.")
    assert capsys.readouterr().out.splitlines() == ["Name: a\\u000aRun 2026-W50 is complete."]
