"""The arguments of a Task, as far as its definition fixes them before it runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from guardrails.time.jsonata import STRING, bare, outermost, unwrapped
from guardrails.time.values import expression_code

_NUMBER = re.compile(r"\d+(\.\d+)?")
# With one of these left, a question mark or a colon need not belong to a condition.
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
    """The conditions under which it is, each with whether it holds."""

    def goes_with(self, other: "Possible") -> bool:
        """Tell whether both can be at once: no condition holds for one and not for the other."""
        return not any((condition, not holds) in other.given for condition, holds in self.given)


ALWAYS: Final = Possible("")
"""When something is that depends on nothing."""


def argument(arguments: Any, key: str) -> Any:
    """Return an argument as it is written, `COMPUTED` where only a run knows it, or None where it is not there.

    A Task without any passes its input on, which only a run knows.
    """
    if not isinstance(arguments, Mapping) or f"{key}.$" in arguments:
        return COMPUTED
    return arguments.get(key)


def possible(value: Any) -> tuple[Possible, ...]:
    """Return the texts that an argument may be: one, those of a JSONata choice, or none where it is computed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (Possible(str(value)),)
    if not isinstance(value, str):
        return ()
    return _possible(value)


# Each attempt of each task asks for the same few.
@lru_cache(maxsize=4_096)
def _possible(value: str) -> tuple[Possible, ...]:
    code = expression_code(value)
    return (Possible(value),) if code is None else tuple(_choices(code, frozenset()) or ())


def only_text(value: Any) -> str | None:
    """Return the text that an argument is whatever happens, or None."""
    texts = {one.text for one in possible(value)}
    return texts.pop() if len(texts) == 1 else None


def _choices(code: str, given: frozenset[tuple[str, bool]]) -> list[Possible] | None:
    """Return every text that code may yield, or None where it may yield anything else."""
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
    """Return the condition and the two sides of code that chooses between two, or None where it does not."""
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
