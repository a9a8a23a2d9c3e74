"""Previews in SARIF 2.1.0 for code scanning: a result for each violation, a notification for what was not evaluated.

GitHub's limits and the properties that it reads:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from guardrails.checkout import root_of
from guardrails.preview.comparison import Base
from guardrails.preview.locations import (
    Location,
    location_of,
    location_of_project,
    location_of_stack,
)
from guardrails.preview.preview_result import Preview, Violation, is_skipped
from guardrails.preview.sections import notes
from guardrails.rule import Level
from guardrails.words import counted

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS = 25_000
"""The most results of a run that GitHub accepts."""
MAX_MESSAGE = 1_000
"""In characters: 25,000 results with it stay below the 10 MB of GitHub when compressed."""

_ROOT = "%SRCROOT%"
_LEVELS = {Level.MANDATORY: "error", Level.ADVISORY: "warning", Level.DISABLED: "none"}
_PROBLEMS = {"error": "error", "warning": "warning", "none": "recommendation"}

Json = dict[str, Any]


def as_sarif(previews: Sequence[Preview], base: Base | None = None) -> str:
    """Return previews as a SARIF log of one run."""
    found = [
        (preview, violation)
        for preview in previews
        for violation in preview.violations
        if not is_skipped(violation)
    ]
    found.sort(key=lambda each: not each[1].is_mandatory)
    shown = found[:MAX_RESULTS]
    rules = _rules(previews)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    notifications = [
        *(notification for preview in previews for notification in _notifications(preview)),
        *_about_the_rest(len(found) - len(shown)),
    ]
    run = {
        "tool": {
            "driver": {
                "name": "guardrails",
                "semanticVersion": "1.0.0",
                "rules": rules,
                "notifications": _NOTIFICATIONS,
            }
        },
        "automationDetails": {
            "id": f"guardrails/{_place_of_project(previews[0].folder if previews else Path())}"
        },
        "invocations": [
            {
                "executionSuccessful": not any(preview.errors for preview in previews),
                "toolExecutionNotifications": notifications,
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(shown, places, base.previews if base else {})),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _rules(previews: Sequence[Preview]) -> list[Json]:
    """Return the descriptions of the rules that were evaluated or violated, each once."""
    reported = {rule["name"]: rule for preview in previews for rule in preview.report.get("rules", ())}
    violated = {violation.rule: violation for preview in previews for violation in preview.violations}
    return [
        *map(_rule, reported.values()),
        *({"id": name} for name in violated if name not in reported),
    ]


def _rule(rule: Mapping[str, Any]) -> Json:
    level = _LEVELS[Level(rule["level"])]
    text = f"{rule['rationale']}\n\nRemedy: {rule['remediation']}\n\nSource: {rule['url']}"
    markdown = f"{rule['rationale']}\n\n**Remedy:** {rule['remediation']}\n\n[Source]({rule['url']})"
    return {
        "id": rule["name"],
        "shortDescription": {"text": rule["requirement"]},
        "fullDescription": {"text": f"{rule['requirement']} {rule['rationale']}"},
        "help": {"text": text, "markdown": markdown},
        "helpUri": rule["url"],
        "defaultConfiguration": {"level": level, "enabled": level != "none"},
        "properties": {
            "tags": ["pulumi", rule["severity"]],
            "precision": "very-high",
            "problem.severity": _PROBLEMS[level],
        },
    }


def _results(
    found: Sequence[tuple[Preview, Violation]], places: Mapping[str, int], before: Mapping[str, Preview]
) -> Iterator[Json]:
    seen: Counter[str] = Counter()
    for preview, violation in found:
        fingerprint = _fingerprint(preview, violation)
        seen[fingerprint] += 1
        yield {
            "ruleId": violation.rule,
            "ruleIndex": places[violation.rule],
            "level": "error" if violation.is_mandatory else "warning",
            "message": {"text": f"{preview.stack}: {_shortened(violation.message)}"},
            "locations": _locations(
                preview, location_of(violation, preview, before.get(preview.stack)), violation.urn
            ),
            # GitHub reads no other fingerprint. Its form is hash:occurrence.
            "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{seen[fingerprint]}"},
        }


def _fingerprint(preview: Preview, violation: Violation) -> str:
    """Return a hash that stays the same when lines move or numbers in the message change."""
    identity = "\n".join((_place_of_project(preview.folder), preview.stack, *violation.identity))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _notifications(preview: Preview) -> Iterator[Json]:
    for error in preview.errors:
        yield _notification("not-evaluated", "error", f"{preview.stack}: {error}", preview)
    if why := preview.report.get("cost", {}).get("unknown"):
        yield _notification("not-known", "warning", f"{preview.stack}: the cost is not known: {why}", preview)
    for machine in preview.report.get("machines", ()):
        if "unknown" in machine:
            text = (
                f"{preview.stack}: the running time of {machine['name']} is not known: {machine['unknown']}"
            )
            yield _notification("not-known", "warning", text, preview)
    for title, items in notes(preview).items():
        for item in items:
            yield _notification("noted", "note", f"{preview.stack}: {title} {item}", preview)


_NOTIFICATIONS = [
    {
        "id": "not-evaluated",
        "shortDescription": {"text": "A stack could not be previewed, or a rule did not run."},
    },
    {"id": "not-known", "shortDescription": {"text": "A cost or a running time is not known."}},
    {
        "id": "noted",
        "shortDescription": {"text": "A rule is evaluated at the update, or a violation is exempted."},
    },
    {
        "id": "left-out",
        "shortDescription": {"text": f"A run has more than the {MAX_RESULTS:,} results that GitHub accepts."},
    },
]


def _notification(kind: str, level: str, text: str, preview: Preview | None = None) -> Json:
    notification = {"descriptor": {"id": kind}, "level": level, "message": {"text": _shortened(text)}}
    if preview and (locations := _locations(preview, location_of_stack(preview))):
        return {**notification, "locations": locations}
    return notification


def _about_the_rest(count: int) -> Iterator[Json]:
    if count:
        yield _notification("left-out", "warning", f"{counted(count, 'violation')} left out.")


def _locations(preview: Preview, location: Location | None, urn: str = "") -> list[Json]:
    if location is None or _uri(location.file, preview.folder) is None:
        location = location_of_project(preview)
    if location is None:
        return []
    place: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(location.file, preview.folder), "uriBaseId": _ROOT},
            "region": {"startLine": location.line},
        }
    }
    if urn:
        name = urn.rpartition("::")[2]
        place["logicalLocations"] = [{"name": name, "fullyQualifiedName": urn, "kind": "resource"}]
    return [place]


@cache
def _uri(file: Path, folder: Path) -> str | None:
    """Return the path of a file in the checkout of a folder, or None if it is elsewhere."""
    root, file = root_of(folder), file.resolve()
    return quote(file.relative_to(root).as_posix()) if file.is_relative_to(root) else None


@cache
def _place_of_project(folder: Path) -> str:
    """Return the folder of the project in its checkout, with a slash at its end; empty for the root itself."""
    folder = folder.resolve()
    place = folder.relative_to(root_of(folder)).as_posix()
    return "" if place == "." else f"{quote(place)}/"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"
