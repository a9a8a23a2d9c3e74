"""Existing parts of a stack that are used unchanged: a network, buckets or a cluster."""

from typing import Annotated

from pydantic import Field

from components.settings.base import SettingsModel
from components.settings.patterns import has_form
from components.settings.validators import DISTINCT

BucketName = Annotated[
    str, has_form(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", what="a bucket's name", example="ccapi-reports-prod")
]


class AdoptedNetwork(SettingsModel):
    """An existing network that the stack does not own; nothing is created in it."""

    vpc_id: Annotated[
        str, has_form(r"vpc-[0-9a-f]{8,17}", what="a VPC's id", example="vpc-0123456789abcdef0")
    ]
    """The VPC that workers run in."""
    subnet_ids: Annotated[
        tuple[
            Annotated[
                str,
                has_form(r"subnet-[0-9a-f]{8,17}", what="a subnet's id", example="subnet-0123456789abcdef0"),
            ],
            ...,
        ],
        DISTINCT,
    ] = Field(min_length=1, max_length=16)
    """The subnets of that VPC that workers run in."""
    security_group_ids: Annotated[
        tuple[
            Annotated[
                str,
                has_form(r"sg-[0-9a-f]{8,17}", what="a security group's id", example="sg-0123456789abcdef0"),
            ],
            ...,
        ],
        DISTINCT,
    ] = Field(min_length=1, max_length=5)
    """The security groups of workers; they must allow outgoing HTTPS."""
    assign_public_ip: bool
    """True in public subnets. In private subnets it must be false, or workers cannot pull their image."""


class AdoptedStorage(SettingsModel):
    """Two existing buckets that the stack does not own; it manages only the objects that it writes."""

    reports_bucket: BucketName
    """The bucket that reports are written to."""
    cache_bucket: BucketName
    """The bucket for caches and for the records of each run."""


class AdoptedCluster(SettingsModel):
    """An existing ECS cluster that the stack does not own; it needs the capacity providers FARGATE and FARGATE_SPOT."""

    name: Annotated[
        str, has_form(r"[A-Za-z][\w-]{0,254}", what="a cluster's name", example="ccapi-cluster-prod")
    ]
    """The cluster that workers run in; its capacity providers are not changed."""
