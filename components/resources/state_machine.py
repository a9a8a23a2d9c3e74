"""A state machine, with a role that allows only what its states call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.machines.asl import Machine, Permission
from components.resources.base import PipelineComponent
from components.resources.iam import allow, document, trust
from components.settings.names import Names

# Permissions for logs and traces of Step Functions cannot be limited to a resource. Sources: "Logging using
# CloudWatch Logs" and "Tracing with AWS X-Ray" in the Step Functions developer guide.
_LOGGING = Permission(
    (
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ),
    ("*",),
)
_TRACING = Permission(
    (
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ),
    ("*",),
)


@dataclass(frozen=True, kw_only=True)
class StateMachineArgs:
    """The machine, the names of its resources, and the recording of its executions."""

    names: Names
    name: str
    role: str
    machine: Machine
    expected: Mapping[str, Any]
    """The expected usage of an execution, for policies that estimate costs."""
    log_retention_days: int
    tracing: bool
    key_arn: pulumi.Input[str]


class StateMachine(PipelineComponent):
    """A Step Functions state machine of type STANDARD.

    Creates: its log group, its role with one policy, and the machine.
    """

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: StateMachineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            {
                "timeoutSeconds": args.machine.timeout_seconds,
                # Values known only at run time; policies need them to estimate a worst case.
                "bounds": {"items": args.machine.max_items},
                "expected": args.expected,
            },
            opts,
        )
        names = args.names
        logs = aws.cloudwatch.LogGroup(
            name,
            name=names.machine_log_group(args.name),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            opts=self.child,
        )
        role = aws.iam.Role(
            name,
            name=names.role(args.role),
            assume_role_policy=trust(
                "states.amazonaws.com",
                {
                    "StringEquals": {"aws:SourceAccount": names.account},
                    "ArnEquals": {"aws:SourceArn": _users_of_the_role(names, args.name)},
                },
            ),
            permissions_boundary=names.permissions_boundary,
            opts=self.child,
        )
        policy = aws.iam.RolePolicy(
            name,
            role=role.name,
            name=names.role(args.role),
            policy=role_document(args),
            opts=self.child,
        )
        machine = aws.sfn.StateMachine(
            name,
            name=args.name,
            type="STANDARD",
            role_arn=role.arn,
            definition=json.dumps(args.machine.definition, ensure_ascii=False),
            logging_configuration={
                "level": "ALL",
                "include_execution_data": True,
                "log_destination": logs.arn.apply(lambda arn: f"{arn}:*"),
            },
            tracing_configuration={"enabled": args.tracing},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.arn = machine.arn
        self.register_outputs({"arn": self.arn})


def _users_of_the_role(names: Names, machine: str) -> str | list[str]:
    """Return the ARNs of the machines that may assume the role: also that of child executions, which have their own."""
    arn = names.arn("states", f"stateMachine:{machine}")
    return [arn, names.shard_machine_arn] if names.is_distributed and machine == names.machine else arn


def role_document(args: StateMachineArgs) -> str:
    """Return the policy of the machine's role: the calls of its states, and the recording of executions."""
    permissions = [*args.machine.permissions, _LOGGING, *([_TRACING] if args.tracing else [])]
    return document(*(allow(permission) for permission in permissions))
