"""The reference implementation of JSONata, in the version that Step Functions has.

Source: "Transforming data with JSONata in Step Functions": JSONata 2.0.6.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from local.emulator.jsonata import QueryError, evaluate
from tests.skip_or_fail import skip_or_fail

FOLDER = Path(__file__).parent / "reference"
REQUIRED = "REQUIRE_REFERENCE"
"""The environment variable that makes the comparison mandatory, as in CI."""

# The only input of an expression that depends on the current time.
_NOW, _THEN = "$millis()", "1795413600000"

Question = tuple[str, Mapping[str, Any]]
"""An expression and its variables."""
Answer = dict[str, Any]
"""`{"value": ...}` or `{"error": ...}`."""


def at_one_moment(code: str) -> str:
    """Return an expression with a fixed time in place of the current one."""
    return code.replace(_NOW, _THEN)


def leave_out_reference(why: str) -> NoReturn:
    """Skip the test because there is no reference implementation, or fail if the comparison is mandatory."""
    sentence = f"the reference implementation of JSONata cannot be had: {why}"
    skip_or_fail(sentence, unless=REQUIRED, remedy="install Node.js")


def install(folder: Path) -> Path:
    """Install the reference implementation into a folder, and return the folder."""
    if not shutil.which("npm"):
        leave_out_reference("it needs Node.js, and there is no npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if installed.returncode:
        leave_out_reference(installed.stderr.strip()[:200])
    return folder


def theirs(modules: Path, questions: Sequence[Question]) -> list[Answer]:
    """Return the answers of the reference implementation."""
    answer = subprocess.run(
        ["node", str(FOLDER / "evaluate.mjs"), str(modules)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[Answer] = json.loads(answer.stdout)
    assert len(answers) == len(questions)
    return answers


def ours(question: Question) -> Answer:
    """Return the answer of the emulator."""
    try:
        return {"value": evaluate(*question)}
    except QueryError as error:
        return {"error": str(error)}
