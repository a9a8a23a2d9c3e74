"""The page docs/outputs.md and the JSON Schema of a stack's outputs, from their declarations and docs/outputs.toml."""

import json
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from components.outputs import VERSION, Outputs
from docs.schema_words import kind

_DOCUMENTATION = Path(__file__).with_name("outputs.toml")
_HEAD = """\
# Stack outputs

The outputs of a stack are a contract of version {version} with the dashboards, scripts and people that read them.
[Dashboards](dashboards.md) shows three that do. None is a secret.

    pulumi stack output --json --stack prod
    ccapi outputs --json --stack prod       # the same, without Pulumi's engine

`outputs_version` is MAJOR.MINOR. The minor version increases when an output is added, the major version when one is
removed, renamed or gets another type. A program therefore checks the major version before it reads anything else, and
ignores outputs that it does not know. A `ScheduledFargateJob` has the same outputs as `job.outputs`.
[schemas/outputs.json](../schemas/outputs.json) is the JSON Schema of all of them:

    pulumi stack output --json |
      check-jsonschema --schemafile schemas/outputs.json -

`make docs` generates this page and the schema from the code.

| output | what it is, what to do with it, and an example |
|---|---|
"""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a stack's outputs."""
    declared, documented = get_type_hints(Outputs, include_extras=True), _documentation()
    properties = {
        name: {
            **_type_schema(hint),
            "description": hint.__metadata__[0],
            "examples": [documented[name]["example"]],
        }
        for name, hint in declared.items()
    }
    major = VERSION.partition(".")[0]
    properties["outputs_version"]["pattern"] = rf"^{major}\.[0-9]+$"
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"The outputs of a stack, version {VERSION}",
        "type": "object",
        "properties": properties,
        "required": list(properties),
    }


def schema_file() -> str:
    """Return the schema as a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def page() -> str:
    """Return the page."""
    documented = _documentation()
    rows = (
        f"| `{name}`<br>{kind(value)} | {value['description']} {documented[name]['use']}"
        f"<br>{_example(value['examples'][0])} |\n"
        for name, value in schema()["properties"].items()
    )
    return _HEAD.format(version=VERSION) + "".join(rows)


def _documentation() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_DOCUMENTATION.read_text(encoding="utf-8"))


def _type_schema(hint: Any) -> dict[str, Any]:
    """Return the schema of the value of an annotated `pulumi.Output`."""
    output_type, *_ = get_args(hint)
    (value_type,) = get_args(output_type)
    return TypeAdapter(value_type).json_schema()


def _example(value: str | int | list[str]) -> str:
    return f"`{', '.join(value)}, …`" if isinstance(value, list) else f"`{value}`"
