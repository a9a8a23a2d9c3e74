"""A stand-in for the AWS CLI, so that tests can run the `aws` commands in this project's texts as they are written.

`install(folder)` writes it to a folder as `aws`. It has every operation of botocore, with `--query`, `--output`,
`file://`, the shorthand of lists (`a b`, `Name=a,Values=b`), and the file at the end of a download; other
global options of the CLI are errors.
"""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name

SERVICES = {"s3api": "s3"}


def install(folder: Path) -> Path:
    """Write the command `aws` to a folder, and return the folder, for PATH."""
    folder.mkdir(exist_ok=True)
    command = folder / "aws"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P {shlex.quote(__file__)} "$@"\n')
    command.chmod(0o700)
    return folder


def main(arguments: list[str]) -> None:
    """Call the named operation, and print its answer."""
    if arguments == ["--version"]:
        print("aws-cli/2 (a stand-in)")
        return
    service, operation, *rest = arguments
    make: Any = boto3.client
    client = make(SERVICES.get(service, service), region_name=_region(rest))
    name = next(name for name in client.meta.service_model.operation_names if _dashed(name) == operation)
    model = client.meta.service_model.operation_model(name)
    # The body of a download is written to the file that is the last word.
    body = model.get_streaming_output() and model.output_shape.serialization["payload"]
    file = Path(rest.pop()) if body else None
    options = _options(rest)
    query, output = options.pop("query", None), options.pop("output", "json")
    # A client of boto3 reads one page.
    options.pop("no-paginate", None)
    options.pop("region", None)
    members = model.input_shape.members if model.input_shape else {}
    values = {
        member: _value(options.pop(_dashed(member)), shape)
        for member, shape in members.items()
        if _dashed(member) in options
    }
    if options:
        sys.exit(f"aws: error: unknown options: {', '.join(options)}")
    answer = getattr(client, xform_name(name))(**values)
    answer.pop("ResponseMetadata", None)
    if file:
        file.write_bytes(answer.pop(body).read())
    found = jmespath.search(query, answer) if query else answer
    if output == "text":
        print(found)
    elif found not in (None, {}):
        print(json.dumps(found, indent=4, default=str))


def _region(words: list[str]) -> str | None:
    return words[words.index("--region") + 1] if "--region" in words else None


def _options(rest: list[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    words = list(rest)
    while words:
        name = words.pop(0)
        if not name.startswith("--"):
            sys.exit(f"aws: error: unrecognized arguments: {name}")
        values = []
        while words and not words[0].startswith("--"):
            values.append(words.pop(0))
        options[name.removeprefix("--")] = values[0] if len(values) == 1 else values or "true"
    return options


def _value(given: str | list[str], shape: Any) -> Any:
    if shape.type_name == "list" and not (isinstance(given, str) and given.startswith("[")):
        return [_item(each, shape.member) for each in ([given] if isinstance(given, str) else given)]
    if not isinstance(given, str):
        sys.exit(f"aws: error: unrecognized arguments: {' '.join(given[1:])}")
    text = given
    if text.startswith("file://"):
        text = Path(text.removeprefix("file://")).read_text(encoding="utf-8")
    if shape.type_name in {"structure", "list", "map", "integer", "long", "boolean"}:
        return json.loads(text)
    return text


def _item(text: str, shape: Any) -> Any:
    """Return an item of a list, also from the shorthand of a structure: `Name=vpc-id,Values=a`."""
    if shape.type_name != "structure" or text.startswith("{"):
        return _value(text, shape)
    fields = dict(part.split("=", 1) for part in text.split(","))
    return {name: _value(value, shape.members[name]) for name, value in fields.items()}


def _dashed(name: str) -> str:
    return xform_name(name, "-")


if __name__ == "__main__":
    main(sys.argv[1:])
