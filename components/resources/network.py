"""The network of the workers, created or adopted.

The default is public subnets without an inbound rule, since a NAT gateway costs more than everything else
together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from itertools import islice

import pulumi
import pulumi_aws as aws

from components.resources.base import PipelineComponent
from components.settings.adoption import AdoptedNetwork
from components.settings.network import Egress
from components.settings.network import Network as NetworkSettings

HTTPS = 443
# Each subnet is a /24 with 251 addresses; a worker uses one.
SUBNET_PREFIX = 24
# Private subnets are in the upper half of the address range, so that zones can be added to both kinds.
FIRST_PRIVATE_SUBNET = 128

# The services that a worker calls; a private subnet has an interface endpoint for each. S3 has a gateway
# endpoint, which is free. S3 and Secrets Manager call KMS; a worker does not. Source: "AWS services that
# integrate with AWS PrivateLink".
ENDPOINT_SERVICES = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "states")
# The additional services for a shell in a worker: its channel, and the key that encrypts it. Source: Amazon
# ECS Developer Guide, "Amazon ECS interface VPC endpoints (AWS PrivateLink)", for ECS Exec.
SHELL_SERVICES = ("kms", "ssmmessages")
# The services with a different endpoint name in China's regions. Source: "Supported services" of AWS
# PrivateLink in Amazon Web Services in China, as in
# https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc-endpoint.ts
NAMED_APART_IN_CHINA = frozenset({"ecr.api", "ecr.dkr", "states"})


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The settings of the network, and its region."""

    region: str
    settings: NetworkSettings
    execute_command: bool
    """True if operators may open a shell in a worker, which needs a separate endpoint."""


class Network(PipelineComponent):
    """The network that workers run in.

    Creates, unless a network is adopted: a VPC with a subnet per zone, a gateway endpoint for S3, and a security group
    that allows outgoing HTTPS and no inbound traffic. With egress public, the subnets have a route to
    the internet. With nat they are private and share a NAT gateway. With endpoints they are private and reach
    AWS only.
    """

    vpc_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[Sequence[str]]
    security_group_ids: pulumi.Output[Sequence[str]]
    assign_public_ip: bool

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = args.settings
        zones = list(settings.availability_zones)
        inputs = (
            {"adopted": True}
            if settings.adopt
            else {"egress": str(settings.egress), "availabilityZones": zones}
        )
        super().__init__(name, inputs, opts)
        self.assign_public_ip = settings.gives_public_addresses
        if settings.adopt is not None:
            self._adopt(settings.adopt)
        else:
            self._create(name, args)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "subnetIds": self.subnet_ids,
                "securityGroupIds": self.security_group_ids,
            }
        )

    def _adopt(self, network: AdoptedNetwork) -> None:
        self.vpc_id = pulumi.Output.from_input(network.vpc_id)
        self.subnet_ids = pulumi.Output.from_input(network.subnet_ids)
        self.security_group_ids = pulumi.Output.from_input(network.security_group_ids)

    def _create(self, name: str, args: NetworkArgs) -> None:
        settings = args.settings
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=settings.cidr_block,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": name},
            opts=self.child,
        )
        # The default security group of the VPC is unused, so it gets no rules.
        aws.ec2.DefaultSecurityGroup(name, vpc_id=vpc.id, tags={"Name": f"{name}-unused"}, opts=self.child)
        group = self._security_group(name, vpc)
        public = settings.egress is Egress.PUBLIC
        worker_routes = self._route_table(f"{name}-worker", vpc)
        workers = self._subnets(
            f"{name}-worker", args, vpc, worker_routes, first=0 if public else FIRST_PRIVATE_SUBNET
        )
        match settings.egress:
            case Egress.PUBLIC:
                self._route_to_the_internet(name, vpc, worker_routes)
            case Egress.NAT:
                self._route_through_nat(name, args, vpc, worker_routes)
            case Egress.ENDPOINTS:
                self._interface_endpoints(name, args, vpc, workers, group)
        self._endpoint(
            f"{name}-s3", args.region, "s3", vpc, route_table_ids=[worker_routes.id], type_="Gateway"
        )
        self.vpc_id = vpc.id
        self.subnet_ids = pulumi.Output.all(*(subnet.id for subnet in workers))
        self.security_group_ids = pulumi.Output.all(group.id)

    def _security_group(self, name: str, vpc: aws.ec2.Vpc) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{name}-worker",
            vpc_id=vpc.id,
            description="Workers: HTTPS to AWS and to their sources of data, nothing in",
            tags={"Name": f"{name}-worker"},
            opts=self.child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-https",
            security_group_id=group.id,
            description="HTTPS to AWS, Earth Engine and market data",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr_ipv4="0.0.0.0/0",
            opts=self.child,
        )
        return group

    def _subnets(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable, *, first: int
    ) -> list[aws.ec2.Subnet]:
        subnets = []
        for letter, cidr_block in zip(args.settings.availability_zones, _ranges(args, first), strict=False):
            subnet = aws.ec2.Subnet(
                f"{name}-{letter}",
                vpc_id=vpc.id,
                cidr_block=str(cidr_block),
                availability_zone=f"{args.region}{letter}",
                tags={"Name": f"{name}-{letter}"},
                opts=self.child,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-{letter}", subnet_id=subnet.id, route_table_id=routes.id, opts=self.child
            )
            subnets.append(subnet)
        return subnets

    def _route_table(self, name: str, vpc: aws.ec2.Vpc) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": name}, opts=self.child)

    def _route_to_the_internet(
        self, name: str, vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable
    ) -> aws.ec2.Route:
        gateway = aws.ec2.InternetGateway(name, vpc_id=vpc.id, tags={"Name": name}, opts=self.child)
        return aws.ec2.Route(
            f"{name}-internet",
            route_table_id=routes.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child,
        )

    def _route_through_nat(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, worker_routes: aws.ec2.RouteTable
    ) -> None:
        public_routes = self._route_table(f"{name}-public", vpc)
        internet = self._route_to_the_internet(name, vpc, public_routes)
        (public, *_) = self._subnets(f"{name}-public", args, vpc, public_routes, first=0)
        # An Elastic IP and a NAT gateway require the internet gateway.
        connected = pulumi.ResourceOptions(parent=self, depends_on=[internet])
        address = aws.ec2.Eip(f"{name}-nat", domain="vpc", tags={"Name": f"{name}-nat"}, opts=connected)
        # One gateway instead of one per zone: the loss of a zone costs an attempt, which is retried.
        gateway = aws.ec2.NatGateway(
            name, allocation_id=address.id, subnet_id=public.id, tags={"Name": name}, opts=connected
        )
        aws.ec2.Route(
            f"{name}-nat",
            route_table_id=worker_routes.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=gateway.id,
            opts=self.child,
        )

    def _interface_endpoints(
        self,
        name: str,
        args: NetworkArgs,
        vpc: aws.ec2.Vpc,
        subnets: Sequence[aws.ec2.Subnet],
        workers: aws.ec2.SecurityGroup,
    ) -> None:
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            vpc_id=vpc.id,
            description="Endpoints of AWS services: HTTPS from workers",
            tags={"Name": f"{name}-endpoints"},
            opts=self.child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from workers",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            referenced_security_group_id=workers.id,
            opts=self.child,
        )
        for service in (*ENDPOINT_SERVICES, *(SHELL_SERVICES if args.execute_command else ())):
            self._endpoint(
                f"{name}-{service.replace('.', '-')}",
                args.region,
                service,
                vpc,
                type_="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in subnets],
                security_group_ids=[group.id],
            )

    def _endpoint(
        self,
        name: str,
        region: str,
        service: str,
        vpc: aws.ec2.Vpc,
        *,
        type_: str,
        private_dns_enabled: bool | None = None,
        route_table_ids: Sequence[pulumi.Input[str]] | None = None,
        subnet_ids: Sequence[pulumi.Input[str]] | None = None,
        security_group_ids: Sequence[pulumi.Input[str]] | None = None,
    ) -> None:
        aws.ec2.VpcEndpoint(
            name,
            vpc_id=vpc.id,
            service_name=_endpoint_service(region, service),
            vpc_endpoint_type=type_,
            private_dns_enabled=private_dns_enabled,
            route_table_ids=route_table_ids,
            subnet_ids=subnet_ids,
            security_group_ids=security_group_ids,
            tags={"Name": name},
            opts=self.child,
        )


def _ranges(args: NetworkArgs, first: int) -> list[IPv4Network]:
    subnets = ip_network(args.settings.cidr_block).subnets(new_prefix=SUBNET_PREFIX)
    wanted = islice(subnets, first, first + len(args.settings.availability_zones))
    return [subnet for subnet in wanted if isinstance(subnet, IPv4Network)]


def _endpoint_service(region: str, service: str) -> str:
    apart = region.startswith("cn-") and service in NAMED_APART_IN_CHINA
    return f"{'cn.com' if apart else 'com'}.amazonaws.{region}.{service}"
