"""The output of `make` without a target, and without Python."""

import re
import subprocess

from tests.local.toolchain.machine import ROOT


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_make_without_a_target_lists_every_target_with_its_description() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = [re.fullmatch(r"make ([\w-]+) +(\S.*)", line) for line in make().stdout.splitlines()]
    assert [line.group(1) for line in listed if line] == targets.split()


def test_a_machine_without_python_gets_one_sentence() -> None:
    done = make("setup", "PYTHON=python9.9")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "Python 3.11 or newer is needed, and there is no python9.9 on PATH: "
        "install one (https://www.python.org/downloads/)."
    )


def test_an_unknown_target_gets_one_sentence() -> None:
    done = make("deploy")
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == "deploy is not a target; `make` lists the targets."
