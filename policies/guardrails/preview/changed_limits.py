"""The limits of a stack that a change sets: a limit that is raised can let pass what was refused before."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from guardrails import strict_json
from guardrails.preview.comparison import Base
from guardrails.preview.preview_result import Preview
from guardrails.preview.project_files import project_file

_DEFAULT = "default"
_FACTS = ("$schema", "version")


def changed_limits(preview: Preview, base: Base | None) -> list[str]:
    """Return each limit and each level that differs from the base, as `RULE: KEY, before → now`."""
    if not base or not base.limits or not preview.report:
        return []
    before, now = _limits(_file_before(preview, base.limits)), _limits(preview.report.get("limits_file"))
    return [
        f"{rule}: {key}, {before.get((rule, key), _DEFAULT)} → {now.get((rule, key), _DEFAULT)}"
        for rule, key in sorted({*before, *now})
        if before.get((rule, key)) != now.get((rule, key))
    ]


def _file_before(preview: Preview, place: Path) -> Path | None:
    if place.is_file():
        return place
    file = project_file(preview.folder)
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    project = content.get("name") if isinstance(content, dict) else None
    return place / str(project) / f"{preview.stack.rpartition('/')[2]}.json"


def _limits(file: Path | str | None) -> Mapping[tuple[str, str], str]:
    """Return the values in a limits file by rule and key; none if it does not exist or cannot be read."""
    try:
        content = strict_json.loads(Path(file).read_text(encoding="utf-8")) if file else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return dict(_values(content)) if isinstance(content, dict) else {}


def _values(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for rule, limits in content.items():
        if rule not in _FACTS and isinstance(limits, dict):
            yield from (((rule, key), _written(value)) for key, value in limits.items())


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_written, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_written(inner)}" for key, inner in value.items()) or "none"
    return str(value)
