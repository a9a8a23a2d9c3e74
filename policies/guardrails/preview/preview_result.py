"""The result of one stack's preview: the violations that the engine reported, checked against the pack's own report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.rule import Level

CANNOT_RUN = "can't run policy"
"""The text of the advisory with which Pulumi's policy SDK skips a rule."""


class PreviewError(Exception):
    """No stack can be previewed; the message says why and what to do."""


class Verdict(StrEnum):
    """The verdict on a stack."""

    PASSED = "passed"
    REFUSED = "refused"
    FAILED = "failed"
    """The preview failed, or some rules did not run."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One violation of a rule that the engine reported."""

    rule: str
    level: str
    message: str
    urn: str = ""

    @property
    def is_mandatory(self) -> bool:
        """True if it stops a deployment."""
        return self.level != Level.ADVISORY


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The result of one stack's preview."""

    stack: str
    violations: Sequence[Violation] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    """The pack's report on its evaluations; empty if the pack did not run to the end."""
    errors: Sequence[str] = ()
    """The reasons why the preview failed, or why the violations may be incomplete."""

    @property
    def verdict(self) -> Verdict:
        """The verdict; a mandatory violation means refused, whatever else failed."""
        if any(violation.is_mandatory for violation in self.violations):
            return Verdict.REFUSED
        return Verdict.FAILED if self.errors else Verdict.PASSED


def doubts(violations: Sequence[Violation], report: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each contradiction between the engine's violations and the pack's report."""
    if not report:
        return ["The guardrails wrote no report, so that it is not known which rules ran."]
    skipped = [
        f"{violation.rule} did not run: {violation.message}"
        for violation in violations
        if CANNOT_RUN in violation.message
    ]
    reported = {(violation.rule, violation.message) for violation in violations}
    lost = [
        f"{rule['name']} found a violation that the engine did not report: {message}"
        for rule in report["rules"]
        for message in rule["violations"]
        if (rule["name"], message) not in reported
    ]
    silent = {rule["name"] for rule in report["rules"] if not rule["violated"]}
    unreported = [
        f"the engine reported a violation that {violation.rule} did not find: {violation.message}"
        for violation in violations
        if violation.rule in silent and CANNOT_RUN not in violation.message
    ]
    return [*skipped, *lost, *unreported]


def as_json(preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON."""
    return {
        "stack": preview.stack,
        "verdict": str(preview.verdict),
        "errors": list(preview.errors),
        "violations": [
            {
                "rule": violation.rule,
                "level": violation.level,
                "urn": violation.urn,
                "message": violation.message,
            }
            for violation in preview.violations
        ],
        **preview.report,
    }
