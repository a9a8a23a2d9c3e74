import io
import json
import random
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.__main__ import main
from guardrails.time.analysis import analyse
from guardrails.time.bounds import Bounds
from guardrails.time.report import as_json, as_text
from tests.policies.time.machines import counted_loops, machines
from tests.stacks import ROOT

Json = dict[str, Any]

# Includes lone surrogates, which JSON can contain and no encoding has.
texts = st.text(max_size=10) | st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)

FIELDS = [
    "Type",
    "Next",
    "Retry",
    "Catch",
    "Items",
    "States",
    "StartAt",
    "Choices",
    "Seconds",
    "TimeoutSeconds",
    "End",
]
WRONG: list[Any] = [
    None,
    True,
    -1,
    0,
    10**400,
    1e308,
    float("nan"),
    "",
    "{%%}",
    "{% 1/0 %}",
    "{% " + "(" * 99 + " %}",
    [],
    {},
    [[]],
]

GOLDEN = json.loads((ROOT / "tests/golden/weekly-machine.local.asl.json").read_text(encoding="utf-8"))


def shown(definition: Any) -> Json:
    """Return the analysis as JSON, after reading all its properties."""
    analysis = analyse(definition, Bounds(items=3))
    as_text(analysis)
    found: Json = json.loads(json.dumps(as_json(analysis), allow_nan=False))
    return found


def printed(definition: Any, *options: str) -> str:
    """Return what the command prints about a definition in a file, as decodable bytes."""
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with TemporaryDirectory() as folder, redirect_stdout(stdout):
        path = Path(folder, "m.asl.json")
        path.write_text(json.dumps(definition), encoding="utf-8")
        assert main(["time", str(path), *options]) in {0, 1}
    return stdout.buffer.getvalue().decode()


def mutated(value: Any, dice: random.Random) -> Any:
    """Return a copy in which some values are others, or gone."""
    if dice.random() < 0.03:
        return dice.choice(WRONG)
    if isinstance(value, dict):
        kept = {key: mutated(inner, dice) for key, inner in value.items() if dice.random() > 0.03}
        return kept | ({dice.choice(FIELDS): dice.choice(WRONG)} if dice.random() < 0.03 else {})
    if isinstance(value, list):
        return [mutated(inner, dice) for inner in value]
    return value


@given(definition=values)
@settings(deadline=None)
def test_any_json_has_an_answer(definition: Any) -> None:
    found = shown(definition)
    assert found["worst_case_seconds"] is None
    assert found["unbounded"]


@given(state=values, other=values)
@settings(deadline=None)
def test_any_state_has_an_answer(state: Any, other: Any) -> None:
    for type_ in ("Task", "Map", "Parallel", "Choice", "Wait", "Pass"):
        fields = {
            "Type": type_,
            "Retry": other,
            "Catch": other,
            "Choices": other,
            "Branches": state,
            "Items": other,
        }
        shown({"StartAt": "A", "States": {"A": fields | (state if isinstance(state, dict) else {})}})


@given(definition=counted_loops(), name=texts, first=st.sampled_from(WRONG))
@settings(deadline=None, max_examples=150)
def test_a_loop_of_any_name_that_begins_anywhere_is_reported(definition: Json, name: str, first: Any) -> None:
    states = definition["States"]
    states["First"]["Assign"]["n"] = first
    named = {**definition, "StartAt": name, "States": {**states, name: states["First"]}}
    shown(named)
    printed(named)
    printed(named, "--json")


@given(definition=machines() | counted_loops() | st.just(GOLDEN), seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=200)
def test_a_machine_with_any_part_of_it_broken_has_an_answer(definition: Json, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 (a mutation is no secret)
    found = shown(mutated(definition, dice))
    assert (found["worst_case_seconds"] is None) == bool(found["unbounded"])


def test_a_very_long_machine_has_an_answer() -> None:
    states: Json = {f"S{n}": {"Type": "Wait", "Seconds": 1, "Next": f"S{n + 1}"} for n in range(5_000)}
    states["S5000"] = {"Type": "Succeed"}
    assert analyse({"StartAt": "S0", "States": states}).worst_case_seconds == 5_000


def test_times_beyond_all_numbers_have_an_answer() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "BackoffRate": 1.5}]
    definition: Json = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": True}}}
    for _ in range(40):
        each = {"Type": "Map", "ItemProcessor": definition, "MaxConcurrency": 1, "Retry": retry, "End": True}
        definition = {"StartAt": "A", "States": {"A": each}}
    analysis = analyse(definition, Bounds(items=100_000_000))
    assert analysis.worst_case_seconds is None
    assert "too large a number" in analysis.unbounded[0].reason
    as_text(analysis)


def test_a_very_deep_machine_is_refused() -> None:
    definition: Json = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    for _ in range(200):
        parallel = {"Type": "Parallel", "Branches": [definition], "End": True}
        definition = {"StartAt": "A", "States": {"A": parallel}}
    assert "nested deeper than" in analyse(definition).unbounded[0].reason
