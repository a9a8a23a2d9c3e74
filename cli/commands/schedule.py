"""`ccapi schedule`: the schedule that starts the runs: its state, its next starts, pausing it and resuming it."""

from datetime import datetime
from typing import Any

import click

from cli.aws_errors import translated
from cli.invocation import Invocation, OperatorGroup, pass_invocation
from cli.schedules.schedule import (
    DISABLED,
    ENABLED,
    DeployedSchedule,
    Start,
    read_schedule,
    schedule_now,
    set_state,
    utc,
)
from cli.times import iso

_SHOWN = 3
_MOST = 500


@click.group(cls=OperatorGroup, invoke_without_command=True)
@click.pass_context
def schedule(context: click.Context) -> None:
    """Show, pause or resume the schedule that starts the runs; without a command, show it."""
    if context.invoked_subcommand is None:
        context.invoke(show)


@schedule.command()
@pass_invocation
def show(invocation: Invocation) -> None:
    """Show the schedule, its state and its next three starts."""
    with translated(invocation.stack):
        found = read_schedule(invocation.stack)
    now, output = schedule_now(invocation.stack, invocation.now()), invocation.output
    output.table(
        ("item", "value"),
        [
            ("schedule", found.name),
            ("group", found.group),
            ("state", _state(found)),
            ("expression", found.expression),
            ("time zone", found.time_zone),
            ("weeks", _weeks(found)),
            ("start window", f"{found.window_minutes} min: AWS may start a run up to this much later"),
        ],
    )
    if found.settings is None:
        output.line()
        output.line("The next starts are not known: the expression is none that the settings allow.")
    else:
        _print_starts(invocation, found, _SHOWN)
    if remark := _next_deployment(found, invocation.stack.name):
        output.line()
        output.line(remark)
    output.document(
        {
            "name": found.name,
            "group": found.group,
            "state": found.state,
            "state_by_settings": found.state_by_settings,
            "expression": found.expression,
            "time_zone": found.time_zone,
            "every_weeks": found.parity.every_weeks,
            "start_window_minutes": found.window_minutes,
            "changed": iso(found.changed_at),
            "next": _documents(found.next(now, _SHOWN)) if found.settings else None,
            "next_deployment": remark,
        }
    )


@schedule.command("next")
@click.argument("count", type=click.IntRange(1, _MOST), default=10)
@pass_invocation
def next_(invocation: Invocation, count: int) -> None:
    """List the next starts that lead to a run.

    They are in the schedule's time zone and in UTC; without COUNT there are 10.
    """
    with translated(invocation.stack):
        found = read_schedule(invocation.stack)
    now = schedule_now(invocation.stack, invocation.now())
    starts = found.next(now, count)
    _print_starts(invocation, found, count)
    invocation.output.document(
        {
            "state": found.state,
            "time_zone": found.time_zone,
            "next": _documents(starts),
            "lost": [moment.strftime("%Y-%m-%dT%H:%M") for moment in found.lost(now)],
        }
    )


@schedule.command()
@pass_invocation
def pause(invocation: Invocation) -> None:
    """Disable the schedule now. A run that is running goes on."""
    _change(invocation, DISABLED)


@schedule.command()
@pass_invocation
def resume(invocation: Invocation) -> None:
    """Enable the schedule now. Starts that were missed meanwhile are not made up."""
    _change(invocation, ENABLED)


def _change(invocation: Invocation, state: str) -> None:
    stack, output = invocation.stack, invocation.output
    with translated(stack):
        before = read_schedule(stack)
        has_changed = set_state(stack, before, state)
        found = read_schedule(stack) if has_changed else before
    word = "enabled" if found.is_enabled else "paused"
    output.line(f"The schedule {found.name} is {word}{' now' if has_changed else ' already'}.")
    if found.is_enabled and found.settings:
        _print_starts(invocation, found, 1)
    remark = _next_deployment(found, stack.name)
    if remark:
        output.line(remark)
    output.document(
        {"name": found.name, "state": found.state, "changed": has_changed, "next_deployment": remark}
    )


def _next_deployment(found: DeployedSchedule, stack: str) -> str | None:
    """Return what a deployment would do to a state that is not that of the settings, and which setting keeps it."""
    by_settings = found.state_by_settings
    if by_settings is None:
        return (
            "The stack is of an older version, whose outputs do not name the state of the settings: a `pulumi up` "
            f"that updates the schedule, or has --refresh, sets it. {_keeps(found, stack)}"
        )
    if by_settings == found.state:
        return None
    verb = "enables it again" if by_settings == ENABLED else "pauses it again"
    return (
        f"The settings say otherwise: the next `pulumi up` that updates the schedule, or has --refresh, {verb}. "
        f"{_keeps(found, stack)}"
    )


def _keeps(found: DeployedSchedule, stack: str) -> str:
    paused = str(not found.is_enabled).lower()
    keeps = f"To keep it, type `pulumi config set --path ccapi:schedule.paused {paused} --stack {stack}`."
    if not found.is_enabled:
        return keeps
    return f"{keeps} The preset on-demand, or no worker.image, also pauses it."


def _state(found: DeployedSchedule) -> str:
    words = "enabled" if found.is_enabled else "paused: it starts no runs"
    return f"{words} (last changed {found.changed_at:%Y-%m-%d %H:%M} UTC)" if found.changed_at else words


def _weeks(found: DeployedSchedule) -> str:
    if found.parity.every_weeks == 1:
        return "every week in which it has a start"
    return f"every {found.parity.every_weeks} weeks, counted from {found.parity.anchor}; other starts end at once"


def _print_starts(invocation: Invocation, found: DeployedSchedule, count: int) -> None:
    now, output = schedule_now(invocation.stack, invocation.now()), invocation.output
    starts = found.next(now, count)
    output.line()
    if not starts:
        output.line("It has no further start.")
        return
    output.line(
        "Next runs:"
        if found.is_enabled
        else "It is paused; if it were enabled, these would be the next runs:"
    )
    columns = [found.time_zone, *(["UTC"] if found.time_zone != "UTC" else []), "remark"]
    rows = [
        [_local(start.local), *([utc(start.at)] if len(columns) > 2 else []), _remark(start)]
        for start in starts
    ]
    if not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    output.table(columns, rows)
    for moment in found.lost(now):
        if moment.replace(tzinfo=None) < starts[-1].local.replace(tzinfo=None):
            output.line(f"No run at {_local(moment)}: the clocks go forward over that time.")


def _local(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M}"


def _remark(start: Start) -> str:
    remarks = []
    if start.skipped:
        count = len(start.skipped)
        remarks.append(f"after {count} week{'s' if count > 1 else ''} without a run")
    if start.clocks_changed:
        remarks.append(f"clocks changed to UTC{start.local:%z}")
    return ", ".join(remarks)


def _documents(starts: list[Start]) -> list[dict[str, Any]]:
    return [
        {
            "at": iso(start.at),
            "local": start.local.isoformat(timespec="minutes"),
            "skipped": [iso(moment) for moment in start.skipped],
        }
        for start in starts
    ]
