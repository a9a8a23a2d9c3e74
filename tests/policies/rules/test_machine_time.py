from typing import Any

import pytest

from guardrails.aws.types import STATE_MACHINE
from guardrails.evaluation import evaluate
from guardrails.plan import UNKNOWN, Plan
from guardrails.results import Outcome, Results
from tests.policies.definitions import NONSENSE, container, definition, map_of, retrier, task
from tests.policies.plans import machine, passes, resource, rule, said, violations

BOUNDED = rule("machine-states-bounded")
WORST_CASE = rule("machine-worst-case-within-timeout")

TIME = [
    BOUNDED,
    WORST_CASE,
    rule("task-attempt-bounded"),
    rule("task-retries-bounded"),
    rule("map-concurrency-bounded"),
]


def one(timeout: Any = 100_000, **fields: Any) -> Any:
    return machine(definition(timeout, Work=task(**fields)))


def test_bounded_states_pass() -> None:
    assert passes(BOUNDED, one())


def test_every_state_without_a_bound_is_reported() -> None:
    wait = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Each"}
    told = violations(BOUNDED, machine(definition(Pause=wait, Each=map_of(task(), Items="{% $items %}"))))
    assert [message.split()[1] for message in told] == ["Pause", "Each"]
    assert "declare the most items" in told[1]


def test_a_component_around_the_machine_declares_bounds() -> None:
    pipeline = resource(
        "my:index:Pipeline", "pipeline", bounds={"items": {"Each": 5}, "seconds": {"Pause": 9}}
    )
    wait = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Each"}
    states = definition(Pause=wait, Each=map_of(task(), Items="{% $items %}"))
    assert passes(BOUNDED, machine(states, parent=pipeline), pipeline)
    assert not passes(BOUNDED, machine(states), pipeline)


def test_the_limits_of_a_stack_declare_bounds_for_the_rules_after_it() -> None:
    about = machine(definition(59, Pause={"Type": "Wait", "SecondsPath": "$.seconds", "End": True}))
    results, plan = Results(), Plan.of([about])
    assert evaluate(BOUNDED, about, plan, results, {"secondsOf": {"Pause": 60}}).outcome is Outcome.PASSED
    assert "60 s" in evaluate(WORST_CASE, about, plan, results).violations[0]


@pytest.mark.parametrize(
    ("states", "at_fault"),
    [
        (definition(Work=task(TimeoutSeconds=None)), "task-attempt-bounded"),
        (definition(Work=task(TimeoutSeconds="{% $seconds %}")), "task-attempt-bounded"),
        (definition(Work=task(Retry=3)), "task-retries-bounded"),
        (
            definition(Work=task(Retry=[retrier(MaxAttempts=5_000, IntervalSeconds=9)])),
            "task-retries-bounded",
        ),
        (definition(Each=map_of(task(), MaxConcurrency=-1)), "map-concurrency-bounded"),
        (definition(Each=map_of(task(), MaxConcurrency=None)), "map-concurrency-bounded"),
        (definition(Each=map_of(task(), Items="{% $items %}")), "machine-states-bounded"),
        (definition(Pause={"Type": "Wait", "Seconds": "{% $n %}", "End": True}), "machine-states-bounded"),
        (definition(Again=task(Next="Again")), "machine-states-bounded"),
        (definition(Lost={"Type": "Pass"}), "machine-states-bounded"),
        (definition(None, Work=task()), "machine-worst-case-within-timeout"),
        (definition(0, Work=task()), "machine-worst-case-within-timeout"),
        (definition(59, Work=task()), "machine-worst-case-within-timeout"),
        ({}, "machine-states-bounded"),
    ],
)
def test_one_fault_is_reported_by_one_rule(states: Any, at_fault: str) -> None:
    states = states if states else {"TimeoutSeconds": 60}
    assert [asked.name for asked in TIME if violations(asked, machine(states))] == [at_fault]


@pytest.mark.parametrize(("timeout", "passing"), [(59, False), (60, True), (61, True)])
def test_the_worst_case_may_reach_the_timeout_and_no_more(timeout: int, passing: bool) -> None:
    assert passes(WORST_CASE, one(timeout)) is passing


def test_a_worst_case_beyond_the_timeout_is_reported_with_the_slowest_states() -> None:
    retry = [retrier(MaxAttempts=4, IntervalSeconds=18)]
    states = definition(1_000, Each=map_of(container(Retry=retry), Next="Tell"), Tell=task())
    (told,) = violations(WORST_CASE, machine(states))
    assert told == (
        "machine: The states take at most 4,830 s, 3,830 s more than the machine's timeout of 1,000 s; lower a "
        "timeout, an attempt or a back-off on the path, or raise the machine's TimeoutSeconds (Each: 1 round × "
        "4,770 s (2 items, 2 at once); Item: 5 attempts × 900 s + 270 s of back-off; Tell: 60 s)."
    )


@pytest.mark.parametrize(("cap", "passing"), [(59, False), (60, True), (61, True)])
def test_a_stack_may_cap_the_worst_case(cap: int, passing: bool) -> None:
    assert passes(WORST_CASE, one(), maxWorstCaseSeconds=cap) is passing


def test_a_worst_case_beyond_the_cap_is_reported_with_both_and_the_limit_to_raise() -> None:
    states = definition(604_801, Work=task(TimeoutSeconds=604_801))
    (told,) = violations(WORST_CASE, machine(states), maxTimeoutSeconds=604_801)
    assert "at most 604,801 s, more than 604,800 s (Work: 604,801 s)" in told
    assert "raise maxWorstCaseSeconds" in told


@pytest.mark.parametrize(("cap", "passing"), [(99_999, False), (100_000, True), (100_001, True)])
def test_a_stack_may_cap_the_timeout_of_a_machine(cap: int, passing: bool) -> None:
    assert passes(WORST_CASE, one(), maxTimeoutSeconds=cap) is passing


def test_a_timeout_beyond_the_cap_is_reported_with_both_and_the_limit_to_raise() -> None:
    (told,) = violations(WORST_CASE, one(86_400), maxTimeoutSeconds=43_200)
    assert "TimeoutSeconds of the machine is 86,400 s, more than 43,200 s" in told
    assert "raise maxTimeoutSeconds" in told


def test_a_timeout_is_capped_even_if_the_states_have_no_bound() -> None:
    assert violations(WORST_CASE, one(86_400, TimeoutSeconds=None), maxTimeoutSeconds=43_200)


def test_a_machine_beyond_both_limits_violates_both() -> None:
    assert len(violations(WORST_CASE, one(59), maxWorstCaseSeconds=59)) == 2


@pytest.mark.parametrize(("seconds", "passing"), [(299, True), (300, True), (301, False)])
def test_an_express_execution_ends_after_five_minutes_without_a_timeout(seconds: int, passing: bool) -> None:
    about = machine(definition(None, Work=task(TimeoutSeconds=seconds)), type="EXPRESS")
    assert passes(WORST_CASE, about) is passing


@pytest.mark.parametrize("timeout", [None, 100, 900])
def test_the_remedy_for_an_express_machine_is_never_a_longer_timeout(timeout: int | None) -> None:
    about = machine(definition(timeout, Work=task(TimeoutSeconds=407)), type="EXPRESS")
    assert violations(WORST_CASE, about) == (
        "machine: The states take at most 407 s, 107 s more than the 300 s after which an Express execution ends; "
        "shorten the states, or use the type STANDARD (Work: 407 s).",
    )


def test_an_express_machine_may_raise_its_timeout_up_to_five_minutes() -> None:
    (told,) = violations(WORST_CASE, machine(definition(100, Work=task(TimeoutSeconds=200)), type="EXPRESS"))
    assert "or raise the machine's TimeoutSeconds" in told


def test_an_express_machine_s_timeout_that_holds_nothing_is_refused() -> None:
    about = machine(definition("60", Work=task()), type="EXPRESS")
    assert "own timeout is not valid" in violations(WORST_CASE, about)[0]


def test_express_states_without_a_bound_are_left_to_the_rule_that_reports_them() -> None:
    about = machine(definition(None, Work=container(TimeoutSeconds=None)), type="EXPRESS")
    assert said(WORST_CASE, about).outcome is Outcome.NOT_APPLICABLE


def test_the_violation_of_a_missing_timeout_names_the_least_timeout() -> None:
    (told,) = violations(WORST_CASE, one(None))
    assert "has no TimeoutSeconds" in told
    assert "of at least 60 s" in told


@pytest.mark.parametrize("timeout", [0, "60", "{% $seconds %}", 1.5])
def test_a_timeout_that_holds_nothing_is_refused(timeout: Any) -> None:
    (told,) = violations(WORST_CASE, one(timeout))
    assert "own timeout is not valid: TimeoutSeconds" in told


def test_no_fault_of_a_state_stands_for_the_machine_s_own_timeout() -> None:
    (told,) = violations(WORST_CASE, one("60", TimeoutSeconds=None))
    assert "own timeout is not valid" in told


def test_three_states_are_named_and_no_more() -> None:
    states = {f"S{n}": task(TimeoutSeconds=n, Next=f"S{n + 1}") for n in range(1, 4)}
    (told,) = violations(WORST_CASE, machine(definition(1, **states, S4=task(TimeoutSeconds=4))))
    assert told.endswith("(S4: 4 s; S3: 3 s; S2: 2 s).")


def test_a_machine_without_a_timeout_is_refused_even_if_its_states_have_no_bound() -> None:
    assert violations(WORST_CASE, one(None, TimeoutSeconds=None))


def test_a_missing_worst_case_is_left_to_the_rule_that_reports_the_reason() -> None:
    about = machine(definition(Work=container(TimeoutSeconds=None)))
    assert said(WORST_CASE, about).outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("asked", [BOUNDED, WORST_CASE])
def test_a_definition_that_is_not_known_is_refused(asked: Any) -> None:
    assert "definition is not known" in violations(asked, resource(STATE_MACHINE, definition=UNKNOWN))[0]


@pytest.mark.parametrize("definition_", [None, "", "[]", "{", "1"])
@pytest.mark.parametrize("asked", [BOUNDED, WORST_CASE])
def test_an_invalid_machine_definition_is_refused(asked: Any, definition_: Any) -> None:
    assert violations(asked, resource(STATE_MACHINE, definition=definition_))


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("asked", [BOUNDED, WORST_CASE])
def test_nonsense_is_refused_without_a_defect(asked: Any, nonsense: Any) -> None:
    assert violations(asked, machine(nonsense))
    assert not any("the rule failed" in told for told in violations(asked, machine(nonsense)))
