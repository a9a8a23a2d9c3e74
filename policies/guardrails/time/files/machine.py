"""A state machine that was found in a file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guardrails import strict_json
from guardrails.time.values import PLACEHOLDER

EXPRESS = "EXPRESS"


class MachineFileError(Exception):
    """A file, or one machine in it, cannot be read; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True)
class FoundMachine:
    """One state machine, with its definition or the reason why it cannot be read."""

    name: str
    """Empty if the file gives no name."""
    definition: Any = None
    is_express: bool = False
    fault: str = ""
    """The reason why it has no definition."""

    @property
    def placeholders(self) -> list[str]:
        """The placeholders in the definition, each once."""
        return list(
            dict.fromkeys(found for text in _texts(self.definition) for found in PLACEHOLDER.findall(text))
        )


def found_machine(name: str, written: Any, type_: Any) -> FoundMachine:
    """Return a machine whose definition is an object, or JSON as text."""
    is_express = type_ == EXPRESS
    try:
        definition = definition_in(written)
    except MachineFileError as error:
        return FoundMachine(name=name, is_express=is_express, fault=str(error))
    return FoundMachine(name=name, definition=definition, is_express=is_express)


def definition_in(written: Any) -> Any:
    """Return a definition that is an object, or JSON as text, in which a value may be a bare placeholder.

    Raises:
        MachineFileError: if the text is not JSON, or if a placeholder is the name of a field.
    """
    definition = _parsed(written) if isinstance(written, str) else written
    # Such a field could be one that lengthens the state.
    if names := [name for name in _names(definition) if PLACEHOLDER.search(name)]:
        raise MachineFileError(
            f"the name of a field is {names[0]}, which the deployment replaces; write the name"
        )
    return definition


def _parsed(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except (ValueError, RecursionError) as error:
        fault = str(error) or type(error).__name__
    try:
        return strict_json.loads(_with_quoted_placeholders(text))
    except (ValueError, RecursionError):
        raise MachineFileError(f"the definition is not JSON ({fault}); write it as AWS reads it") from None


def _with_quoted_placeholders(text: str) -> str:
    """Return JSON in which placeholders outside of texts are texts, as in `"Seconds": ${Pause}`."""
    parts, at = [], 0
    while at < len(text):
        found = PLACEHOLDER.match(text, at)
        end = found.end() if found else _end_of_text(text, at) if text[at] == '"' else at + 1
        parts.append(json.dumps(found[0]) if found else text[at:end])
        at = end
    return "".join(parts)


def _end_of_text(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            pending += reversed([*part.values()])
        elif isinstance(part, list):
            pending += reversed(part)


def _names(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, Mapping):
            yield from map(str, part)
            pending += part.values()
        elif isinstance(part, list):
            pending += part
