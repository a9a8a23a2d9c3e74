"""Checks of all commands: Ctrl-C ends each with a sentence, even during imports, and options cannot be abbreviated."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks import ROOT

# A module that each command imports, replaced by one that is interrupted during its import.
INTERRUPTED = {
    ("local", "run"): ("rich", "make run: interrupted; everything that was started is stopped."),
    ("local", "stop"): ("rich", "make stop: interrupted; run it again to stop the remaining processes."),
    ("local", "policy"): ("pulumi", "make policy: interrupted; nothing was changed."),
    ("cli", "runs"): ("click", "ccapi: interrupted; nothing was done."),
    ("docs",): ("pydantic", "make docs: interrupted; run it again to write the files."),
    ("docs.deployer", "dev"): (
        "pydantic",
        "python -m docs.deployer: interrupted; run it again to write the files.",
    ),
    ("bench",): ("rich", "make bench: interrupted; nothing is left running, and nothing was measured."),
    ("guardrails", "time", "x"): ("guardrails.strict_json", "guardrails: interrupted; nothing was changed."),
    ("local.agent", "--credentials", "x", "--image", "x"): (
        "local.agent.agent",
        "python -m local.agent: interrupted; no task was started.",
    ),
}


def command(*arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    roots = os.pathsep.join(filter(None, (path, str(ROOT / "policies"), str(ROOT / "container"), str(ROOT))))
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("arguments", INTERRUPTED, ids=" ".join)
def test_ctrl_c_while_it_is_imported_ends_it_with_a_sentence(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    package, sentence = INTERRUPTED[arguments]
    hook = f"""
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {package!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
"""
    (tmp_path / "sitecustomize.py").write_text(hook, encoding="utf-8")
    done = command(*arguments, path=str(tmp_path))
    assert done.stderr.strip() == sentence
    assert (done.returncode, done.stdout) == (130, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("local", "run", "--region", "3"),
        ("local", "policy", "--stac", "dev"),
        ("guardrails", "time", "x.json", "--item", "3"),
        ("guardrails", "preview", "--stac", "dev"),
        ("guardrails", "cost", "x.json", "--regio", "us-east-1"),
        ("guardrails", "prices", "refresh", "--regio", "us-east-1"),
        ("local.emulator", "--por", "0"),
        ("local.agent", "--credential", "x", "--image", "x"),
        ("local.agent.image", "--dockerfil", "x", "--context", "x", "--to", "x"),
        ("worker", "validate", "--hel"),
        ("docs.deployer", "--hel"),
    ],
    ids=" ".join,
)
def test_an_abbreviated_option_is_refused(arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert any(word in done.stderr for word in ("unrecognized", "is not an option", "are required")), (
        done.stderr
    )


@pytest.mark.parametrize(
    "arguments",
    [("docs", "--force"), ("bench", "3"), ("local", "stop", "now"), ("local.toolchain", "now")],
    ids=" ".join,
)
def test_unknown_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.returncode in {1, 2}
    assert f"{arguments[-1]} cannot be used" in done.stderr
