"""What came of one stack's preview: the violations that the engine told, held against the pack's own report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from guardrails.rule import Level

CANNOT_RUN = "can't run policy"
"""How Pulumi's policy SDK says, as an advisory, that it has given up a rule."""


class PreviewError(Exception):
    """Nothing can be previewed; the message says why and what to do."""


class Verdict(StrEnum):
    """What a stack's preview comes to."""

    PASSED = "passed"
    REFUSED = "refused"
    FAILED = "failed"
    """It could not be previewed, or not every rule was heard."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One breach of a rule, as the engine told it."""

    rule: str
    level: str
    message: str
    urn: str = ""

    @property
    def is_mandatory(self) -> bool:
        """Whether it stops a deployment."""
        return self.level != Level.ADVISORY


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What came of one stack's preview."""

    stack: str
    violations: Sequence[Violation] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    """What the pack reports on what it assessed; empty where it got no chance to."""
    errors: Sequence[str] = ()
    """Why the stack could not be previewed, or why what is told of it is not the whole truth."""

    @property
    def verdict(self) -> Verdict:
        """What it comes to; a mandatory violation is one whatever else went wrong."""
        if any(violation.is_mandatory for violation in self.violations):
            return Verdict.REFUSED
        return Verdict.FAILED if self.errors else Verdict.PASSED


def doubts(violations: Sequence[Violation], report: Mapping[str, Any]) -> list[str]:
    """Return why the violations may not be all there are, a sentence each; nothing where engine and pack agree."""
    if not report:
        return ["The guardrails left no report, so that nobody knows which rules were asked."]
    found = [
        f"{violation.rule} could not be asked: {violation.message}"
        for violation in violations
        if CANNOT_RUN in violation.message
    ]
    told = {(violation.rule, violation.message) for violation in violations}
    lost = [
        f"{rule['name']} refused something that the engine did not tell: {breach}"
        for rule in report["rules"]
        for breach in rule["breaches"]
        if (rule["name"], breach) not in told
    ]
    silent = {rule["name"] for rule in report["rules"] if not rule["refused"]}
    unreported = [
        f"{violation.rule} refused something that is not in its own report: {violation.message}"
        for violation in violations
        if violation.rule in silent and CANNOT_RUN not in violation.message
    ]
    return [*found, *lost, *unreported]


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
