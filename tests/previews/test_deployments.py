"""The main variants of network, buckets and cluster, deployed to a local AWS, planned again and destroyed.

The variant with its own network is the unchanged dev stack; test_destruction.py deploys the unchanged prod stack.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from components.outputs import Outputs
from components.resources.secrets import CHANNELS
from tests.components.guardrails import unknown_to_guardrails
from tests.local.emulator.local_aws import RunningAws, running_aws
from tests.previews.workspace import EngineEvents, Workspace
from tests.stacks import names_of, stack_file

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
WEBHOOK = "https://hooks.slack.com/services/T0000/B0000/never-to-be-seen"


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running


def inventory(aws: RunningAws) -> dict[str, Any]:
    """Return the networks, buckets and clusters in an account, with the properties that a stack could change.

    Deleted endpoints and clusters are still described for a while, as on AWS.
    """
    ec2, ecs = aws.client("ec2"), aws.client("ecs")
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return {
        "buckets": {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]},
        "clusters": {
            cluster["clusterName"]: (cluster["capacityProviders"], cluster["defaultCapacityProviderStrategy"])
            for cluster in clusters
            if cluster["status"] == "ACTIVE"
        },
        "endpoints": {
            item["VpcEndpointId"]
            for item in ec2.describe_vpc_endpoints()["VpcEndpoints"]
            if item["State"] != "deleted"
        },
        "route tables": {
            item["RouteTableId"]: item["Routes"] for item in ec2.describe_route_tables()["RouteTables"]
        },
        "security groups": {
            item["GroupId"]: (item["IpPermissions"], item["IpPermissionsEgress"])
            for item in ec2.describe_security_groups()["SecurityGroups"]
        },
        "subnets": {item["SubnetId"] for item in ec2.describe_subnets()["Subnets"]},
        "vpcs": {item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"]},
    }


@dataclass
class Deployed:
    """A deployed stack."""

    workspace: Workspace
    aws: RunningAws
    changes: dict[str, Any]
    before: dict[str, Any]
    events: EngineEvents

    @property
    def outputs(self) -> dict[str, Any]:
        return {name: output.value for name, output in self.workspace.stack.outputs().items()}

    @property
    def run_settings(self) -> dict[str, Any]:
        """The run settings, which each run reads first."""
        name = self.outputs["run_settings_parameter"]
        settings: dict[str, Any] = json.loads(
            self.aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        )
        return settings


def in_a_network_of_its_own(_aws: RunningAws) -> dict[str, Any]:
    return {}


def behind_a_nat_gateway_with_bounded_roles_and_shells(aws: RunningAws) -> dict[str, Any]:
    boundary = aws.client("iam").create_policy(PolicyName="boundary", PolicyDocument=json.dumps(EVERYTHING))
    return {
        "network": {"egress": "nat"},
        "roles": {"permissionsBoundary": boundary["Policy"]["Arn"]},
        "worker": {**stack_file("local")["ccapi:worker"], "executeCommand": True},
    }


def in_what_is_there_already(aws: RunningAws) -> dict[str, Any]:
    """Create the resources that a stack can adopt."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="existing", Description="Existing")["GroupId"]
    for bucket in ("existing-reports", "existing-cache"):
        aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("ecs").create_cluster(
        clusterName="existing",
        capacityProviders=["FARGATE_SPOT", "FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 3}],
    )
    return {
        "network": {
            "adopt": {
                "vpcId": vpc,
                "subnetIds": [subnet],
                "securityGroupIds": [group],
                "assignPublicIp": False,
            }
        },
        "storage": {"adopt": {"reportsBucket": "existing-reports", "cacheBucket": "existing-cache"}},
        "cluster": {"adopt": {"name": "existing"}},
    }


@pytest.fixture(
    scope="module",
    params=[
        in_a_network_of_its_own,
        behind_a_nat_gateway_with_bounded_roles_and_shells,
        in_what_is_there_already,
    ],
    ids=lambda make: make.__name__.replace("_", "-"),
)
def deployed(request: pytest.FixtureRequest, engine: Path, aws: RunningAws) -> Iterator[Deployed]:
    make = request.param
    environment = "dev" if make is in_a_network_of_its_own else "local"
    workspace = Workspace(engine / make.__name__, environment, aws.aws)
    workspace.encrypt("slackWebhookUrl", WEBHOOK)
    changes = make(aws)
    before = inventory(aws)
    yield Deployed(workspace, aws, changes, before, workspace.up(**changes))
    # The local AWS is shared, and remains of a failed test would conflict with the next stack.
    workspace.stack.destroy(suppress_progress=True)


def test_a_second_up_changes_nothing_and_nothing_is_unknown_to_guardrails(deployed: Deployed) -> None:
    again = deployed.workspace.up(**deployed.changes)
    assert again.changes == []
    assert unknown_to_guardrails(again.inputs) == []
    assert again.tree == deployed.events.tree


def test_the_outputs_are_those_that_are_declared(deployed: Deployed) -> None:
    assert set(deployed.outputs) == {declared.name for declared in fields(Outputs)}
    # There is no topic for alarms only, since no stack file names an address for it.
    expected = {"pipeline_alarms_topic_arn": ""}
    assert {name: value for name, value in deployed.outputs.items() if not value} == expected
    other = {name: type(value) for name, value in deployed.outputs.items() if not isinstance(value, str)}
    assert other.keys() == {"alarm_arns", "run_timeout_seconds", "success_overdue_hours"}
    assert other["alarm_arns"] is list


def test_the_address_of_slack_is_readable_in_the_secret_and_nowhere_else(deployed: Deployed) -> None:
    name = names_of(deployed.workspace.environment).secret(CHANNELS)
    held = deployed.aws.client("secretsmanager").get_secret_value(SecretId=name)
    assert json.loads(held["SecretString"]) == {"slackWebhookUrl": WEBHOOK}
    assert "never-to-be-seen" not in json.dumps(deployed.outputs)
    state = deployed.workspace.state
    assert name in state
    assert "never-to-be-seen" not in state


def test_the_run_settings_name_the_network_of_the_workers(deployed: Deployed) -> None:
    settings = deployed.run_settings
    ec2 = deployed.aws.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=settings["subnets"])["Subnets"]
    assert {subnet["VpcId"] for subnet in subnets} == {deployed.outputs["vpc_id"]}
    public = not deployed.changes
    assert settings["assignPublicIp"] == ("ENABLED" if public else "DISABLED")
    clusters = deployed.aws.client("ecs").describe_clusters(clusters=[settings["cluster"]])["clusters"]
    assert [cluster["clusterArn"] for cluster in clusters] == [deployed.outputs["ecs_cluster_arn"]]


def test_every_role_has_the_boundary_that_is_set(deployed: Deployed) -> None:
    iam = deployed.aws.client("iam")
    roles = [iam.get_role(RoleName=role["RoleName"])["Role"] for role in iam.list_roles()["Roles"]]
    boundaries = {role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") for role in roles}
    assert boundaries == {deployed.changes.get("roles", {}).get("permissionsBoundary")}


def test_shells_are_logged_where_they_are_allowed(deployed: Deployed) -> None:
    ecs, (name,) = deployed.aws.client("ecs"), [deployed.run_settings["cluster"]]
    (cluster,) = ecs.describe_clusters(clusters=[name], include=["CONFIGURATIONS"])["clusters"]
    shells = cluster.get("configuration", {}).get("executeCommandConfiguration")
    if "worker" in deployed.changes:
        assert shells["logging"] == "OVERRIDE"
    else:
        assert shells is None


def test_after_destroy_aws_has_exactly_the_resources_from_before_the_deployment(deployed: Deployed) -> None:
    deployed.workspace.stack.destroy(suppress_progress=True)
    assert inventory(deployed.aws) == deployed.before
