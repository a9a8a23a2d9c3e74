"""The rules, in the order in which they are asked and shown."""

from guardrails.rule import Rule
from guardrails.rules import machine_time
from guardrails.rules.looked import everything_was_assessed

_JUDGING: tuple[Rule, ...] = (*machine_time.RULES,)

RULES: tuple[Rule, ...] = (*_JUDGING, everything_was_assessed(_JUDGING))
"""`machine-states-bounded` is the first: the bounds that its limits declare hold for the rules after it. The one that
looks whether the others have looked is the last."""
