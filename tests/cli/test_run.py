import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import OperatorError
from cli.runs.run_input import Catalog, RunOptions
from cli.runs.starting import execution_name
from components.settings.regions import catalog_names, region_names
from tests.cli.stand_ins import NOW, REGIONS, Pipeline, arn_of
from worker.plan import period_of
from worker.run_input import RunInput

ITEMS = json.dumps({"title": "t", "regions": [{"name": name} for name in REGIONS]})


def given_to(stack: Pipeline, *words: str) -> object:
    document = stack.type("run", "--json", *words).document
    assert json.loads(stack.states.executions[document["execution"]]["input"]) == document["input"]
    return document["input"]


def test_options_become_the_input_and_others_are_left_to_the_stack(empty: Pipeline) -> None:
    empty.ecs.variables["ITEMS"] = ITEMS
    assert given_to(empty) == {}
    assert given_to(empty, "--regions", "2", "--no-scraping") == {
        "regions_count": 2,
        "enable_scraping": False,
    }
    assert given_to(empty, "--region", "north", "--region", "west", "--force-refresh") == {
        "regions": ["north", "west"],
        "force_refresh": True,
    }
    assert given_to(empty, "--validate-only", "--label", " by hand ") == {
        "validate_only": True,
        "execution_name": "by hand",
    }


def test_a_start_prints_its_run_its_input_and_the_command_to_follow_it(empty: Pipeline) -> None:
    typed = empty.type("run", "--label", "after the flood")
    (arn,) = empty.states.executions
    name = arn.rpartition(":")[2]
    assert typed.out.splitlines() == [
        f"Started run {name}.",
        "Input: execution_name after the flood",
        f"To follow it: ccapi follow {name}",
    ]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--region", "nort"), "there is no region nort; the nearest are north"),
        (
            ("--region", "x", "--region", "y"),
            "there are no regions x, y; some of the 3 are north, south, west",
        ),
        (("--regions", "4"), "--regions is 4; write 1 to 3"),
        (("--regions", "1", "--region", "north"), "both given"),
        (("--region", "north", "--region", "north"), "north more than once"),
        (("--label", "  "), "--label is empty"),
        (("--label", "x" * 81), "too long"),
    ],
)
def test_input_that_the_pipeline_would_refuse_starts_nothing(
    empty: Pipeline, words: tuple[str, ...], what: str
) -> None:
    empty.ecs.variables["ITEMS"] = ITEMS
    typed = empty.type("run", *words)
    assert typed.code == 2
    assert what in typed.error
    assert not empty.states.executions


def test_a_name_that_only_the_image_can_know_is_passed_on_with_a_note(empty: Pipeline) -> None:
    empty.ecs.variables["CATALOG"] = next(iter(catalog_names()))
    typed = empty.type("run", "--region", "new_in_the_image")
    assert (typed.code, "is not in the catalog of this checkout" in typed.error) == (0, True)
    assert empty.states.executions


@pytest.mark.parametrize("variables", [{}, {"CATALOG": "of_another_project"}, {"ITEMS": "{"}])
def test_without_a_catalog_names_are_left_to_the_pipeline(empty: Pipeline, variables: dict[str, str]) -> None:
    empty.ecs.variables |= variables
    assert empty.type("run", "--region", "any").code == 0


@given(
    st.builds(
        RunOptions,
        regions_count=st.none() | st.integers(1, 29),
        regions=st.lists(st.sampled_from(region_names("java")), max_size=5).map(tuple),
        no_scraping=st.booleans(),
        force_refresh=st.booleans(),
        validate_only=st.booleans(),
        label=st.none() | st.text(max_size=90),
    )
)
def test_every_input_that_is_made_is_one_that_the_worker_accepts(options: RunOptions) -> None:
    try:
        document = options.document()
    except OperatorError:
        return
    RunInput.model_validate_json(json.dumps(document), context=region_names("java"))


def test_a_catalog_that_may_be_another_version_refuses_nothing() -> None:
    (note,) = Catalog(("north",), is_certain=False).check(RunOptions(regions=("south",)))
    assert "south" in note


@given(st.text("0123456789abcdef", min_size=4, max_size=4))
def test_the_name_of_a_manual_run_names_no_week(suffix: str) -> None:
    assert period_of(execution_name("manual", NOW, suffix), NOW) == "2026-W48"


def test_an_input_that_is_too_long_for_a_worker_is_refused(empty: Pipeline) -> None:
    names = [word for number in range(400) for word in ("--region", f"a_region_with_a_long_name_{number}")]
    typed = empty.type("run", *names)
    assert (typed.code, "name fewer regions" in typed.error) == (2, True)
    assert arn_of("manual") not in empty.states.executions
