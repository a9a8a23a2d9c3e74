"""The variables that a Choice state assigns: those of the rule that matched, or those of the default."""

import pytest

from tests.local.emulator.local_aws import RunningAws


@pytest.mark.parametrize(("given", "assigned"), [(1, "rule"), (2, "before"), (3, "default")])
def test_a_choice_rule_with_the_same_next_state_as_the_default_assigns_its_own_variables(
    aws: RunningAws, given: int, assigned: str
) -> None:
    ended = aws.run(
        {
            "Begin": {"Type": "Pass", "Assign": {"who": "before"}, "Next": "Choose"},
            "Choose": {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $states.input = 1 %}", "Assign": {"who": "rule"}, "Next": "Tell"},
                    {"Condition": "{% $states.input = 2 %}", "Next": "Tell"},
                ],
                "Assign": {"who": "default"},
                "Default": "Tell",
            },
            "Tell": {"Type": "Succeed", "Output": "{% $who %}"},
        },
        given,
    )
    assert ended.output == assigned
