"""The JSON Schema of a stack file, generated from the settings; editors use it to complete and check the file.

Source of the keys next to `config`: https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from components.provider_settings import provider_keys
from components.settings import KEYS, SECRET_KEYS, Region, Settings, SettingsError

PROJECT = "ccapi"
Schema = dict[str, Any]

# The form in which `pulumi config set --secret` writes a value.
_ENCRYPTED = {
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}
# The keys that Pulumi itself writes into a stack file.
_OF_PULUMI = {
    "encryptionsalt": {"type": "string"},
    "encryptedkey": {"type": "string"},
    "secretsprovider": {"type": "string"},
    "environment": {},
}


class _AsWritten(GenerateJsonSchema):
    """Generates the schema of the values as people write them, not as the program represents them."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        """Return the schema without null: an optional value is omitted, never written as null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        """Return the schema without a default of null."""
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if (key, value) != ("default", None)}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> Schema:
        """Return the schema of a number, without the alternative of a text."""
        number, _text = super().decimal_schema(schema)["anyOf"]
        return dict(number)

    def encode_default(self, dft: Any) -> Any:
        """Return a default as JSON has it, a decimal as a number."""
        return json.loads(str(dft)) if isinstance(dft, Decimal) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base's signature
        """Return False: a title would repeat the key."""
        return False


def keys() -> dict[str, Schema]:
    """Return the schema of each of the project's keys, without its prefix."""
    by_key, shared = TypeAdapter.json_schemas(
        [(key, "validation", TypeAdapter(form)) for key, form in {"region": Region, **KEYS}.items()],
        schema_generator=_AsWritten,
    )
    definitions = shared["$defs"]
    return {key: _in_place(schema, definitions) for (key, _), schema in by_key.items()}


def schema() -> Schema:
    """Return the schema of a whole stack file."""
    described = keys()
    region = {"description": "The AWS region of all resources.", **described.pop("region")}
    described["account"]["description"] = (
        "The AWS account of the stack, in quotes; nothing is deployed to any other account."
    )
    for key in SECRET_KEYS:
        described[key] = _ENCRYPTED | {
            "description": f"Encrypted, as `pulumi config set --secret {key}` writes it."
        }
    config = {"aws:region": region, **{f"{PROJECT}:{key}": value for key, value in described.items()}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"A stack file of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": config,
                # The settings of the AWS provider and of Pulumi itself.
                "patternProperties": {f"^aws:({'|'.join(provider_keys())})$": {}, "^pulumi:": {}},
                "required": _needed(),
                "additionalProperties": False,
            },
            **_OF_PULUMI,
        },
        "required": ["config"],
        "additionalProperties": False,
    }


def page() -> str:
    """Return the schema as a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _needed() -> list[str]:
    """Return the required keys: those that the settings report as missing in an empty stack file."""
    try:
        Settings.load(project=PROJECT, environment="dev", region=None, values={})
    except SettingsError as error:
        return [mistake.key.partition(".")[0] for mistake in error.mistakes]
    return []


def _in_place(schema: Any, definitions: Mapping[str, Schema]) -> Any:
    """Return a schema with its references replaced by their definitions; keys next to a reference override them."""
    match schema:
        case {"$ref": str(reference), **beside}:
            definition = dict(definitions[reference.removeprefix("#/$defs/")])
            del definition["title"]
            return _in_place({**definition, **beside}, definitions)
        case dict():
            return {key: _in_place(value, definitions) for key, value in schema.items()}
        case list():
            return [_in_place(item, definitions) for item in schema]
        case _:
            return schema
