from typing import Any

from guardrails.results import Outcome
from tests.policies.definitions import RUN_TASK, container, definition, map_of, task
from tests.policies.plans import machine, passes, rule, said, violations

DEFAULT = rule("choice-has-default")
CAUGHT = rule("work-failure-caught")

CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "End"}]


def choice(*choices: Any, **fields: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": list(choices), **fields}


def with_choice(state: dict[str, Any]) -> Any:
    return machine(definition(Which=state, End={"Type": "Succeed"}))


def test_a_choice_with_a_default_passes() -> None:
    assert passes(DEFAULT, with_choice(choice({"Condition": "{% $x %}", "Next": "End"}, Default="End")))


def test_a_choice_without_a_default_is_refused() -> None:
    (told,) = violations(DEFAULT, with_choice(choice({"Condition": "{% $x %}", "Next": "End"})))
    assert (
        "Which has no Default, so that the execution fails with States.NoChoiceMatched if none of its 1 rules"
        in told
    )


def test_a_choice_of_which_one_rule_always_holds_needs_no_default() -> None:
    both = ({"Variable": "$.x", "BooleanEquals": value, "Next": "End"} for value in (True, False))
    assert passes(DEFAULT, with_choice(choice(*both)))
    assert passes(DEFAULT, with_choice(choice({"Condition": "{% true %}", "Next": "End"})))
    other = ({"Variable": f"$.{value}", "BooleanEquals": value, "Next": "End"} for value in (True, False))
    assert violations(DEFAULT, with_choice(choice(*other)))


def test_a_machine_without_a_choice_is_not_evaluated() -> None:
    assert said(DEFAULT, machine(definition(Work=task()))).outcome is Outcome.NOT_APPLICABLE


END = {"Type": "Succeed"}


def test_work_in_a_catch_passes() -> None:
    assert passes(CAUGHT, machine(definition(Work=container(Catch=CATCH), End=END)))
    assert passes(CAUGHT, machine(definition(All=map_of(container(), Catch=CATCH), End=END)))


def test_work_outside_of_a_catch_is_refused() -> None:
    told = violations(CAUGHT, machine(definition(Check=task(Catch=CATCH), Work=container(), End=END)))
    assert [text.partition(" has")[0] for text in told] == ["machine: Work"]
    inside = machine(definition(Check=task(Catch=CATCH), All=map_of(container()), End=END))
    assert violations(CAUGHT, inside)
    one_error = container(Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "End"}])
    assert violations(CAUGHT, machine(definition(Check=task(Catch=CATCH), Work=one_error, End=END)))


def test_a_container_counts_without_a_token_too() -> None:
    run = task(Resource=RUN_TASK.replace("waitForTaskToken", "sync"))
    assert violations(CAUGHT, machine(definition(Check=task(Catch=CATCH), Work=run, End=END)))
    assert passes(
        CAUGHT, machine(definition(Check=task(Catch=CATCH), Work=run, End=END)), mayFailRun=["Work"]
    )


def test_a_machine_that_catches_nothing_or_does_no_work_is_not_evaluated() -> None:
    for states in ({"Work": container()}, {"Check": task(Catch=CATCH), "End": END}):
        assert said(CAUGHT, machine(definition(**states))).outcome is Outcome.NOT_APPLICABLE
