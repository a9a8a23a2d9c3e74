from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass
class MachineArgs:
    definition: pulumi.Input[str]
    statements: list[dict]
    express: bool = False


class Machine(pulumi.ComponentResource):
    """A state machine with its role and its logs."""

    def __init__(self, name: str, args: MachineArgs, opts=None):
        super().__init__("shop:flows:Machine", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.logs = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=60, opts=child)
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "states.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            ),
            inline_policies=[
                {
                    "name": "all",
                    "policy": json.dumps({"Version": "2012-10-17", "Statement": args.statements}),
                }
            ],
            opts=child,
        )
        self.machine = aws.sfn.StateMachine(
            name,
            type="EXPRESS" if args.express else "STANDARD",
            role_arn=self.role.arn,
            definition=args.definition,
            logging_configuration={
                "level": "ALL",
                "include_execution_data": False,
                "log_destination": self.logs.arn.apply(lambda arn: f"{arn}:*"),
            },
            tracing_configuration={"enabled": True},
            opts=child,
        )
        self.arn = self.machine.arn
        self.register_outputs({"arn": self.arn})


class Shop(pulumi.ComponentResource):
    """Everything that happens to an order."""

    def __init__(self, name: str, opts=None):
        super().__init__("shop:index:Shop", name, {"currency": "EUR"}, opts)
        child = pulumi.ResourceOptions(parent=self)
        region, account = aws.get_region().region, aws.get_caller_identity().account_id
        self.table = aws.dynamodb.Table(
            f"{name}-orders",
            name="orders",
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            opts=child,
        )
        packing = aws.sfn.Activity(f"{name}-packing", name="packing", opts=child)
        activity = f"arn:aws:states:{region}:{account}:activity:packing"
        table = f"arn:aws:dynamodb:{region}:{account}:table/orders"
        stock = Machine(
            "stock",
            MachineArgs(json.dumps(STOCK), [_allow(["dynamodb:UpdateItem"], table)], express=True),
            child,
        )
        fulfil = Machine(
            "fulfil",
            MachineArgs(
                json.dumps(fulfilment(activity)), [_allow(["dynamodb:GetItem", "dynamodb:PutItem"], table)]
            ),
            child,
        )
        # The ARN of another machine is only known once that is created.
        refund = Machine(
            "refund",
            MachineArgs(
                stock.arn.apply(lambda arn: json.dumps(refund_definition(arn))),
                [_allow(["states:StartExecution"], "*")],
            ),
            child,
        )
        reminders = Machine("reminders", MachineArgs(json.dumps(REMINDERS), [_allow("*", "*")]), child)
        self.register_outputs(
            {"machines": [fulfil.arn, refund.arn, stock.arn, reminders.arn], "packing": packing.id}
        )


def _allow(actions, resource):
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def fulfilment(activity: str) -> dict:
    """Return a machine of Maps in a Parallel in a Map; JSONPath, but for one state."""
    line = {
        "StartAt": "Reserve",
        "States": {
            "Reserve": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "orders", "Item": {"id": {"S.$": "$.id"}}},
                "TimeoutSeconds": 10,
                "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
                "End": True,
            }
        },
    }
    parcel = {
        "StartAt": "Pack",
        "States": {
            "Pack": {
                "Type": "Task",
                "Resource": activity,
                "TimeoutSeconds": 28800,
                "HeartbeatSeconds": 600,
                "End": True,
            }
        },
    }
    order = {
        "StartAt": "Both",
        "States": {
            "Both": {
                "Type": "Parallel",
                "Branches": [
                    {
                        "StartAt": "Lines",
                        "States": {
                            "Lines": {
                                "Type": "Map",
                                "ItemsPath": "$.lines",
                                "MaxConcurrency": 5,
                                "Iterator": line,
                                "End": True,
                            }
                        },
                    },
                    parcel,
                ],
                "End": True,
            }
        },
    }
    return {
        "Comment": "Packs orders",
        "StartAt": "Orders",
        "TimeoutSeconds": 172800,
        "States": {
            "Orders": {"Type": "Map", "MaxConcurrency": 0, "ItemProcessor": order, "Next": "Is there more?"},
            "Is there more?": {
                "Type": "Choice",
                "QueryLanguage": "JSONata",
                "Choices": [{"Condition": "{% $exists($states.input.next) %}", "Next": "Later"}],
                "Default": "Done",
            },
            "Later": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Orders"},
            "Done": {"Type": "Succeed"},
        },
    }


def refund_definition(stock_arn: str) -> dict:
    """Return a machine that starts another one."""
    return {
        "StartAt": "Restock",
        "TimeoutSeconds": 600,
        "States": {
            "Restock": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution",
                "Parameters": {"StateMachineArn": stock_arn, "Input.$": "$"},
                "TimeoutSeconds": 60,
                "End": True,
            }
        },
    }


STOCK = {
    "QueryLanguage": "JSONata",
    "StartAt": "Count",
    "TimeoutSeconds": 60,
    "States": {
        "Count": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:updateItem",
            "Arguments": {
                "TableName": "orders",
                "Key": {"id": {"S": "{% $states.input.id %}"}},
                "UpdateExpression": "ADD stock :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            },
            "TimeoutSeconds": 10,
            "End": True,
        }
    },
}

REMINDERS = {
    "QueryLanguage": "JSONata",
    "StartAt": "Wait for the day",
    "States": {
        "Wait for the day": {"Type": "Wait", "Timestamp": "{% $states.input.at %}", "Next": "Remind"},
        "Remind": {
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Arguments": {"ApiEndpoint": "https://example.com/remind", "Method": "POST"},
            "TimeoutSeconds": 30,
            "End": True,
        },
    },
}

Shop("shop")
