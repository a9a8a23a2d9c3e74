"""Numbers with their nouns, for messages."""


def counted(number: int, what: str) -> str:
    """Return a number with its noun: `1 rule`, `1,200 rules`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
