"""Every expression of both machines, with everything that runs hand it, as the reference implementation sees it.

Step Functions speaks JSONata 2.0.6: "Transforming data with JSONata in Step Functions".
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

from local.emulator.query import QueryError, evaluate
from tests.components import walk
from tests.components.runs import every_kind_of_run
from tests.components.watches import every_way
from tests.leave_out import leave_out
from tests.stacks import ROOT, settings_of

REFERENCE = Path(__file__).parent / "reference"
# Set where the comparison may not be left out, as in CI.
REQUIRED = "REQUIRE_REFERENCE"
# The one thing that a moment changes.
NOW, THEN = "$millis()", "1795413600000"

Question = tuple[str, Mapping[str, Any]]


def leave_out_reference(why: str) -> NoReturn:
    """Skip what needs the reference implementation, or fail where that is asked for."""
    sentence = f"the reference implementation of JSONata cannot be had: {why}"
    leave_out(sentence, unless=REQUIRED, remedy="install Node.js")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reference implementation in it."""
    if not shutil.which("npm"):
        leave_out_reference("it needs Node.js, and there is no npm")
    folder = tmp_path_factory.mktemp("reference")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(REFERENCE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if installed.returncode:
        leave_out_reference(installed.stderr.strip()[:200])
    return folder


def questions(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    asked: dict[str, Question] = {}

    def recorded(code: str, variables: Mapping[str, Any]) -> Any:
        question = (code.replace(NOW, THEN), json.loads(json.dumps(variables)))
        asked[json.dumps(question)] = question
        return evaluate(code, variables)

    monkeypatch.setattr(walk, "evaluate", recorded)
    every_kind_of_run(
        settings_of(
            "dev", run={"onPartialFailure": "fail"}, monitoring={"regionsCount": 2}, worker={"shards": 2}
        )
    )
    list(every_way())
    return list(asked.values())


def ours(question: Question) -> dict[str, Any]:
    try:
        return {"value": evaluate(*question)}
    except QueryError as error:
        return {"error": str(error)}


def test_the_comparison_is_left_out_only_where_nobody_requires_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="cannot be had: there is no npm"):
        leave_out_reference("there is no npm")
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match=r"there is no npm; install Node\.js"):
        leave_out_reference("there is no npm")


def test_ci_requires_it() -> None:
    assert f"export {REQUIRED}=1 " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_reference_implementation_agrees_on_every_expression(
    monkeypatch: pytest.MonkeyPatch, modules: Path
) -> None:
    asked = questions(monkeypatch)
    answer = subprocess.run(
        ["node", str(REFERENCE / "evaluate.mjs"), str(modules)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(answer.stdout)
    assert len(theirs) == len(asked) > 300
    for question, their in zip(asked, theirs, strict=True):
        our = ours(question)
        if "error" in their or "error" in our:
            assert ("error" in their) == ("error" in our), question
        else:
            assert our == their, question
