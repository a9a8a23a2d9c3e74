"""Variations of a stack's file for `--what-if`: named changes of settings, in a YAML file.

A variation is merged into the stack's configuration: objects are merged key by key at any depth, and `null` removes a
key. All other settings stay as they are written.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

AS_IT_IS = "as it is"
"""The name of the stack without a variation."""

Settings = yaml.MappingNode

_CONFIG = "config"
_NULL = "tag:yaml.org,2002:null"
_NOTHING = Settings("tag:yaml.org,2002:map", [])
_AS_IN = "as in `large: {app:worker: {size: large}}`"


class VariationsError(Exception):
    """A file cannot be read, or has mistakes; the message lists every mistake."""


def read_variations(path: Path) -> Mapping[str, Settings]:
    """Return the variations in a file by name.

    Raises:
        VariationsError: if the file cannot be read, or has mistakes.
    """
    written = read_settings(path)
    if not written.value:
        raise VariationsError(f"{path} holds no variation; write one, {_AS_IN}")
    if mistakes := [mistake for name, settings in written.value for mistake in _mistakes(name, settings)]:
        raise VariationsError("\n".join([f"{path} has mistakes:", *(f"  {mistake}" for mistake in mistakes)]))
    return {name.value: settings for name, settings in written.value}


def varied_file(stack_file: Path, variation: Settings) -> str:
    """Return the text of a stack's file with a variation merged into it.

    Raises:
        VariationsError: if the stack's file cannot be read.
    """
    key = yaml.ScalarNode("tag:yaml.org,2002:str", _CONFIG)
    return yaml.serialize(merged(read_settings(stack_file), Settings(variation.tag, [(key, variation)])))


def merged(settings: Settings, changes: Settings) -> Settings:
    """Return settings with changes merged into them."""
    values = {key.value: (key, value) for key, value in settings.value}
    for key, change in changes.value:
        if change.tag == _NULL:
            values.pop(key.value, None)
        elif isinstance(change, Settings):
            _, before = values.get(key.value, (key, _NOTHING))
            values[key.value] = key, merged(before if isinstance(before, Settings) else _NOTHING, change)
        else:
            values[key.value] = key, change
    return Settings(settings.tag, list(values.values()))


def _mistakes(name: yaml.Node, settings: yaml.Node) -> Iterator[str]:
    if not isinstance(settings, Settings) or not settings.value:
        yield f"{name.value} changes no setting; write the settings, {_AS_IN}."
        return
    if name.value == AS_IT_IS:
        yield f"{AS_IT_IS} is the name of the stack without a variation; write another name."
    for key, _ in settings.value:
        if ":" not in key.value:
            yield f"{name.value}: {key.value} has no project; write it before the key, {_AS_IN}."


def read_settings(path: Path) -> Settings:
    """Return the settings in a file; none if it is empty.

    Raises:
        VariationsError: if the file cannot be read, or does not hold an object in YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        # Refuse YAML that is not plain data, such as a key that is a list, or an object that contains itself.
        json.dumps(yaml.safe_load(text), default=str, skipkeys=True)
        node = yaml.compose(text, yaml.SafeLoader)
    except OSError as error:
        raise VariationsError(f"{path} cannot be read ({error.strerror}); name an existing file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise VariationsError(f"{path} is not valid YAML ({why}); correct it") from None
    if node is None:
        return _NOTHING
    if not isinstance(node, Settings):
        raise VariationsError(f"{path} is not an object; write names with their settings, {_AS_IN}")
    return node
