"""Pulumi workspaces with copies of a checkout's stack files, since the engine writes to stack files."""

import math
import re
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from local.aws import LocalAws, write_private
from local.paths import ROOT

NOWHERE = LocalAws("http://127.0.0.1:9", "none")
"""No local AWS: a preview calls nothing. Port 9 is the discard protocol's."""


class StackFileError(Exception):
    """A stack file cannot be read; the message names the file, the reason and the remedy."""


class _Loader(yaml.SafeLoader):
    """Reads YAML as the engine does: numbers and booleans by YAML 1.2, and duplicate keys are refused.

    A number with a leading zero, such as an account id without quotes, loses the zero.

    Source: https://pkg.go.dev/gopkg.in/yaml.v3, "Compatibility", and resolve.go there.
    """

    _level = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse a document that is nested too deeply, before it takes minutes to read."""
        self._level += 1
        if self._level > _MOST_LEVELS:
            raise RecursionError
        node: yaml.Node | None = super().compose_node(parent, index)
        self._level -= 1
        return node

    def construct_document(self, node: yaml.Node) -> Any:
        """Construct the whole document at once, and refuse an anchor whose value contains itself.

        Nested aliases can make a few lines stand for billions of values; such a document is refused too.
        """
        if _values(node, {}) > _MOST_VALUES:
            message = f"aliases expand to more than {_MOST_VALUES:,} values"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
        return self.construct_object(node, deep=True)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a duplicate key; a merge, `<<`, may occur several times."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            message = None if isinstance(key, Hashable) else "a key is a list or a group instead of a text"
            if message is None and key in seen:
                message = f"the key {key} occurs twice"
            if message:
                raise yaml.constructor.ConstructorError(None, None, message, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _values(node: yaml.Node, known: dict[int, int]) -> int:
    """Return the number of values that a node stands for, with each alias counted in full and recursion not counted."""
    if id(node) not in known:
        known[id(node)] = 0
        parts = node.value if isinstance(node, yaml.CollectionNode) else []
        inner = (each for part in parts for each in (part if isinstance(part, tuple) else (part,)))
        known[id(node)] = 1 + sum(_values(each, known) for each in inner)
    return known[id(node)]


_MOST_VALUES = 100_000
# A limit of its own: Python's recursion limit may have been changed by a test or a program.
_MOST_LEVELS = 100
_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
# Go writes numbers from here on with an exponent in JSON.
_WRITTEN_WITH_EXPONENT = 1e21
_FORMS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
}


def _refuse_tag(_loader: _Loader, node: yaml.Node) -> Any:
    message = f"the tag {node.tag.replace(_TAG, '!!')} is not allowed in a setting"
    raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)


def _or_text(construct: Callable[[_Loader, Any], Any]) -> Callable[[_Loader, Any], Any]:
    """Return a constructor that reads invalid numbers and dates, such as 2026-02-30, as text."""

    def constructed(loader: _Loader, node: yaml.ScalarNode) -> Any:
        try:
            return construct(loader, node)
        except ValueError:
            return node.value

    return constructed


def _float(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    """Return a number, as an int if it is whole: the engine writes 1e3 as 1000 and 2.0 as 2."""
    value = float(loader.construct_yaml_float(node))
    if not math.isfinite(value):
        message = f"{node.value} is not a finite number"
        raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
    return int(value) if value.is_integer() and abs(value) < _WRITTEN_WITH_EXPONENT else value


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.removeprefix(_TAG) not in {*_FORMS, "value"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("!decimal", re.compile(r"0[0-9]*[89][0-9]*$"), ["0"])
for _name, (_pattern, _first) in _FORMS.items():
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"(?:{_pattern})$"), list(_first))
_Loader.add_constructor("!decimal", lambda _loader, node: int(node.value, 10))
_Loader.add_constructor(f"{_TAG}int", _or_text(yaml.SafeLoader.construct_yaml_int))
_Loader.add_constructor(f"{_TAG}float", _float)
_Loader.add_constructor(f"{_TAG}timestamp", _or_text(yaml.SafeLoader.construct_yaml_timestamp))
for _tag in (None, *(f"{_TAG}{name}" for name in ("binary", "set", "omap", "pairs"))):
    _Loader.add_constructor(_tag, _refuse_tag)


def stack_names(checkout: Path = ROOT) -> list[str]:
    """Return the names of a checkout's stacks, by their stack files."""
    return sorted(path.name.split(".")[1] for path in checkout.glob("Pulumi.?*.yaml"))


def read_stack_file(stack: str, checkout: Path = ROOT) -> dict[str, Any]:
    """Return the configuration in a checkout's stack file, by full key (`ccapi:schedule`); empty for an empty file.

    Raises:
        StackFileError: when the file does not exist, or the engine could not read it.
    """
    return _config(f"Pulumi.{stack}.yaml", _read(stack, checkout))


def read_encryption(stack: str, checkout: Path = ROOT) -> dict[str, Any]:
    """Return a stack file's entries other than `config`, such as the encryption salt that its secrets need.

    Raises:
        StackFileError: as for `read_stack_file`.
    """
    content = _read(stack, checkout)
    _config(f"Pulumi.{stack}.yaml", content)
    return {key: value for key, value in (content or {}).items() if key != "config"}


def without_secrets(config: Mapping[str, Any], stand_in: str) -> tuple[dict[str, Any], list[str]]:
    """Return a configuration without encrypted values, and the keys whose whole value was encrypted.

    An encrypted value inside an object is replaced by the stand-in, in plain text.
    """
    secrets = [key for key, value in config.items() if is_encrypted(value)]
    return {key: _readable(value, stand_in) for key, value in config.items() if key not in secrets}, secrets


def is_encrypted(value: Any) -> bool:
    """Return True for a value that `pulumi config set --secret` wrote."""
    return isinstance(value, dict) and value.keys() == {"secure"}


def _readable(value: Any, stand_in: str) -> Any:
    if is_encrypted(value):
        return stand_in
    if isinstance(value, dict):
        return {key: _readable(inner, stand_in) for key, inner in value.items()}
    return [_readable(inner, stand_in) for inner in value] if isinstance(value, list) else value


def _read(stack: str, checkout: Path) -> Any:
    file = f"Pulumi.{stack}.yaml"
    try:
        return yaml.load((checkout / file).read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    except FileNotFoundError:
        raise StackFileError(
            f"there is no {file}; write one as in README.md, or get it back with `git checkout -- {file}`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{file} cannot be read ({error}); make it a readable text in UTF-8") from None
    except yaml.YAMLError as error:
        raise StackFileError(f"{file} is not YAML ({_reason(error)}); correct that line") from None
    except RecursionError:
        raise StackFileError(
            f"{file} is nested too deeply; no setting needs more than a few levels"
        ) from None


def _config(file: str, content: Any) -> dict[str, Any]:
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise StackFileError(
            f"{file} holds no settings; write `config:` and, indented below it, one key a line"
        )
    config = content.get("config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise StackFileError(
            f"`config` in {file} is not a group of settings; write one key a line, indented below `config:`"
        )
    wrong = [str(key) for key in config if not (isinstance(key, str) and all(key.partition(":")))]
    if wrong:
        raise StackFileError(
            f"{', '.join(wrong)} in {file} has no namespace; write ccapi: or aws: before the name of a setting"
        )
    return config


def _reason(error: yaml.YAMLError) -> str:
    """Return the error and its line number, as one line."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return " ".join(str(error).split())
    mark = error.problem_mark or error.context_mark
    return f"{error.problem or error.context}{f', line {mark.line + 1}' if mark else ''}"


def loopback(aws: LocalAws) -> dict[str, Any]:
    """Return the provider's settings for a local AWS, or for `NOWHERE`.

    Raises:
        StackFileError: when Pulumi.local.yaml does not list the services.
    """
    return {
        **aws.provider_settings,
        "aws:endpoints": [dict.fromkeys(_services(), aws.endpoint)],
        "aws:s3UsePathStyle": "true",
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRegionValidation": "true",
        "aws:skipRequestingAccountId": "true",
    }


def _services() -> list[str]:
    endpoints = read_stack_file("local").get("aws:endpoints")
    blocks = endpoints if isinstance(endpoints, list) else []
    services = [service for block in blocks if isinstance(block, dict) for service in block]
    if not services:
        raise StackFileError(
            "aws:endpoints in Pulumi.local.yaml lists no service; get the list back with "
            "`git checkout -- Pulumi.local.yaml`"
        )
    return services


def write_project(folder: Path, checkout: Path = ROOT) -> None:
    """Write the project file of a workspace: it runs a checkout's program with the Python of this checkout."""
    project = yaml.safe_load((checkout / "Pulumi.yaml").read_text(encoding="utf-8"))
    project["main"] = str(checkout)
    project["runtime"]["options"]["virtualenv"] = str(ROOT / ".venv")
    write_yaml(folder / "Pulumi.yaml", project)


def write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    """Write a project or stack file; only this user can read it, since it may hold an access key."""
    write_private(path, yaml.safe_dump(dict(content), sort_keys=False))
