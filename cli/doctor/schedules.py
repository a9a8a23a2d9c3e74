"""The checks of what starts the machines: the schedules and the rules of events."""

from typing import Any

from cli.doctor.check import Context, Finding, fail, ok, warn
from cli.schedules.schedule import read_schedule, schedule_now, utc
from reporter.words import count

_RULES = ("task-stopped", "execution-ended")
"""The rules of components/resources/watch_triggers.py."""


def check_schedule(context: Context) -> Finding:
    """Find a schedule that is paused against the settings, starts another machine, or has no further start."""
    schedule = read_schedule(context.stack)
    machine = context.stack["step_functions_state_machine_arn"]
    if schedule.found["Target"]["Arn"] != machine:
        return fail(
            f"the schedule {schedule.name} starts {schedule.found['Target']['Arn']}, not the stack's machine",
            "Deploy the stack again.",
            context.up,
        )
    if not schedule.is_enabled:
        seen = f"the schedule {schedule.name} is paused"
        if schedule.state_by_settings == schedule.state:
            return ok(
                f"{seen}, as the settings say: {context.stack.outputs.get('next_step', '')}".rstrip(": ")
            )
        return warn(
            f"{seen}, although the settings enable it", "Resume it.", context.ccapi("schedule resume")
        )
    if schedule.settings is None:
        return warn(
            f"the schedule has the expression {schedule.expression}, which no settings allow",
            "Deploy the stack again, which sets the expression of the settings.",
            context.up,
        )
    following = next(iter(schedule.next(schedule_now(context.stack, context.now), 1)), None)
    if following is None:
        return fail(
            f"the schedule {schedule.expression} has no further start",
            "Write another ccapi:schedule.expression, and deploy it.",
            f"pulumi up --stack {context.stack.name}",
        )
    return ok(f"the schedule is enabled; the next run starts {utc(following.at)}")


def check_lost_starts(context: Context) -> Finding:
    """Find starts of the next year that are lost because clocks go forward over their time."""
    schedule = read_schedule(context.stack)
    lost = schedule.lost(schedule_now(context.stack, context.now))
    seen = f"{count(len(lost), 'start')} lost in a year by the clocks of {schedule.time_zone}"
    if lost:
        return warn(
            f"{seen}, the first one on {lost[0]:%Y-%m-%d at %H:%M}",
            "Write a time in ccapi:schedule.expression that the clocks show every day, and deploy it.",
            f"pulumi up --stack {context.stack.name}",
        )
    return ok(seen)


def check_watch_triggers(context: Context) -> Finding:
    """Find a watch machine that is not started: by its schedule, or by the events of tasks and executions."""
    scheduler, group = context.stack.client("scheduler"), context.stack["eventbridge_schedule_group"]
    pages = scheduler.get_paginator("list_schedules").paginate(GroupName=group)
    watch = [
        each for page in pages for each in page["Schedules"] if each["Name"] == context.names.watch_schedule
    ]
    off = [each["Name"] for each in watch if each["State"] != "ENABLED"]
    off += [] if watch else [f"{context.names.watch_schedule} (missing)"]
    off += [fault for rule in _RULES if (fault := _fault(context, context.names.rule(rule)))]
    seen = f"1 schedule and {count(len(_RULES), 'rule')} start the watch machine"
    if off:
        return fail(
            f"{seen}, and these do not: {', '.join(off)}; then a dead worker or a silent end is found late, or not",
            "Deploy the stack again.",
            context.up,
        )
    return ok(seen)


def _fault(context: Context, rule: str) -> str:
    events: Any = context.stack.client("events")
    try:
        if events.describe_rule(Name=rule)["State"] != "ENABLED":
            return f"{rule} (disabled)"
    except events.exceptions.ResourceNotFoundException:
        return f"{rule} (missing)"
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    is_target = any(target["Arn"] == context.stack["watch_state_machine_arn"] for target in targets)
    return "" if is_target else f"{rule} (no target)"
