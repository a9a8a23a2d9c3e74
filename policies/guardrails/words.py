"""Numbers with their nouns, and short lists, for messages."""

from collections.abc import Sequence


def counted(number: int, what: str, plural: str = "") -> str:
    """Return a number with its noun: `1 rule`, `1,200 rules`; a plural that adds no s is given."""
    return f"{number:,} {what if number == 1 else plural or f'{what}s'}"


def few(names: Sequence[str], most: int = 3) -> str:
    """Return the first names of a list, and the number of the others: `a, b, c and 13 more`."""
    shown, others = ", ".join(names[:most]), len(names) - most
    return f"{shown} and {others:,} more" if others > 0 else shown
