"""Every expression of both machines, with variables from runs, compared with the reference implementation."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.emulator.jsonata import evaluate
from tests.components.machines import walk
from tests.components.machines.reference_implementation import (
    REQUIRED,
    Question,
    at_one_moment,
    leave_out_reference,
    ours,
    theirs,
)
from tests.components.machines.runs import every_kind_of_run
from tests.components.machines.watches import every_way
from tests.stacks import ROOT, settings_of


def questions(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    asked: dict[str, Question] = {}

    def recorded(code: str, variables: Mapping[str, Any]) -> Any:
        question = (at_one_moment(code), json.loads(json.dumps(variables)))
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


def test_the_comparison_is_skipped_only_if_it_is_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="cannot be had: there is no npm"):
        leave_out_reference("there is no npm")
    monkeypatch.setenv(REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match=r"there is no npm; install Node\.js"):
        leave_out_reference("there is no npm")


def test_ci_requires_it() -> None:
    assert f"export {REQUIRED}=1 " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_reference_implementation_agrees_on_every_expression(
    monkeypatch: pytest.MonkeyPatch, reference_modules: Path
) -> None:
    asked = questions(monkeypatch)
    assert len(asked) > 300
    for question, their in zip(asked, theirs(reference_modules, asked), strict=True):
        our = ours(question)
        if "error" in their or "error" in our:
            assert ("error" in their) == ("error" in our), question
        else:
            assert our == their, question
