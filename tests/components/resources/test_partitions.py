"""Stacks outside the commercial partition: ARNs, domains and consoles differ, and some services are missing."""

import json
import re
from functools import cache

import pytest

from components.settings import STAND_INS
from tests.components.deployment import Deployment, deploy
from tests.stacks import values_of

PARTITIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}
ELSEWHERE = sorted(PARTITIONS.keys() - {"us-east-1"})


@cache
def deployed_in(region: str) -> Deployment:
    """Return prod with every optional part, in another region."""
    return deploy(
        "prod",
        region=region,
        secrets=STAND_INS,
        notifications={
            **values_of("prod")["notifications"],
            "alarmEmails": ["account@example.com"],
            "webhook": {"occasions": ["failed"]},
        },
        network={"egress": "endpoints"},
        worker={"workload": "sample", "shards": 2, "spot": True},
        observability={"containerInsights": True},
    )


def text_in(region: str) -> str:
    deployment = deployed_in(region)
    return deployment.text + str(deployment.outputs)


@pytest.mark.parametrize("region", PARTITIONS)
def test_every_arn_is_in_the_regions_partition(region: str) -> None:
    # `arn:made:` is an ID that the mocked engine generated, and `arn:[^:]+:` is a pattern in an expression.
    found = set(re.findall(r"\barn:(?!made:|\[)([^:]+):", text_in(region)))
    assert found == {PARTITIONS[region]}


@pytest.mark.parametrize("region", ELSEWHERE)
def test_nothing_outside_the_commercial_partition_points_into_it(region: str) -> None:
    assert "us-east-1" not in text_in(region)
    assert "console.aws.amazon.com" not in text_in(region)


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_every_link_opens_the_partitions_console(region: str, console: str) -> None:
    assert set(re.findall(r"https://([\w.-]*console[\w.-]*)/", text_in(region))) == {console}


@pytest.mark.parametrize(
    ("region", "logs"),
    [
        ("us-east-1", "logs.us-east-1.amazonaws.com"),
        ("cn-north-1", "logs.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "logs.us-gov-west-1.amazonaws.com"),
    ],
)
def test_services_have_the_principals_of_the_partition(region: str, logs: str) -> None:
    found = set(re.findall(r'Service\\": \\"([\w.-]+)', deployed_in(region).text))
    budgets = {"budgets.amazonaws.com"} if PARTITIONS[region] == "aws" else set()
    assert found == budgets | {
        "cloudwatch.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "events.amazonaws.com",
        "lambda.amazonaws.com",
        logs,
        "scheduler.amazonaws.com",
        "sns.amazonaws.com",
        "states.amazonaws.com",
    }


@pytest.mark.parametrize("region", PARTITIONS)
def test_the_reporter_has_the_principals_and_the_arns_of_the_partition(region: str) -> None:
    deployment, partition = deployed_in(region), PARTITIONS[region]
    role = deployment.the("aws:iam/role:Role", "ccapi-reporter").policy("assumeRolePolicy")
    # Neither has a domain of its own in China.
    assert [each["Principal"] for each in role["Statement"]] == [{"Service": "lambda.amazonaws.com"}]
    permission = deployment.the("aws:lambda/permission:Permission").inputs
    assert permission["principal"] == "sns.amazonaws.com"
    subscription = deployment.the("aws:sns/topicSubscription:TopicSubscription", "ccapi-reporter").inputs
    function = f"arn:{partition}:lambda:{region}:222222222222:function:ccapi-reporter-prod"
    assert subscription["endpoint"] == function


@pytest.mark.parametrize(
    ("region", "queue"),
    [
        ("us-east-1", "https://sqs.us-east-1.amazonaws.com/"),
        ("cn-north-1", "https://sqs.cn-north-1.amazonaws.com.cn/"),
        ("us-gov-west-1", "https://sqs.us-gov-west-1.amazonaws.com/"),
    ],
)
def test_the_reporter_receives_the_queue_url_of_the_partition(region: str, queue: str) -> None:
    function = deployed_in(region).the("aws:lambda/function:Function").inputs
    settings = json.loads(function["environment"]["variables"]["REPORTER_SETTINGS"])
    assert settings["undelivered_queue_url"] == f"{queue}222222222222/ccapi-notifications-dlq-prod"


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("us-east-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("us-gov-west-1", "amazonaws.com"),
    ],
)
def test_an_image_is_pulled_from_the_partitions_registry(region: str, domain: str) -> None:
    registry = f"222222222222.dkr.ecr.{region}.{domain}/ccapi-monitor-prod"
    assert f"{registry}:to-be-pushed" in deployed_in(region).text


# In China some services, but not the gateway of S3, have other names: DescribeVpcEndpointServices there.
@pytest.mark.parametrize(
    ("region", "apart"),
    [
        ("us-east-1", set()),
        ("cn-north-1", {"ecr.api", "ecr.dkr", "states"}),
        ("us-gov-west-1", set()),
    ],
)
def test_endpoints_have_the_names_of_the_region(region: str, apart: set[str]) -> None:
    endpoints = deployed_in(region).of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    found = {item.inputs["serviceName"] for item in endpoints}
    services = {"ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "states"}
    assert found == {
        f"{'cn.com' if service in apart else 'com'}.amazonaws.{region}.{service}" for service in services
    }
