"""The result of one stack's preview: the violations that the engine reported, checked against the pack's own report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from guardrails.report import URNS
from guardrails.rule import Level

NO_PULUMI = "there is no `pulumi` on PATH; install it (https://www.pulumi.com/docs/install/)"
NO_LANGUAGE_HOST = (
    "install the released Pulumi CLI, which has one beside it (https://www.pulumi.com/docs/install/)"
)
BEFORE_DEPLOYMENT = "before the deployment"
"""The level of a violation that stops a deployment, and not this preview."""
CANNOT_RUN = "can't run policy"
"""The text of the advisory with which Pulumi's policy SDK skips a rule."""

_NUMBER = re.compile(r"\d[\d.,]*")


class PreviewError(Exception):
    """No stack can be previewed; the message says why and what to do."""


class Verdict(StrEnum):
    """The verdict on a stack."""

    PASSED = "passed"
    REFUSED = "refused"
    FAILED = "failed"
    """The preview failed, or some rules did not run."""
    DEFERRED = "deferred"
    """No mandatory violation so far; some rules are evaluated at the update, when more properties are known."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One violation of a rule that the engine reported."""

    rule: str
    level: str
    message: str
    urn: str = ""

    @property
    def is_mandatory(self) -> bool:
        """True if it refuses the stack."""
        return self.level not in (Level.ADVISORY, BEFORE_DEPLOYMENT)

    @property
    def rank(self) -> int:
        """The place of its level in a report: mandatory violations are the first, and advisory ones the last."""
        return 0 if self.is_mandatory else 1 if self.level == BEFORE_DEPLOYMENT else 2

    @property
    def identity(self) -> tuple[str, str, str]:
        """The rule, the resource and the message without its numbers: the same in all previews of a stack."""
        return self.rule, self.urn, _NUMBER.sub("#", self.message)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The result of one stack's preview."""

    stack: str
    violations: Sequence[Violation] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    """The pack's report on its evaluations; empty if the pack did not run to the end."""
    errors: Sequence[str] = ()
    """The reasons why the preview failed, or why the violations may be incomplete."""
    folder: Path = Path()
    """The folder with the project's own files."""

    @property
    def verdict(self) -> Verdict:
        """The verdict; a mandatory violation means refused, whatever else failed."""
        if any(violation.is_mandatory for violation in self.violations):
            return Verdict.REFUSED
        if self.errors:
            return Verdict.FAILED
        return Verdict.DEFERRED if self.report.get("deferred") else Verdict.PASSED


def is_skipped(violation: Violation) -> bool:
    """Return True if the engine reports a rule that did not run, instead of a violation."""
    return CANNOT_RUN in violation.message


def doubts(violations: Sequence[Violation], report: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each contradiction between the engine's violations and the pack's report."""
    if not report:
        return ["The guardrails wrote no report, so that it is not known which rules ran."]
    skipped = [
        f"{violation.rule} did not run: {violation.message}"
        for violation in violations
        if is_skipped(violation)
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
        if violation.rule in silent and not is_skipped(violation)
    ]
    return [*skipped, *lost, *unreported]


def as_json(preview: Preview) -> dict[str, Any]:
    """Return a preview as JSON, without what only comparisons need."""
    report = {key: value for key, value in preview.report.items() if key != URNS}
    return {
        "stack": preview.stack,
        "verdict": str(preview.verdict),
        "errors": list(preview.errors),
        "violations": list(map(violation_json, preview.violations)),
        **report,
    }


def violation_json(violation: Violation) -> dict[str, Any]:
    """Return a violation as JSON."""
    return {
        "rule": violation.rule,
        "level": violation.level,
        "urn": violation.urn,
        "message": violation.message,
    }
