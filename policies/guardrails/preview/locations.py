"""The places in files that violations belong to: the setting or the limit that a message names, with its line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from guardrails.preview.preview_result import Preview, Violation
from guardrails.preview.project_files import project_file, stack_file

# Names that no sentence contains by chance: `ccapi:schedule` and `maxRetentionDays`, but not `size`.
_NAME = re.compile(r"[A-Za-z][\w-]*(?::[\w.-]*\w|(?<=[a-z0-9])[A-Z]\w*)")

Path_ = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Location:
    """A line of a file."""

    file: Path
    line: int = 1


def location_of(violation: Violation, preview: Preview) -> Location | None:
    """Return the line of the setting or else of the limit that a message names, or else the project's file."""
    names = set(_NAME.findall(violation.message))
    return _setting(names, preview) or _limit(violation.rule, names, preview) or location_of_project(preview)


def location_of_stack(preview: Preview) -> Location | None:
    """Return the file of the stack, or else of the project."""
    file = stack_file(preview.folder, preview.stack)
    return Location(file=file) if file else location_of_project(preview)


def location_of_project(preview: Preview) -> Location | None:
    """Return the file of the project."""
    file = project_file(preview.folder)
    return Location(file=file) if file else None


def root_of(folder: Path) -> Path:
    """Return the checkout that contains a folder: the nearest folder with `.git`, or else the folder itself."""
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def _setting(names: set[str], preview: Preview) -> Location | None:
    file = stack_file(preview.folder, preview.stack)
    if file is None:
        return None
    lines = _lines(file)
    # A message writes `ccapi:run.workerRetries` or `workerRetries`: the longest match is the most exact.
    found = [
        (len(path), line)
        for path, line in lines.items()
        if names & {path[-1], ".".join(path[1:])} and path[0] == "config"
    ]
    return Location(file=file, line=max(found)[1]) if found else None


def _limit(rule: str, names: set[str], preview: Preview) -> Location | None:
    if not (limits := preview.report.get("limits_file")):
        return None
    file = Path(limits)
    lines = _lines(file)
    line = next((lines[rule, name] for name in sorted(names) if (rule, name) in lines), None)
    return Location(file=file, line=line) if line else None


@cache
def _lines(file: Path) -> Mapping[Path_, int]:
    """Return the line of each key of a file in YAML or JSON, by the keys on the way to it; none if it is neither."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.SafeLoader)
        return dict(_keys(node, ()))
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return {}


def _keys(node: yaml.Node | None, path: Path_) -> Iterator[tuple[Path_, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _keys(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _keys(value, path)
