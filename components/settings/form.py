"""Texts of a fixed form, refused with an example of it."""

import re

from pydantic import AfterValidator


def has_form(pattern: str, *, what: str, example: str) -> AfterValidator:
    """Return the check that a text as a whole has this form."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            message = f"is not {what}; write {what} such as {example}"
            raise ValueError(message)
        return text

    return AfterValidator(check)
