"""The triggers of the watch machine: events of tasks and executions, and a schedule."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.machines.asl import Permission
from components.machines.watch.machine import EXECUTION_CHANGED, SWEEP_INPUT, TASK_CHANGED
from components.resources.base import PipelineComponent
from components.resources.iam import allow, allow_service, document, trust
from components.resources.queues import dead_letter_queue
from components.resources.scheduler import starting_role
from components.settings.bounds import WATCH_HOURS
from components.settings.names import Names

# For an event that is an hour old, a scheduled sweep has done the work, or will soon.
MAX_EVENT_AGE_SECONDS = 3600
MAX_RETRY_ATTEMPTS = 20


@dataclass(frozen=True, kw_only=True)
class WatchTriggersArgs:
    """The watch machine, and the group of its schedule."""

    names: Names
    machine_arn: pulumi.Input[str]
    schedule_group: pulumi.Input[str]
    key_arn: pulumi.Input[str]


class WatchTriggers(PipelineComponent):
    """The rules and the schedule that start the watch machine.

    Creates: a rule and its target for each kind of event, the role with which they start the machine, a
    schedule with its role, and the dead-letter queue of both with its policy.
    """

    former_class = "Watcher"

    queue_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: WatchTriggersArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, {"everyHours": WATCH_HOURS}, opts)
        names = args.names
        queue = dead_letter_queue(
            name, names, names.watch_queue, args.key_arn, rules_send(names), opts=self.child
        )
        role = self._role(f"{name}-events", names)
        for what, pattern in patterns(names).items():
            rule = aws.cloudwatch.EventRule(
                f"{name}-{what}", name=names.rule(what), event_pattern=json.dumps(pattern), opts=self.child
            )
            aws.cloudwatch.EventTarget(
                f"{name}-{what}",
                rule=rule.name,
                target_id=names.watch,
                arn=args.machine_arn,
                role_arn=role,
                retry_policy={
                    "maximum_event_age_in_seconds": MAX_EVENT_AGE_SECONDS,
                    "maximum_retry_attempts": MAX_RETRY_ATTEMPTS,
                },
                dead_letter_config={"arn": queue.arn},
                opts=self.child,
            )
        aws.scheduler.Schedule(
            name,
            name=names.watch_schedule,
            group_name=args.schedule_group,
            # The first start is immediate, so that a new stack has its metrics from the beginning.
            schedule_expression=f"rate({WATCH_HOURS} hours)",
            schedule_expression_timezone="UTC",
            # The schedule runs even if the pipeline is paused, so that the watch machine can distinguish
            # paused from dead.
            state="ENABLED",
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": args.machine_arn,
                "role_arn": starting_role(
                    name,
                    names,
                    whose="watch-scheduler",
                    machine_arn=names.watch_arn,
                    queue=names.watch_queue,
                    parent=self,
                ),
                "input": json.dumps(SWEEP_INPUT),
                "retry_policy": {
                    "maximum_event_age_in_seconds": MAX_EVENT_AGE_SECONDS,
                    "maximum_retry_attempts": MAX_RETRY_ATTEMPTS,
                },
                "dead_letter_config": {"arn": queue.arn},
            },
            opts=self.child,
        )
        self.queue_url = queue.url
        self.register_outputs({"queueUrl": self.queue_url})

    def _role(self, name: str, names: Names) -> pulumi.Output[str]:
        """Return the ARN of a role that only the rules can assume, once it has the permission to start the machine."""
        role = aws.iam.Role(
            name,
            name=names.role("watch-events"),
            assume_role_policy=trust(
                "events.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": names.account},
                    "ArnEquals": {"aws:SourceArn": _rule_arns(names)},
                },
            ),
            permissions_boundary=names.permissions_boundary,
            opts=self.child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            name=names.role("watch-events"),
            policy=document(allow(Permission(("states:StartExecution",), (names.watch_arn,)))),
            opts=self.child,
        )
        return pulumi.Output.all(role.arn, policy.id).apply(lambda made: str(made[0]))


def patterns(names: Names) -> Mapping[str, Mapping[str, Any]]:
    """Return the event patterns that start the watch machine, by the suffix of the rule's name."""
    return {
        "task-stopped": {
            "source": ["aws.ecs"],
            "detail-type": [TASK_CHANGED],
            "detail": {
                "clusterArn": [names.cluster_arn],
                "group": [{"prefix": f"{names.task_group}/"}],
                "lastStatus": ["STOPPED"],
            },
        },
        "execution-ended": {
            "source": ["aws.states"],
            "detail-type": [EXECUTION_CHANGED],
            "detail": {
                "stateMachineArn": [names.machine_arn],
                # A child execution has a slash after the machine's name; it is a shard and no run.
                "executionArn": [{"prefix": names.arn("states", f"execution:{names.machine}:")}],
                "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            },
        },
    }


def rules_send(names: Names) -> dict[str, Any]:
    """Return the statement that lets the rules put undelivered events into the queue."""
    return allow_service(
        "events.amazonaws.com",
        "sqs:SendMessage",
        names.arn("sqs", names.watch_queue),
        {"ArnEquals": {"aws:SourceArn": _rule_arns(names)}},
    )


def _rule_arns(names: Names) -> list[str]:
    return [names.rule_arn(what) for what in patterns(names)]
