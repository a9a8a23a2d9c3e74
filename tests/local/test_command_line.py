"""Errors of command lines: one sentence with the value, its bound and the remedy."""

import subprocess
import sys

import pytest

CREDENTIALS = ("--credentials", "missing", "--image", "missing")
HELP = "`python -m {} --help` lists the options."


@pytest.mark.parametrize(
    ("module", "arguments", "error"),
    [
        (
            "local.emulator",
            ("--port", "70000"),
            "argument --port: 70000 is not a whole number from 0 to 65535",
        ),
        ("local.channels", ("--port", "x"), "argument --port: x is not a whole number from 0 to 65535"),
        ("local.emulator", ("--account", "12"), "argument --account: 12 is not an account id of 12 digits"),
        (
            "local.agent",
            (*CREDENTIALS, "--poll-seconds", "-1"),
            "argument --poll-seconds: -1 is not a positive number of seconds",
        ),
        (
            "local.agent.image",
            ("--dockerfile", "missing", "--context", ".", "--to", "missing"),
            "[Errno 2] No such file or directory: 'missing'",
        ),
    ],
)
def test_an_error_is_one_sentence(module: str, arguments: tuple[str, ...], error: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"python -m {module}: {error}; {HELP.format(module)}\n"


@pytest.mark.parametrize(
    ("arguments", "error"), [(("deploy",), "deploy is not a command"), ((), "A command is missing")]
)
def test_an_unknown_command_is_refused_with_the_known_ones(arguments: tuple[str, ...], error: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == f"{error}; write `make run`, `make stop` or `make policy`.\n"
