"""Assign and Output of Choice states: for the default only; moto also applies them to a rule with the same target.

AWS: "If no rule matches, the state's Assign and Output are used"; each rule has its own fields.
Source: AWS Step Functions Developer Guide, "Choice workflow state", and "Passing data between states with variables".
"""

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice

from local.emulator.patch import replace


class _Matched(str):
    """The target of a rule that matched."""

    __slots__ = ()


def apply() -> None:
    """Distinguish the default from a rule that continues with the same state."""
    replace(ChoiceRule, "_eval_body", _eval_rule)
    replace(StateChoice, "_eval_state_output", _eval_state_output)


def _eval_rule(original: Callable[..., None], self: Any, env: Any) -> None:
    """Mark the target of a rule whose condition holds."""
    original(self, env)
    if not isinstance(self.next_stmt.name, _Matched):
        self.next_stmt.name = _Matched(self.next_stmt.name)


def _eval_state_output(original: Callable[..., None], self: Any, env: Any) -> None:
    """Skip the state's own Assign and Output if a rule matched."""
    if not isinstance(env.stack[-1], _Matched):
        original(self, env)
        return
    env.next_state_name = str(env.stack.pop())
