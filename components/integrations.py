"""The calls that the state machines make, each with the permissions that its role needs for it.

Sources: "Integrating services with Step Functions" for the resources; "Actions, resources, and condition keys for AWS
services" for the permissions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.asl import Integration, Permission, expression
from components.names import Names

METRIC_NAMESPACE = "CloudClearingAPI"
CONTAINER = "monitor"


def _resource(names: Names, call: str) -> str:
    return f"arn:{names.partition}:states:::{call}"


def read_run_settings(names: Names) -> Integration:
    """Read the parameter that pins what a run works with."""
    return Integration(
        _resource(names, "aws-sdk:ssm:getParameter"),
        {"Name": names.run_settings},
        (Permission(("ssm:GetParameter",), (names.run_settings_arn,)),),
    )


def run_worker(
    names: Names,
    *,
    command: str,
    environment: Mapping[str, str],
    capacity_provider: str,
    size: Mapping[str, str] | None = None,
) -> Integration:
    """Start a worker on Fargate and wait until it answers with the state's task token.

    The values of the environment and the size may be expressions. What is created only with the stack (the network,
    the revision of the task definition) comes from the run settings, in the variable `settings`.
    """
    variables = {"TASK_TOKEN": expression("$states.context.Task.Token"), **environment}
    overrides: dict[str, Any] = {
        "ContainerOverrides": [
            {
                "Name": CONTAINER,
                "Command": [command],
                "Environment": [{"Name": name, "Value": value} for name, value in variables.items()],
            }
        ],
        **(size or {}),
    }
    arguments = {
        "Cluster": expression("$settings.cluster"),
        "TaskDefinition": expression("$settings.taskDefinition"),
        "Group": expression(f"'{names.task_group}/' & $run_id"),
        "CapacityProviderStrategy": [{"CapacityProvider": capacity_provider, "Weight": 1}],
        "PropagateTags": "TASK_DEFINITION",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": expression("[$settings.subnets]"),
                "SecurityGroups": expression("[$settings.securityGroups]"),
                "AssignPublicIp": expression("$settings.assignPublicIp"),
            }
        },
        "Overrides": overrides,
    }
    in_our_cluster = (("ArnEquals", "ecs:cluster", names.cluster_arn),)
    return Integration(
        _resource(names, "ecs:runTask.waitForTaskToken"),
        arguments,
        (
            Permission(
                ("ecs:RunTask",), (names.arn("ecs", f"task-definition/{names.worker}:*"),), in_our_cluster
            ),
            Permission(
                ("ecs:TagResource",),
                (names.arn("ecs", f"task/{names.cluster}/*"),),
                (("StringEquals", "ecs:CreateAction", "RunTask"),),
            ),
            Permission(
                ("iam:PassRole",),
                (names.role_arn("worker"), names.role_arn("worker-start")),
                (("StringEquals", "iam:PassedToService", "ecs-tasks.amazonaws.com"),),
            ),
        ),
    )


def publish_metrics(names: Names, metrics: Sequence[tuple[str, str, str]]) -> Integration:
    """Publish metrics, each as (name, value as JSONata, unit), for the stack's environment."""
    data = [
        {
            "MetricName": name,
            "Value": expression(value),
            "Unit": unit,
            "Dimensions": [{"Name": "Environment", "Value": names.environment}],
        }
        for name, value, unit in metrics
    ]
    return Integration(
        _resource(names, "aws-sdk:cloudwatch:putMetricData"),
        {"Namespace": METRIC_NAMESPACE, "MetricData": data},
        (
            Permission(
                ("cloudwatch:PutMetricData",),
                # Metrics have no ARN; the namespace is what can be told apart.
                ("*",),
                (("StringEquals", "cloudwatch:namespace", METRIC_NAMESPACE),),
            ),
        ),
    )


def publish_message(names: Names, topic: str, *, subject: str, body: str) -> Integration:
    """Publish a message to one of the stack's topics; subject and body are JSONata."""
    arn = names.topic_arn(topic)
    return Integration(
        _resource(names, "sns:publish"),
        {"TopicArn": arn, "Subject": expression(subject), "Message": expression(body)},
        (Permission(("sns:Publish",), (arn,)), use_of_the_key(names)),
    )


def use_of_the_key(names: Names) -> Permission:
    """Return the permission to encrypt and decrypt with the stack's key, named by its alias.

    Its ARN is known only once it is there. Source: "Use aliases to control access to KMS keys".
    """
    return Permission(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        (names.arn("kms", "key/*"),),
        (("ForAnyValue:StringEquals", "kms:ResourceAliases", names.key_alias),),
    )
