"""Numbers with their nouns, for messages."""


def counted(number: int, what: str, plural: str = "") -> str:
    """Return a number with its noun: `1 rule`, `1,200 rules`; a plural that adds no s is given."""
    return f"{number:,} {what if number == 1 else plural or f'{what}s'}"
