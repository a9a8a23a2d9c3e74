"""The summary of a run in at most 40 rows of a terminal: verdict, failures by reason, files and next commands."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from rich.text import Text

from local.object_path import KeyRefusedError, object_path
from local.paths import LAST_RUN, REPORTS, ROOT
from local.run.kept_stack import KeptStack
from local.run.layout import paragraph, rows
from local.run.mailboxes import Mail
from local.run.outcome import DASHBOARD, Outcome, Region, Status
from local.run.refused import sentences

ROWS = 40
STEP_ROWS = 9
"""The rows above the summary: one a step, and two for a kept stack that the run has stopped."""
COLOURS = {Status.SUCCEEDED: "green", Status.PARTIAL: "yellow", Status.FAILED: "red"}
FACTS = LAST_RUN.relative_to(ROOT)
_MESSAGES = 3
ERROR_ROWS = ROWS - STEP_ROWS
COMMANDS = ".venv/bin"
"""The folder of `ccapi` in a checkout."""

_REDO = "ccapi redo "
_COMMAND_COLUMNS = 23
_KEEP, _VERBOSE = "--keep", "--verbose"
_PURPOSES = {_KEEP: "leave the stack running", _VERBOSE: "print messages and amounts"}


def summary(
    outcome: Outcome,
    *,
    width: int,
    arguments: Sequence[str] = (),
    notes: Sequence[str] = (),
    kept: KeptStack | None = None,
) -> list[Text]:
    """Return the lines of the summary; together with the steps above it they fill at most 40 rows.

    The next commands repeat the arguments of the run.

    A path, an ARN or a command is never broken, so that it can be copied; the terminal wraps one that is too long.
    """
    head = [Text(), *_verdict(outcome, width)]
    tail = [
        *_messages(outcome.notifications, width),
        *_files(outcome),
        *(line for note in notes for line in paragraph(note, width=width, rows=2)),
        *(_kept(outcome, kept, width) if kept else _next(outcome.status, arguments)),
    ]
    left = ROWS - STEP_ROWS - rows(head, width) - rows(tail, width)
    return [*head, *_failures(outcome.regions, width, left), *tail]


def by_reason(regions: Sequence[Region]) -> list[tuple[str, list[str]]]:
    """Return the failed regions by reason; two reasons are one if they differ only in the names of their regions."""
    failed = {
        region.name: region.error or region.status for region in regions if region.status != Status.SUCCEEDED
    }
    shared = Counter(failed.values())
    groups: dict[str, tuple[str, list[str]]] = {}
    for name, reason in failed.items():
        # A reason that several regions have may quote a log with the names of some of them.
        key = reason if shared[reason] > 1 else reason.replace(name, "")
        groups.setdefault(key, (reason, []))[1].append(name)
    return list(groups.values())


def _verdict(outcome: Outcome, width: int) -> Iterator[Text]:
    done = sum(region.status == Status.SUCCEEDED for region in outcome.regions)
    count = f"{done} of {len(outcome.regions)} regions" if outcome.regions else "no region was begun"
    periods = f" of {' and '.join(outcome.periods)}" if outcome.periods else ""
    facts = [
        f"run {outcome.run_id}" if outcome.run_id else "no run was claimed",
        *(
            [f"scheduled for {outcome.scheduled_time}"]
            if not outcome.regions and outcome.scheduled_time
            else []
        ),
        f"{count}{periods}",
        f"{outcome.duration_seconds:.1f} s",
        *([f"{outcome.orphan_tasks} tasks left running"] if outcome.orphan_tasks else []),
    ]
    style = f"bold {COLOURS[outcome.status]}"
    yield from paragraph(f"{outcome.status.upper()}: {', '.join(facts)}", width=width, rows=2, style=style)
    if outcome.error:
        # The reasons of failed regions follow below.
        yield from paragraph(outcome.error, width=width, rows=2 if outcome.regions else 6)
    for sentence in sentences(outcome.refused):
        yield from paragraph(sentence, width=width, rows=3, style="red")


def _failures(regions: Sequence[Region], width: int, left: int) -> Iterator[Text]:
    """Yield the failed regions by reason, as many reasons as there are rows left for."""
    reasons = by_reason(regions)
    if not reasons:
        return
    yield Text("Failed regions, by reason", "bold")
    # One row for the heading, one for what does not fit.
    left -= 2
    reason_rows = max(3, min(14, left - 2) // len(reasons))
    for number, (reason, names) in enumerate(reasons):
        count = "1 region" if len(names) == 1 else f"{len(names)} regions"
        block = [
            *paragraph(f"- {reason}", width=width, rows=reason_rows),
            *paragraph(f"{count}: {', '.join(names)}", width=width, rows=2, indent="  "),
        ]
        left -= rows(block, width)
        if left < 0:
            yield Text(f"… and {len(reasons) - number} more reasons in {FACTS}")
            return
        yield from block


def _messages(messages: Sequence[Mail], width: int) -> Iterator[Text]:
    if not messages:
        return
    yield Text("Messages", "bold")
    for mail in messages[:_MESSAGES]:
        yield from paragraph(f"{mail.channel}: {mail.subject}", width=width, rows=1, indent="  ")
    if (more := len(messages) - _MESSAGES) > 0:
        yield Text(f"  … and {more} more")


def _files(outcome: Outcome) -> Iterator[Text]:
    if outcome.not_copied:
        yield Text(f"Not copied: {len(outcome.not_copied)} objects, by name in {FACTS}")
    with suppress(KeyRefusedError):
        page = object_path(REPORTS, f"{outcome.run_id}/index.html")
        if page.exists():
            yield Text(f"Reports: {page.relative_to(ROOT)}")
    if (all_runs := REPORTS / DASHBOARD).exists():
        yield Text(f"All runs: {all_runs.relative_to(ROOT)}")
    yield Text(f"Details: {FACTS}")


def _next(status: Status, arguments: Sequence[str]) -> Iterator[Text]:
    yield Text("Next", "bold")
    for option, purpose in _PURPOSES.items():
        if not arguments:
            yield _command(f"make run ARGS={option}", purpose)
        elif option not in arguments:
            yield _command(f'make run ARGS="{shlex.join([*arguments, option])}"', purpose)
    if status == Status.SUCCEEDED:
        yield _command("make policy", "check costs and timeouts")


def _command(command: str, purpose: str) -> Text:
    is_short = len(command) <= _COMMAND_COLUMNS
    return Text(f"  {command:<{_COMMAND_COLUMNS}}  {purpose}" if is_short else f"  {command}")


def _kept(outcome: Outcome, kept: KeptStack, width: int) -> Iterator[Text]:
    """Yield the commands that use a kept stack; the one that exports its access key comes last."""
    yield from paragraph(f"Kept: {kept.endpoint} serves the stack.", width=width, rows=1, style="bold")
    redo = [
        line for mail in outcome.notifications for line in mail.body.splitlines() if line.startswith(_REDO)
    ]
    for purpose, command in (*([("Redo what failed:", redo[0])] if redo else []), *kept.commands()):
        yield Text(purpose)
        yield Text(f"  {COMMANDS}/{command}" if command.startswith("ccapi ") else f"  {command}")
