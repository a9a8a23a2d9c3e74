"""Texts of a fixed form, refused with an example of it; an editor learns the form from the schema."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Form:
    """The form that a text has as a whole."""

    pattern: str
    what: str
    example: str

    def check(self, text: str) -> str:
        """Return the text; raise ValueError where it has another form."""
        # As in JSON Schema, where digits are those of ASCII.
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
    """Return the check that a text as a whole has this form."""
    return Form(pattern, what, example)
