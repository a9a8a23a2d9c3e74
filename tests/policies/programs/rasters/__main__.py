import json

import pulumi
import pulumi_aws as aws

REGION = aws.get_region().region
ACCOUNT = aws.get_caller_identity().account_id
NAME = f"rasters-{pulumi.get_stack()}"
subnets = aws.ec2.get_subnets(filters=[{"name": "vpc-id", "values": [aws.ec2.get_vpc(default=True).id]}]).ids


def role(name, service, **kwargs):
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return aws.iam.Role(
        name,
        name=f"{NAME}-{name}",
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        **kwargs,
    )


provider = aws.Provider(
    "tagged", region=REGION, default_tags={"tags": {"Project": "rasters", "Environment": "dev"}}
)
opts = pulumi.ResourceOptions(provider=provider)

cluster = aws.ecs.Cluster("cluster", opts=opts)
repo = aws.ecr.Repository("repo", image_tag_mutability="MUTABLE", opts=opts)
logs = aws.cloudwatch.LogGroup("logs", retention_in_days=30, opts=opts)
execution = role("execution", "ecs-tasks.amazonaws.com", opts=opts)
aws.iam.RolePolicyAttachment(
    "execution",
    role=execution.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    opts=opts,
)
task = aws.ecs.TaskDefinition(
    "task",
    family=NAME,
    cpu="1024",
    memory="3072",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=execution.arn,
    container_definitions=pulumi.Output.json_dumps(
        [
            {
                "name": "raster",
                "image": pulumi.Output.concat(repo.repository_url, ":", "1.4.2"),
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": logs.name,
                        "awslogs-region": REGION,
                        "awslogs-stream-prefix": "raster",
                    },
                },
            }
        ]
    ),
    opts=opts,
)

steps = role("steps", "states.amazonaws.com", opts=opts)
for policy in ["AmazonECS_FullAccess", "CloudWatchLogsFullAccess"]:
    aws.iam.RolePolicyAttachment(
        policy, role=steps.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}", opts=opts
    )

machine = aws.sfn.StateMachine(
    "machine",
    name=NAME,
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-steps",
    logging_configuration={
        "level": "ERROR",
        "log_destination": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/steps/{NAME}:*",
    },
    definition=json.dumps(
        {
            "StartAt": "Convert",
            "TimeoutSeconds": 7200,
            "States": {
                "Convert": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::ecs:runTask.sync",
                    "TimeoutSeconds": 3600,
                    "Retry": [
                        {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "IntervalSeconds": 30}
                    ],
                    "Parameters": {
                        "LaunchType": "FARGATE",
                        "Cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{NAME}",
                        "TaskDefinition": NAME,
                        "NetworkConfiguration": {
                            "AwsvpcConfiguration": {"Subnets": subnets, "AssignPublicIp": "ENABLED"}
                        },
                        "Overrides": {
                            "ContainerOverrides": [
                                {
                                    "Name": "raster",
                                    "Command.$": "States.Array('convert', $.key)",
                                }
                            ]
                        },
                    },
                    "End": True,
                }
            },
        }
    ),
    opts=opts,
)

start = role("start", "scheduler.amazonaws.com", opts=opts)
aws.iam.RolePolicy(
    "start",
    role=start.id,
    policy=machine.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {"Effect": "Allow", "Action": "states:StartExecution", "Resource": arn},
            }
        )
    ),
    opts=opts,
)
aws.scheduler.Schedule(
    "nightly",
    schedule_expression="rate(6 hours)",
    flexible_time_window={"mode": "OFF"},
    target={"arn": machine.arn, "role_arn": start.arn, "input": json.dumps({"key": "all"})},
    opts=opts,
)
