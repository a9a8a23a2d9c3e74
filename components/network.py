"""The network of the workers: public subnets without an inbound rule, since a NAT gateway costs more than all else."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

import pulumi
import pulumi_aws as aws

from components.part import Part

HTTPS = 443
# Each subnet is a /24, 251 addresses; a worker takes one.
SUBNET_PREFIX = 24


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The address range, and the zones by letter."""

    region: str
    cidr_block: str
    availability_zones: Sequence[str]


class Network(Part):
    """Where workers run.

    Creates: a VPC with a route to the internet, a public subnet a zone, a gateway endpoint for S3 and a security
    group that lets HTTPS out and nothing in.
    """

    vpc_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[Sequence[str]]
    security_group_ids: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(
            name,
            {
                "cidrBlock": args.cidr_block,
                "availabilityZones": list(args.availability_zones),
                "egress": "public",
            },
            opts,
        )
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr_block,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": name},
            opts=self.child,
        )
        routes = self._routes(name, vpc)
        subnets = self._subnets(name, args, vpc, routes)
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[routes.id],
            tags={"Name": f"{name}-s3"},
            opts=self.child,
        )
        group = self._security_group(name, vpc)
        self.vpc_id = vpc.id
        self.subnet_ids = pulumi.Output.all(*(subnet.id for subnet in subnets))
        self.security_group_ids = pulumi.Output.all(group.id)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "subnetIds": self.subnet_ids,
                "securityGroupIds": self.security_group_ids,
            }
        )

    def _routes(self, name: str, vpc: aws.ec2.Vpc) -> aws.ec2.RouteTable:
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=vpc.id, tags={"Name": name}, opts=self.child
        )
        table = aws.ec2.RouteTable(
            f"{name}-public", vpc_id=vpc.id, tags={"Name": f"{name}-public"}, opts=self.child
        )
        aws.ec2.Route(
            f"{name}-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self.child,
        )
        return table

    def _subnets(
        self, name: str, args: NetworkArgs, vpc: aws.ec2.Vpc, routes: aws.ec2.RouteTable
    ) -> list[aws.ec2.Subnet]:
        ranges = ip_network(args.cidr_block).subnets(new_prefix=SUBNET_PREFIX)
        subnets = []
        for letter, cidr_block in zip(args.availability_zones, ranges, strict=False):
            subnet = aws.ec2.Subnet(
                f"{name}-public-{letter}",
                vpc_id=vpc.id,
                cidr_block=str(cidr_block),
                availability_zone=f"{args.region}{letter}",
                tags={"Name": f"{name}-public-{letter}"},
                opts=self.child,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-public-{letter}", subnet_id=subnet.id, route_table_id=routes.id, opts=self.child
            )
            subnets.append(subnet)
        return subnets

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
