"""The schedule that starts the runs, and the dead-letter queue of undelivered starts."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.machines.asl import Permission
from components.machines.integrations import use_of_the_key
from components.resources.base import PipelineComponent
from components.resources.iam import allow, document, trust
from components.resources.queues import dead_letter_queue
from components.settings.monitoring import Monitoring
from components.settings.names import Names
from components.settings.schedule import Schedule

# EventBridge Scheduler replaces it with the planned time of the start. Source: "Adding context attributes in
# EventBridge Scheduler".
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True, kw_only=True)
class SchedulerArgs:
    """The time and the input of scheduled runs."""

    names: Names
    schedule: Schedule
    monitoring: Monitoring
    enabled: bool
    machine_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


class Scheduler(PipelineComponent):
    """An EventBridge Scheduler schedule that starts the state machine.

    Creates: a schedule group of its own, the dead-letter queue, the role, and the schedule.
    """

    schedule_name: pulumi.Output[str]
    schedule_group_name: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    queue_url: pulumi.Output[str]
    state: str
    """The state by the settings: ENABLED or DISABLED."""

    def __init__(self, name: str, args: SchedulerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            {
                "expression": args.schedule.cron,
                "enabled": args.enabled,
                # Without an image the schedule is disabled; its cost is declared as if it were enabled.
                "expected": {"enabled": args.schedule.enabled},
            },
            opts,
        )
        names = args.names
        self.state = "ENABLED" if args.enabled else "DISABLED"
        group = aws.scheduler.ScheduleGroup(name, name=names.schedule_group, opts=self.child)
        queue = dead_letter_queue(name, names, names.schedule_queue, args.key_arn, opts=self.child)
        role = starting_role(
            name,
            names,
            whose="scheduler",
            machine_arn=names.machine_arn,
            queue=names.schedule_queue,
            parent=self,
        )
        schedule = aws.scheduler.Schedule(
            name,
            name=names.schedule,
            group_name=group.name,
            schedule_expression=args.schedule.cron,
            schedule_expression_timezone=args.schedule.time_zone,
            state=self.state,
            flexible_time_window=_flexible_window(args.schedule),
            target={
                "arn": args.machine_arn,
                "role_arn": role,
                "input": json.dumps(execution_input(args.monitoring)),
                "retry_policy": {
                    "maximum_event_age_in_seconds": args.schedule.max_event_age_seconds,
                    "maximum_retry_attempts": args.schedule.max_retry_attempts,
                },
                "dead_letter_config": {"arn": queue.arn},
            },
            opts=self.child,
        )
        self.schedule_name = schedule.name
        self.schedule_group_name = group.name
        self.queue_arn = queue.arn
        self.queue_url = queue.url
        self.register_outputs({"scheduleName": self.schedule_name, "queueUrl": self.queue_url})


def execution_input(monitoring: Monitoring) -> dict[str, object]:
    """Return the input of a scheduled run."""
    return {
        "scheduled_time": SCHEDULED_TIME,
        "regions_count": monitoring.regions_count,
        "enable_scraping": monitoring.enable_scraping,
        "force_refresh": monitoring.force_refresh,
    }


def _flexible_window(schedule: Schedule) -> aws.scheduler.ScheduleFlexibleTimeWindowArgsDict:
    if schedule.flexible_window_minutes == 0:
        return {"mode": "OFF"}
    return {"mode": "FLEXIBLE", "maximum_window_in_minutes": schedule.flexible_window_minutes}


def starting_role(
    resource_name: str,
    names: Names,
    *,
    whose: str,
    machine_arn: str,
    queue: str,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Return the ARN of a role, with its policy, that lets the stack's schedules start a state machine."""
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        resource_name,
        name=names.role(whose),
        # A condition on a single schedule is not supported, hence the separate group. Source: "Confused
        # deputy prevention in EventBridge Scheduler".
        assume_role_policy=trust(
            "scheduler.amazonaws.com",
            {
                "StringEquals": {
                    "aws:SourceAccount": names.account,
                    "aws:SourceArn": names.arn("scheduler", f"schedule-group/{names.schedule_group}"),
                }
            },
        ),
        permissions_boundary=names.permissions_boundary,
        opts=child,
    )
    policy = aws.iam.RolePolicy(
        resource_name,
        role=role.name,
        name=names.role(whose),
        policy=document(
            allow(Permission(("states:StartExecution",), (machine_arn,))),
            allow(Permission(("sqs:SendMessage",), (names.arn("sqs", queue),))),
            allow(use_of_the_key(names)),
        ),
        opts=child,
    )
    return pulumi.Output.all(role.arn, policy.id).apply(lambda made: str(made[0]))
