"""The pack over independent programs, planned for the first time by the real engine.

`expected.toml` in the folder of each program lists its violations, with the reason why each is right, and under
`deferred` the properties that are not known at the first preview.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.toolchain import Toolchain
from tests.policies.bad_plans import mutations
from tests.policies.bad_plans.good_plan import (
    TYPES,
    Later,
    Pipeline,
    good_pipeline,
    linked,
    written,
)
from tests.policies.external_programs import PROGRAMS, Judged, judge

NAMES = sorted(path.parent.name for path in PROGRAMS.glob("*/expected.toml"))
# The intended violations: by a state's time, by the role's policy, by how an alarm hangs together.
SPOILT = {
    "machine-worst-case-within-timeout": mutations.two_tries_that_do_not_fit,
    "machine-role-allows-calls": mutations.an_action_that_the_role_misses,
    "alarm-can-fire": mutations.an_alarm_above_the_timeout,
}


@pytest.fixture(scope="module")
def folder(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("programs")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in toolchain.environment(stand_in_provider=True).items():
            patch.setenv(name, value)
        patch.setenv("PULUMI_HOME", str(made / "home"))
        yield made


@pytest.fixture(scope="module")
def judged(folder: Path) -> Callable[[str], Judged]:
    return cache(lambda name: judge(PROGRAMS / name, folder / name))


@pytest.mark.parametrize("name", NAMES)
def test_a_program_has_exactly_the_expected_violations_and_deferred_properties(
    name: str, judged: Callable[[str], Judged]
) -> None:
    expected = tomllib.loads((PROGRAMS / name / "expected.toml").read_text(encoding="utf-8"))
    deferred = expected.pop("deferred", {})
    assert set(judged(name).told) == {(rule, about) for about, rules in expected.items() for rule in rules}
    assert {(one["property"], one["resource"]) for one in judged(name).report["deferred"]} == {
        (path, about) for about, paths in deferred.items() for path in paths
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_can_evaluate_every_program(name: str, judged: Callable[[str], Judged]) -> None:
    messages = [message for told in judged(name).told.values() for message in told]
    assert [message for message in messages if "defect of the rule" in message] == []
    assert [said for said in judged(name).diagnostics if "can't run policy" in said] == []
    (last,) = (rule for rule in judged(name).report["rules"] if rule["name"] == "rules-assessed-everything")
    assert (last["evaluated"], last["violated"]) == (1, 0)


def test_the_valid_plan_passes_as_a_program(folder: Path) -> None:
    assert planned(linked(good_pipeline()), folder / "good").told == {}


@pytest.mark.parametrize("rule", SPOILT)
def test_a_plan_with_violations_is_refused_as_a_program(rule: str, folder: Path) -> None:
    pipeline = good_pipeline()
    SPOILT[rule](pipeline)
    assert {told for told, _ in planned(linked(pipeline), folder / rule).told} == {rule}


def planned(pipeline: Pipeline, folder: Path) -> Judged:
    plan = {
        name: {"type": TYPES[name], "properties": _json(written(properties))}
        for name, properties in pipeline.items()
        if name != "stack"
    }
    return judge(PROGRAMS / "planned", folder, {"plan.json": json.dumps(plan)})


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    return {"later": value.of} if isinstance(value, Later) else value
