"""The `ccapi` command with which an operator continues from a message, and the page of the documentation about it.

`ccapi` reads the stack's outputs, so these lines hold no ARN and no region, and fit on a telephone.
"""

import re
import shlex

from reporter.message import Command, Link, Occasion
from reporter.settings import Settings

# Names of runs; other text could be part of a command that the operator does not mean.
_SAFE = re.compile(r"[A-Za-z0-9][\w.:-]*", re.ASCII)

# The headings of docs/troubleshooting.md.
_ANCHORS = {
    Occasion.PARTIAL: "some-regions-failed",
    Occasion.FAILED: "a-run-failed",
    Occasion.SKIPPED: "a-run-was-skipped",
    Occasion.MISSED: "no-run-succeeded",
    Occasion.ALARM: "an-alarm-is-on",
    Occasion.BUDGET: "the-budget-is-exceeded",
}


def operator_command(settings: Settings, purpose: str, command: str, *names: str) -> Command:
    """Return a `ccapi` command about runs, queues or checks by name; it cannot be pasted if a name is unsafe."""
    line = shlex.join(["ccapi", *command.split(), *names, "--stack", settings.environment])
    is_safe = all(_SAFE.fullmatch(name) for name in names)
    return Command(purpose, line if is_safe else f"# {line}")


def troubleshooting(settings: Settings, occasion: Occasion) -> tuple[Link, ...]:
    """Return the link to the documentation about an occasion, if a setting says where that is published."""
    anchor = _ANCHORS.get(occasion)
    if not settings.docs_url or anchor is None:
        return ()
    return (Link("Help", f"{settings.docs_url.rstrip('/')}/troubleshooting.html#{anchor}"),)
