"""The parser of files in JSON and in YAML, with the short-form tags of CloudFormation.

Source: "Intrinsic function reference"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html).
"""

from collections.abc import Mapping
from typing import Any

import yaml

from guardrails import strict_json
from guardrails.time.files.machine import MachineFileError

_MOST_VALUES = 1_000_000
"""More than any template has; an alias in YAML can repeat a value without end."""


class _Loader(yaml.SafeLoader):
    """A loader of standard YAML that leaves dates as texts and reads `!Sub x` as `{"Fn::Sub": x}`."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parsed(text: str) -> Any:
    """Return the value of a text in JSON or YAML; a file in JSON that is not valid is returned as text.

    Raises:
        MachineFileError: if it is neither.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        try:
            return strict_json.loads(text)
        except (ValueError, RecursionError):
            return text
    try:
        return _plain(yaml.load(text, _Loader))  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        where = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MachineFileError(f"it is neither JSON nor YAML ({error.problem}{where})") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise MachineFileError(f"it is neither JSON nor YAML ({type(error).__name__})") from None


def _plain(value: Any) -> Any:
    """Return a value with texts as keys.

    Raises:
        MachineFileError: if aliases make it too large.
        RecursionError: if an alias contains itself.
    """
    count = 0

    def copied(part: Any) -> Any:
        nonlocal count
        count += 1
        if count > _MOST_VALUES:
            raise MachineFileError(f"its aliases stand for more than {_MOST_VALUES:,} values")
        if isinstance(part, Mapping):
            return {str(key): copied(inner) for key, inner in part.items()}
        return [copied(inner) for inner in part] if isinstance(part, list) else part

    return copied(value)


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        # `!GetAtt Function.Arn` is a text in the short form alone.
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {name: value}


_Loader.add_multi_constructor("!", _tagged)
