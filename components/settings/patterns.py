"""Checks of texts against a pattern; the error contains an example, and the JSON schema contains the pattern."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Form:
    """The pattern that a whole text must match."""

    pattern: str
    what: str
    example: str

    def check(self, text: str) -> str:
        """Return the text; raise ValueError if it does not match."""
        # ASCII digits only, as in JSON Schema.
        if not re.fullmatch(self.pattern, text, re.ASCII):
            message = f"is not {self.what}; write {self.what} such as {self.example}"
            raise ValueError(message)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def has_form(pattern: str, *, what: str, example: str) -> Form:
    """Return a check that the whole text matches this pattern."""
    return Form(pattern, what, example)
