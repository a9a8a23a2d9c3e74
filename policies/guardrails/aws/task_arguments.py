"""The arguments of a Task, as far as the definition determines them before the run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from guardrails.time.jsonata import STRING, bare, outermost, unwrapped
from guardrails.time.values import expression_code

_NUMBER = re.compile(r"\d+(\.\d+)?")
# If one of these remains, a question mark or a colon may not belong to a condition.
_READS_OTHERWISE = re.compile(r"['\"`\\/]|:=|\?:|\?\?")


class Computed:
    """An argument that is computed when the machine runs."""

    def __repr__(self) -> str:
        return "COMPUTED"


COMPUTED: Final = Computed()


@dataclass(frozen=True)
class Possible:
    """One text that an argument may be."""

    text: str
    given: frozenset[tuple[str, bool]] = frozenset()
    """The conditions under which the argument is this text, each with the value that it must have."""

    def goes_with(self, other: "Possible") -> bool:
        """Return True if both texts can occur together: their conditions do not contradict each other."""
        return not any((condition, not holds) in other.given for condition, holds in self.given)


ALWAYS: Final = Possible("")
"""An option that depends on no condition."""


def argument(arguments: Any, key: str) -> Any:
    """Return an argument as it is written, `COMPUTED` if it is computed at run time, or None if it is absent.

    A Task without arguments passes its input on, which is known only at run time.
    """
    if not isinstance(arguments, Mapping) or f"{key}.$" in arguments:
        return COMPUTED
    return arguments.get(key)


def possible(value: Any) -> tuple[Possible, ...]:
    """Return the texts that an argument may have: one, those of a JSONata condition, or none if it is computed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (Possible(str(value)),)
    if not isinstance(value, str):
        return ()
    return _possible(value)


# Every attempt of every task needs the same few values.
@lru_cache(maxsize=4_096)
def _possible(value: str) -> tuple[Possible, ...]:
    code = expression_code(value)
    return (Possible(value),) if code is None else tuple(_choices(code, frozenset()) or ())


def only_text(value: Any) -> str | None:
    """Return the only text that an argument may have, or None if there are several or none."""
    texts = {option.text for option in possible(value)}
    return texts.pop() if len(texts) == 1 else None


def _choices(code: str, given: frozenset[tuple[str, bool]]) -> list[Possible] | None:
    """Return every text that code may evaluate to, or None if it may evaluate to anything else."""
    code = unwrapped(code)
    if STRING.fullmatch(code):
        return [Possible(code[1:-1], given)]
    if _NUMBER.fullmatch(code):
        return [Possible(code, given)]
    parts = _condition(code)
    if parts is None:
        return None
    condition, then, otherwise = parts
    found = _choices(then, given | {(condition, True)})
    others = _choices(otherwise, given | {(condition, False)})
    return None if found is None or others is None else found + others


def _condition(code: str) -> tuple[str, str, str] | None:
    """Return the condition and the two branches of a conditional expression, or None for any other code."""
    without_texts = bare(code)
    if _READS_OTHERWISE.search(without_texts):
        return None
    question, pending = -1, 0
    for at, character in outermost(without_texts):
        if character == "?":
            question = at if question < 0 else question
            pending += 1
        elif character == ":":
            pending -= 1
            if pending == 0:
                return " ".join(code[:question].split()), code[question + 1 : at], code[at + 1 :]
    return None
