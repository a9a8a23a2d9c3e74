import json
from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import UNKNOWN
from tests.policies.definitions import ACTIVITY, NONSENSE, RUN_TASK, definition, map_of, task
from tests.policies.plans import machine, passes, resource, rule, violations

QUOTAS = rule("machine-within-quotas")

DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Item", "States": {"Item": task()}}


def one(type_: str = "STANDARD", timeout: int | None = 300, **states: Any) -> Any:
    return machine(definition(timeout, **(states or {"Work": task()})), type=type_)


@pytest.mark.parametrize("type_", ["STANDARD", "EXPRESS"])
def test_a_small_machine_passes(type_: str) -> None:
    assert passes(QUOTAS, one(type_))


# The execution writes 2 events, and its Task 2 of its own and 3 of its attempt.
@pytest.mark.parametrize(("most", "passing"), [(6, False), (7, True), (8, True)])
def test_a_history_may_reach_the_limit_and_no_more(most: int, passing: bool) -> None:
    assert passes(QUOTAS, one(), maxHistoryEvents=most) is passing


def test_a_history_that_ends_the_execution_is_reported_with_its_events() -> None:
    # 2 of the execution, 4 of the Map, and 7 of each item.
    (told,) = violations(QUOTAS, one(Each=map_of(task(), Items=[0] * 3_571)))
    assert "can write 25,003 events, more than 24,999" in told
    assert "maxHistoryEvents" in told


def test_an_express_machine_has_a_history_without_end() -> None:
    assert passes(QUOTAS, one("EXPRESS", Each=map_of(task(), Items=[0] * 3_571)))


def test_a_history_without_a_bound_is_left_to_the_rule_that_reports_it() -> None:
    assert passes(QUOTAS, one(Each=map_of(task(), Items="{% $items %}")))


@pytest.mark.parametrize(
    ("type_", "timeout", "passing"),
    [
        ("EXPRESS", 299, True),
        ("EXPRESS", 300, True),
        ("EXPRESS", 301, False),
        ("STANDARD", 31_536_000, True),
        ("STANDARD", 31_536_001, False),
        ("STANDARD", None, True),
    ],
)
def test_a_timeout_is_no_longer_than_the_machine_lives(
    type_: str, timeout: int | None, passing: bool
) -> None:
    assert passes(QUOTAS, one(type_, timeout)) is passing


def test_a_timeout_beyond_the_limit_of_express_machines_is_reported_with_that_limit() -> None:
    (told,) = violations(QUOTAS, one("EXPRESS", 900))
    assert (
        told
        == "machine: TimeoutSeconds is 900 s, but an execution of an Express machine ends after 300 s; lower it."
    )


@pytest.mark.parametrize(("length", "passing"), [(79, True), (80, True), (81, False)])
def test_a_name_has_eighty_characters(length: int, passing: bool) -> None:
    states: dict[str, Any] = {"é" * length: task()}
    assert passes(QUOTAS, one(**states)) is passing


@pytest.mark.parametrize(("spare", "passing"), [(1, True), (0, True), (-1, False)])
def test_a_definition_has_a_mebibyte(spare: int, passing: bool) -> None:
    written = json.dumps(definition(Work=task(Comment="")))
    text = written.replace('"Comment": ""', f'"Comment": "{"x" * (1_048_576 - len(written) - spare)}"')
    assert len(text) == 1_048_576 - spare
    assert passes(QUOTAS, resource(STATE_MACHINE, definition=text)) is passing


@pytest.mark.parametrize("key", ["Arguments", "Parameters", "Output", "Result", "ItemSelector", "Items"])
@pytest.mark.parametrize(("spare", "passing"), [(1, True), (0, True), (-1, False)])
def test_a_payload_has_a_quarter_of_that(key: str, spare: int, passing: bool) -> None:
    payload = {"a": "x" * (262_144 - len('{"a":""}') - spare)}
    assert passes(QUOTAS, one(Work=task(**{key: payload}))) is passing


def test_a_payload_is_counted_in_bytes_and_reported_with_them() -> None:
    (told,) = violations(QUOTAS, one(Work=task(Arguments="é" * 131_072)))
    assert "Work has 262,146 bytes of constants in Arguments, more than the 262,144" in told


@pytest.mark.parametrize("payload", [{"a": "{% '" + "x" * 300_000 + "' %}"}, {"a.$": "$." + "x" * 300_000}])
def test_values_computed_at_run_time_do_not_count_as_constants(payload: Any) -> None:
    assert passes(QUOTAS, one(Work=task(Arguments=[payload])))


@pytest.mark.parametrize(("spare", "passing"), [(1, True), (0, True), (-1, False)])
def test_overrides_have_8192_characters(spare: int, passing: bool) -> None:
    length = 8_192 - len('{"ContainerOverrides":[{"Command":[""]}]}') - spare
    overrides = {"ContainerOverrides": [{"Command": ["é" * length]}]}
    about = one(Work=task(Resource=RUN_TASK, Arguments={"Overrides": overrides}))
    assert passes(QUOTAS, about) is passing
    if not passing:
        (told,) = violations(QUOTAS, about)
        assert "Work has 8,193 characters of constants in Overrides, more than the 8,192" in told


def test_only_constant_text_in_the_overrides_of_run_task_is_counted() -> None:
    command = [f"{{% '{'x' * 9_000}' %}}"]
    overrides = {"ContainerOverrides": [{"Command": command}]}
    assert passes(QUOTAS, one(Work=task(Resource=RUN_TASK, Arguments={"Overrides": overrides})))
    long = {"ContainerOverrides": [{"Command": ["x" * 9_000]}]}
    assert passes(QUOTAS, one(Work=task(Arguments={"Overrides": long})))
    assert not passes(QUOTAS, one(Work=task(Resource=RUN_TASK, Parameters={"Overrides": long})))


@pytest.mark.parametrize("overrides", [None, 5, [], "{% $overrides %}"])
def test_overrides_that_are_no_object_are_left_to_the_rule_that_reads_them(overrides: Any) -> None:
    assert passes(QUOTAS, one(Work=task(Resource=RUN_TASK, Arguments={"Overrides": overrides})))


@pytest.mark.parametrize("resource_", [RUN_TASK, "arn:aws:states:::glue:startJobRun.sync", ACTIVITY])
def test_an_express_machine_cannot_wait_for_a_callback(resource_: str) -> None:
    (told,) = violations(QUOTAS, one("EXPRESS", Work=task(Resource=resource_)))
    assert "Work waits for" in told
    assert "STANDARD" in told


def test_an_express_machine_has_no_distributed_map() -> None:
    (told,) = violations(QUOTAS, one("EXPRESS", Each=map_of(task(), ItemProcessor=DISTRIBUTED)))
    assert "Each is a distributed Map" in told


def test_every_fault_is_reported() -> None:
    states: dict[str, Any] = {
        "W" * 81: task(Resource=ACTIVITY, Next="Each"),
        "Each": map_of(task(Resource=RUN_TASK)),
    }
    assert len(violations(QUOTAS, one("EXPRESS", 301, **states))) == 4


@pytest.mark.parametrize("unknown", [{"definition": UNKNOWN}, {"definition": "{}", "type": UNKNOWN}])
def test_a_machine_with_an_unknown_property_is_refused(unknown: dict[str, Any]) -> None:
    assert "is not known" in violations(QUOTAS, resource(STATE_MACHINE, **unknown))[0]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_evaluated_without_an_exception(nonsense: Any) -> None:
    assert not any("the rule failed" in told for told in violations(QUOTAS, machine(nonsense)))
