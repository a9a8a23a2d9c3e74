from typing import Any

import pytest

from local.emulator.definition import problems

PASS = {"Type": "Pass", "End": True}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"StartAt": "B", "States": {"A": PASS}}, "Missing 'StartAt' target: B at /StartAt"),
        (machine(A={"Type": "Pass", "Next": "B"}), "Missing 'Next' target: B at /States/A/Next"),
        (machine(A={"Type": "Pass"}), "Exactly one of Next and End is required at /States/A"),
        (machine(A={"Type": "Pass", "Next": "A", "End": True}), "Exactly one of Next and End"),
        (machine(A={"Type": "Choice", "Choices": [], "Default": "B"}), "target: B at /States/A/Default"),
        (machine(A={"Type": "Choice", "Choices": [{"Next": "B"}]}), "target: B at /States/A/Choices[0]/Next"),
        (
            machine(A={**PASS, "Type": "Task", "Catch": [{"Next": "B"}]}),
            "target: B at /States/A/Catch[0]/Next",
        ),
        (
            machine(A={**PASS, "Type": "Map", "ItemProcessor": machine(I={"Type": "Pass", "Next": "A"})}),
            "target: A at /States/A/ItemProcessor/States/I/Next",
        ),
        (
            machine(A={**PASS, "Type": "Parallel", "Branches": [machine(I={"Type": "Pass"})]}),
            "End is required at /States/A/Branches[0]/States/I",
        ),
        (machine(A={**PASS, "Output": {"k": ["{% 1 + %}"]}}), "S0207"),
    ],
)
def test_a_problem_is_named_with_its_place(definition: dict[str, Any], problem: str) -> None:
    [found] = problems(definition)

    assert problem in str(found)


def test_a_sound_definition_has_no_problem() -> None:
    definition = machine(
        A={"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}], "Default": "C"},
        B={**PASS, "Type": "Map", "ItemProcessor": machine(I=PASS)},
        C={"Type": "Fail"},
    )

    assert list(problems(definition)) == []
