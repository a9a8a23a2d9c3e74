import json

import pulumi
import pulumi_aws as aws

cfg = pulumi.Config()
account = aws.get_caller_identity().account_id
region = aws.get_region().region
prefix = "uploads-monitor"
tags = {"Project": prefix, "Environment": "prod"}

alerts = aws.sns.Topic(
    f"{prefix}-alerts", name=f"{prefix}-alerts", kms_master_key_id="alias/uploads", tags=tags
)
aws.sns.TopicSubscription(
    f"{prefix}-slack",
    topic=alerts.arn,
    protocol="https",
    endpoint="https://hooks.slack.com/services/T000/B000/not-a-real-one",
)

task_role = aws.iam.Role(
    f"{prefix}-task",
    name=f"{prefix}-task",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "sts:AssumeRole",
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                }
            ],
        }
    ),
    tags=tags,
)
task = aws.ecs.TaskDefinition(
    f"{prefix}-task",
    family=f"{prefix}",
    cpu="2048",
    memory="8192",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    task_role_arn=task_role.arn,
    execution_role_arn=f"arn:aws:iam::{account}:role/ecsTaskExecutionRole",
    container_definitions=json.dumps(
        [
            {
                "name": f"{prefix}-container",
                "image": f"{account}.dkr.ecr.{region}.amazonaws.com/{prefix}:latest",
                "essential": True,
            }
        ]
    ),
    tags=tags,
)

definition = {
    "Comment": "Weekly monitor",
    "StartAt": "RunMonitor",
    "TimeoutSeconds": 10800,
    "States": {
        "RunMonitor": {
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask.sync",
            "TimeoutSeconds": 7200,
            "HeartbeatSeconds": 600,
            "Parameters": {
                "LaunchType": "FARGATE",
                "Cluster": f"arn:aws:ecs:{region}:{account}:cluster/{prefix}",
                "TaskDefinition": f"{prefix}",
                "Overrides": {
                    "Memory": "4096",
                    "ContainerOverrides": [
                        {"Name": "monitor", "Environment": [{"Name": "REGIONS", "Value.$": "$.regions"}]}
                    ],
                },
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}},
            },
            "Retry": [
                {
                    "ErrorEquals": ["States.Timeout", "ECS.ServiceException"],
                    "IntervalSeconds": 300,
                    "MaxAttempts": 1,
                }
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "NotifyFailure"}],
            "Next": "NotifySuccess",
        },
        "NotifySuccess": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {
                "TopicArn": f"arn:aws:sns:{region}:{account}:{prefix}-alerts",
                "Message.$": "States.JsonToString($)",
            },
            "End": True,
        },
        "NotifyFailure": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {
                "TopicArn": f"arn:aws:sns:{region}:{account}:{prefix}-alerts",
                "Message": "It failed.",
            },
            "Next": "Fail",
        },
        "Fail": {"Type": "Fail"},
    },
}

role = aws.iam.Role(
    f"{prefix}-sfn",
    name=f"{prefix}-sfn",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "sts:AssumeRole",
                    "Effect": "Allow",
                    "Principal": {"Service": "states.amazonaws.com"},
                }
            ],
        }
    ),
    tags=tags,
)
aws.iam.RolePolicy(
    f"{prefix}-sfn",
    role=role.name,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks"],
                    "Resource": "*",
                },
                {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
                {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"},
            ],
        }
    ),
)
machine = aws.sfn.StateMachine(
    f"{prefix}-machine", name=f"{prefix}", role_arn=role.arn, definition=json.dumps(definition), tags=tags
)

weekly = aws.cloudwatch.EventRule(f"{prefix}-weekly", schedule_expression="cron(0 9 ? * MON *)", tags=tags)
events_role = aws.iam.Role(
    f"{prefix}-events",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "sts:AssumeRole",
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                }
            ],
        }
    ),
    tags=tags,
)
aws.cloudwatch.EventTarget(
    f"{prefix}-weekly",
    rule=weekly.name,
    arn=machine.arn,
    role_arn=events_role.arn,
    input=json.dumps({"scheduled_time": "<aws.scheduler.scheduled-time>", "regions": "29"}),
)

aws.cloudwatch.MetricAlarm(
    f"{prefix}-too-long",
    namespace="AWS/States",
    metric_name="ExecutionTime",
    dimensions={"StateMachineArn": machine.arn},
    statistic="Maximum",
    period=300,
    evaluation_periods=1,
    threshold=10_800_000,
    comparison_operator="GreaterThanThreshold",
    alarm_actions=[alerts.arn],
    tags=tags,
)
aws.cloudwatch.MetricAlarm(
    f"{prefix}-timed-out",
    namespace="AWS/States",
    metric_name="ExecutionsTimeOut",
    dimensions={"StateMachineArn": machine.arn},
    statistic="Sum",
    period=300,
    evaluation_periods=1,
    threshold=0,
    comparison_operator="GreaterThanThreshold",
    alarm_actions=[alerts.arn],
    tags=tags,
)
