"""Drives `pulumi preview --policy-pack` of a project; the only part that knows Pulumi's Automation API."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.events import DiagnosticEvent, EngineEvent, PolicyEvent

from guardrails.preview.diagnostics import reasons, without_colours
from guardrails.preview.outcome import Preview, PreviewError, Violation, doubts
from guardrails.preview.projects import Request
from guardrails.report import REPORT

SIDE_BY_SIDE = 2
"""Each preview keeps an engine, a program, a provider and the pack at work."""


@dataclass
class _Told:
    """What the engine told about a preview."""

    policies: list[PolicyEvent] = field(default_factory=list)
    diagnostics: list[DiagnosticEvent] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        if event.policy_event is not None:
            self.policies.append(event.policy_event)
        if event.diagnostic_event is not None:
            self.diagnostics.append(event.diagnostic_event)


class _Workspace(automation.LocalWorkspace):
    """A project in whose folder another stack may be selected, and stays so."""

    def select_stack(self, stack_name: str) -> None:
        """Select nothing, since each command names its stack."""


def preview_all(requests: Iterable[Request], *, pack: Path) -> list[Preview]:
    """Preview stacks with a policy pack, side by side, and return what came of each.

    A preview takes no lock, so that one stack may be asked about several times at once:
    https://github.com/pulumi/pulumi/pull/8642

    Raises:
        PreviewError: where there is no Pulumi, or none that is new enough.
    """
    try:
        command = automation.PulumiCommand()
    except OSError:
        raise PreviewError(
            "there is no `pulumi` on PATH; install it (https://www.pulumi.com/docs/install/)"
        ) from None
    except automation.InvalidVersionError as error:
        raise PreviewError(str(error).rstrip(".")) from None
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(partial(_preview, command, pack), requests))


def _preview(command: automation.PulumiCommand, pack: Path, request: Request) -> Preview:
    told = _Told()
    failed = False
    with tempfile.TemporaryDirectory(prefix="guardrails-") as folder:
        report = Path(folder, "report.json")
        workspace = _Workspace(
            work_dir=str(request.project), pulumi_command=command, env_vars={REPORT: str(report)}
        )
        try:
            automation.Stack.select(request.stack, workspace).preview(
                policy_packs=[str(pack)],
                config_file=str(request.config_file) if request.config_file else None,
                color="never",
                on_event=told,
                on_error=told.stderr.append,
                suppress_progress=True,
            )
        except automation.StackNotFoundError:
            # Only the engine knows which stacks there are, since one may have no file.
            why = f"no stack named {request.stack!r} found; name one of those that `pulumi stack ls` lists"
            return Preview(stack=request.stack, errors=[why])
        except (automation.CommandError, RuntimeError):
            # The command exits with another code than 0, or before it has told how it ended; what it told says why.
            failed = True
        reported: Mapping[str, Any] = (
            json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        )
    return _outcome(request.stack, told, reported, failed=failed)


def _outcome(stack: str, told: _Told, report: Mapping[str, Any], *, failed: bool) -> Preview:
    violations = list(_violations(told.policies))
    why = reasons(told.diagnostics, told.stderr) if failed else []
    stopped = any(violation.is_mandatory for violation in violations)
    if failed and not why and not stopped:
        why = ["Pulumi ended with an error and did not say which."]
    # Where the preview itself went wrong, that is why the pack had nothing to report.
    return Preview(
        stack=stack,
        violations=violations,
        report=report,
        errors=why if why and not report else [*why, *doubts(violations, report)],
    )


def _violations(events: Iterable[PolicyEvent]) -> Iterable[Violation]:
    for event in events:
        # The rule's requirement is the first line, what breaks it comes after that.
        requirement, _, breach = without_colours(event.message).partition("\n")
        yield Violation(
            rule=event.policy_name,
            level=event.enforcement_level,
            message=(breach or requirement).strip(),
            urn=event.resource_urn or "",
        )
