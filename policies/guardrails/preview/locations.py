"""The places in files that violations belong to, with their lines: a setting, a limit, or else the stack's file."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from guardrails.preview.preview_result import Preview, Violation
from guardrails.preview.project_files import project_file, stack_file

# Names that no sentence contains by chance: `ccapi:schedule`, `maxRetentionDays` and `GEE_PROJECT_ID`, but not `size`.
_NAME = re.compile(
    r"(?<![A-Za-z])[A-Za-z][\w-]*(?::[\w.-]*\w|(?<=[a-z0-9])[A-Z]\w*)|\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"
)

Path_ = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Location:
    """A line of a file."""

    file: Path
    line: int = 1


def location_of(violation: Violation, preview: Preview, before: Preview | None = None) -> Location | None:
    """Return the line of the setting that a message names, of the limit that it names, or of the stack's file.

    GitHub shows an alert of a pull request only on a line of the change: a violation that the stack `before` does not
    have is at a setting that the change sets, unless the message names one exactly.
    """
    names = set(_NAME.findall(violation.message))
    return (
        _setting(names, preview, _changed_settings(violation, preview, before))
        or _limit(violation.rule, names, preview)
        or location_of_stack(preview)
    )


def location_of_stack(preview: Preview) -> Location | None:
    """Return the file of the stack, or else of the project."""
    file = stack_file(preview.folder, preview.stack)
    return Location(file=file) if file else location_of_project(preview)


def location_of_project(preview: Preview) -> Location | None:
    """Return the file of the project."""
    file = project_file(preview.folder)
    return Location(file=file) if file else None


def _setting(names: set[str], preview: Preview, changed: Collection[Path_]) -> Location | None:
    """Return the setting that a message names or that has changed; the most certain one if there are several."""
    file = stack_file(preview.folder, preview.stack)
    if file is None:
        return None
    alike = set(map(_letters, names))
    found = []
    for path, entry in _settings(file).items():
        written = {path[-1], ".".join(path)}
        is_named = bool(names & written)
        # A message writes `TimeoutSeconds` as AWS does, and the file `timeoutSeconds`.
        is_alike = bool(alike & set(map(_letters, written)))
        if is_named or is_alike or path in changed:
            found.append((is_named, path in changed, is_alike, len(path) if is_alike else 0, -entry.line))
    return Location(file=file, line=-max(found)[-1]) if found else None


def _changed_settings(violation: Violation, preview: Preview, before: Preview | None) -> Collection[Path_]:
    """Return the settings that a change sets, if the violation is new and they can be its cause."""
    if before is None or violation.identity in {each.identity for each in before.violations}:
        return ()
    now, then = (stack_file(each.folder, each.stack) for each in (preview, before))
    if now is None or then is None:
        return ()
    old = _settings(then)
    return {
        path
        for path, entry in _settings(now).items()
        # The encrypted value of a secret is not in the copy of the base.
        if entry.value is not None and path[-1] != "secure"
        if path not in old or old[path].value != entry.value
    }


@cache
def _letters(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _limit(rule: str, names: set[str], preview: Preview) -> Location | None:
    if not (limits := preview.report.get("limits_file")):
        return None
    file = Path(limits)
    entries = _entries(file)
    line = next((entries[rule, name].line for name in sorted(names) if (rule, name) in entries), None)
    return Location(file=file, line=line) if line else None


@dataclass(frozen=True)
class _Entry:
    """A key of a YAML or JSON file, with its line."""

    line: int
    value: str | None
    """Its value as it is written; None for an object, whose keys are entries of their own."""


@cache
def _settings(file: Path) -> Mapping[Path_, _Entry]:
    """Return the settings in a stack's file by their keys."""
    return {path[1:]: entry for path, entry in _entries(file).items() if path[0] == "config" and path[1:]}


@cache
def _entries(file: Path) -> Mapping[Path_, _Entry]:
    """Return the keys of a file in YAML or JSON, by the keys on the way to each; none if it is neither."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
        return dict(_keys(node, ()))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return {}


def _keys(node: yaml.Node | None, path: Path_) -> Iterator[tuple[Path_, _Entry]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, _Entry(key.start_mark.line + 1, _written(value))
            yield from _keys(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _keys(value, path)


def _written(node: yaml.Node) -> str | None:
    """Return a value without its style, such as the quotes around it."""
    if isinstance(node, yaml.MappingNode):
        return None
    if isinstance(node, yaml.SequenceNode):
        return str([_written(each) for each in node.value])
    return f"{node.tag} {node.value}"
