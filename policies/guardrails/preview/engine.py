"""The runner of `pulumi preview --policy-pack`."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.events import DiagnosticEvent, EngineEvent, PolicyEvent

from guardrails.preview.preview_result import (
    BEFORE_DEPLOYMENT,
    NO_LANGUAGE_HOST,
    NO_PULUMI,
    Preview,
    PreviewError,
    Violation,
    doubts,
)
from guardrails.preview.requests import Request
from guardrails.report import REPORT
from guardrails.rule import Level

PARALLEL_PREVIEWS = 2
"""Each preview runs an engine, a program, a provider and the pack."""

_COLOUR = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")
_FRAME = re.compile(r'\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
_TRACEBACK = "Traceback (most recent call last):"
# The engine's last error after violations, which are more specific.
_SUMMARY = "preview failed"
_NO_LANGUAGE_PLUGIN = "no language plugin"


@dataclass
class _Events:
    """The events that the engine sent during a preview."""

    policies: list[PolicyEvent] = field(default_factory=list)
    diagnostics: list[DiagnosticEvent] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)

    def __call__(self, event: EngineEvent) -> None:
        if event.policy_event is not None:
            self.policies.append(event.policy_event)
        if event.diagnostic_event is not None:
            self.diagnostics.append(event.diagnostic_event)


class _Workspace(automation.LocalWorkspace):
    """A workspace that leaves the stack selected in the project's folder as it is."""

    def select_stack(self, stack_name: str) -> None:
        """Select nothing, since each command names its stack."""


def preview_all(requests: Iterable[Request], *, pack: Path) -> list[Preview]:
    """Preview stacks with a policy pack in parallel, and return the results.

    A preview takes no lock, so that one stack may be previewed several times at once:
    https://github.com/pulumi/pulumi/pull/8642

    Raises:
        PreviewError: if the Pulumi CLI is missing or too old.
    """
    try:
        command = automation.PulumiCommand()
    except OSError:
        raise PreviewError(NO_PULUMI) from None
    except automation.InvalidVersionError as error:
        raise PreviewError(str(error).rstrip(".")) from None
    with ThreadPoolExecutor(PARALLEL_PREVIEWS) as pool:
        return list(pool.map(partial(_preview, command, pack), requests))


def _preview(command: automation.PulumiCommand, pack: Path, request: Request) -> Preview:
    events = _Events()
    failed = False
    with tempfile.TemporaryDirectory(prefix="guardrails-") as folder:
        report = Path(folder, "report.json")
        workspace = _Workspace(
            work_dir=str(request.project),
            pulumi_command=command,
            env_vars={**request.environment, REPORT: str(report)},
        )
        try:
            automation.Stack.select(request.stack, workspace).preview(
                policy_packs=[str(pack)],
                config_file=str(request.config_file) if request.config_file else None,
                color="never",
                on_event=events,
                on_error=events.stderr.append,
                suppress_progress=True,
            )
        except automation.StackNotFoundError:
            # Only the engine knows which stacks exist, since a stack may have no file.
            why = f"no stack named {request.stack!r} found; name one of those that `pulumi stack ls` lists"
            return Preview(stack=request.stack, errors=[why], folder=request.sources or request.project)
        except (automation.CommandError, RuntimeError):
            # The command failed, or ended without its last event; its events give the reason.
            failed = True
        reported: Mapping[str, Any] = (
            json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        )
    return _result(request, events, reported, failed=failed)


def _result(request: Request, events: _Events, report: Mapping[str, Any], *, failed: bool) -> Preview:
    before_deployment = {rule["name"] for rule in report.get("rules", ()) if rule["before_deployment"]}
    violations = [
        replace(violation, level=BEFORE_DEPLOYMENT)
        if violation.rule in before_deployment and violation.level == Level.ADVISORY
        else violation
        for violation in _violations(events.policies)
    ]
    why = reasons(events.diagnostics, events.stderr) if failed else []
    stopped = any(violation.is_mandatory for violation in violations)
    if failed and not why and not stopped:
        why = ["Pulumi ended with an error and did not say which."]
    # If the preview itself failed, its errors explain why the pack wrote no report.
    return Preview(
        stack=request.stack,
        violations=violations,
        report=report,
        errors=why if why and not report else [*why, *doubts(violations, report)],
        folder=request.sources or request.project,
    )


def _violations(events: Iterable[PolicyEvent]) -> Iterable[Violation]:
    for event in events:
        # The first line is the rule's requirement, the rest is the message of the violation.
        requirement, _, text = without_colours(event.message).partition("\n")
        yield Violation(
            rule=event.policy_name,
            level=event.enforcement_level,
            message=(text or requirement).strip(),
            urn=event.resource_urn or "",
        )


def without_colours(text: str) -> str:
    """Return a text without colour codes, neither the engine's own nor a terminal's."""
    return _COLOUR.sub("", text)


def reasons(diagnostics: Iterable[DiagnosticEvent], stderr: Sequence[str]) -> list[str]:
    """Return the reasons why a preview failed, without tracebacks; none if only violations stopped it."""
    messages = [(event.severity, without_colours(event.message)) for event in diagnostics]
    errors = [message for severity, message in messages if severity == "error"]
    printed = "".join(message for severity, message in messages if severity == "info#err")
    texts = errors or [printed, _command_error(stderr)]
    return [
        f"{reason}; {NO_LANGUAGE_HOST}" if _NO_LANGUAGE_PLUGIN in reason else reason
        for reason in dict.fromkeys(without_traceback(text) for text in texts)
        if reason and reason != _SUMMARY
    ]


def without_traceback(text: str) -> str:
    """Return a text with each traceback reduced to its last line and the place of the error."""
    kept: list[str] = []
    place = ""
    inside = False
    for line in filter(str.strip, text.splitlines()):
        frame = _FRAME.match(line)
        if line.strip() == _TRACEBACK:
            inside = True
        elif frame:
            inside, place = True, f" ({frame['file']}:{frame['line']})"
        elif not inside:
            kept.append(line.rstrip())
        elif not line.startswith(" "):
            kept.append(line.rstrip() + place)
            inside, place = False, ""
    return "\n".join(kept).strip()


def _command_error(stderr: Sequence[str]) -> str:
    """Return the text on standard error between the first `error: ` and the next warning."""
    _, _, error = without_colours("\n".join(line.rstrip("\n") for line in stderr)).partition("error: ")
    return error.partition("\nwarning: ")[0].strip()
