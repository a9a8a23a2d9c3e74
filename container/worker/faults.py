"""The errors of a validation as sentences."""

from collections.abc import Iterator

from pydantic import ValidationError


def faults(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield the name of each invalid field, and a sentence with its value and what is valid."""
    for fault in error.errors(include_url=False):
        name = ".".join(map(str, fault["loc"]))
        match fault["type"]:
            case "missing":
                yield name, "is missing"
            case "extra_forbidden":
                yield name, "is not known"
            case "value_error":
                yield name, fault["msg"].removeprefix("Value error, ")
            case _:
                requirement = fault["msg"][0].lower() + fault["msg"][1:]
                yield name, f"is {fault['input']!r}: {requirement}"
