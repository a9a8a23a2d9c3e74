"""Variations of a stack's file: in a file of their own, each by its name, with the settings that it changes.

A variation is laid over the configuration: objects are changed key by key, however deep they lie, and `null` takes a
key away. What it leaves alone stays as it is written, so that Pulumi reads it as before.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

AS_IT_IS = "as it is"
"""What a stack without a variation is called."""

Settings = yaml.MappingNode

_CONFIG = "config"
_NULL = "tag:yaml.org,2002:null"
_NOTHING = Settings("tag:yaml.org,2002:map", [])
_AS_IN = "as in `large: {app:worker: {size: large}}`"


class VariationsError(Exception):
    """A file cannot be read, or has mistakes; the message lists all of them."""


def read_variations(path: Path) -> Mapping[str, Settings]:
    """Return the variations in a file by their names.

    Raises:
        VariationsError: with every mistake.
    """
    written = _read(path)
    if not written.value:
        raise VariationsError(f"{path} holds no variation; write one, {_AS_IN}")
    if mistakes := [mistake for name, settings in written.value for mistake in _mistakes(name, settings)]:
        raise VariationsError("\n".join([f"{path} has mistakes:", *(f"  {mistake}" for mistake in mistakes)]))
    return {name.value: settings for name, settings in written.value}


def varied(stack_file: Path, variation: Settings) -> str:
    """Return the file of a stack with the settings of a variation.

    Raises:
        VariationsError: where the file cannot be read.
    """
    key = yaml.ScalarNode("tag:yaml.org,2002:str", _CONFIG)
    return yaml.serialize(_laid_over(_read(stack_file), Settings(variation.tag, [(key, variation)])))


def _laid_over(settings: Settings, changes: Settings) -> Settings:
    values = {key.value: (key, value) for key, value in settings.value}
    for key, change in changes.value:
        if change.tag == _NULL:
            values.pop(key.value, None)
        elif isinstance(change, Settings):
            _, before = values.get(key.value, (key, _NOTHING))
            values[key.value] = key, _laid_over(before if isinstance(before, Settings) else _NOTHING, change)
        else:
            values[key.value] = key, change
    return Settings(settings.tag, list(values.values()))


def _mistakes(name: yaml.Node, settings: yaml.Node) -> Iterator[str]:
    if not isinstance(settings, Settings) or not settings.value:
        yield f"{name.value} changes no setting; write which, {_AS_IN}."
        return
    if name.value == AS_IT_IS:
        yield f"{AS_IT_IS} is the stack without a variation; write another name."
    for key, _ in settings.value:
        if ":" not in key.value:
            yield f"{name.value}: {key.value} names no project; write it before the key, {_AS_IN}."


def _read(path: Path) -> Settings:
    try:
        text = path.read_text(encoding="utf-8")
        # Refuses what composes and yet is no data, as a key that is a list, or an object that holds itself.
        json.dumps(yaml.safe_load(text), default=str, skipkeys=True)
        node = yaml.compose(text, yaml.SafeLoader)
    except OSError as error:
        raise VariationsError(
            f"{path} cannot be read ({error.strerror}); name a file that is there"
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise VariationsError(f"{path} is no YAML that can be read ({why}); mend it") from None
    if node is None:
        return _NOTHING
    if not isinstance(node, Settings):
        raise VariationsError(f"{path} is no object; write names and what belongs to them, {_AS_IN}")
    return node
