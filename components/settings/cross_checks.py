"""Checks between the settings of different groups of a stack file.

A check runs only if the groups that it compares are valid by themselves, so that one mistake is reported
once.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import permutations
from typing import Any

from pydantic import SecretStr
from pydantic.alias_generators import to_camel

from components.settings.base import SettingsModel
from components.settings.command import REGIONS, Command
from components.settings.each import Each
from components.settings.monitoring import Monitoring
from components.settings.network import Egress, Network
from components.settings.notifications import Notifications
from components.settings.observability import Observability
from components.settings.roles import Roles
from components.settings.run import Overlap, PartialFailure, Run
from components.settings.schedule import Preset, Schedule
from components.settings.shard_count import takes_regions
from components.settings.storage import Storage
from components.settings.worker import Worker, Workload

Contradiction = tuple[str, str]


def contradictions(parsed: Mapping[str, Any], now: datetime | None = None) -> Iterator[Contradiction]:
    """Yield the key and the text of every contradiction between valid groups, or between the schedule and `now`."""
    parsed = parsed if now is None else {**parsed, "now": now}
    for needs, fact in _FACTS:
        if all(key in parsed for key in needs):
            yield from fact(*(parsed[key] for key in needs))


def _the_work_fits_the_task(worker: Worker, monitoring: Monitoring, run: Run) -> Iterator[Contradiction]:
    expected = worker.expected_shard_seconds(monitoring.regions_count)
    if expected > run.task_timeout_seconds:
        regions = math.ceil(monitoring.regions_count / worker.shards)
        shorter = "have more shards" if worker.target_minutes is None else "lower worker.targetMinutes"
        yield (
            "run.taskTimeoutSeconds",
            f"{run.task_timeout_seconds} is shorter than a worker needs for {regions} regions, {expected} s; write "
            f"{expected} or more, {shorter}, or lower worker.expectedSecondsPerRegion",
        )


def _heartbeat_is_shorter_than_the_task(run: Run) -> Iterator[Contradiction]:
    if run.heartbeat_seconds >= run.task_timeout_seconds:
        yield (
            "run.heartbeatSeconds",
            f"{run.heartbeat_seconds} is not below taskTimeoutSeconds {run.task_timeout_seconds}; "
            f"write less than {run.task_timeout_seconds}",
        )


def _runs_do_not_overlap(run: Run, schedule: Schedule) -> Iterator[Contradiction]:
    gap = schedule.gaps.shortest if schedule.gaps is not None else None
    if schedule.enabled and gap is not None and run.timeout_seconds >= gap.seconds:
        yield (
            "run.timeoutSeconds",
            f"{run.timeout_seconds} is not below the shortest time between two starts, {gap.text(schedule.zone)}; "
            f"write less than {gap.seconds}, or run less often",
        )


def _a_start_is_to_come(schedule: Schedule, now: datetime) -> Iterator[Contradiction]:
    if next(schedule.starts(now), None) is None:
        yield (
            "schedule.expression",
            f"{schedule.cron!r} has no start after {now:%Y-%m-%d %H:%M} UTC; write a year to come, or *",
        )


def _workload_can_be_split(worker: Worker, command: Command) -> Iterator[Contradiction]:
    if takes_regions(worker, command):
        return
    if worker.shards > 1:
        yield (
            "worker.shards",
            f"{worker.shards} is more than the workload {worker.workload} can be split into; write 1, "
            f"or have {REGIONS} among command.program",
        )
    if worker.spot:
        yield (
            "worker.spot",
            f"true would start the workload {worker.workload} from zero after an interruption; write false",
        )


def _each_shard_has_a_region(worker: Worker, monitoring: Monitoring) -> Iterator[Contradiction]:
    if worker.shards > monitoring.regions_count:
        yield (
            "worker.shards",
            f"{worker.shards} is more than the {monitoring.regions_count} regions of monitoring.regionsCount; "
            f"write {monitoring.regions_count} or less",
        )


def _enough_regions_can_succeed(run: Run, monitoring: Monitoring) -> Iterator[Contradiction]:
    if run.min_succeeded_regions > monitoring.regions_count:
        yield (
            "run.minSucceededRegions",
            f"{run.min_succeeded_regions} is more than the {monitoring.regions_count} regions of "
            f"monitoring.regionsCount; write {monitoring.regions_count} or less",
        )


def _workload_takes_the_subset(
    worker: Worker, command: Command, monitoring: Monitoring
) -> Iterator[Contradiction]:
    known = monitoring.known_regions
    if not takes_regions(worker, command) and monitoring.regions_count != known:
        yield (
            "monitoring.regionsCount",
            f"{monitoring.regions_count} selects a subset of the regions, which the workload {worker.workload} does "
            f"not support; write {known}, or have {REGIONS} among command.program",
        )


def _scraping_can_be_left_out(
    worker: Worker, command: Command, monitoring: Monitoring
) -> Iterator[Contradiction]:
    can_skip = worker.workload is not Workload.COMMAND or command.scraping_variable is not None
    if not monitoring.enable_scraping and not can_skip:
        yield (
            "monitoring.enableScraping",
            "false cannot be passed to the program; write true, or name its variable as command.scrapingVariable",
        )


def _silence_ends_before_the_task(
    worker: Worker, command: Command, each: Each, run: Run
) -> Iterator[Contradiction]:
    programs = {Workload.COMMAND: command.stall_seconds, Workload.EACH: each.stall_seconds}
    stall_seconds = programs.get(worker.workload, 0)
    if stall_seconds >= run.task_timeout_seconds:
        yield (
            f"{worker.workload}.stallSeconds",
            f"{stall_seconds} is not below run.taskTimeoutSeconds {run.task_timeout_seconds}; "
            f"write less than {run.task_timeout_seconds}",
        )


def _the_program_is_named(worker: Worker, command: Command, each: Each) -> Iterator[Contradiction]:
    programs = {Workload.COMMAND: command.program, Workload.EACH: each.program}
    if programs.get(worker.workload) == ():
        yield (
            f"{worker.workload}.program",
            f"is missing, and the workload {worker.workload} runs it; write what is typed to start it, "
            "such as [python, monitor.py]",
        )


def _network_reaches_what_the_workload_needs(worker: Worker, network: Network) -> Iterator[Contradiction]:
    if worker.workload.needs_internet and network.egress is Egress.ENDPOINTS:
        yield (
            "network.egress",
            f"endpoints cannot reach the internet, which the workload {worker.workload} needs; write public or nat",
        )


def _boundary_is_of_the_account(roles: Roles, account: str, region: str) -> Iterator[Contradiction]:
    if roles.permissions_boundary is None:
        return
    _, partition, _, _, owner, _ = roles.permissions_boundary.split(":", 5)
    apart = re.match(r"cn|us-gov", region)
    expected = f"aws-{apart[0]}" if apart else "aws"
    if owner not in {account, "aws"} or partition != expected:
        yield (
            "roles.permissionsBoundary",
            f"{roles.permissions_boundary!r} is of another account or partition; write "
            f"arn:{expected}:iam::{account}:policy/ and the policy's name",
        )


def _without_effect(
    key: str, concern: SettingsModel, names: Iterable[str], *, why: str, remedy: str
) -> Iterator[Contradiction]:
    """Yield each setting that the stack file contains although it has no effect."""
    for name in sorted(concern.model_fields_set & set(names)):
        yield f"{key}.{to_camel(name)}", f"has no effect {why}; take it out, or write {remedy}"


def _waiting_is_of_use(run: Run) -> Iterator[Contradiction]:
    if run.overlap is not Overlap.WAIT:
        yield from _without_effect(
            "run",
            run,
            ["overlap_wait_seconds"],
            why=f"with run.overlap {run.overlap}",
            remedy="run.overlap as wait",
        )


def _least_of_a_partial_success_is_of_use(run: Run) -> Iterator[Contradiction]:
    if run.on_partial_failure is PartialFailure.FAIL:
        yield from _without_effect(
            "run",
            run,
            ["min_succeeded_regions"],
            why="with run.onPartialFailure fail, by which every partial result fails",
            remedy="run.onPartialFailure as succeed",
        )


def _schedule_is_of_use(schedule: Schedule) -> Iterator[Contradiction]:
    if schedule.preset is Preset.ON_DEMAND:
        yield from _without_effect(
            "schedule",
            schedule,
            ["flexible_window_minutes", "max_event_age_seconds", "max_retry_attempts", "paused"],
            why="with schedule.preset on-demand, which starts nothing",
            remedy="schedule.preset as weekly or daily",
        )
    if schedule.every_weeks == 1:
        yield from _without_effect(
            "schedule",
            schedule,
            ["anchor_week"],
            why="with schedule.everyWeeks 1, which runs in every week",
            remedy="schedule.everyWeeks as 2 or more",
        )


def _earth_engine_is_of_use(worker: Worker, command: Command) -> Iterator[Contradiction]:
    # With another workload, the worker still waits for the program's exit.
    if worker.workload is Workload.COMMAND and not command.earth_engine:
        yield from _without_effect(
            "worker",
            worker,
            ["earth_engine_project"],
            why="with command.earthEngine false",
            remedy="command.earthEngine as true",
        )


def _reports_are_deleted_by_the_stack(
    storage: Storage, observability: Observability
) -> Iterator[Contradiction]:
    if storage.adopt is not None:
        yield from _without_effect(
            "observability",
            observability,
            ["report_retention_days"],
            why="with storage.adopt, whose buckets are not changed",
            remedy="no storage.adopt",
        )


def _webhook_has_its_address_and_key(
    notifications: Notifications, url: SecretStr | None, key: SecretStr | None
) -> Iterator[Contradiction]:
    halves = {"webhookUrl": url, "webhookSigningKey": key}
    for (missing, value), (other, given) in permutations(halves.items()):
        if value is None and given is not None:
            yield (
                missing,
                f"is missing, and {other} has no effect without it; write it with "
                f"`pulumi config set --secret {missing}`, or take {other} out",
            )
    if url is None:
        yield from _without_effect(
            "notifications",
            notifications,
            ["webhook"],
            why="without webhookUrl",
            remedy="webhookUrl with `pulumi config set --secret webhookUrl`",
        )


def _slack_has_its_address(notifications: Notifications, url: SecretStr | None) -> Iterator[Contradiction]:
    if url is None:
        yield from _without_effect(
            "notifications",
            notifications,
            ["slack"],
            why="without slackWebhookUrl",
            remedy="slackWebhookUrl with `pulumi config set --secret slackWebhookUrl`",
        )


def _pager_duty_has_its_key(notifications: Notifications, key: SecretStr | None) -> Iterator[Contradiction]:
    if key is None:
        yield from _without_effect(
            "notifications",
            notifications,
            ["pager_duty"],
            why="without pagerDutyRoutingKey",
            remedy="pagerDutyRoutingKey with `pulumi config set --secret pagerDutyRoutingKey`",
        )


_FACTS: tuple[tuple[tuple[str, ...], Callable[..., Iterator[Contradiction]]], ...] = (
    (("run",), _heartbeat_is_shorter_than_the_task),
    (("worker", "monitoring", "run"), _the_work_fits_the_task),
    (("run", "schedule"), _runs_do_not_overlap),
    (("schedule", "now"), _a_start_is_to_come),
    (("run", "monitoring"), _enough_regions_can_succeed),
    (("worker", "command"), _workload_can_be_split),
    (("worker", "monitoring"), _each_shard_has_a_region),
    (("worker", "command", "monitoring"), _workload_takes_the_subset),
    (("worker", "command", "monitoring"), _scraping_can_be_left_out),
    (("worker", "command", "each", "run"), _silence_ends_before_the_task),
    (("worker", "command", "each"), _the_program_is_named),
    (("worker", "network"), _network_reaches_what_the_workload_needs),
    (("roles", "account", "region"), _boundary_is_of_the_account),
    (("run",), _waiting_is_of_use),
    (("run",), _least_of_a_partial_success_is_of_use),
    (("schedule",), _schedule_is_of_use),
    (("worker", "command"), _earth_engine_is_of_use),
    (("storage", "observability"), _reports_are_deleted_by_the_stack),
    (("notifications", "webhookUrl", "webhookSigningKey"), _webhook_has_its_address_and_key),
    (("notifications", "slackWebhookUrl"), _slack_has_its_address),
    (("notifications", "pagerDutyRoutingKey"), _pager_duty_has_its_key),
)
