from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from tests.policies.definitions import NONSENSE, definition, map_of, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

CONCURRENCY = rule("map-concurrency-bounded")

DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Item", "States": {"Item": task()}}


def each(**fields: Any) -> Any:
    return machine(definition(Each=map_of(task(), **fields)))


@pytest.mark.parametrize("processor", [{}, {"ItemProcessor": DISTRIBUTED}])
@pytest.mark.parametrize(("at_once", "passing"), [(1, True), (39, True), (40, True), (41, False)])
def test_a_map_may_run_the_limit_at_once_and_no_more(processor: Any, at_once: int, passing: bool) -> None:
    assert passes(CONCURRENCY, each(MaxConcurrency=at_once, **processor)) is passing


def test_a_higher_concurrency_is_reported_with_its_limit() -> None:
    (told,) = violations(CONCURRENCY, each(MaxConcurrency=6), maxConcurrency=5)
    assert told == (
        "machine: Each runs 6 items at once, more than 5; lower MaxConcurrency or raise maxConcurrency."
    )


@pytest.mark.parametrize(("processor", "most"), [({}, "40"), ({"ItemProcessor": DISTRIBUTED}, "10,000")])
@pytest.mark.parametrize("at_once", [None, 0])
def test_a_map_without_a_number_runs_as_many_as_aws_allows(processor: Any, most: str, at_once: Any) -> None:
    (told,) = violations(CONCURRENCY, each(MaxConcurrency=at_once, **processor))
    assert f"{most} items run at once" in told
    assert "MaxConcurrency" in told


@pytest.mark.parametrize(
    "fields",
    [
        {"MaxConcurrency": "{% $n %}"},
        {"MaxConcurrency": None, "MaxConcurrencyPath": "$.n"},
        {"MaxConcurrency": "2"},
        {"MaxConcurrency": -1},
        {"MaxConcurrency": 1.5},
        {"MaxConcurrency": True},
    ],
)
def test_a_concurrency_that_is_no_number_is_refused(fields: dict[str, Any]) -> None:
    (told,) = violations(CONCURRENCY, each(**fields))
    assert "an unknown number of items at once: MaxConcurrency" in told


def test_every_map_is_reported_at_any_depth() -> None:
    inner = map_of(task(), MaxConcurrency=0)
    assert len(violations(CONCURRENCY, machine(definition(Each=map_of(inner, MaxConcurrency=None))))) == 2


def test_a_machine_without_a_map_is_not_evaluated() -> None:
    assert said(CONCURRENCY, machine(definition(Work=task()))).reason == "the machine has no Map"


def test_a_definition_that_is_not_known_is_refused() -> None:
    assert (
        "definition is not known" in violations(CONCURRENCY, resource(STATE_MACHINE, definition=UNKNOWN))[0]
    )


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_evaluated_without_an_exception(nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(CONCURRENCY, machine(nonsense)))
