"""The check that a list has no duplicates."""

from pydantic import AfterValidator


def _each_once(entries: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({entry for entry in entries if entries.count(entry) > 1})
    if twice:
        message = f"has {', '.join(twice)} more than once; write each entry once"
        raise ValueError(message)
    return entries


DISTINCT = AfterValidator(_each_once)
